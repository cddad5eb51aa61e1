"""The demo's agency direction: the registry one day at a time, the agency's file of a day, what the summary tells."""

import csv
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from demo_site import agency_summary, living
from demo_site.agency_summary import Pair, ToldDay
from demo_site.place import MUNICIPALITY, Place
from demo_site.summary import all_done
from demo_site.texts import DemoError
from demo_site.watching import DAYS

from renkei.ledger.tables import AgencyNotice
from tests.support.outbox import COLUMNS, Outbox, answer, classify, inbound, notice, sha256, take_in
from tests.support.site import Site, copy_of

DAY = "2019-03-28"
OWN = ("record_number", "notice_id", "attempt", "municipality", "action")


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(living, "RESIDENTS", 400)


@pytest.mark.usefixtures("small")
class TestLiving:
    """The registry at work beside the demo."""

    def test_a_day_is_made_when_it_is_asked_for(self, site: Place) -> None:
        with living.registry(site) as registry:
            registry.extract(date(2019, 3, 28))
            assert sorted(path.name for path in site.extracts.iterdir()) == ["2019-03-27", DAY]
            registry.extract(date(2019, 3, 29))
            assert (site.extracts / "2019-03-29" / "manifest.json").exists()

    def test_the_next_process_goes_on_where_the_last_one_stopped(self, site: Place) -> None:
        for number in (28, 28, 29):
            with living.registry(site) as registry:
                registry.extract(date(2019, 3, number))
        assert len(list(site.extracts.glob("*/manifest.json"))) == 3

    def test_what_it_says_when_it_fails_is_told(self, site: Place) -> None:
        with living.registry(site) as registry, pytest.raises(DemoError, match="2019-05-01 lies after the last day"):
            registry.extract(date(2019, 5, 1))


@pytest.fixture
def ward(site: Place, pattern_site: Site, tmp_path: Path) -> Iterator[Site]:
    """A ward whose agency told two notices of known classes; they were taken in and one is classed wrongly."""
    made = copy_of(pattern_site)
    site.home.mkdir(exist_ok=True)
    site.agency.symlink_to(made.agency.home)
    rows = tmp_path / "rows.csv"
    with rows.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, ["expected", *(name for name in COLUMNS if name not in OWN)])
        writer.writeheader()
        for number, expected in ((1, "to_apply"), (2, "not_found"), (3, "to_apply")):
            told = {name: value for name, value in notice(number).items() if name not in OWN}
            writer.writerow(told | {"expected": expected})
    made.agency.run("send", "--municipality", MUNICIPALITY, "--rows", rows, "--at", f"{DAY}T22:00:00+09:00")
    take_in(made)
    classify(made, "to_apply", record_number=1)
    classify(made, "not_found")
    yield made
    made.agency.remove()
    made.end_agents()
    shutil.rmtree(made.home, ignore_errors=True)


class TestSummary:
    """What became of the agency's notices, its own truth beside our ledger."""

    def test_each_pair_of_expected_and_found_class_is_counted(self, ward: Site, site: Place) -> None:
        with ward.house(DAY) as house:
            found = agency_summary.pairs(site, house)
        assert found == [
            Pair("not_found", "not_found", 1),
            Pair("to_apply", "not_found", 1),
            Pair("to_apply", "to_apply", 1),
        ]
        assert [pair.good for pair in found] == [True, False, True]

    def test_a_notice_that_was_not_taken_in_has_no_class(self, ward: Site, site: Place) -> None:
        ward.agency.run("notices", "--municipality", MUNICIPALITY, "--date", "2019-03-29", "--scenario", "normal")
        with ward.house(DAY) as house:
            missing = [pair for pair in agency_summary.pairs(site, house) if pair.found == "-"]
        assert missing
        assert not any(pair.good for pair in missing)

    def test_a_day_tells_its_classes_in_both_languages(self, ward: Site) -> None:
        with ward.house(DAY) as house:
            (told,) = agency_summary.days(house)
            words = agency_summary.words(house, told)
        assert told == ToldDay(date(2019, 3, 28), 1, {"to_apply": 1, "not_found": 2})
        assert (words["serial"], words["count"]) == ("00000001", 3)
        assert (words["ja"], words["en"]) == ("反映待ち 1・該当者なし 2", "to apply 1, person not found 2")

    def test_a_weak_match_that_is_to_be_applied_is_seen(self, ward: Site) -> None:
        with ward.house(DAY) as house:
            assert agency_summary.weak_applied(house) == 0
            with house.ledger.transaction(actor="test") as tx:
                row = tx.session.query(AgencyNotice).filter_by(record_number=1).one()
                row.registry_number, row.rule, row.evidence = "0000000001", "current_card", ["weak_name_birth"]
                tx.trail("test.weakened", "notice")
            assert agency_summary.weak_applied(house) == 1


def test_it_is_done_when_every_day_is_receipted_and_every_file_of_the_agency_answered(site: Place, ward: Site) -> None:
    del site
    with ward.house(DAY) as house:
        assert not all_done(house)
    answer(ward)
    for day in DAYS:
        ward.tomorrow()
        ward.extract()
        ward.deliver(day.isoformat())
    with ward.house(DAY) as house:
        assert not all_done(house)
    previous = inbound(ward)[0].package_sha256
    outbox = Outbox(ward)
    for serial in range(2, len(DAYS) + 1):
        previous = sha256(outbox.send(serial, previous=previous))
    take_in(ward)
    with ward.house(DAY) as house:
        assert not all_done(house)
    answer(ward)
    with ward.house(DAY) as house:
        assert all_done(house)
