"""The clerk's worklist: what is open, in three forms, written once; an amendment names the list that it replaces."""

import csv
import hashlib
import io
import json
import re
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from renkei.corridor import steps
from renkei.errors import WorklistUnwritten
from renkei.ledger import effects, verify
from renkei.ledger.effects import Effect
from renkei.ledger.tables import AgencyNotice, Trail, Worklist
from tests.support.agency import ROOT
from tests.support.agency_notices import put, told
from tests.support.killed import dies_at
from tests.support.site import Site

ONE, TWO, THREE = "0000000001", "0000000002", "0000000003"
DAY = "2019-03-28"
RENEWED = {"expiry_date": "2024-06-30", "card_number": "ZZ00000001ZZ"}
TITLES = {
    field["name"]: field["title"]
    for field in json.loads((ROOT / "schemas/worklist/worklist-1.json").read_text(encoding="utf-8"))["fields"]
}


def row(site: Site, number: str = ONE) -> dict[str, str]:
    assert site.builder is not None
    return site.builder.residents[number]


def listed(site: Site, day: str = DAY) -> steps.Listed:
    with site.house(day) as house:
        steps.match_agency_notices(house, date.fromisoformat(day))
        return steps.write_worklist(house, date.fromisoformat(day))


def lines(site: Site, name: str = f"worklist-{DAY}.csv") -> list[dict[str, str]]:
    """Read the CSV by Python's own reader, by the contract's field names."""
    content = (site.home / "worklists" / name).read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in content
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    names = {title: field for field, title in TITLES.items()}
    return [{names[title]: value for title, value in each.items()} for each in rows]


class TestLines:
    def test_one_per_proposal_with_all_that_the_contract_names(self, site: Site) -> None:
        content = told(row(site), **RENEWED)
        put(site, content, told(row(site, TWO)))
        assert listed(site).facts() == {
            "business_date": DAY,
            "amendment": 0,
            "lines": 1,
            "csv": f"worklists/worklist-{DAY}.csv",
            "written": True,
        }
        assert lines(site) == [
            {
                "proposal": "1",
                "class": "反映待ち",
                "prepared": "可",
                "notice_id": content["notice_id"],
                "serial": "1",
                "record": "1",
                "reason": "在留期間更新許可",
                "reason_code": "renewal",
                "event_date": "2019-03-26",
                "registry_number": ONE,
                "candidates": "",
                "protected": "0",
                "items": "card_number|expiry_date",
                "item_names": "在留カード等の番号|在留期間の満了の日",
                "now": "AB00000001CD|2021-06-30",
                "told": "ZZ00000001ZZ|2024-06-30",
                "evidence": "在留カード等の番号(変更前)が一致"
                "[一致:在留カード等の番号・氏名(ローマ字)・生年月日・性別・国籍・地域]",
                "to_do": "処理結果確認票で確かめ、職権で登録簿を修正する",
                "since": DAY,
            }
        ]

    def test_only_what_is_still_to_correct_stands_on_a_line(self, site: Site) -> None:
        put(
            site, told({**row(site), "expiry_date": "2020-01-01"}, expiry_date="2021-06-30", card_number="ZZ00000001ZZ")
        )
        listed(site)
        assert [each["items"] for each in lines(site)] == ["card_number"]

    def test_a_loss_empties_what_it_ends(self, site: Site) -> None:
        put(site, told(row(site), "status_loss"))
        listed(site)
        (line,) = lines(site)
        assert line["items"] == "card_number|status_of_residence|period_of_stay|expiry_date"
        assert (line["now"], line["told"]) == ("AB00000001CD|留学|0403|2021-06-30", "|||")

    def test_a_conflict_names_its_items_with_both_values(self, site: Site) -> None:
        put(site, told({**row(site), "nationality": "NPL"}, **RENEWED))
        listed(site)
        (line,) = lines(site)
        assert (line["class"], line["prepared"]) == ("登録内容と不一致", "否")
        assert line["items"] == "nationality|card_number|expiry_date"
        assert line["told"] == "NPL|ZZ00000001ZZ|2024-06-30"

    def test_candidates_are_offered_and_not_prepared(self, site: Site) -> None:
        put(site, told({**row(site), "sex": "3", "card_number": "YY00000001YY"}, more={"event_date": "2019-01-05"}))
        listed(site)
        (line,) = lines(site)
        assert (line["class"], line["prepared"], line["registry_number"]) == ("該当者なし", "否", "")
        assert line["candidates"] == ONE

    def test_special_permanent_residents_are_never_prepared(self, site: Site) -> None:
        special = {"resident_category": "special_permanent", "card_number": "SP00000001AA"}
        never = dict.fromkeys(("status_of_residence", "period_of_stay", "expiry_date"), "")
        site.tomorrow().event("0000000050", "move_in_from_abroad", **special, **never)
        day = site.extract()
        site.deliver(day)
        put(site, told(row(site, "0000000050"), "card_reissue", card_number="SP00000002AA"), day=day)
        listed(site, day)
        found = [(each["class"], each["prepared"], each["told"]) for each in lines(site, f"worklist-{day}.csv")]
        assert found == [("反映待ち", "否", "SP00000002AA")]

    def test_whoever_is_not_taken_in_yet_stays_on_the_list(self, site: Site) -> None:
        put(site, told(row(site), **RENEWED))
        listed(site)
        site.tomorrow()
        day = site.extract()
        site.deliver(day)
        assert listed(site, day).lines == 1
        assert [each["since"] for each in lines(site, f"worklist-{day}.csv")] == [DAY]

    def test_a_day_without_proposals_has_an_empty_list(self, site: Site) -> None:
        assert (listed(site).lines, lines(site)) == (0, [])

    @pytest.mark.parametrize("name", ["=1+1", "+CMD", "-2", "@SUM(A1)"])
    def test_no_value_is_a_formula_in_a_spreadsheet(self, site: Site, name: str) -> None:
        put(site, told(row(site), "name_change", name_roman=name))
        listed(site)
        assert [each["told"] for each in lines(site)] == [f"'{name}"]
        (cell,) = [c for cells in opened(site).iter_rows(min_row=4) for c in cells if c.value == name]
        assert (cell.data_type, cell.quotePrefix) == ("s", True)


