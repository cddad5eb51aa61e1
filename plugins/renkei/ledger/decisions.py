"""What waits for a person: asked with a reason, approved by a second one where four eyes are set, used once.

A decision is bound to the digest of what the person saw; other contents need another one (design rule 9).
Who, when and what stand in the trail, the reason by its digest: people write names into reasons.
"""

import hashlib
import unicodedata
from collections.abc import Collection

from sqlalchemy import select

from renkei.errors import (
    DecisionMissing,
    DecisionOfAnotherRequest,
    DecisionUsed,
    ReasonForbidden,
    ReasonMissing,
    SecondPersonNeeded,
)
from renkei.forbidden import forbidden_number
from renkei.ledger.engine import Tx
from renkei.ledger.states import DecisionKind
from renkei.ledger.tables import Decision


def ask(tx: Tx, kind: DecisionKind, subject: str, *, digest: str, asker: str, reason: str) -> Decision:
    """Record that a person asks for something and why. `digest` is the SHA-256 of what is asked for.

    Raises `ReasonMissing`, `ReasonForbidden`.
    """
    if not reason.strip():
        raise ReasonMissing(kind=kind, subject=subject)
    if forbidden_number(reason):
        raise ReasonForbidden(kind=kind, subject=subject)
    row = Decision(kind=kind, subject=subject, digest=digest, asker=asker, reason=reason.strip(), at=tx.clock.now())
    tx.session.add(row)
    tx.session.flush()
    facts = {"decision": row.id, "kind": kind, "digest": digest, "reason_sha256": reason_digest(row)}
    tx.tell("decision.asked", subject, facts, actor=asker)
    return row


def approve(tx: Tx, decision_id: int, *, approver: str, digest: str) -> Decision:
    """Record that a second person approves what was asked, having seen the same contents.

    Raises `DecisionMissing`, `DecisionUsed`, `DecisionOfAnotherRequest`, `SecondPersonNeeded`.
    """
    row = tx.session.get(Decision, decision_id)
    if row is None:
        raise DecisionMissing(kind="?", subject="?", decision=decision_id)
    _unused(row, digest)
    if not _another(approver, row.asker):
        raise SecondPersonNeeded(kind=row.kind, subject=row.subject, decision=row.id)
    row.approver = approver
    facts = {"decision": row.id, "kind": row.kind, "digest": digest}
    tx.tell("decision.approved", row.subject, facts, actor=approver)
    return row


def use(tx: Tx, kind: DecisionKind, subject: str, *, digest: str, four_eyes: Collection[str] = ()) -> Decision:
    """Spend the decision that permits what is about to be done in this transaction.

    Raises `DecisionMissing` if nobody asked, `DecisionOfAnotherRequest` if it was made on other contents,
    `SecondPersonNeeded` if `four_eyes` names the kind and no second person approved, `DecisionUsed` if all
    are spent.
    """
    query = select(Decision).where(Decision.kind == kind, Decision.subject == subject)
    found = tx.session.scalars(query.order_by(Decision.id)).all()
    if not found:
        raise DecisionMissing(kind=kind, subject=subject)
    open_ones = [row for row in found if row.used_at is None]
    row = next((each for each in open_ones if each.digest == digest), (open_ones or found)[-1])
    _unused(row, digest)
    if kind in four_eyes and not _another(row.approver, row.asker):
        raise SecondPersonNeeded(kind=kind, subject=subject, decision=row.id)
    row.used_at = tx.clock.now()
    tx.tell("decision.used", subject, {"decision": row.id, "kind": kind, "digest": digest})
    return row


def waiting(tx: Tx) -> list[Decision]:
    """Return the decisions that nobody has used yet, oldest first."""
    return list(tx.session.scalars(select(Decision).where(Decision.used_at.is_(None)).order_by(Decision.id)))


def reason_digest(row: Decision) -> str:
    """Return the SHA-256 of a decision's reason, as the trail bears it."""
    return hashlib.sha256(row.reason.encode()).hexdigest()


def _another(approver: str | None, asker: str) -> bool:
    """Tell whether there is an approver and it is somebody else, however the two names are written."""
    one, other = (unicodedata.normalize("NFKC", name or "").strip().casefold() for name in (approver, asker))
    return bool(one) and one != other


def _unused(row: Decision, digest: str) -> None:
    if row.used_at is not None:
        raise DecisionUsed(decision=row.id)
    if row.digest != digest:
        raise DecisionOfAnotherRequest(decision=row.id)
