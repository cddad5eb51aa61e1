"""The order in which the agency takes notices in (contract §3): per person, and never out of turn."""

import random
from dataclasses import dataclass
from datetime import date

from renkei.notices import in_order
from tests.support.notices import Derive, before, event

FIRST, SECOND = date(2019, 4, 1), date(2019, 4, 2)


@dataclass(frozen=True)
class Waiting:
    """A notice as the ledger keeps it, as far as its order goes."""

    due_date: date
    person_reference: str
    history_number: int | None
    family: str
    own_number: str | None = None


def shuffled(notices: list[Waiting]) -> list[Waiting]:
    return random.Random(7).sample(notices, len(notices))


def test_by_due_day_then_person_then_history_number_then_family() -> None:
    expected = [
        Waiting(FIRST, "k1-b", 9, "resident_records"),
        Waiting(SECOND, "k1-a", 2, "resident_records"),
        Waiting(SECOND, "k1-a", 2, "residence_reports"),
        Waiting(SECOND, "k1-a", 10, "resident_records"),
        Waiting(SECOND, "k1-a", None, "certificates", "0000000003"),
        Waiting(SECOND, "k1-b", 1, "resident_records"),
    ]
    assert in_order(shuffled(expected)) == expected


def test_who_has_no_reference_stands_under_the_notices_own_number() -> None:
    expected = [
        Waiting(FIRST, "", None, "certificates", "0000000001"),
        Waiting(FIRST, "", None, "residence_reports", "0000000002"),
        Waiting(FIRST, "k1-a", 1, "resident_records"),
    ]
    assert in_order(shuffled(expected)) == expected


def test_moving_in_within_and_out_on_one_day_makes_three_notices_in_order(derived: Derive) -> None:
    moved = "東京都新宿区百人町9番"
    events = [
        (event("domestic_move_in", history_number="1"), None),
        (event("move_within", history_number="2", address=moved), before()),
        (
            event("domestic_move_out", history_number="3", address=moved, record_state="deleted"),
            before(address=moved),
        ),
    ]
    notices = [notice for found, row in events for notice in derived(found, row)]
    random.Random(3).shuffle(notices)
    assert [notice.event_reason for notice in in_order(notices)] == [
        "domestic_move_in",
        "move_within",
        "domestic_move_out",
    ]


def test_an_event_and_its_cancellation_on_one_day_both_go(derived: Derive) -> None:
    (entry,) = derived(event("domestic_move_in", history_number="1"))
    (undone,) = derived(
        event("cancellation_decrease", history_number="2", cancels_history_number="1", record_state="deleted"),
        before(),
    )
    assert in_order([undone, entry]) == [entry, undone]
    assert undone.cancels == entry.notice_id
