"""The extracts satisfy the proof of contract §6, and hold what the demo needs."""

import csv
import tomllib
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.exchange.registry_program.conftest import ROOT, Run
from tests.exchange.registry_program.replay import Replayed, Row, read, replay

SCHEMAS = ROOT / "schemas"
WORKING_DAYS = ("2019-03-28", "2019-03-29", "2019-04-01", "2019-04-02", "2019-04-03")


def encodable(text: str) -> bool:
    try:
        text.encode("euc_jis_2004")
    except UnicodeEncodeError:
        return False
    return True


def codes(name: str) -> set[str]:
    with (SCHEMAS / "codes" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return {row["code"] for row in csv.DictReader(lines)}


def rules(name: str) -> dict[str, Any]:
    return tomllib.loads((SCHEMAS / "rules" / f"{name}.toml").read_text(encoding="utf-8"))


def by_person(events: list[Row]) -> dict[str, list[Row]]:
    people = defaultdict(list)
    for event in events:
        people[event["registry_number"]].append(event)
    return people


class TestTheProof:
    def test_yesterdays_rows_and_the_events_end_in_todays_rows(self, replayed: Replayed) -> None:
        assert replayed.faults == []

    @pytest.mark.parametrize("seed", [1, 2, 3])
    @pytest.mark.parametrize("scenario", ["normal", "busy-april"])
    def test_it_holds_for_other_seeds_sizes_and_scenarios(
        self, run_registry: Run, tmp_path: Path, seed: int, scenario: str
    ) -> None:
        arguments = ("--residents", 700, "--seed", seed, "--scenario", scenario)
        assert run_registry("build", "--out", tmp_path / "x", *arguments).returncode == 0
        assert replay(tmp_path / "x").faults == []
        assert len(read(tmp_path / "x" / "2019-04-01", "residents")) == 700

    def test_the_checker_sees_a_changed_row(self, run_registry: Run, tmp_path: Path) -> None:
        assert run_registry("build", "--out", tmp_path / "x", "--residents", 300).returncode == 0
        file = tmp_path / "x" / "2019-03-29" / "residents.csv"
        file.write_text(file.read_text("utf-8").replace("コーポ", "コープ", 1), "utf-8")
        assert any("row of" in fault for fault in replay(tmp_path / "x").faults)


class TestTheNumbers:
    def test_shinjuku_has_its_residents_on_the_first_of_april(self, week: Path) -> None:
        assert len(read(week / "2019-04-01", "residents")) == 42_157

    def test_every_calendar_day_has_an_extract_and_closed_days_have_no_event(self, week: Path) -> None:
        events = {folder.name: len(read(folder, "events")) for folder in week.iterdir()}
        assert len(events) == 8
        assert {day for day, count in events.items() if count} == set(WORKING_DAYS)

    def test_a_working_day_has_the_volume_of_the_season(self, replayed: Replayed) -> None:
        assert all(150 <= sum(replayed.totals[day].values()) <= 600 for day in WORKING_DAYS)

    def test_four_of_five_bring_the_card(self, replayed: Replayed) -> None:
        filed = [e for e in replayed.events if e["filing_article"] in {"22", "23", "30-46", "30-47"}]
        able = [e for e in filed if e["card_number"]]
        assert 0.75 < sum(e["card_presented"] == "1" for e in able) / len(able) < 0.87

    def test_the_mix_is_the_wards(self, week: Path) -> None:
        rows = read(week / "2019-03-27", "residents")
        nationalities = Counter(row["nationality"] for row in rows)
        statuses = Counter(row["status_of_residence"] for row in rows)
        ages = Counter(2018 - int(row["birth_date"][:4]) < 15 for row in rows if row["birth_date"])
        assert nationalities["CHN"] / len(rows) == pytest.approx(0.41, abs=0.015)
        assert statuses["留学"] / len(rows) == pytest.approx(0.32, abs=0.015)
        assert ages[True] / len(rows) == pytest.approx(0.05, abs=0.01)
        assert sum(row["protected"] == "1" for row in rows) / len(rows) == pytest.approx(0.003, abs=0.001)


class TestTheCases:
    def test_every_reason_of_the_standard_occurs(self, replayed: Replayed) -> None:
        assert {e["event_reason"] for e in replayed.events} == {r["code"] for r in rules("event_reasons")["reason"]}

    def test_one_name_is_outside_the_repertoire_until_it_is_corrected(self, replayed: Replayed) -> None:
        outside = [e for e in replayed.events if not all(map(encodable, e.values()))]
        person = by_person(replayed.events)[outside[0]["registry_number"]]
        assert [(e["processing_date"], e["event_reason"]) for e in person] == [
            ("2019-03-28", "domestic_move_in"),
            ("2019-03-29", "move_within"),
            ("2019-04-02", "error_correction"),
        ]
        assert outside == person[:2]

    def test_everyone_else_is_inside_the_repertoire(self, week: Path) -> None:
        for folder in week.iterdir():
            texts = [(folder / f"{name}.csv").read_text("utf-8") for name in ("residents", "residence_reports")]
            assert {c for text in texts for c in set(text) if c != "\n" and not encodable(c)} <= {"\u9ad9"}

    def test_in_within_and_out_on_one_day_leave_no_row(self, week: Path, replayed: Replayed) -> None:
        person = next(
            events
            for events in by_person(replayed.events).values()
            if [e["event_reason"] for e in events] == ["domestic_move_in", "move_within", "move_out_abroad"]
        )
        assert len({e["processing_date"] for e in person}) == 1
        number = person[0]["registry_number"]
        assert all(number != row["registry_number"] for row in read(week / "2019-03-29", "residents"))

    def test_there_and_back_on_one_day_ends_at_the_same_address(self, week: Path, replayed: Replayed) -> None:
        person = next(
            events
            for events in by_person(replayed.events).values()
            if [e["event_reason"] for e in events] == ["move_within", "move_within"]
        )
        number = person[0]["registry_number"]
        addresses = [
            next(r["address"] for r in read(week / day, "residents") if r["registry_number"] == number)
            for day in ("2019-03-27", "2019-03-28")
        ]
        assert addresses[0] == addresses[1] != person[0]["address"]

    def test_a_planned_move_out_is_undone_moved_or_told_by_an_arrival_notice(self, replayed: Replayed) -> None:
        planned = {
            number: events
            for number, events in by_person(replayed.events).items()
            if events[0]["event_date"] > events[0]["processing_date"]
        }
        followed = Counter(events[1]["event_reason"] for events in planned.values() if len(events) > 1)
        arrivals = [
            e for events in planned.values() for e in events[1:] if "" < e["arrival_notice_date"] < e["event_date"]
        ]
        assert len(planned) > 100
        assert followed["cancellation_increase"] >= 3
        assert followed["domestic_move_out"] >= 2
        assert arrivals
        assert any("2019-03-30" <= events[0]["event_date"] <= "2019-03-31" for events in planned.values())
        assert any(events[0]["event_date"] > "2019-04-03" for events in planned.values())

    def test_cancellations_name_what_they_undo(self, replayed: Replayed) -> None:
        known = {(e["registry_number"], e["history_number"]): e for e in replayed.events}
        cancellations = [e for e in replayed.events if e["cancels_history_number"]]
        same_day, later, older = 0, 0, 0
        for cancellation in cancellations:
            original = known.get((cancellation["registry_number"], cancellation["cancels_history_number"]))
            if original is None:
                older += 1
                continue
            assert cancellation["cancelled_reason"] == original["event_reason"]
            assert cancellation["cancelled_event_date"] == original["event_date"]
            same_day += original["processing_date"] == cancellation["processing_date"]
            later += original["processing_date"] < cancellation["processing_date"]
        assert (same_day, older) == (3, 2)
        assert later >= 5

    def test_a_double_registration_names_the_living_record_that_is_kept(self, week: Path, replayed: Replayed) -> None:
        event = next(e for e in replayed.events if e["event_reason"] == "double_registration")
        living = {row["registry_number"] for row in read(week / "2019-04-03", "residents")}
        assert event["kept_registry_number"] in living
        assert event["registry_number"] not in living

    def test_unknown_and_late_dates_occur(self, replayed: Replayed) -> None:
        wordings = {e["event_reason"] for e in replayed.events if e["event_date_wording"]}
        late = [e for e in replayed.events if "" < e["event_date"] < "2017-01-01"]
        assert wordings == {"death", "ex_officio_deletion"}
        assert {e["event_reason"] for e in late} >= {
            "death",
            "domestic_move_in",
            "domestic_move_out",
            "move_within",
        }
        assert min(e["event_date"] for e in late) >= "2012-07-09"

    def test_no_event_comes_from_the_agency_unless_asked_for(
        self, replayed: Replayed, run_registry: Run, tmp_path: Path
    ) -> None:
        assert {e["origin"] for e in replayed.events} == {"filing", "ex_officio"}
        arguments = ("--residents", 300, "--agency-origin", "on")
        assert run_registry("build", "--out", tmp_path / "x", *arguments).returncode == 0
        with_agency = [e for e in replay(tmp_path / "x").events if e["origin"] == "agency_notice"]
        assert len(with_agency) == 25
        assert all(len(e["origin_notice_id"]) == 32 for e in with_agency)

    def test_cards_that_come_later_name_their_event(self, week: Path, replayed: Replayed) -> None:
        reports = [row for folder in sorted(week.iterdir()) for row in read(folder, "residence_reports")]
        entered = {(e["registry_number"], e["history_number"]): e for e in replayed.events}
        later = [entered[key] for r in reports if (key := (r["registry_number"], r["history_number"])) in entered]
        assert len(later) > 20
        assert {e["card_presented"] for e in later} == {"0"}
        assert any(not r["registry_number"] for r in reports)
        assert len({r["report_number"] for r in reports}) == len(reports)

    def test_certificates_are_handed_over_under_every_article(self, week: Path) -> None:
        handed = [row for folder in week.iterdir() for row in read(folder, "certificates")]
        assert {row["article"] for row in handed} == {"7-2", "11-2", "12-3", "13-2", "14-4"}
        assert any(not row["registry_number"] for row in handed)
        assert len({row["certificate_number"] for row in handed}) == len(handed)


class TestTheContent:
    def test_items_fit_the_category(self, records: list[Row]) -> None:
        items = rules("items")["resident_records"]
        for row in records:
            for item, rule in items["by_category"][row["resident_category"]].items():
                assert not (rule == "N" and row[item]), (row["resident_category"], item)
                assert not (rule == "R" and not row[item]), (row["resident_category"], item)
            if row["resident_category"] == "mid_to_long_term":
                assert bool(row["expiry_date"]) == (row["status_of_residence"] not in items["no_expiry"])

    def test_a_name_and_a_birth_date_are_there(self, records: list[Row]) -> None:
        assert all(row["name_roman"] or row["name_kanji"] for row in records)
        assert all(bool(row["birth_date"]) != bool(row["birth_date_wording"]) for row in records)
        assert all(row["name_roman"] == row["name_roman"].strip() for row in records)

    def test_codes_are_those_of_the_lists(self, records: list[Row]) -> None:
        assert {row["nationality"] for row in records} <= codes("nationalities")
        assert {row["status_of_residence"] for row in records} <= codes("statuses_of_residence") | {""}
        places = {row[c] for row in records for c in ("former_municipality_code", "next_municipality_code") if c in row}
        assert places <= codes("municipalities") | {""}
        assert {row["resident_category"] for row in records} == codes("resident_categories")

    def test_every_other_date_is_in_the_calendar(self, records: list[Row]) -> None:
        for row in records:
            for column, value in row.items():
                if value and column.endswith(("_date", "_expiry")) and column != "birth_date":
                    date.fromisoformat(value)

    def test_living_people_bear_card_numbers_of_their_own(self, week: Path) -> None:
        for folder in week.iterdir():
            cards = [row["card_number"] for row in read(folder, "residents") if row["card_number"]]
            assert len(set(cards)) == len(cards)

    def test_a_presented_card_finds_its_article(self, week: Path, replayed: Replayed) -> None:
        articles = rules("articles")["residence_reports"]["article"]
        visits = [e for e in replayed.events if e["card_presented"] == "1" and e["filing_article"] != "24"]
        for folder in week.iterdir():
            visits += read(folder, "residence_reports")
        for visit in visits:
            assert any(
                all(visit[k] in article[k] for k in ("resident_category", "filing_article", "status_acquired_by"))
                for article in articles
            ), visit["filing_article"]

    def test_the_rare_are_there(self, week: Path) -> None:
        rows = read(week / "2019-03-27", "residents")
        assert any(len(row["name_roman"]) > 80 for row in rows)
        assert any(" " not in row["name_roman"] and row["name_roman"] for row in rows)
        assert any(not row["name_roman"] for row in rows)
        assert any(row["birth_date_wording"] for row in rows)
        assert any(row["birth_date"].endswith("-02-29") for row in rows)
        assert {row["sex"] for row in rows} == {"1", "2", "3"}
        assert any(row["landing_permit_entry"] == "1" and not row["card_number"] for row in rows)
        pairs = Counter((row["birth_date"], row["address"], row["nationality"]) for row in rows)
        assert max(pairs.values()) >= 2
        assert {int(row["history_number"]) for row in rows} == set(range(1, 10))
