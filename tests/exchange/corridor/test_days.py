"""Business days in their order, held days, corrections before sealing (contract §6)."""

import csv
from datetime import date

import pytest

from renkei.corridor import steps
from renkei.errors import CorrectionDropsEvent, DayHeld, DayWaits
from renkei.ledger import verify
from renkei.ledger.states import DayState
from renkei.ledger.tables import Day, Notice, Trail
from tests.support.databases import on_both
from tests.support.lives import (
    FIRST,
    FOURTH,
    MOVED,
    NEWCOMER,
    ONE,
    OUTSIDE,
    SECOND,
    THIRD,
    THREE,
    TWO,
    enters,
    half_gone,
    lives,
    open_items,
    planned,
    quiet,
    release,
    taken_in_but_not_sealed,
)
from tests.support.registers import (
    differing,
    equations,
    notice_id,
    sent_records,
)
from tests.support.site import Site

pytestmark = on_both("site")


def test_a_day_waits_for_the_extract_of_the_day_before_and_says_so(site: Site) -> None:
    site.seal(FIRST)
    site.tomorrow().event(ONE, "move_within", **MOVED)
    late = site.builder
    site.tomorrow().event(TWO, "move_within", **MOVED)
    site.extract()
    with pytest.raises(DayWaits) as waits:
        site.seal(SECOND)
    assert waits.value.refs["earlier"] == date.fromisoformat(FIRST)
    assert FIRST in str(waits.value)
    assert late
    late.write(site.extracts)
    # Whoever settles the earlier day seals the requested ones behind it.
    assert site.seal(FIRST).serials == (1, 2)
    site.publish(SECOND)
    assert site.answered(SECOND).complete
    assert differing(site, SECOND) == set()


def test_days_asked_for_backwards_are_sealed_forwards(site: Site) -> None:
    for number in (ONE, TWO, THREE):
        site.tomorrow().event(number, "move_within", **MOVED)
        site.extract()
    for day in (THIRD, SECOND):
        with pytest.raises(DayWaits) as waits:
            site.seal(day)
        assert waits.value.refs["why"] == "DayNotRequested"
    sealing = site.seal(FIRST)
    assert [day.isoformat() for day in sealing.days] == [FIRST, SECOND, THIRD]
    site.publish(THIRD)
    assert site.answered(THIRD).complete
    assert [site.file(serial).business_date.isoformat() for serial in (1, 2, 3)] == [FIRST, SECOND, THIRD]
    assert differing(site, THIRD) == set()


def test_an_own_extract_that_is_not_there_yet_is_waited_for(site: Site) -> None:
    found = site.seal(FIRST)
    assert (found.sealed, found.waits_for_extract, found.serials) == (False, True, ())


def test_half_the_residents_gone_holds_the_day_until_a_person_releases_it(site: Site) -> None:
    day = half_gone(site)
    for _ in range(2):
        with pytest.raises(DayHeld):
            site.seal(day)
    assert open_items(site) == [("day", "half_gone")]
    assert site.rows(Notice) == []
    manifest = (site.extracts / day / "manifest.json").read_bytes()
    release(site, day, manifest)
    assert site.deliver(day).complete
    assert (open_items(site), site.file(1).records) == ([], 11)
    assert differing(site, day) == set()


def test_a_held_day_is_released_for_this_very_extract_only(site: Site) -> None:
    day = half_gone(site)
    with pytest.raises(DayHeld):
        site.seal(day)
    release(site, day, b"another manifest")
    with pytest.raises(DayHeld):
        site.seal(day)


def test_a_correction_that_comes_before_sealing_is_what_is_sealed(site: Site) -> None:
    day = half_gone(site)
    with pytest.raises(DayHeld):
        site.seal(day)
    assert site.builder
    right = site.builder.corrected()
    right.residents = {**right.residents}
    # The first said eleven deaths; a correction may only add, so it stays held, and no event is dropped.
    right.event(NEWCOMER, "move_in_from_abroad")
    site.extract(right)
    with pytest.raises(DayHeld):
        site.seal(day)
    release(site, day, (site.extracts / f"{day}.c1" / "manifest.json").read_bytes())
    assert site.deliver(day).complete
    assert site.file(1).records == 12
    assert differing(site, day) == set()


def test_a_correction_after_the_intake_adds_its_events(site: Site) -> None:
    day = taken_in_but_not_sealed(site)
    assert site.builder
    right = site.builder.corrected()
    right.event(TWO, "move_within", **MOVED)
    site.extract(right)
    assert site.deliver(day).complete
    assert {record[0] for record in sent_records(site, 1)} == {notice_id(ONE, 2), notice_id(TWO, 2)}
    told = equations(site, site.report(day).json)
    assert [told[name]["closes"] for name in ("registry", "notices", "agency")] == [True, True, True], told
    assert differing(site, day) == set()
    quiet(site)


def test_a_correction_that_drops_an_event_is_refused(site: Site) -> None:
    day = taken_in_but_not_sealed(site)
    assert site.builder
    wrong = site.builder.corrected()
    wrong.events.clear()
    site.extract(wrong)
    with pytest.raises(CorrectionDropsEvent):
        site.seal(day)


def test_the_ledger_verifies_after_all_kinds_of_days(site: Site) -> None:
    enters(site, name_kanji=OUTSIDE)
    lives(site)
    planned(site, on=FOURTH)
    site.tomorrow().event(NEWCOMER, "error_correction", name_kanji="高橋").change(TWO, birth_date="1990-01-02")
    lives(site)
    quiet(site)
    with site.house() as house:
        assert verify(house.ledger, house.settings) == []
    assert {row.state for row in site.rows(Day)} == {DayState.SEALED}
    assert list(site.settings.work_dir.iterdir()) == []


def test_no_registry_number_or_name_stands_in_the_trail(site: Site) -> None:
    enters(site, name_kanji=OUTSIDE)
    lives(site)
    with (site.extracts / FIRST / "events.csv").open(encoding="utf-8", newline="") as lines:
        (row,) = csv.DictReader(lines)
    told = "\n".join(f"{each.subject} {each.facts}" for each in site.rows(Trail))
    assert all(row[name] not in told for name in ("registry_number", "name_roman", "card_number", "address"))
    assert steps.days_of({"days": [FIRST]}) == {date.fromisoformat(FIRST)}
