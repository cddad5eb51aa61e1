"""A decision asked for by its kind and subject, and a second person's answer: what a form in the browser gives."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import select

from renkei.corridor import deciding
from renkei.corridor.house import House
from renkei.errors import AskerUnknown, DecisionMissing, DecisionOfAnotherRequest, NothingToDecide
from renkei.ledger.states import DecisionKind, Direction
from renkei.ledger.tables import Decision, File

ASKABLE: Final = (
    DecisionKind.RELEASE,
    DecisionKind.RELEASE_DAY,
    DecisionKind.CLOSE,
    DecisionKind.WAIVE,
    DecisionKind.RESEND,
    DecisionKind.RESUME,
    DecisionKind.GIVE_BACK,
    DecisionKind.SUPPLEMENT,
    DecisionKind.REPLAY,
    DecisionKind.CLOSE_PROPOSAL,
)
"""What can be asked for by a form; what needs a file or a folder at hand is for the command line."""
_OF_FILE: Final = (DecisionKind.RESEND, DecisionKind.RESUME, DecisionKind.GIVE_BACK)
_OF_DAY: Final = (DecisionKind.RELEASE_DAY, DecisionKind.WAIVE, DecisionKind.SUPPLEMENT)


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of a request: carried out at once, or waiting for a second person."""

    decision: int
    done: bool
    kind: str
    subject: str
    asker: str
    serials: tuple[int, ...]

    def facts(self) -> dict[str, Any]:
        """Return references, fit for an XCom and for the text that a second person reads."""
        return {
            "decision": self.decision,
            "done": self.done,
            "kind": self.kind,
            "subject": self.subject,
            "asker": self.asker,
            "serials": list(self.serials),
        }


def ask_for(house: House, kind: str, subject: str, *, asker: str | None, reason: str) -> Asked:
    """Record a request and carry it out, or leave it to a second person where four eyes are set.

    Raises `AskerUnknown` where nobody can be named, `NothingToDecide`, and what the matter raises.
    """
    if not asker:
        raise AskerUnknown(kind=kind, subject=subject)
    if kind not in ASKABLE:
        raise NothingToDecide(kind=kind, subject=subject)
    about = Decision(kind=DecisionKind(kind), subject=subject)
    placed = _clocked(house, about)
    matter = _matter(placed, about)
    result = deciding.decide(placed, matter, asker=asker, reason=reason)
    return Asked(result.decision, result.done, matter.kind, subject, asker, result.serials)


def answer_to(house: House, decision: int, *, kind: str, subject: str, approver: str | None) -> Asked:
    """Let a second person approve the very request that was shown, and carry it out.

    Raises `AskerUnknown` where the approver cannot be named, `DecisionMissing`, `DecisionOfAnotherRequest` for
    another request than the one shown, `SecondPersonNeeded` for the one who asked, and what the matter raises.
    """
    if not approver:
        raise AskerUnknown(kind=kind, subject=subject)
    with house.ledger.reading() as tx:
        row = tx.session.get(Decision, decision)
    if row is None:
        raise DecisionMissing(kind=kind, subject=subject, decision=decision)
    if row.kind != kind or _same_subject(row.subject, subject) is False:
        raise DecisionOfAnotherRequest(decision=decision)
    result = deciding.approve(_clocked(house, row), decision, approver=approver)
    return Asked(result.decision, result.done, kind, subject, row.asker, result.serials)


def _matter(house: House, about: Decision) -> deciding.Matter:
    try:
        return deciding.matter_of(house, about)
    except ValueError:
        raise NothingToDecide(kind=about.kind, subject=about.subject) from None


def _same_subject(recorded: str, asked: str) -> bool:
    return recorded == asked or (asked.isdigit() and recorded.isdigit() and int(recorded) == int(asked))


def _clocked(house: House, about: Decision) -> House:
    """Return the house at the clock of the business date that the request is about (in a demo: that day's hour)."""
    if about.kind in _OF_DAY or "-" in about.subject:
        try:
            return house.on(date.fromisoformat(about.subject))
        except ValueError:
            return house
    if about.kind in _OF_FILE and about.subject.isdigit():
        own = (File.direction == Direction.OUT, File.serial == int(about.subject))
        with house.ledger.reading() as tx:
            day = tx.session.scalar(select(File.business_date).where(*own))
        return house.on(day) if day else house
    return house
