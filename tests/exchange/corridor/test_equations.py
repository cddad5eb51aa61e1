"""The notices' equation of a day that was taken in, and what then comes before its sealing (contract §11)."""

from datetime import date
from typing import Any

import pytest

from renkei.corridor import deciding, matters, persons
from renkei.corridor.supplements import supplement_of
from renkei.errors import DayHeld, LedgerUnavailable
from renkei.ledger.tables import Decision, Notice, OpenItem
from tests.support.databases import on_both
from tests.support.deciding import decide
from tests.support.extracts import cut_off
from tests.support.lives import (
    FIRST,
    FOURTH,
    MOVED,
    NEWCOMER,
    ONE,
    SECOND,
    THREE,
    TWO,
    half_gone,
    lives,
    open_items,
    quiet,
    release,
    state,
    taken_in,
)
from tests.support.registers import differing, equations
from tests.support.site import Site

pytestmark = on_both("site")


def closing(site: Site, day: str) -> dict[str, Any]:
    """Deliver the day that was taken in, and return its equation of notices, which closes."""
    assert site.deliver(day).complete
    told = equations(site, site.report(day).json)
    assert [told[name]["closes"] for name in ("registry", "notices", "agency")] == [True, True, True], told
    found: dict[str, Any] = told["notices"]
    return found


def sent_but_unanswered(site: Site) -> None:
    """An entry and what follows it are sealed and sent; nobody has looked for the receipt yet."""
    site.tomorrow().event(NEWCOMER, "move_in_from_abroad").event(NEWCOMER, "move_within", **MOVED)
    site.extract()
    site.seal(FIRST)
    site.publish(FIRST)


def test_a_refusal_that_comes_between_intake_and_sealing_counts_as_waiting(site: Site) -> None:
    site.agency.fault("refuse-records", code="R10", items="sex", records="1")
    sent_but_unanswered(site)
    site.tomorrow().event(ONE, "move_within", **MOVED)
    day = taken_in(site)
    assert site.answered(FIRST).complete
    told = closing(site, day)
    assert (told["waiting"], told["derived"], told["sealed"], told["held"], told["behind"]) == (2, 1, 1, 1, 1)
    quiet(site)


def test_a_file_refused_whole_between_intake_and_sealing_counts_as_waiting(site: Site) -> None:
    site.agency.fault("refuse-file", code="F21")
    sent_but_unanswered(site)
    site.tomorrow().event(ONE, "move_within", **MOVED)
    day = taken_in(site)
    assert site.answered(FIRST).complete
    told = closing(site, day)
    assert (told["waiting"], told["derived"], told["sealed"]) == (2, 1, 3)
    assert differing(site, day) == set()


def held_move_out(site: Site, on: str) -> OpenItem:
    """A move-out to come is held for an impossible date; a quiet day is then taken in."""
    site.tomorrow().event(ONE, "domestic_move_out", event_date=on, expiry_date="2021-02-30", next_address="大阪市北区1")
    lives(site)
    (item,) = [each for each in site.rows(OpenItem, state="open") if each.notice_id]
    return item


def test_a_release_between_intake_and_sealing_back_to_a_day_to_come(site: Site) -> None:
    item = held_move_out(site, FOURTH)
    site.tomorrow().event(TWO, "move_within", **MOVED)
    day = taken_in(site)
    decide(site, matters.Release(item.id), day=SECOND)
    assert state(site, ONE, 2)[0] == "planned"
    told = closing(site, day)
    assert (told["waiting"], told["derived"], told["sealed"], told["held"]) == (0, 1, 1, 0)


def test_a_release_between_intake_and_sealing_on_its_very_day_goes_with_it(site: Site) -> None:
    item = held_move_out(site, SECOND)
    site.tomorrow()
    day = taken_in(site)
    decide(site, matters.Release(item.id), day=SECOND)
    told = closing(site, day)
    assert (told["waiting"], told["sealed"], told["held"]) == (1, 1, 0)


def test_a_closing_between_intake_and_sealing_is_never_told(site: Site) -> None:
    item = held_move_out(site, FOURTH)
    site.tomorrow()
    day = taken_in(site)
    decide(site, matters.Close(item.id), day=SECOND)
    told = closing(site, day)
    assert (told["waiting"], told["never_told"], told["held"]) == (1, 1, 0)


def test_a_supplement_between_intake_and_sealing_counts_as_derived(site: Site) -> None:
    quiet(site)
    assert site.builder
    corrected = site.builder.corrected().event(ONE, "move_within", **MOVED).event(THREE, "household_change")
    site.builder = corrected.next_day()
    site.builder.previous_cut_off = cut_off(FIRST)
    assert taken_in(site) == SECOND
    corrected.write(site.extracts)
    with site.house(SECOND) as house:
        asked = deciding.decide(
            house, supplement_of(house, date.fromisoformat(FIRST)), asker="sato", reason="forgotten"
        )
        assert deciding.approve(house, asked.decision, approver="suzuki").done
    assert site.deliver(SECOND).complete
    told = equations(site, site.report(SECOND).json)["notices"]
    assert (told["derived"], told["sealed"], told["silent"], told["closes"]) == (2, 1, 1, True)


def test_a_held_days_release_is_spent_with_its_intake_and_not_before(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = half_gone(site)
    with pytest.raises(DayHeld):
        site.seal(day)
    release(site, day, (site.extracts / day / "manifest.json").read_bytes())
    with monkeypatch.context() as patched:
        # The ledger fails after the decision was spent and before the intake's commit.
        def fails(*_: object) -> None:
            raise LedgerUnavailable(reason="disk full")

        patched.setattr(persons, "settle_proof", fails)
        with pytest.raises(LedgerUnavailable):
            site.seal(day)
    (decision,) = [each for each in site.rows(Decision) if each.kind == "release_day"]
    assert decision.used_at is None
    assert open_items(site) == [("day", "half_gone")]
    assert site.rows(Notice) == []
    assert site.deliver(day).complete
    assert open_items(site) == []
    assert site.rows(Decision, id=decision.id)[0].used_at is not None