def opened(site: Site, name: str = f"worklist-{DAY}.xlsx"):  # type: ignore[no-untyped-def]  # noqa: ANN201
    (sheet,) = openpyxl.load_workbook(site.home / "worklists" / name).worksheets
    return sheet


class TestWorkbook:
    def test_has_the_lines_of_the_csv_as_text(self, site: Site) -> None:
        put(site, told(row(site), **RENEWED), told(row(site, TWO), "card_reissue", card_number="ZZ00000002ZZ"))
        listed(site)
        head, *rows = [[cell.value or "" for cell in cells] for cells in opened(site).iter_rows(min_row=3)]
        assert head == list(TITLES.values())
        assert rows == [list(each.values()) for each in lines(site)]
        cells = [cell for cells in opened(site).iter_rows() for cell in cells if cell.value is not None]
        assert {cell.data_type for cell in cells} == {"s"}

    def test_keeps_its_header_in_view(self, site: Site) -> None:
        listed(site)
        sheet = opened(site)
        assert (sheet.freeze_panes, sheet.title) == ("B4", "処理リスト")
        assert sheet.column_dimensions["D"].width > 30


class TestSheets:
    def page(self, site: Site, name: str = f"worklist-{DAY}.html") -> str:
        return (site.home / "worklists" / name).read_text(encoding="utf-8")

    def test_one_for_each_proposal_before_and_after(self, site: Site) -> None:
        put(site, told(row(site), **RENEWED), told(row(site, TWO), "card_reissue", card_number="ZZ00000002ZZ"))
        listed(site)
        page = self.page(site)
        assert page.count("<section>") == 2
        assert re.search(r"AB00000001CD</td><td>ZZ00000001ZZ", page)
        assert "平成31年3月26日(2019-03-26)" in page

    def test_nothing_is_loaded_and_everything_is_escaped(self, site: Site) -> None:
        put(site, told(row(site), "name_change", name_roman="<script>alert(1)</script>"))
        listed(site)
        page = self.page(site)
        assert "<script" not in page
        assert "&lt;script&gt;" in page
        assert not re.search(r"(src|href)=|url\(|@import|https?:", page)

    def test_the_address_of_a_protected_person_is_masked_and_the_page_marked(self, site: Site) -> None:
        address = "東京都新宿区秘密町一丁目1番1号"
        site.tomorrow().event(ONE, "ex_officio_correction", protected="1", address=address)
        day = site.extract()
        site.deliver(day)
        put(site, told(row(site), **RENEWED), told(row(site, TWO), expiry_date="2024-01-01"), day=day)
        listed(site, day)
        everything = b"".join(path.read_bytes() for path in (site.home / "worklists").iterdir())
        assert address not in everything.decode("utf-8", errors="ignore")
        page = self.page(site, f"worklist-{day}.html")
        assert page.count("支援措置対象者") == 1
        assert page.count("支援措置のため表示しません") == 1
        assert row(site, TWO)["address"] in page
        assert [each["protected"] for each in lines(site, f"worklist-{day}.csv")] == ["1", "0"]


