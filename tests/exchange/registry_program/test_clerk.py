"""The registry lives day by day, and its clerk enters the worklists that the product wrote, with their origin."""

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.exchange.registry_program.conftest import ROOT, Run
from tests.exchange.registry_program.replay import Row, read, replay
from tests.exchange.registry_program.test_program import digests

LAYOUT = json.loads((ROOT / "schemas" / "worklist" / "worklist-1.json").read_text(encoding="utf-8"))
TITLES = {field["name"]: field["title"] for field in LAYOUT["fields"]}
THURSDAY, FRIDAY, SATURDAY, MONDAY, LAST = "2019-03-28", "2019-03-29", "2019-03-30", "2019-04-01", "2019-04-03"
RESIDENTS = 400


def line(row: Row, number: int = 1, /, **values: str) -> dict[str, str]:
    """A line of a worklist about a person: a new card, to apply, prepared; `values` go in last."""
    made = dict.fromkeys(TITLES, "") | {
        "proposal": str(number),
        "class": "反映待ち",
        "prepared": "可",
        "notice_id": f"{number:032x}",
        "serial": "1",
        "record": str(number),
        "reason_code": "card_reissue",
        "event_date": "2019-03-20",
        "registry_number": row["registry_number"],
        "protected": "0",
        "items": "card_number",
        "now": row["card_number"],
        "told": f"ZZ{number:08}ZZ",
        "since": THURSDAY,
    }
    return made | values


