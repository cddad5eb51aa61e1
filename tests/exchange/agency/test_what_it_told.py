"""What the agency told keeps: a ward's stale record does not set it back, any other value does (schemas/README.md)."""

import csv
from collections.abc import Callable
from typing import Any

import pytest

from tests.exchange.agency.hand import Draft, notice, resident_record
from tests.exchange.agency.told import AT, row
from tests.support.agency import Agency

Send = Callable[..., dict[str, Any]]
NEW = {"card_number": "EF00000000GH", "expiry_date": "2024-07-31"}
LOST = dict.fromkeys(("status_of_residence", "period_of_stay", "expiry_date", "card_number"), "")
OLD_CARD = "AB12345678CD"


class Life:
    """One person at the agency, told of by both sides in turn."""

    def __init__(self, agency: Agency, send: Send) -> None:
        self.agency, self._send, self._number = agency, send, 0
        self._previous: str | None = None
        self.ward_tells(action="entry", event_reason="domestic_move_in")

    def ward_tells(self, **fields: str) -> str:
        """Send one record of the person; returns its code."""
        self._number += 1
        number = str(self._number)
        given = {"history_number": number, "action": "correction", "event_reason": "move_within"} | fields
        one = resident_record(1, 1, **given) | {"notice_id": notice(self._number)}
        if given["action"] != "entry":
            one |= {"former_municipality_code": "", "former_address": ""}
        receipt = self._send(Draft(serial=self._number, a=[one], previous=self._previous))
        self._previous = receipt["package_sha256"]
        return str(receipt["records"][0]["code"])

    def agency_tells(self, **after: str) -> None:
        """Tell a renewal."""
        values = {name: value for name, value in self.now().items() if name in row()}
        self.agency.send_notices([row("renewal", values, **after)], at=AT)

    def now(self) -> dict[str, str]:
        """The person as the agency has it."""
        (found,) = csv.DictReader(self.agency.register().splitlines())
        return found


@pytest.fixture
def life(trusting: Agency, send: Send) -> Life:
    return Life(trusting, send)


def test_a_stale_record_does_not_set_an_item_back(life: Life) -> None:
    life.agency_tells(**NEW)
    assert life.ward_tells(address="東京都新宿区戸塚町一丁目2番3号") == "R00"
    now = life.now()
    assert (now["card_number"], now["expiry_date"]) == (NEW["card_number"], NEW["expiry_date"])
    assert now["address"] == "東京都新宿区戸塚町一丁目2番3号"


def test_any_other_value_does(life: Life) -> None:
    life.agency_tells(**NEW)
    assert life.ward_tells(card_number="ZZ00000009ZZ") == "R00"
    now = life.now()
    assert (now["card_number"], now["expiry_date"]) == ("ZZ00000009ZZ", NEW["expiry_date"])


def test_all_values_before_are_stale_not_only_the_last(life: Life) -> None:
    life.agency_tells(card_number="EF00000000GH")
    life.agency_tells(card_number="EF00000001GH")
    for card in (OLD_CARD, "EF00000000GH"):
        assert life.ward_tells(card_number=card) == "R00"
        assert life.now()["card_number"] == "EF00000001GH"


def test_once_the_ward_has_it_the_old_value_is_a_change_of_its_own(life: Life) -> None:
    life.agency_tells(expiry_date="2024-07-31")
    life.ward_tells(expiry_date="2024-07-31")
    life.ward_tells(expiry_date="2022-07-31")
    assert life.now()["expiry_date"] == "2022-07-31"


class TestLoss:
    """After a loss the ward may still write about the person until its clerk has entered it."""

    @pytest.fixture
    def ended(self, life: Life) -> Life:
        values = {name: value for name, value in life.now().items() if name in row()}
        life.agency.send_notices([row("status_loss", values, **LOST) | {"action": "loss"}], at=AT)
        assert life.now()["record_state"] == "deleted"
        return life

    def test_a_stale_correction_is_taken_in_and_revives_nobody(self, ended: Life) -> None:
        assert ended.ward_tells(address="東京都新宿区戸塚町一丁目2番3号") == "R00"
        now = ended.now()
        assert (now["record_state"], now["card_number"], now["status_of_residence"]) == ("deleted", "", "")
        assert now["address"] == "東京都新宿区戸塚町一丁目2番3号"

    def test_a_deletion_is_taken_in(self, ended: Life) -> None:
        gone = {"action": "deletion", "record_state": "deleted", "event_reason": "move_out_abroad"}
        assert ended.ward_tells(**gone, next_address="米国") == "R00"
        assert ended.now()["record_state"] == "deleted"
        assert ended.ward_tells() == "R32"

    def test_a_new_entry_enters_the_person_anew(self, ended: Life) -> None:
        assert ended.ward_tells(action="entry", event_reason="domestic_move_in") == "R00"
        now = ended.now()
        assert (now["record_state"], now["card_number"]) == ("living", OLD_CARD)
        ended.ward_tells(card_number="ZZ00000009ZZ")
        assert ended.now()["card_number"] == "ZZ00000009ZZ"


def test_a_record_that_the_ward_ended_is_no_loss_of_the_agencys(life: Life) -> None:
    gone = {"action": "deletion", "record_state": "deleted", "event_reason": "move_out_abroad"}
    assert life.ward_tells(**gone, next_address="米国") == "R00"
    assert life.ward_tells() == "R32"
