"""What a person decides, carried out: asked with a reason, approved by a second person where four eyes are set.

Each matter is one ledger transaction in which the decision is spent and its trail row stands (design rule 9). What
lies outside the ledger (a look, a file sent or copied) comes before or after it. A decision is bound to the digest
of what the person saw.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final, Protocol

from sqlalchemy import select

from renkei.corridor import matters
from renkei.corridor.agency_closing import CloseProposal
from renkei.corridor.agency_matters import INBOUND, agency_matter
from renkei.corridor.house import House
from renkei.corridor.media import Export, GiveBack
from renkei.corridor.resealing import GONE, reseal_of
from renkei.corridor.supplements import supplement_of
from renkei.errors import DecisionMissing, NothingToDecide
from renkei.ledger import Tx, decisions
from renkei.ledger.states import DecisionKind
from renkei.ledger.tables import Decision


class Matter(Protocol):
    """One thing to decide: what it is about, what the person saw, what happens once it is decided."""

    kind: ClassVar[DecisionKind]
    spent_here: ClassVar[bool]
    """False where the step that needs the decision spends it later."""

    @property
    def subject(self) -> str:
        """Return the reference under which the decision stands."""

    def before(self, house: House) -> None:
        """Look at the world before it is carried out."""

    def digest(self, tx: Tx) -> str:
        """Return the digest of what waits; raises `NothingToDecide`."""

    def carry_out(self, house: House, tx: Tx, decision: Decision) -> None:
        """Change the ledger."""

    def after(self, house: House) -> tuple[int, ...]:
        """Do what lies outside the ledger; return the serials that were sealed or sent by it."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of a decision: its number, whether it was carried out, serials sealed or sent by it."""

    decision: int
    done: bool
    serials: tuple[int, ...] = ()


def decide(house: House, matter: Matter, *, asker: str, reason: str) -> Decided:
    """Record the decision with its reason and carry it out, or leave it to a second person where four eyes are set.

    Raises `ReasonMissing`, `NothingToDecide`, and what the matter itself raises; then nothing has changed.
    """
    four_eyes = matter.kind in house.settings.four_eyes
    if not four_eyes:
        matter.before(house)
    with house.ledger.transaction(actor=house.actor) as tx:
        digest = matter.digest(tx)
        row = _same(tx, matter, digest) if four_eyes or not matter.spent_here else None
        row = row or decisions.ask(tx, matter.kind, matter.subject, digest=digest, asker=asker, reason=reason)
        if not four_eyes:
            _carry_out(house, tx, matter, digest)
    if four_eyes:
        return Decided(row.id, done=False)
    return Decided(row.id, done=True, serials=matter.after(house))


def approve(house: House, decision_id: int, *, approver: str, target: matters.Target = None) -> Decided:
    """Approve, as a second person, what another asked for, and carry it out. `target`: the folder of an export.

    Raises `DecisionMissing`, `DecisionUsed`, `DecisionOfAnotherRequest`, `SecondPersonNeeded`, `NothingToDecide`.
    """
    with house.ledger.reading() as tx:
        row = tx.session.get(Decision, decision_id)
    if row is None:
        raise DecisionMissing(kind="approve", subject=decision_id)
    matter = matter_of(house, row, target)
    matter.before(house)
    with house.ledger.transaction(actor=house.actor) as tx:
        digest = matter.digest(tx)
        decisions.approve(tx, decision_id, approver=approver, digest=digest)
        tx.session.flush()
        _carry_out(house, tx, matter, digest)
    return Decided(decision_id, done=True, serials=matter.after(house))


def matter_of(house: House, decision: Decision, target: matters.Target = None) -> Matter:
    """Return the matter that a recorded decision is about; raises `NothingToDecide` for one of no known kind."""
    kind, subject = decision.kind, decision.subject
    if subject.startswith(INBOUND):
        return agency_matter(kind, subject)
    if kind == DecisionKind.CLOSE_PROPOSAL:
        return CloseProposal(subject)
    if kind == DecisionKind.SUPPLEMENT:
        return supplement_of(house, date.fromisoformat(subject))
    # A form asks for either by the same word: a day is told from an item by its form.
    if kind == DecisionKind.RELEASE_DAY or (kind == DecisionKind.RELEASE and "-" in subject):
        return matters.ReleaseDay(date.fromisoformat(subject))
    if kind == DecisionKind.WAIVE:
        return matters.Waive(date.fromisoformat(subject))
    if kind == DecisionKind.RESEAL:
        return reseal_of(house, int(subject.removesuffix(GONE)), gone=subject.endswith(GONE))
    if kind == DecisionKind.EXPORT:
        return Export(int(subject), target)
    make = next((make for known, make in _BY_NUMBER.items() if known == kind), None)
    if make is None:
        raise NothingToDecide(kind=kind, subject=subject)
    return make(int(subject))


_BY_NUMBER: Final[Mapping[DecisionKind, Callable[[int], Matter]]] = {
    DecisionKind.RELEASE: matters.Release,
    DecisionKind.CLOSE: matters.Close,
    DecisionKind.RESEND: matters.Resend,
    DecisionKind.RESUME: matters.Resume,
    DecisionKind.GIVE_BACK: GiveBack,
}


def _carry_out(house: House, tx: Tx, matter: Matter, digest: str) -> None:
    if matter.spent_here:
        four_eyes = house.settings.four_eyes
        used = decisions.use(tx, matter.kind, matter.subject, digest=digest, four_eyes=four_eyes)
        matter.carry_out(house, tx, used)


def _same(tx: Tx, matter: Matter, digest: str) -> Decision | None:
    """Return the decision that already waits for approval on the very same contents."""
    query = select(Decision).where(
        Decision.kind == matter.kind,
        Decision.subject == matter.subject,
        Decision.digest == digest,
        Decision.used_at.is_(None),
    )
    return tx.session.scalars(query).first()
