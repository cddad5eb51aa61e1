"""Scenarios: seeded, a file a day, every kind within seven days, and a ward finds the class that is expected."""

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from renkei.corridor import steps
from renkei.ledger.states import AgencyNoticeClass
from tests.exchange.agency import told
from tests.support.agency import Agency, AgencyFailed, Ward, copy_agency, make_ward, new_agency
from tests.support.site import REFERENCE_KEY, Site, build_registry, days, make_site

WEEK = days("2019-03-28", "2019-04-03")
KINDS = {
    "renewal", "status_change", "permanent_residence", "card_reissue", "name_change", "nationality_change",
    "item_correction", "status_loss", "departure", "former_number_chain", "former_number", "identity",
    "special_permanent", "name_variant", "already_so", "conflict", "another_person", "not_found", "not_yet_here",
    "weak", "moved_away", "duplicate", "duplicate_content", "out_of_order", "not_ours", "not_acceptable",
}  # fmt: skip
EXACT = ("renewal", "card_reissue", "former_number", "former_number_chain", "identity", "name_variant")


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Agency, Ward]]:
    """An agency whose register was seeded from an invented registry; only ever copied."""
    folder, ward = tmp_path_factory.mktemp("registry"), make_ward()
    build_registry(folder / "extracts", 600, "2019-03-28")
    (folder / "key").write_text(REFERENCE_KEY + "\n", encoding="ascii")
    made = new_agency(clock="message")
    made.trust(ward.openpgp, ward.ssh_public)
    made.seed(folder / "extracts" / "2019-03-27", folder / "key")
    yield made, ward
    made.remove()
    ward.remove()


@pytest.fixture
def fresh(seeded: tuple[Agency, Ward]) -> Iterator[Agency]:
    made = copy_agency(seeded[0])
    yield made
    made.remove()


class TestNormal:
    def test_a_day_has_one_file(self, fresh: Agency) -> None:
        made = fresh.notices(WEEK[0])
        assert (made["serial"], made["made"], made["notices"] >= 12) == (1, True, True)
        register = fresh.register()
        again = {"date": WEEK[0], "serial": 1, "scenario": "normal", "made": False}
        assert fresh.notices(WEEK[0]) == fresh.notices(WEEK[0], "busy_april") == again
        assert fresh.register() == register
        assert len(fresh.status()["own_files"]) == 1

    def test_it_is_sealed_at_ten_in_the_evening_of_the_day(self, fresh: Agency, seeded: tuple[Agency, Ward]) -> None:
        fresh.notices(WEEK[0])
        fresh.notices(WEEK[4], at="2019-04-01T09:30:00+09:00")
        first = told.renkei(told.package(fresh, seeded[1], 1))
        second = told.renkei(told.package(fresh, seeded[1], 2, "isa"))
        assert first["sealed_at"] == "2019-03-28T22:00:00+09:00"
        assert second["sealed_at"] == "2019-04-01T09:30:00+09:00"

    def test_the_seed_settles_everything(self, seeded: tuple[Agency, Ward]) -> None:
        packages = []
        for seed in (1, 1, 2):
            made = copy_agency(seeded[0])
            try:
                made.notices(WEEK[0], seed=seed)
                packages.append(told.package(made, seeded[1], 1))
            finally:
                made.remove()
        assert packages[0] == packages[1]
        assert packages[0] != packages[2]

    def test_who_is_left_out_is_not_chosen(self, fresh: Agency) -> None:
        lines = fresh.register().splitlines()[1:]
        left_out = fresh.home / "left-out"
        left_out.write_text("\n".join(line.split(",")[0] for line in lines), encoding="ascii")
        fresh.notices(WEEK[0], leave_out=left_out)
        assert {one["kind"] for one in fresh.truth()} == {"not_found"}

    def test_no_date_no_file(self, fresh: Agency) -> None:
        with pytest.raises(AgencyFailed, match="no date"):
            fresh.notices("2019-02-30")


def test_busy_april_has_four_times_as_many(fresh: Agency) -> None:
    assert fresh.notices(WEEK[4], "busy_april")["notices"] >= 48


def test_a_system_migration_tells_nothing_new(fresh: Agency, seeded: tuple[Agency, Ward]) -> None:
    register = fresh.register()
    assert fresh.notices(WEEK[0], "system_migration", number=100)["notices"] == 100
    assert {one["expected"] for one in fresh.truth()} == {"already_so"}
    for row in told.rows(told.package(fresh, seeded[1], 1)):
        assert all(row[item] == row[f"{item}_before"] for item in told.ITEMS)
    assert fresh.register() == register


def test_hostile_asks_which_fault(fresh: Agency) -> None:
    with pytest.raises(AgencyFailed, match="which --fault"):
        fresh.notices(WEEK[0], "hostile")


class TestAgainstAWard:
    """The seven days of the demo: the ward's own matching, against what the agency knows to be right."""

    @pytest.fixture(scope="class")
    @classmethod
    def lived(cls) -> Iterator[Site]:
        site = make_site(Path(tempfile.mkdtemp(prefix="s-")), registry=1500)
        try:
            for day in WEEK:
                site.deliver(day)
                site.agency.notices(day)
                cls.take_in(site, day)
            site.agency.process()
            yield site
        finally:
            site.remove()
            site.ward.remove()
            shutil.rmtree(site.home, ignore_errors=True)

    @staticmethod
    def take_in(site: Site, day: str) -> None:
        with site.house(day) as house:
            steps.fetch_agency_files(house)
            steps.take_in_agency_files(house, date.fromisoformat(day))
            steps.match_agency_notices(house, date.fromisoformat(day))
            steps.acknowledge_agency_files(house)

    def pairs(self, site: Site) -> list[tuple[str, str, str]]:
        found = {(one["serial"], one["record"]): one["class"] for one in site.agency.answered()}
        return [(one["kind"], one["expected"], found[one["serial"], one["record"]]) for one in site.agency.truth()]

    def test_every_kind_and_every_class_occurs(self, lived: Site) -> None:
        assert {kind for kind, _, _ in self.pairs(lived)} == KINDS
        assert {expected for _, expected, _ in self.pairs(lived)} == {str(one) for one in AgencyNoticeClass}

    def test_the_class_found_is_the_expected_one(self, lived: Site) -> None:
        wrong = [pair for pair in self.pairs(lived) if pair[1] != pair[2]]
        assert wrong == []
        assert Counter(expected for kind, expected, _ in self.pairs(lived) if kind in EXACT).keys() == {"to_apply"}

    def test_every_answer_is_as_agreed(self, lived: Site) -> None:
        status = lived.agency.status()
        assert [one["fault"] for one in status["acks"]] == [""] * len(WEEK)
        assert status["acks_waiting"] == []

    def test_the_agency_refuses_nothing_of_the_ward_because_of_what_it_told(self, lived: Site) -> None:
        assert {one["code"] for one in lived.agency.status()["answers"]} == {"F00"}

    def test_the_totals_are_those_of_the_register_with_the_notices_done(self, lived: Site) -> None:
        last: dict[str, Any] = told.renkei(told.package(lived.agency, lived.ward, len(WEEK), "isa"))
        assert last["register_totals"] == lived.agency.status()["register_totals"]["131041"]
        assert json.dumps(last["register_totals"]["by_category"])
