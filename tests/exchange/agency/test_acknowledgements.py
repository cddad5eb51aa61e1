"""The ward's answers in `acks/`: verified, held against the file, one final class for each notice; or a named fault."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.exchange.agency import told
from tests.exchange.agency.told import ack, lay, row
from tests.support.agency import Agency, Ward, make_ward

Change = Callable[[Any], object]


@pytest.fixture
def told_two(trusting: Agency) -> Agency:
    """An agency that has told two notices in serial 1."""
    trusting.send_notices([row(), row("item_correction", sex="2")], at=told.AT)
    return trusting


def states(agency: Agency) -> list[tuple[int, str, str]]:
    agency.process()
    return [(one["answer"], one["code"], one["fault"]) for one in agency.status()["acks"]]


def found(agency: Agency) -> list[tuple[int, str, int, bool]]:
    return [(one["record"], one["class"], one["answer"], one["final"]) for one in agency.answered()]


class TestGood:
    def test_a_first_answer_tells_every_class(self, told_two: Agency, ward: Ward) -> None:
        lay(told_two, ward, ack(told_two, 1))
        assert states(told_two) == [(1, "A00", "")]
        assert found(told_two) == [(1, "already_so", 1, True), (2, "already_so", 1, True)]
        assert [one["notice_id"] for one in told_two.answered()] == [one["notice_id"] for one in told_two.truth()]

    def test_what_waits_is_told_by_a_later_answer(self, told_two: Agency, ward: Ward) -> None:
        first, second = told_two.truth()
        waits = [told.told(first, "conflict", "sex"), told.told(second, "waits_for_us")]
        lay(told_two, ward, ack(told_two, 1, outcome="pending", code="A01", records=waits))
        assert states(told_two) == [(1, "A01", "")]
        assert found(told_two) == [(1, "conflict", 1, True), (2, "waits_for_us", 1, False)]
        lay(told_two, ward, ack(told_two, 1, 2, records=[told.told(second, "moved_away")]))
        assert states(told_two) == [(1, "A01", ""), (2, "A00", "")]
        assert found(told_two) == [(1, "conflict", 1, True), (2, "moved_away", 2, True)]

    def test_an_answer_waits_for_the_one_before_it(self, told_two: Agency, ward: Ward) -> None:
        first, second = told_two.truth()
        waits = [told.told(first, "to_apply"), told.told(second, "waits_for_us")]
        lay(told_two, ward, ack(told_two, 1, 2, records=[told.told(second, "moved_away")]))
        assert states(told_two) == []
        assert [one["name"] for one in told_two.status()["acks_waiting"]] == ["131041-00000001.2.ack.json.pgp"]
        lay(told_two, ward, ack(told_two, 1, outcome="pending", code="A01", records=waits))
        assert states(told_two) == [(1, "A01", ""), (2, "A00", "")]
        assert told_two.status()["acks_waiting"] == []

    def test_a_refusal_has_no_records(self, told_two: Agency, ward: Ward) -> None:
        lay(told_two, ward, ack(told_two, 1, outcome="refused", code="A21", package_sha256=None, records=[]))
        assert states(told_two) == [(1, "A21", "")]
        assert found(told_two) == []

    def test_a_duplicate_tells_when_the_file_was_first_seen(self, told_two: Agency, ward: Ward) -> None:
        lay(told_two, ward, ack(told_two, 1))
        seen = {"outcome": "duplicate", "code": "A30", "first_seen": "2019-03-28T22:30:00+09:00", "records": []}
        lay(told_two, ward, ack(told_two, 1, 2, **seen))
        assert states(told_two) == [(1, "A00", ""), (2, "A30", "")]

    def test_a_package_sealed_anew_may_be_named_by_either_sealing(self, told_two: Agency, ward: Ward) -> None:
        first = ack(told_two, 1)
        told_two.hostile("sealed-anew")
        again = ack(told_two, 1, 2)
        assert again["sealed_sha256"] != first["sealed_sha256"]
        lay(told_two, ward, first)
        seen = {"outcome": "duplicate", "code": "A30", "first_seen": "2019-03-28T22:30:00+09:00", "records": []}
        lay(told_two, ward, again | seen)
        assert states(told_two) == [(1, "A00", ""), (2, "A30", "")]

    def test_a_file_without_notices_is_answered_too(self, trusting: Agency, ward: Ward) -> None:
        trusting.send_notices(at=told.AT)
        lay(trusting, ward, ack(trusting, 1))
        assert states(trusting) == [(1, "A00", "")]

    def test_it_is_read_once(self, told_two: Agency, ward: Ward) -> None:
        lay(told_two, ward, ack(told_two, 1))
        assert states(told_two) == states(told_two)
        assert list((told_two.home / "quarantine").iterdir()) == []


def records(change: Change) -> Change:
    return lambda content: change(content["records"])


WRONG: dict[str, tuple[Change, str]] = {
    "another layout": (lambda c: c.update(layout_version="2"), "does not fit the schema at $.layout_version"),
    "a member more": (lambda c: c.update(more=1), "additionalProperties"),
    "a member less": (lambda c: c.pop("first_seen"), "required"),
    "no instant": (lambda c: c.update(received_at="2019-03-28"), "$.received_at: format"),
    "code and outcome": (lambda c: c.update(code="A01"), "code A01 does not mean accepted"),
    "another municipality": (lambda c: c.update(municipality="131059"), "not that of the name"),
    "another serial": (lambda c: c.update(serial=2), "not that of the name"),
    "another answer": (lambda c: c.update(answer=2), "not that of the name"),
    "another counterparty": (lambda c: c.update(counterparty="isa"), "another counterparty than it names"),
    "sealed digest": (lambda c: c.update(sealed_sha256="0" * 64), "sealed_sha256 is of no file"),
    "package digest": (lambda c: c.update(package_sha256="0" * 64), "package_sha256 is not that"),
    "no package digest": (lambda c: c.update(package_sha256=None), "package_sha256 is not that"),
    "first seen": (lambda c: c.update(first_seen=c["received_at"]), "first_seen belongs to a duplicate"),
    "refused with records": (lambda c: c.update(outcome="refused", code="A20"), "refused, and yet records"),
    "duplicate first": (
        lambda c: c.update(outcome="duplicate", code="A30", first_seen=c["received_at"], records=[]),
        "a duplicate never",
    ),
    "pending without one": (lambda c: c.update(outcome="pending", code="A01"), "pending, and 0 records"),
    "accepted with one": (records(lambda r: r[0].update({"class": "waits_for_us"})), "accepted, and 1 records"),
    "a record less": (records(lambda r: r.pop()), "every record in order"),
    "another order": (records(lambda r: r.reverse()), "every record in order"),
    "twice": (records(lambda r: r.append(r[0])), "every record in order"),
    "another notice": (records(lambda r: r[1].update(notice_id="0" * 32)), "record 2: another notice_id"),
    "no class": (records(lambda r: r[1].update({"class": "whim"})), "record 2: no class"),
    "no column": (records(lambda r: r[1].update(items=["colour"])), "record 2: items"),
}


class TestWrong:
    @pytest.mark.parametrize("case", WRONG)
    def test_it_is_told_as_a_fault_and_counts_nothing(self, told_two: Agency, ward: Ward, case: str) -> None:
        change, fault = WRONG[case]
        content = ack(told_two, 1)
        change(content)
        lay(told_two, ward, content, name="131041-00000001.ack.json.pgp")
        ((_, _, said),) = states(told_two)
        assert fault in said
        assert found(told_two) == []

    @pytest.mark.parametrize(
        "spoil", [lambda text: text.replace(b"  ", b" "), lambda text: text[:-1], lambda _t: b"\xff"]
    )
    def test_another_form_of_json(self, told_two: Agency, ward: Ward, spoil: Callable[[bytes], bytes]) -> None:
        text = spoil(told.written(ack(told_two, 1)))
        lay(told_two, ward, text, name="131041-00000001.ack.json.pgp")
        ((_, _, said),) = states(told_two)
        assert said

    def test_unsigned(self, told_two: Agency, ward: Ward) -> None:
        lay(told_two, ward, ack(told_two, 1), options=("--unsigned",))
        ((_, _, said),) = states(told_two)
        assert said == "not exactly one signature"

    def test_signed_by_a_stranger(self, told_two: Agency) -> None:
        stranger = make_ward("stranger")
        try:
            lay(told_two, stranger, ack(told_two, 1))
        finally:
            stranger.remove()
        ((_, _, said),) = states(told_two)
        assert "signature" in said

    def test_a_file_that_was_never_made(self, told_two: Agency, ward: Ward) -> None:
        lay(told_two, ward, ack(told_two, 1) | {"serial": 2})
        assert states(told_two) == [(1, "", "the agency has made no file with this serial")]

    def test_a_second_final_class(self, told_two: Agency, ward: Ward) -> None:
        first, second = told_two.truth()
        lay(told_two, ward, ack(told_two, 1))
        lay(told_two, ward, ack(told_two, 1, 2, records=[told.told(first, "conflict")]))
        assert states(told_two)[1][2] == "record 1: it had its final class"
        assert found(told_two)[0] == (1, "already_so", 1, True)
        assert second["record"] == 2

    def test_a_later_answer_with_a_class_that_is_not_final(self, told_two: Agency, ward: Ward) -> None:
        first, second = told_two.truth()
        waits = [told.told(one, "waits_for_us") for one in (first, second)]
        lay(told_two, ward, ack(told_two, 1, outcome="pending", code="A01", records=waits))
        later = {"outcome": "pending", "code": "A01", "records": waits[:1]}
        lay(told_two, ward, ack(told_two, 1, 2, **later))
        assert states(told_two)[1][2] == "record 1: a later answer with a class that is not final"

    def test_other_bytes_under_a_name_that_was_read(self, told_two: Agency, ward: Ward) -> None:
        lay(told_two, ward, ack(told_two, 1))
        states(told_two)
        lay(told_two, ward, ack(told_two, 1, received_at="2019-03-28T23:10:00+09:00"))
        assert sorted(said for _, _, said in states(told_two)) == ["", "another answer came under this number before"]

    def test_names_that_nobody_agreed_on_are_passed_over(self, told_two: Agency, ward: Ward) -> None:
        for name in ("131041-00000001.1.ack.json.pgp", "131041-1.ack.json.pgp", "131059-00000001.ack.json.pgp"):
            lay(told_two, ward, ack(told_two, 1), name=name)
        told_two.folder("moj", "acks").joinpath("131041-00000001.ack.json.pgp").symlink_to(told_two.home / "site.json")
        assert states(told_two) == []
