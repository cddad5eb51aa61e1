"""Which answer the agency's files wait for, and its text: the same ledger gives the same bytes (schemas/README.md)."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

from sqlalchemy import select

from renkei import errors
from renkei.agency_file import NOTICES
from renkei.clock import in_tokyo
from renkei.corridor.house import House
from renkei.ledger import Tx
from renkei.ledger.inbound import agency_files, settled
from renkei.ledger.states import AgencyNoticeClass, FileState
from renkei.ledger.tables import Acknowledgement, AgencyNotice, File
from renkei.strict_json import exchange_form

_LAYOUT: Final = "1"
_ACCEPTED, _PENDING, _AGAIN = "A00", "A01", "A30"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a file: its number among those to this file, its code, outcome and bytes; what it counts.

    `tells` are the ids of the notices whose final class it tells.
    """

    file: File = field(repr=False)
    number: int
    code: str
    outcome: str
    text: bytes = field(repr=False)
    counts: Mapping[str, int]
    tells: tuple[int, ...] = ()

    @property
    def label(self) -> str:
        """Return serial and number, as a sentence names them."""
        return f"{self.file.serial:08d}.{self.number}"


def answer_name(municipality: str, serial: int, number: int) -> str:
    """Return the name of an answer in `acks/`."""
    return f"{municipality}-{serial:08d}{f'.{number}' if number > 1 else ''}.ack.json.pgp"


def next_answer(house: House, tx: Tx) -> Answer | None:
    """Return the first answer that is due and was not sealed yet, by serials."""
    given = _given(tx)
    became_final = set(
        tx.session.scalars(
            select(AgencyNotice.serial)
            .where(AgencyNotice.answer.is_(None), AgencyNotice.notice_class.in_(_final_classes(house)))
            .distinct()
        )
    )
    for file in agency_files(tx, house.settings.municipality):
        if settled(file) and file.state is not FileState.VOID:
            answer = _due(house, tx, file, given.get(file.serial, []), became_final=file.serial in became_final)
            if answer is not None:
                return answer
    return None


def _due(house: House, tx: Tx, file: File, given: Sequence[str], *, became_final: bool) -> Answer | None:
    again: Sequence[str] = (file.listed or {}).get("again", [])
    if not given:
        return _refusal(house, file) if file.layer is not None else _first(house, tx, file)
    if became_final and file.layer is None:
        return _later(house, tx, file, len(given) + 1)
    told = given.count(_AGAIN)
    if told < len(again):
        return _made(house, file, len(given) + 1, _AGAIN, sealed=again[told])
    return None


def _refusal(house: House, file: File) -> Answer:
    kind: type[errors.AgencyFileRefused] = getattr(errors, file.reason or "")
    return _made(house, file, 1, kind.code)


def _first(house: House, tx: Tx, file: File) -> Answer | None:
    """Return the answer that names every record's class, once each has one."""
    rows = list(_rows(tx, file))
    if any(found is None for _, _, _, found, _, _ in rows):
        return None
    final = _final_classes(house)
    waits = any(found not in final for _, _, _, found, _, _ in rows)
    return _made(house, file, 1, _PENDING if waits else _ACCEPTED, rows=rows)


def _later(house: House, tx: Tx, file: File, number: int) -> Answer:
    """Return the answer that names the records which became final since."""
    final = _final_classes(house)
    open_ones = [row for row in _rows(tx, file) if row[-1] is None]
    rows = [row for row in open_ones if row[3] in final]
    return _made(house, file, number, _PENDING if len(rows) < len(open_ones) else _ACCEPTED, rows=rows)


_Row = tuple[int, int, str, AgencyNoticeClass | None, list[Any] | None, int | None]


def _rows(tx: Tx, file: File) -> Iterator[_Row]:
    found = tx.session.execute(
        select(
            AgencyNotice.id,
            AgencyNotice.record_number,
            AgencyNotice.notice_id,
            AgencyNotice.notice_class,
            AgencyNotice.fields,
            AgencyNotice.answer,
        )
        .where(AgencyNotice.serial == file.serial)
        .order_by(AgencyNotice.record_number)
    )
    return (cast("_Row", tuple(row)) for row in found)


def _made(
    house: House, file: File, number: int, code: str, *, rows: Sequence[_Row] = (), sealed: str | None = None
) -> Answer:
    outcome = house.schemas.codes("acknowledgement_codes")[code]["outcome"]
    columns = set(house.schemas.fields("exchange", _LAYOUT, NOTICES))
    seen_at = None if file.seen_at is None else in_tokyo(file.seen_at).isoformat(timespec="seconds")
    told = {
        "kind": "acknowledgement",
        "layout_version": _LAYOUT,
        "municipality": file.municipality,
        "counterparty": file.counterparty,
        "serial": file.serial,
        "answer": number,
        "sealed_sha256": sealed or file.sealed_sha256,
        "package_sha256": file.package_sha256,
        "received_at": seen_at,
        "outcome": outcome,
        "code": code,
        "first_seen": seen_at if code == _AGAIN else None,
        "records": [
            {
                "record": record,
                "notice_id": notice_id,
                "class": str(found),
                "items": [item for item in items or [] if item in columns],
            }
            for _, record, notice_id, found, items, _ in rows
        ],
    }
    final = _final_classes(house)
    return Answer(
        file=file,
        number=number,
        code=code,
        outcome=outcome,
        text=exchange_form(told),
        counts=dict(sorted(Counter(str(row[3]) for row in rows).items())),
        tells=tuple(row[0] for row in rows if row[3] in final),
    )


def _given(tx: Tx) -> dict[int, list[str]]:
    """Return the codes of the answers sealed so far, by serial, in their order."""
    found: dict[int, list[str]] = {}
    rows = tx.session.execute(select(Acknowledgement.serial, Acknowledgement.code).order_by(Acknowledgement.answer))
    for serial, code in rows:
        found.setdefault(serial, []).append(code)
    return found


def _final_classes(house: House) -> frozenset[AgencyNoticeClass]:
    rows = house.schemas.codes("agency_notice_classes")
    return frozenset(AgencyNoticeClass(code) for code, row in rows.items() if row["final"] == "1")
