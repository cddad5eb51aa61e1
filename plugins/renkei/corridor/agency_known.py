"""What the ledger knows of the persons whom the agency's notices mean. Personal."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Final

from sqlalchemy import select

from renkei.corridor.card_numbers import bearers_of, some
from renkei.corridor.entering import RECORDS
from renkei.ledger import Tx
from renkei.ledger.states import AgencyNoticeClass, NoticeState, OpenState
from renkei.ledger.tables import AgencyNotice, Notice, Person
from renkei.matching import Told, ToldNotice
from renkei.schemas import Schemas

OWN: Final = {
    NoticeState.PLANNED: "own_planned",
    NoticeState.BEHIND: "own_behind",
    NoticeState.HELD: "own_held",
}
"""What of the ward's own keeps a person waiting; the last one that holds is told."""
PROOF_OPEN: Final = "proof_open"
UNKNOWN_END: Final = "gone_unknown"
_RULES: Final = "rules/matching_rules.csv"
_EFFECTIVE: Final = (AgencyNoticeClass.ALREADY_SO, AgencyNoticeClass.TO_APPLY, AgencyNoticeClass.CONFLICT)


class LedgerFormer:
    """Former card numbers and deleted persons, as `matching.Former` asks for them."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def bearers(self, cards: Collection[str]) -> Mapping[str, AbstractSet[str]]:
        """Return who once bore each of these cards, by card."""
        return bearers_of(self._tx, cards)

    def gone(self, births: AbstractSet[tuple[str, str]]) -> Iterator[Mapping[str, str]]:
        """Yield the last rows of persons whose deletion took effect, as the ward told of it."""
        query = select(Notice.registry_number, Notice.content).where(
            Notice.family == RECORDS,
            Notice.action == "deletion",
            Notice.content.is_not(None),
            Notice.state.not_in([NoticeState.PLANNED, NoticeState.NEVER_TOLD]),
        )
        for number, content in self._tx.session.execute(query.execution_options(yield_per=1000)):
            if content and number and (content["birth_date"], content["birth_date_wording"]) in births:
                yield {**content, "registry_number": number}


def ends_of(tx: Tx, schemas: Schemas, numbers: Iterable[str]) -> dict[str, str]:
    """Return the rule that tells how the record of each of these persons ended, as far as the ledger knows."""
    rules = {reason: row["id"] for row in schemas.csv(_RULES) for reason in row["event_reasons"].split("|") if reason}
    found: dict[str, str] = {}
    for part in some(sorted(numbers)):
        rows = tx.session.execute(
            select(Notice.registry_number, Notice.event_reason)
            .where(
                Notice.registry_number.in_(part),
                Notice.family == RECORDS,
                Notice.event_reason.in_(rules),
                Notice.state != NoticeState.NEVER_TOLD,
            )
            .order_by(Notice.history_number)
        )
        found |= {number: rules[reason] for number, reason in rows if number and reason}
    return found


def own_waiting(tx: Tx) -> dict[str, str]:
    """Return the persons about whom something of the ward's own is held, behind, planned or not proven, and what."""
    found = dict.fromkeys(
        tx.session.scalars(select(Person.registry_number).where(Person.state == OpenState.OPEN)), PROOF_OPEN
    )
    rows = tx.session.execute(select(Notice.registry_number, Notice.state).where(Notice.state.in_(OWN)))
    for number, state in sorted(rows, key=lambda row: list(OWN).index(row[1])):
        if number and found.get(number) != PROOF_OPEN:
            found[number] = OWN[state]
    return found


def earlier_told(tx: Tx, numbers: Iterable[str], items: tuple[str, ...]) -> defaultdict[str, list[Told]]:
    """Return what notices with a final class told of these persons, in the order of taking in."""
    found: defaultdict[str, list[Told]] = defaultdict(list)
    for part in some(sorted(numbers)):
        rows = tx.session.scalars(
            select(AgencyNotice)
            .where(AgencyNotice.registry_number.in_(part), AgencyNotice.notice_class.in_(_EFFECTIVE))
            .order_by(AgencyNotice.serial, AgencyNotice.record_number)
        )
        for row in rows:
            notice = ToldNotice.of((row.serial, row.record_number), row.content, items)
            found[row.registry_number or ""].append(Told.of(notice))
    return found


def ahead_of(tx: Tx, numbers: Iterable[str], items: tuple[str, ...]) -> defaultdict[str, dict[str, str]]:
    """Return item → value that proposals still open will bring about, by person; the later one counts."""
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for part in some(sorted(numbers)):
        rows = tx.session.scalars(
            select(AgencyNotice)
            .where(
                AgencyNotice.registry_number.in_(part),
                AgencyNotice.notice_class == AgencyNoticeClass.TO_APPLY,
                AgencyNotice.state == OpenState.OPEN,
            )
            .order_by(AgencyNotice.serial, AgencyNotice.record_number)
        )
        for row in rows:
            notice = ToldNotice.of((row.serial, row.record_number), row.content, items)
            found[row.registry_number or ""] |= {item: notice.after[item] for item in notice.told}
    return found