class TestWrittenOnce:
    def test_the_same_lines_write_nothing(self, site: Site) -> None:
        put(site, told(row(site), **RENEWED))
        first = listed(site)
        before = {path.name: path.stat().st_mtime_ns for path in (site.home / "worklists").iterdir()}
        again = listed(site)
        assert (again.written, again.csv, again.amendment) == (False, first.csv, 0)
        assert before == {path.name: path.stat().st_mtime_ns for path in (site.home / "worklists").iterdir()}
        assert len(site.rows(Worklist)) == 1

    def test_more_notices_make_an_amendment_that_names_the_old(self, site: Site) -> None:
        put(site, told(row(site), **RENEWED))
        listed(site)
        old = (site.home / "worklists" / f"worklist-{DAY}.csv").read_bytes()
        put(site, told(row(site, TWO), "card_reissue", card_number="ZZ00000002ZZ"))
        found = listed(site)
        assert (found.written, found.amendment, found.csv) == (True, 1, f"worklists/worklist-{DAY}-a1.csv")
        first, second = site.rows(Worklist)
        assert (second.amends, second.amendment, second.lines) == (first.id, 1, 2)
        assert (site.home / "worklists" / f"worklist-{DAY}.csv").read_bytes() == old
        assert f"worklist-{DAY} を差し替える" in str(opened(site, f"worklist-{DAY}-a1.xlsx")["A2"].value)
        page = (site.home / "worklists" / f"worklist-{DAY}-a1.html").read_text(encoding="utf-8")
        assert f"worklist-{DAY} を差し替える" in page

    def test_they_are_the_owners_alone(self, site: Site) -> None:
        listed(site)
        folder = site.home / "worklists"
        assert [folder.stat().st_mode & 0o777, *{path.stat().st_mode & 0o777 for path in folder.iterdir()}] == [
            0o700,
            0o600,
        ]

    def test_the_ledger_has_their_digests_and_no_value(self, site: Site) -> None:
        put(site, told(row(site), **RENEWED))
        listed(site)
        (kept,) = site.rows(Worklist)
        found = {
            path.suffix[1:]: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in (site.home / "worklists").iterdir()
        }
        assert (kept.sha256, kept.folder) == (found, "worklists")
        told_by_trail = "".join(each.facts + each.subject for each in site.rows(Trail))
        for value in (ONE, *RENEWED.values(), row(site)["name_roman"], row(site)["card_number"]):
            assert value not in told_by_trail

    @pytest.mark.parametrize("moment", ["before", "after"])
    def test_a_run_killed_at_the_effect_is_ended_by_the_next(self, site: Site, moment: str) -> None:
        put(site, told(row(site), **RENEWED))
        assert dies_at(lambda: listed(site), Effect.WRITE_WORKLIST, moment)
        found = listed(site)
        assert (found.written, found.amendment, len(site.rows(Worklist))) == (True, 0, 1)
        with site.house() as house:
            assert verify(house.ledger, house.settings) == []
            assert effects.unsettled(house.ledger) == []
        assert sorted(path.suffix for path in (site.home / "worklists").iterdir()) == [".csv", ".html", ".xlsx"]

    def test_what_a_killed_run_showed_is_not_replaced_by_other_lines(self, site: Site) -> None:
        put(site, told(row(site), **RENEWED))
        assert dies_at(lambda: listed(site), Effect.WRITE_WORKLIST, "after")
        shown = (site.home / "worklists" / f"worklist-{DAY}.csv").read_bytes()
        put(site, told(row(site, TWO), "card_reissue", card_number="ZZ00000002ZZ"))
        assert listed(site).amendment == 1
        assert (site.home / "worklists" / f"worklist-{DAY}.csv").read_bytes() == shown

    def test_one_that_was_changed_or_is_gone_is_found_by_the_verifier(self, site: Site) -> None:
        put(site, told(row(site), **RENEWED))
        listed(site)
        (site.home / "worklists" / f"worklist-{DAY}.csv").write_text("changed", encoding="utf-8")
        (site.home / "worklists" / f"worklist-{DAY}.xlsx").unlink()
        with site.house() as house:
            found = {each.where for each in verify(house.ledger, house.settings)}
        assert found == {"worklist 1, csv", "worklist 1, xlsx"}

    def test_a_folder_that_cannot_be_written_is_told(self, site: Site) -> None:
        (site.home / "worklists").write_text("in the way")
        with pytest.raises(WorklistUnwritten) as refused:
            listed(site)
        assert refused.value.refs == {"reason": "EEXIST"}
        assert site.rows(Worklist) == []


def test_the_same_lines_are_the_same_bytes(site: Site, tmp_path: Path) -> None:
    put(site, told(row(site), **RENEWED))
    listed(site)
    (site.home / "worklists").rename(tmp_path / "old")
    with site.house(DAY) as house, house.ledger.transaction(actor="test") as tx:
        for each in tx.session.query(Worklist):
            each.business_date = date(2000, 1, 1)
        tx.trail("test.moved", "worklist")
    listed(site)
    for path in (tmp_path / "old").iterdir():
        assert path.read_bytes() == (site.home / "worklists" / path.name).read_bytes()
    assert len(site.rows(AgencyNotice)) == 1
