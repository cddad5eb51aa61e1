"""Closes the proposals that an extract shows applied; a person closes the others with a reason (contract §5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from sqlalchemy import select, update

from renkei.corridor.agency_base import as_told
from renkei.corridor.agency_known import earlier_told
from renkei.corridor.agency_screening import Found
from renkei.corridor.card_numbers import some
from renkei.corridor.house import House
from renkei.corridor.matters import PlainMatter
from renkei.errors import NothingToDecide
from renkei.ledger import Tx
from renkei.ledger.columns import canonical_digest
from renkei.ledger.states import AgencyNoticeClass, DecisionKind, OpenState
from renkei.ledger.tables import AgencyNotice, Decision
from renkei.matching import Forms, Told, ToldNotice, holds

APPLIED: Final = "applied"
RECORD_GONE: Final = "record_gone"
_BY_EXTRACT: Final = (AgencyNoticeClass.TO_APPLY, AgencyNoticeClass.CONFLICT)
_BY_PERSON: Final = (*_BY_EXTRACT, AgencyNoticeClass.NOT_FOUND)


def open_persons(tx: Tx) -> list[str | None]:
    """Return the registry numbers of the proposals that an extract may close. Personal."""
    query = select(AgencyNotice.registry_number).where(
        AgencyNotice.state == OpenState.OPEN, AgencyNotice.notice_class.in_(_BY_EXTRACT)
    )
    return list(tx.session.scalars(query.distinct()))


def close_applied(house: House, tx: Tx, found: Found) -> int:
    """Close what the extract shows: everything told stands in the row, or the record is deleted; return how many."""
    closed = 0
    query = select(AgencyNotice.id).where(
        AgencyNotice.state == OpenState.OPEN, AgencyNotice.notice_class.in_(_BY_EXTRACT)
    )
    for ids in some(tx.session.scalars(query.order_by(AgencyNotice.id)).all()):
        rows = tx.session.scalars(select(AgencyNotice).where(AgencyNotice.id.in_(ids))).all()
        told = earlier_told(tx, {row.registry_number or "" for row in rows}, found.items)
        updates = [
            {"id": row.id, "state": OpenState.CLOSED, "closed_at": tx.clock.now(), "closed_by": evidence}
            for row in rows
            if (evidence := _evidence(house, row, told[row.registry_number or ""], found))
        ]
        if updates:
            tx.session.execute(update(AgencyNotice), updates)
            closed += len(updates)
    return closed


def _evidence(house: House, row: AgencyNotice, others: Sequence[Told], found: Found) -> str:
    number = row.registry_number or ""
    living = found.seen.row(number) or found.base.find(number)
    notice = ToldNotice.of((row.serial, row.record_number), row.content, found.items)
    if living is None:
        why = APPLIED if notice.ends else RECORD_GONE
    else:
        why = APPLIED if _stands(notice, as_told(house.schemas, living), others, found.forms) else ""
    extract = found.base.extract
    return f"{why} {extract.business_date} {extract.manifest_sha256}" if why else ""


def _stands(notice: ToldNotice, row: Mapping[str, str], others: Sequence[Told], forms: Forms) -> bool:
    """Tell whether a row has what a notice told, or what a later one of the same person told of the same item."""
    overtaken = {
        item
        for item in notice.told
        if any(
            other.place > notice.place and item in other.items and row[item] == other.items[item][1] for other in others
        )
    }
    return holds(notice, row, forms, [item for item in notice.told if item not in overtaken])


@dataclass(frozen=True, slots=True)
class CloseProposal(PlainMatter):
    """A person closes what an agency notice proposed: settled with the agency, entered otherwise, or wrong."""

    notice: str
    kind: ClassVar[DecisionKind] = DecisionKind.CLOSE_PROPOSAL

    @property
    def subject(self) -> str:
        """Return the notice's id."""
        return self.notice

    def digest(self, tx: Tx) -> str:
        """Return the digest of the proposal as it stands; raises `NothingToDecide`."""
        row = self._waiting(tx)
        return canonical_digest([row.serial, row.record_number, row.content_sha256, row.notice_class, row.rule])

    def carry_out(self, house: House, tx: Tx, decision: Decision) -> None:
        """Close the proposal; what was answered to the agency stays answered."""
        del house
        row = self._waiting(tx)
        row.state, row.closed_at, row.decision_id = OpenState.CLOSED, tx.clock.now(), decision.id
        row.closed_by = f"decision {decision.id}"
        facts: dict[str, Any] = {"serial": row.serial, "record": row.record_number, "class": row.notice_class}
        tx.tell("agency.proposal_closed", self.subject, {"decision": decision.id, **facts})

    def _waiting(self, tx: Tx) -> AgencyNotice:
        query = select(AgencyNotice).where(
            AgencyNotice.notice_id == self.notice,
            AgencyNotice.state == OpenState.OPEN,
            AgencyNotice.notice_class.in_(_BY_PERSON),
        )
        row = tx.session.scalars(query.order_by(AgencyNotice.id)).first()
        if row is None:
            raise NothingToDecide(kind=self.kind, subject=self.subject)
        return row