class Life:
    """A registry whose days come one by one."""

    def __init__(self, folder: Path) -> None:
        self.extracts, self.worklists = folder / "extracts", folder / "worklists"
        self.worklists.mkdir(parents=True)

    def live(self, *days: str, seed: int = 7, check: bool = True) -> "subprocess.CompletedProcess[str]":
        """Ask one process for the extracts of some days."""
        command = [sys.executable, "-m", "synthetic_registry", "live", "--out", str(self.extracts)]
        command += ["--worklists", str(self.worklists), "--residents", str(RESIDENTS), "--seed", str(seed)]
        return subprocess.run(
            command,
            cwd=ROOT,
            env={"PYTHONPATH": "docker/registry", "PYTHONHASHSEED": "random"},
            input="".join(f"{day}\n" for day in days),
            capture_output=True,
            text=True,
            check=check,
        )

    def write(self, day: str, *lines: dict[str, str], amendment: int = 0) -> None:
        """Write a worklist as Excel would read it."""
        name = f"worklist-{day}{f'-a{amendment}' if amendment else ''}.csv"
        with (self.worklists / name).open("w", encoding="utf-8-sig", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(TITLES.values())
            writer.writerows([[one[field] for field in TITLES] for one in lines])

    def residents(self, day: str) -> dict[str, Row]:
        return {row["registry_number"]: row for row in read(self.extracts / day, "residents")}

    def entered(self, day: str) -> list[Row]:
        """The day's events that name the agency as their origin."""
        return [row for row in read(self.extracts / day, "events") if row["origin"] == "agency_notice"]

    def quiet(self, **wanted: str) -> Iterator[Row]:
        """Persons of the first days to whom nothing happens in the week, who have these values."""
        busy = {row["registry_number"] for day in self.extracts.iterdir() for row in read(day, "events")}
        for row in self.residents(FRIDAY).values():
            fits = all(row[name] == value for name, value in wanted.items())
            if fits and row["registry_number"] not in busy and row["card_number"]:
                yield row


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Life:
    """The whole week without a worklist."""
    made = Life(tmp_path_factory.mktemp("pattern"))
    made.live(LAST)
    return made


@pytest.fixture
def life(tmp_path: Path) -> Life:
    """A registry that has lived until Thursday."""
    made = Life(tmp_path)
    made.live(THURSDAY)
    return made


class TestDays:
    def test_without_worklists_the_days_are_those_of_build(
        self, pattern: Life, run_registry: Run, tmp_path: Path
    ) -> None:
        assert run_registry("build", "--out", tmp_path / "x", "--residents", RESIDENTS).returncode == 0
        assert digests(pattern.extracts) == digests(tmp_path / "x")

    def test_one_process_for_all_days_or_one_for_each_gives_the_same_bytes(self, pattern: Life, life: Life) -> None:
        for day in (FRIDAY, MONDAY, LAST):
            life.live(day)
        assert digests(life.extracts) == digests(pattern.extracts)

    def test_a_day_that_is_not_asked_for_is_not_there(self, life: Life) -> None:
        assert sorted(folder.name for folder in life.extracts.iterdir()) == ["2019-03-27", THURSDAY]

    def test_an_extract_that_stands_is_left_as_it_is(self, life: Life) -> None:
        before = {path: path.stat().st_mtime_ns for path in life.extracts.rglob("*.csv")}
        life.live(FRIDAY)
        assert {path: path.stat().st_mtime_ns for path in before} == before

    def test_the_same_worklists_give_the_same_bytes_whenever_it_was_asked(self, pattern: Life, tmp_path: Path) -> None:
        someone, other = list(pattern.quiet())[:2]
        lives = [Life(tmp_path / name) for name in "ab"]
        for turn, one in enumerate(lives):
            one.live(THURSDAY)
            one.write(THURSDAY, line(someone))
            one.live(*((FRIDAY, SATURDAY) if turn else (FRIDAY,)))
            one.write(FRIDAY, line(other, 2))
            one.live(LAST)
        assert digests(lives[0].extracts) == digests(lives[1].extracts)
        assert digests(lives[0].extracts) != digests(pattern.extracts)

    def test_a_worklist_that_was_changed_after_its_day_is_told(self, pattern: Life, life: Life) -> None:
        someone = next(pattern.quiet())
        life.live(FRIDAY)
        life.write(THURSDAY, line(someone))
        done = life.live(MONDAY, check=False)
        assert (done.returncode, done.stderr.count("\n")) == (1, 1)
        assert FRIDAY in done.stderr
        assert not (life.extracts / MONDAY).exists()

    def test_a_day_after_the_last_ends_with_a_sentence(self, life: Life) -> None:
        done = life.live("2019-05-01", check=False)
        assert (done.returncode, "Traceback" in done.stderr) == (1, False)


class TestTheClerk:
    def test_a_line_becomes_one_event_that_changes_exactly_its_items(self, pattern: Life, life: Life) -> None:
        someone = next(pattern.quiet(resident_category="mid_to_long_term"))
        told = {"expiry_date": "2023-05-01", "card_number": "ZZ00000001ZZ"}
        life.write(THURSDAY, line(someone, items="|".join(told), told="|".join(told.values())))
        life.live(FRIDAY)
        (event,) = life.entered(FRIDAY)
        assert (event["origin_notice_id"], event["event_reason"]) == (f"{1:032x}", "ex_officio_correction")
        assert (event["event_date"], event["filing_date"]) == ("2019-03-20", "")
        row = life.residents(FRIDAY)[someone["registry_number"]]
        changed = {name for name in row if row[name] != someone[name]}
        assert changed - {"history_number", "last_event_reason"} == set(told)
        assert {name: row[name] for name in told} == told
        life.live(LAST)
        assert replay(life.extracts).faults == []

    def test_a_loss_deletes_ex_officio(self, pattern: Life, life: Life) -> None:
        someone = next(pattern.quiet(resident_category="mid_to_long_term"))
        items = "card_number|status_of_residence|period_of_stay|expiry_date"
        life.write(THURSDAY, line(someone, reason_code="status_loss", items=items, told="|||"))
        life.live(LAST)
        (event,) = life.entered(FRIDAY)
        assert (event["event_reason"], event["record_state"]) == ("ex_officio_deletion", "deleted")
        assert someone["registry_number"] not in life.residents(FRIDAY)
        assert len(life.residents(MONDAY)) == RESIDENTS
        assert replay(life.extracts).faults == []

    def test_a_special_permanent_resident_is_entered_by_hand(self, pattern: Life, life: Life) -> None:
        someone = next(pattern.quiet(resident_category="special_permanent"))
        life.write(THURSDAY, line(someone, prepared="否"))
        life.live(FRIDAY)
        assert [row["registry_number"] for row in life.entered(FRIDAY)] == [someone["registry_number"]]

    @pytest.mark.parametrize(
        "values",
        [
            {"class": "登録内容と不一致", "prepared": "否"},
            {"class": "該当者なし", "prepared": "否", "registry_number": "", "candidates": "0000000001"},
            {"prepared": "否"},
            {"registry_number": "0000000009"},
        ],
        ids=["conflict", "candidates", "not prepared", "unknown person"],
    )
    def test_what_a_person_has_to_clear_first_is_not_entered(
        self, pattern: Life, life: Life, values: dict[str, str]
    ) -> None:
        someone = next(pattern.quiet(resident_category="mid_to_long_term"))
        life.write(THURSDAY, line(someone, 1, **values))
        life.live(FRIDAY)
        assert life.entered(FRIDAY) == []

    def test_a_special_permanent_resident_in_conflict_is_not_entered_either(self, pattern: Life, life: Life) -> None:
        someone = next(pattern.quiet(resident_category="special_permanent"))
        life.write(THURSDAY, line(someone, **{"class": "登録内容と不一致", "prepared": "否"}))
        life.live(FRIDAY)
        assert life.entered(FRIDAY) == []

    def test_who_has_business_of_his_own_in_these_days_is_asked_first(self, pattern: Life, life: Life) -> None:
        living = {number: row for number, row in pattern.residents("2019-03-27").items() if row["card_number"]}
        later = [event for day in (MONDAY, "2019-04-02") for event in read(pattern.extracts / day, "events")]
        undone = {event["registry_number"] for event in later if event["cancels_history_number"]} & living.keys()
        undone &= pattern.residents(THURSDAY).keys()
        assert undone
        life.write(THURSDAY, *(line(living[number], turn) for turn, number in enumerate(sorted(undone), 1)))
        life.live(LAST)
        assert life.entered(FRIDAY) == []
        assert replay(life.extracts).faults == []

    def test_who_has_gone_is_left(self, pattern: Life, life: Life) -> None:
        gone = pattern.residents("2019-03-27").keys() - pattern.residents(THURSDAY).keys()
        rows = [pattern.residents("2019-03-27")[number] for number in sorted(gone)]
        assert rows
        life.write(THURSDAY, *(line(row, number) for number, row in enumerate(rows, 1)))
        life.live(FRIDAY)
        assert life.entered(FRIDAY) == []

    def test_lines_of_the_weekend_are_entered_on_monday_each_once(self, pattern: Life, life: Life) -> None:
        first, second = list(pattern.quiet(resident_category="mid_to_long_term"))[:2]
        life.live(FRIDAY)
        life.write(FRIDAY, line(first))
        life.live(SATURDAY)
        # What is not entered yet stays on the next list.
        life.write(SATURDAY, line(first), line(second, 2))
        life.live(LAST)
        assert life.entered(SATURDAY) == life.entered("2019-03-31") == []
        assert [row["origin_notice_id"] for row in life.entered(MONDAY)] == [f"{1:032x}", f"{2:032x}"]
        assert replay(life.extracts).faults == []

    def test_the_last_amendment_replaces_the_lists_before_it(self, pattern: Life, life: Life) -> None:
        persons = list(pattern.quiet(resident_category="mid_to_long_term"))[:3]
        lines = [line(row, number) for number, row in enumerate(persons, 1)]
        life.write(THURSDAY, lines[0], lines[1])
        life.write(THURSDAY, lines[2], amendment=10)
        life.write(THURSDAY, lines[0], amendment=9)
        life.live(FRIDAY)
        assert [row["origin_notice_id"] for row in life.entered(FRIDAY)] == [f"{3:032x}"]

    @pytest.mark.parametrize(
        ("written", "meant"), [("'=1+1", "=1+1"), ("'-A", "-A"), ("'AZIZ ALI", "'AZIZ ALI"), ("O'NEIL", "O'NEIL")]
    )
    def test_only_the_apostrophe_against_formulas_is_taken_away(
        self, pattern: Life, life: Life, written: str, meant: str
    ) -> None:
        someone = next(pattern.quiet(resident_category="mid_to_long_term"))
        life.write(THURSDAY, line(someone, items="name_roman", told=written))
        life.live(FRIDAY)
        assert life.residents(FRIDAY)[someone["registry_number"]]["name_roman"] == meant


def test_a_worklist_folder_that_is_not_there_yet_is_an_empty_one(life: Life) -> None:
    shutil.rmtree(life.worklists)
    life.live(FRIDAY)
    assert life.entered(FRIDAY) == []
