"""What makes the agency refuse a record, with its code and the items concerned; the others of the file are taken in."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.exchange.agency.hand import Draft, Row, certificate, notice, reference, residence_report, resident_record
from tests.support.agency import Agency

Send = Callable[..., dict[str, Any]]
A, B, C = resident_record, residence_report, certificate
GONE = {"action": "deletion", "record_state": "deleted", "event_reason": "domestic_move_out"}
MOVED = {"action": "correction", "event_reason": "move_within"}
UNDONE = {"action": "cancellation", "event_reason": "cancellation_increase"}
SPR = {"resident_category": "special_permanent", "status_of_residence": "", "period_of_stay": "", "expiry_date": ""}
# 12 and 11 digits that check as 個人番号 and 住民票コード
MY_NUMBER, RESIDENT_CODE = "123456789018", "12345678903"

CONTENT: list[tuple[str, Callable[..., Row], dict[str, str], str, list[str]]] = [
    # what, family, what is spoilt, code, items
    ("in order", A, {}, "R00", []),
    ("sex", A, {"sex": "4"}, "R10", ["sex"]),
    ("nationality", A, {"nationality": "XYZ"}, "R10", ["nationality"]),
    ("status", A, {"status_of_residence": "外交"}, "R10", ["status_of_residence"]),
    ("period", A, {"period_of_stay": "5年"}, "R10", ["period_of_stay"]),
    ("card number", A, {"card_number": "AB1234567CD"}, "R10", ["card_number"]),
    ("expiry outside the calendar", A, {"expiry_date": "2019-02-29"}, "R10", ["expiry_date"]),
    ("check digit of a municipality", A, {"former_municipality_code": "131149"}, "R10", ["former_municipality_code"]),
    ("a reason unknown", A, {"event_reason": "reason"}, "R10", ["event_reason"]),
    (
        "a reason never notified",
        A,
        {"event_reason": "household_split", "action": "correction"},
        "R10",
        ["event_reason"],
    ),
    ("an action not of the reason", A, {"action": "correction"}, "R10", ["action"]),
    ("a state not of the action", A, {"record_state": "deleted"}, "R10", ["record_state"]),
    ("another article", A, {"article": "入管法19条の9"}, "R10", ["article"]),
    ("another law", A, {"legal_class": "resident"}, "R10", ["legal_class"]),
    ("relay for notice", A, {"transmission": "relay"}, "R10", ["transmission"]),
    ("event date outside the calendar", A, {"event_date": "2019-02-29"}, "R10", ["event_date"]),
    ("event date in the future", A, {"event_date": "2019-03-29"}, "R10", ["event_date"]),
    ("a later business date", A, {"business_date": "2019-03-29"}, "R10", ["business_date"]),
    ("a history number from 1", A, {"history_number": "0"}, "R10", ["history_number"]),
    ("an address too long", A, {"address": "新" * 201}, "R10", ["address"]),
    ("no name", A, {"name_roman": ""}, "R11", ["name_roman", "name_kanji"]),
    ("no birth date", A, {"birth_date": ""}, "R11", ["birth_date", "birth_date_wording"]),
    ("no address", A, {"address": ""}, "R11", ["address"]),
    ("no expiry", A, {"expiry_date": ""}, "R11", ["expiry_date"]),
    (
        "no expiry, permanent resident",
        A,
        {"expiry_date": "", "status_of_residence": "永住者", "period_of_stay": "0000"},
        "R00",
        [],
    ),
    ("no card number", A, {"card_number": ""}, "R00", []),
    ("kept without double registration", A, {"kept": reference(99)}, "R12", ["kept"]),
    ("cancels without cancellation", A, {"cancels": notice(99)}, "R12", ["cancels"]),
    (
        "status of a special permanent resident",
        A,
        SPR | {"status_of_residence": "永住者"},
        "R12",
        ["status_of_residence"],
    ),
    (
        "provisional stay without its date",
        A,
        SPR | {"resident_category": "provisional_stay", "card_number": ""},
        "R11",
        ["provisional_stay_expiry"],
    ),
    ("個人番号 in an address", A, {"address": f"東京都新宿区 {MY_NUMBER}"}, "R12", ["address"]),
    (
        "住民票コード in full width",
        A,
        {"former_address": "東京都" + "".join(chr(ord(d) + 0xFEE0) for d in RESIDENT_CODE)},
        "R12",
        ["former_address"],
    ),
    ("twelve digits that do not check", A, {"address": "東京都新宿区 123456789017"}, "R00", []),
    ("髙", A, {"name_kanji": "髙木"}, "R13", ["name_kanji"]),
    ("𠮷", A, {"name_kanji": "𠮷田"}, "R13", ["name_kanji"]),
    ("陈", A, {"name_kanji": "陈"}, "R13", ["name_kanji"]),
    ("刘吴堃", A, {"name_kanji": "刘吴堃"}, "R00", []),
    ("塚, which NFC would change", A, {"name_kanji": "\ufa10"}, "R00", []),
    ("an IVS selector", A, {"name_kanji": "辻\U000e0100"}, "R13", ["name_kanji"]),
    ("a private character", A, {"address": "東京都\ue000"}, "R13", ["address"]),
    ("a lost character", A, {"name_kanji": "〓"}, "R13", ["name_kanji"]),
    ("a question mark", A, {"name_roman": "NGUYEN V?N"}, "R13", ["name_roman"]),
    ("birth date outside the calendar", A, {"birth_date": "1957-02-29"}, "R00", []),
    ("birth date unknown", A, {"birth_date": "", "birth_date_wording": "昭和20年 月日不詳"}, "R00", []),
    (
        "event date unknown where the standard has none",
        A,
        {"event_date": "", "event_date_wording": "年月日不詳"},
        "R10",
        ["event_date_wording"],
    ),
    (
        "event date unknown, birth",
        A,
        {"event_date": "", "event_date_wording": "年月日不詳", "event_reason": "birth"},
        "R00",
        [],
    ),
    ("double registration without the one kept", A, GONE | {"event_reason": "double_registration"}, "R11", ["kept"]),
    ("cancellation that names nothing", A, UNDONE, "R11", ["cancelled_reason", "cancelled_event_date"]),
    ("report: another article", B, {"person_reference": "", "article": "入管法19条の9"} | SPR, "R10", ["article"]),
    ("report: nobody", B, {"person_reference": ""}, "R11", ["person_reference"]),
    (
        "report: after the day",
        B,
        {"person_reference": "", "report_date": "2019-03-29", "article": "特例法10条2項"} | SPR,
        "R10",
        ["report_date"],
    ),
    ("certificate: article", C, {"article": "特例法10条2項"}, "R10", ["article"]),
    ("certificate: number", C, {"certificate_number": ""}, "R11", ["certificate_number"]),
    ("certificate: in order", C, {}, "R00", []),
]


def test_content(send: Send) -> None:
    """One file with one record of a different person for each case."""
    rows = [
        build(number, **({} if build is C else {"person_reference": reference(number)}) | fields)
        for number, (_, build, fields, _, _) in enumerate(CONTENT, 1)
    ]
    families: dict[Any, list[Row]] = {A: [], B: [], C: []}
    for row, case in zip(rows, CONTENT, strict=True):
        families[case[1]].append(row)
    receipt = send(Draft(a=families[A], b=families[B], c=families[C]))
    told = {
        case[0]: (record["code"], record["items"]) for record, case in zip(receipt["records"], CONTENT, strict=True)
    }
    assert told == {what: (code, items) for what, _, _, code, items in CONTENT}
    assert (receipt["outcome"], receipt["code"]) == ("partly", "F01")


def codes(receipt: dict[str, Any]) -> list[str]:
    return [record["code"] for record in receipt["records"]]


class TestRegister:
    def test_an_entry_for_a_living_record(self, send: Send) -> None:
        rows = [A(1), A(2, history_number="2")]
        assert codes(send(Draft(a=rows))) == ["R00", "R31"]

    def test_nobody_known(self, send: Send) -> None:
        receipt = send(Draft(a=[A(1, 1, **GONE), A(2, 2, **MOVED)], b=[B(3, 3)], c=[C(4, 4)]))
        assert codes(receipt) == ["R30"] * 4
        assert (receipt["outcome"], receipt["code"]) == ("refused", "F01")

    def test_no_living_record(self, send: Send, trusting: Agency) -> None:
        rows = [A(1), A(2, history_number="2", **GONE), A(3, history_number="3", **MOVED)]
        assert codes(send(Draft(a=rows))) == ["R00", "R00", "R32"]
        assert ",deleted," in trusting.register()

    def test_three_moves_on_one_day(self, send: Send) -> None:
        rows = [A(1), A(2, history_number="2", **MOVED), A(3, history_number="3", **GONE)]
        receipt = send(Draft(a=rows))
        assert (receipt["code"], codes(receipt)) == ("F00", ["R00"] * 3)
        assert receipt["register_totals"] == {"residents": 0, "by_category": {}, "by_status": {}}

    def test_what_follows_a_refused_record_of_the_person(self, send: Send) -> None:
        rows = [A(1, sex="9"), A(2, history_number="2", **MOVED), A(4, 2)]
        receipt = send(Draft(a=rows, b=[B(3)]))
        assert codes(receipt) == ["R10", "R40", "R40", "R00"]

    def test_double_registration(self, send: Send) -> None:
        double = {"action": "deletion", "record_state": "deleted", "event_reason": "double_registration"}
        rows = [
            A(1, 1), A(2, 2), A(3, 3), A(4, 4),
            A(5, 1, history_number="2", kept=reference(2), **double),
            A(6, 3, history_number="2", kept=reference(1), **double),
            A(7, 4, history_number="2", kept=reference(4), **double),
        ]  # fmt: skip
        receipt = send(Draft(a=rows))
        assert codes(receipt)[4:] == ["R00", "R34", "R34"]
        assert receipt["records"][5]["items"] == ["kept"]


class TestCancellation:
    def test_the_original_is_named(self, send: Send, trusting: Agency) -> None:
        rows = [A(1), A(2, history_number="2", **GONE), A(3, history_number="3", cancels=notice(2), **UNDONE)]
        assert codes(send(Draft(a=rows))) == ["R00"] * 3
        assert ",living," in trusting.register()

    def test_an_unknown_original(self, send: Send) -> None:
        rows = [A(1), A(2, history_number="2", **GONE), A(3, history_number="3", cancels=notice(9), **UNDONE)]
        assert codes(send(Draft(a=rows))) == ["R00", "R00", "R33"]

    def test_somebody_elses_original(self, send: Send) -> None:
        gone = A(3, 2, history_number="2", **GONE)
        rows = [A(1, 1), A(2, 2), gone, A(4, 1, history_number="2", cancels=notice(3), **UNDONE)]
        assert codes(send(Draft(a=rows)))[-1] == "R33"

    def test_cancelled_once(self, send: Send) -> None:
        undone = {**UNDONE, "cancels": notice(2)}
        rows = [A(1), A(2, history_number="2", **GONE), A(3, history_number="3", **undone)]
        again = A(4, history_number="4", **undone)
        assert codes(send(Draft(a=[*rows, again])))[-1] == "R33"

    def test_an_original_older_than_the_ledger(self, send: Send, trusting: Agency) -> None:
        """Somebody deleted before the seeding comes back: reason and date are believed."""
        told = {"cancelled_reason": "domestic_move_out", "cancelled_event_date": "2019-03-20"}
        assert codes(send(Draft(a=[A(1, history_number="7", **UNDONE, **told)]))) == ["R00"]
        assert ",living," in trusting.register()


class TestIdentity:
    @pytest.fixture
    def then(self, send: Send) -> Send:
        """Send a second file behind a first one."""

        def sending(first: list[Row], second: list[Row]) -> dict[str, Any]:
            before = send(Draft(a=first))
            return send(Draft(serial=2, a=second, previous=before["package_sha256"]))

        return sending

    def test_a_notice_accepted_before_is_refused_naming_the_first(self, then: Send) -> None:
        receipt = then([A(1, 2, notice_id=notice(8)), A(2)], [A(1, notice_id=notice(2), attempt="2")])
        assert codes(receipt) == ["R20"]
        assert receipt["records"][0]["first"] == {"serial": 1, "record": 2}

    def test_a_refused_notice_goes_again_with_the_next_attempt(self, then: Send) -> None:
        assert codes(then([A(1, sex="9")], [A(1, attempt="2")])) == ["R00"]

    def test_an_attempt_that_does_not_advance(self, then: Send) -> None:
        receipt = then([A(1, sex="9")], [A(1, attempt="1")])
        assert (codes(receipt), receipt["records"][0]["items"]) == (["R21"], ["attempt"])

    def test_an_older_notice_is_kept_but_overwrites_nothing(self, then: Send, trusting: Agency) -> None:
        newer = A(2, history_number="3", **MOVED, address="新しい住所")
        older = A(1, notice_id=notice(7), history_number="2", **MOVED, address="古い住所")
        assert codes(then([A(1), newer], [older])) == ["R00"]
        register = trusting.register()
        assert "新しい住所" in register
        assert "古い住所" not in register
        assert sum(entry["number"] for entry in trusting.status()["notices"]) == 3

    def test_a_planned_move_out_whose_day_comes_bears_the_number_of_the_register(
        self, send: Send, trusting: Agency
    ) -> None:
        """A seeded row may already bear the planned event's history number; then the notice still applies."""
        assert codes(send(Draft(a=[A(1, history_number="4"), A(2, history_number="4", **GONE)]))) == ["R00", "R00"]
        assert ",deleted," in trusting.register()
