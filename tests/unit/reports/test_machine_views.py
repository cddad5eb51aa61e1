"""CSV that Excel opens and nobody's formula runs in; JSON that its schema documents."""

import csv
import io
import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from renkei.reports.model import Label, Reconciliation, RunReport
from renkei.reports.render_csv import COLUMNS, render_csv, safe
from renkei.reports.render_json import render_json
from tests.support import reconciliations as agency_samples
from tests.support import reports as samples

SCHEMA = json.loads(Path("schemas/report/report-1.json").read_text(encoding="utf-8"))
RECONCILIATION = json.loads(Path("schemas/report/reconciliation-1.json").read_text(encoding="utf-8"))
EVERY_STATE = samples.every_state()


def rows(report: RunReport) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(render_csv(report).decode("utf-8-sig"), newline="")))


def values(report: RunReport) -> dict[tuple[str, str], str]:
    return {(row["section"], row["key"]): row["value"] for row in rows(report)}


class TestCsv:
    def test_excel_knows_the_encoding_and_the_lines(self) -> None:
        written = render_csv(samples.good_day())

        assert written.startswith(b"\xef\xbb\xbfsection,key,label_ja,label_en,value\r\n")
        assert written.endswith(b"\r\n")
        assert written.count(b"\n") == written.count(b"\r\n")

    def test_counts_stand_alone_with_their_labels(self) -> None:
        found = {row["key"]: row for row in rows(samples.good_day()) if row["section"] == "notices"}
        move_in = found["derived.resident_records.domestic_move_in"]

        assert "62" == move_in["value"]
        assert "通知 › 作成 › a 市町村通知(記載・消除・修正) › 国内転入" == move_in["label_ja"]
        assert "Notices › Derived › a resident records › move in from another municipality" == move_in["label_en"]

    def test_what_was_sent_and_answered_is_there(self) -> None:
        found = values(samples.troubled_day())

        assert "d" * 64 == found["sent", "00000002.sealed_sha256"]
        assert "AES256 SHA512 Ed25519 Cv25519" == found["sent", "00000002.algorithms"]
        assert "2019-03-28T21:03:00+09:00" == found["sent", "00000002.published_at"]
        assert "name_kanji" == found["answers", "00000002.refused.17.items"]
        assert "225" == found["answers", "00000002.codes.R00"]

    def test_equations_say_whether_they_close(self) -> None:
        found = values(samples.refused_day())

        assert ["false"] * 3 == [found["equations", f"{name}.closes"] for name in ("registry", "notices", "agency")]

    @pytest.mark.parametrize("state", EVERY_STATE)
    def test_every_section_of_the_model_is_there_and_every_line_is_named(self, state: str) -> None:
        table = rows(EVERY_STATE[state])
        sections = {row["section"] for row in table}

        assert {field.name for field in fields(RunReport)} | {"headline"} == sections
        assert all(row["label_ja"] and row["label_en"] for row in table)
        assert list(COLUMNS) == list(table[0])

    @pytest.mark.parametrize("sign", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "＝1", "＋1", "－1", "＠1"])
    def test_a_formula_becomes_text(self, sign: str) -> None:
        assert f"'{sign}" == safe(sign)

    @pytest.mark.parametrize("text", ["", "227", "法務大臣", "a=b", "2019-03-28"])
    def test_other_text_stays(self, text: str) -> None:
        assert text == safe(text)

    def test_a_hostile_label_does_not_leave_its_cell(self) -> None:
        hostile = Label("moj", '=HYPERLINK("x"),","', '","=1+1","')
        report = replace(samples.good_day(), head=replace(samples.head(), counterparty=hostile))
        named = replace(report.head.references[0], ja="=cmd|' /C calc'!A0", law="+1", order="＝1")
        table = rows(replace(report, head=replace(report.head, agency_notice="=1+1", references=(named,))))

        assert all(None not in row and set(row) == set(COLUMNS) for row in table)
        assert not [cell for row in table for cell in row.values() if cell[:1] in set("=+-@\t\r＝＋－＠")]


class TestJson:
    @pytest.mark.parametrize("state", EVERY_STATE)
    def test_it_fits_its_schema(self, state: str) -> None:
        validator = Draft202012Validator(SCHEMA, format_checker=FormatChecker())

        assert [] == [error.json_path for error in validator.iter_errors(json.loads(render_json(EVERY_STATE[state])))]

    @pytest.mark.parametrize("state", agency_samples.reconciliations())
    def test_a_reconciliation_fits_its_schema_and_its_table_names_every_line(self, state: str) -> None:
        report = agency_samples.reconciliations()[state]
        validator = Draft202012Validator(RECONCILIATION, format_checker=FormatChecker())
        table = list(csv.DictReader(io.StringIO(render_csv(report).decode("utf-8-sig"), newline="")))

        assert [] == [error.json_path for error in validator.iter_errors(json.loads(render_json(report)))]
        assert all(row["label_ja"] and row["label_en"] for row in table)
        assert {field.name for field in fields(Reconciliation)} | {"headline"} == {row["section"] for row in table}

    def test_the_schema_is_one(self) -> None:
        Draft202012Validator.check_schema(SCHEMA)

    def test_the_schema_describes_every_member_and_allows_no_other(self) -> None:
        objects = [
            it
            for schema in (SCHEMA, RECONCILIATION)
            for it in (schema, *schema["$defs"].values(), schema["properties"]["headline"])
        ]

        assert [] == [
            name for it in objects for name, member in it["properties"].items() if "description" not in member
        ]
        assert all(
            it["additionalProperties"] is False and set(it["required"]) == set(it["properties"]) for it in objects
        )

    def test_a_name_in_the_place_of_a_code_does_not_fit(self) -> None:
        written = json.loads(render_json(samples.good_day()))
        written["notices"]["derived"][0]["reason"]["code"] = "MARKER HANAKO"

        assert not Draft202012Validator(SCHEMA).is_valid(written)

    def test_keys_are_sorted_and_the_same_report_gives_the_same_bytes(self) -> None:
        written = render_json(samples.troubled_day())
        again = (json.dumps(json.loads(written), ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()

        assert written == again == render_json(samples.troubled_day())

    def test_it_says_what_the_model_says(self) -> None:
        written: dict[str, Any] = json.loads(render_json(samples.troubled_day()))

        assert "2019-03-28" == written["head"]["business_date"]
        assert "2019-03-28T20:00:00+09:00" == written["intake"]["cut_off"]
        assert 227 == written["sent"][0]["records"]
        assert "partly" == written["answers"][0]["outcome"]
        assert {"tone": "trouble"}.items() <= written["headline"].items()
        assert written["equations"]["notices"]["closes"] is False
        assert written["equations"]["agency"]["closes"] is True
        assert written["notices"]["planned"] == [
            {"count": 7, "due_date": "2019-04-02"},
            {"count": 2, "due_date": "2019-05-01"},
        ]
