"""What a person decides: with a reason, on what was seen, by two persons where set, once."""

import json

import pytest
from sqlalchemy import select

from renkei.errors import (
    DecisionMissing,
    DecisionOfAnotherRequest,
    DecisionUsed,
    ReasonForbidden,
    ReasonMissing,
    SecondPersonNeeded,
)
from renkei.ledger import Ledger, decisions
from renkei.ledger.states import DecisionKind
from renkei.ledger.tables import Decision, Trail
from renkei.settings import Settings

SEEN, OTHER = "a" * 64, "b" * 64
SUBJECT = "00000003"
FOUR_EYES = frozenset({"resend"})


def ask(ledger: Ledger, digest: str = SEEN, reason: str = "回線障害のため") -> int:
    with ledger.transaction() as tx:
        row = decisions.ask(tx, DecisionKind.RESEND, SUBJECT, digest=digest, asker="clerk", reason=reason)
        return row.id


def approve(ledger: Ledger, number: int, approver: str, digest: str = SEEN) -> None:
    with ledger.transaction() as tx:
        decisions.approve(tx, number, approver=approver, digest=digest)


def use(ledger: Ledger, digest: str = SEEN, four_eyes: frozenset[str] = FOUR_EYES) -> int:
    with ledger.transaction() as tx:
        return decisions.use(tx, DecisionKind.RESEND, SUBJECT, digest=digest, four_eyes=four_eyes).id


class TestFourEyes:
    """One function for whoever asks, and for every kind: page, form and command line end here."""

    @pytest.mark.parametrize("kind", DecisionKind)
    @pytest.mark.parametrize("approver", ["clerk", " Clerk", "ｃｌｅｒｋ", "", "  "])
    def test_no_kind_is_approved_by_the_asker_or_by_nobody(
        self, ledger: Ledger, kind: DecisionKind, approver: str
    ) -> None:
        with ledger.transaction() as tx:
            row = decisions.ask(tx, kind, SUBJECT, digest=SEEN, asker="clerk", reason="checked")
        with pytest.raises(SecondPersonNeeded), ledger.transaction() as tx:
            decisions.approve(tx, row.id, approver=approver, digest=SEEN)
        with pytest.raises(SecondPersonNeeded), ledger.transaction() as tx:
            decisions.use(tx, kind, SUBJECT, digest=SEEN, four_eyes={kind})

    @pytest.mark.parametrize("kind", DecisionKind)
    def test_every_kind_is_bound_to_its_contents_and_used_once(self, ledger: Ledger, kind: DecisionKind) -> None:
        with ledger.transaction() as tx:
            row = decisions.ask(tx, kind, SUBJECT, digest=SEEN, asker="clerk", reason="checked")
            decisions.approve(tx, row.id, approver="chief", digest=SEEN)
        with pytest.raises(DecisionOfAnotherRequest), ledger.transaction() as tx:
            decisions.use(tx, kind, SUBJECT, digest=OTHER, four_eyes={kind})
        with ledger.transaction() as tx:
            assert decisions.use(tx, kind, SUBJECT, digest=SEEN, four_eyes={kind}).id == row.id
        with pytest.raises(DecisionUsed), ledger.transaction() as tx:
            decisions.use(tx, kind, SUBJECT, digest=SEEN, four_eyes={kind})
        with pytest.raises(DecisionUsed), ledger.transaction() as tx:
            decisions.approve(tx, row.id, approver="chief", digest=SEEN)

    def test_a_name_written_into_the_row_is_not_enough(self, ledger: Ledger) -> None:
        number = ask(ledger)
        with ledger.transaction() as tx:
            tx.session.get_one(Decision, number).approver = "CLERK"
            tx.trail("test.changed", SUBJECT)
        with pytest.raises(SecondPersonNeeded):
            use(ledger)

    def test_what_matters_most_needs_two_unless_a_site_says_otherwise(self, ledger_site: Settings) -> None:
        assert set(ledger_site.four_eyes) == {"resend", "reseal", "waive", "release_day", "supplement"}
        assert set(ledger_site.four_eyes) <= set(DecisionKind)


class TestReason:
    @pytest.mark.parametrize("number", ["123456789018", "1234-5678-9018", "１２３４５６７８９０１８"])
    def test_a_forbidden_number_is_kept_nowhere(self, ledger: Ledger, number: str) -> None:
        with pytest.raises(ReasonForbidden) as caught:
            ask(ledger, reason=f"本人確認済 {number}")
        assert number not in str(caught.value)
        with ledger.reading() as tx:
            assert tx.session.scalars(select(Decision)).all() == []


class TestUse:
    def test_asked_and_approved_by_two_persons_it_permits_once(self, ledger: Ledger) -> None:
        number = ask(ledger)
        approve(ledger, number, "chief")
        assert use(ledger) == number
        with pytest.raises(DecisionUsed):
            use(ledger)

    def test_nobody_asked(self, ledger: Ledger) -> None:
        with pytest.raises(DecisionMissing):
            use(ledger)

    def test_other_contents_than_those_that_were_seen(self, ledger: Ledger) -> None:
        approve(ledger, ask(ledger), "chief")
        with pytest.raises(DecisionOfAnotherRequest):
            use(ledger, digest=OTHER)

    def test_a_second_person_is_missing(self, ledger: Ledger) -> None:
        ask(ledger)
        with pytest.raises(SecondPersonNeeded):
            use(ledger)

    def test_one_person_suffices_where_four_eyes_are_not_set(self, ledger: Ledger) -> None:
        assert use(ledger, four_eyes=frozenset()) if ask(ledger) else False

    def test_the_decision_of_a_failed_transaction_is_not_spent(self, ledger: Ledger) -> None:
        approve(ledger, ask(ledger), "chief")
        with pytest.raises(ZeroDivisionError), ledger.transaction() as tx:  # noqa: PT012  its end raises
            decisions.use(tx, DecisionKind.RESEND, SUBJECT, digest=SEEN)
            raise ZeroDivisionError
        assert use(ledger)

    def test_among_several_the_one_on_these_contents_is_spent(self, ledger: Ledger) -> None:
        first, second = ask(ledger), ask(ledger, OTHER)
        assert use(ledger, four_eyes=frozenset()) == first
        assert use(ledger, OTHER, four_eyes=frozenset()) == second


class TestApprove:
    def test_not_by_the_one_who_asked(self, ledger: Ledger) -> None:
        with pytest.raises(SecondPersonNeeded):
            approve(ledger, ask(ledger), "clerk")

    def test_not_on_other_contents(self, ledger: Ledger) -> None:
        with pytest.raises(DecisionOfAnotherRequest):
            approve(ledger, ask(ledger), "chief", OTHER)

    def test_not_what_nobody_asked(self, ledger: Ledger) -> None:
        with pytest.raises(DecisionMissing):
            approve(ledger, 77, "chief")


class TestRecord:
    @pytest.mark.parametrize("reason", ["", "  ", "\n"])
    def test_no_reason_no_decision(self, ledger: Ledger, reason: str) -> None:
        with pytest.raises(ReasonMissing):
            ask(ledger, reason=reason)

    def test_the_trail_tells_who_and_when_and_the_reason_by_its_digest(self, ledger: Ledger) -> None:
        approve(ledger, ask(ledger, reason="山田太郎さんの件"), "chief")
        use(ledger)
        with ledger.reading() as tx:
            rows = tx.session.scalars(select(Trail).where(Trail.action.startswith("decision."))).all()
            decision = tx.session.scalars(select(Decision)).one()
        assert [(row.action, row.actor) for row in rows] == [
            ("decision.asked", "clerk"),
            ("decision.approved", "chief"),
            ("decision.used", "tests"),
        ]
        assert json.loads(rows[0].facts)["reason_sha256"] == decisions.reason_digest(decision)
        assert not any("山田" in row.facts for row in rows)

    def test_what_nobody_used_is_listed(self, ledger: Ledger) -> None:
        first, second = ask(ledger), ask(ledger, OTHER)
        use(ledger, four_eyes=frozenset())
        with ledger.reading() as tx:
            assert [row.id for row in decisions.waiting(tx)] == [second]
        assert first != second
