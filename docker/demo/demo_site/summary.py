"""The result of the run, from the ledger: the table on the terminal and run-summary.json."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import select

from demo_site.agency_summary import Pair
from demo_site.place import DAG, Place, write_private
from demo_site.registers import Agreement
from demo_site.watching import DAYS
from renkei.corridor.house import House
from renkei.ledger import Tx
from renkei.ledger.states import Direction, FileState
from renkei.ledger.states import Outcome as Answered
from renkei.ledger.tables import File, Notice, NoticeAttempt, ReportRow
from renkei.reports.model import DaySummary, Label, Outcome
from renkei.reports.summary import summary_table

FAMILIES = ("resident_records", "residence_reports", "certificates")
ACCEPTED = "R00"


@dataclass(frozen=True, slots=True)
class DayResult:
    """One business day of run-summary.json."""

    business_date: str
    serial: int | None
    counterparty: str | None
    counterparty_id: str
    counterparty_en: str
    notices: dict[str, int]
    accepted: int
    refused: int
    held: int
    receipt: str | None
    package_sha256: str | None
    sealed_sha256: str | None
    report: str | None

    @property
    def good(self) -> bool:
        """Whether every notice of the day was accepted and the file receipted."""
        return self.receipt == Answered.ACCEPTED and not self.refused and self.accepted == sum(self.notices.values())


def results(house: House) -> list[DayResult]:
    """Return what became of each business day of the demo."""
    with house.ledger.reading() as tx:
        return [_day(house, tx, day) for day in DAYS]


def all_done(house: House) -> bool:
    """Tell whether every business day has a receipted file, and every one of the agency's files our answer."""
    with house.ledger.reading() as tx:
        files = tx.session.scalars(select(File).where(File.direction == Direction.OUT)).all()
        theirs = tx.session.scalars(select(File.state).where(File.direction == Direction.IN)).all()
    done = {file.business_date for file in files}
    answered = len(theirs) >= len(DAYS) and set(theirs) == {FileState.ACKNOWLEDGED}
    return answered and done >= set(DAYS) and all(file.state is FileState.RECEIPTED for file in files)


def report_of(house: House, day: date) -> str | None:
    """Return the newest report of a business day, relative to RENKEI_HOME."""
    with house.ledger.reading() as tx:
        return _report(tx, day)


def table(days: Sequence[DayResult]) -> str:
    """Return the table for the terminal."""
    return summary_table(_line(day) for day in days)


def _line(day: DayResult) -> DaySummary:
    peer = day.counterparty_id, day.counterparty or "", day.counterparty_en
    return DaySummary(
        business_date=date.fromisoformat(day.business_date),
        serial=day.serial,
        counterparty=Label(*peer) if day.counterparty else None,
        resident_records=day.notices["resident_records"],
        residence_reports=day.notices["residence_reports"],
        certificates=day.notices["certificates"],
        accepted=day.accepted,
        refused=day.refused,
        held=day.held,
        receipt=Outcome(day.receipt) if day.receipt else None,
        report=None if day.report is None else Path(day.report),
    )


def write(place: Place, days: Sequence[DayResult], agreement: Agreement, told: Sequence[Pair]) -> None:
    """Write run-summary.json."""
    fields = [name for name in DayResult.__slots__ if name not in {"counterparty_id", "counterparty_en"}]
    facts = {
        "days": [{name: getattr(day, name) for name in fields} for day in days],
        "agency_notices": [{"expected": each.expected, "found": each.found, "count": each.count} for each in told],
        "registers_agree": agreement.agree,
        "open_persons": agreement.open,
        "persons_compared": agreement.persons,
        "persons_different": agreement.different,
    }
    write_private(place.summary, json.dumps(facts, ensure_ascii=False, indent=2) + "\n")


def _day(house: House, tx: Tx, day: date) -> DayResult:
    own = (File.direction == Direction.OUT, File.business_date == day)
    file = tx.session.scalars(select(File).where(*own).order_by(File.serial.desc())).first()
    query = (
        select(Notice.family, NoticeAttempt.code)
        .join(Notice, Notice.notice_id == NoticeAttempt.notice_id)
        .where(NoticeAttempt.serial == (file.serial if file else -1))
    )
    codes = [(str(family), code) for family, code in tx.session.execute(query).tuples()]
    report = _report(tx, day)
    peer = house.peers.by_id(file.counterparty) if file else None
    families = Counter(family for family, _ in codes)
    return DayResult(
        business_date=day.isoformat(),
        serial=file.serial if file else None,
        counterparty=peer.official_name if peer else None,
        counterparty_id=peer.id if peer else "",
        counterparty_en=peer.english if peer else "",
        notices={family: families[family] for family in FAMILIES},
        accepted=sum(code == ACCEPTED for _, code in codes),
        refused=sum(code not in {ACCEPTED, None} for _, code in codes),
        held=_held(house, report),
        receipt=file.outcome.value if file and file.outcome else None,
        package_sha256=file.package_sha256 if file else None,
        sealed_sha256=file.sealed_sha256 if file else None,
        report=report,
    )


def _report(tx: Tx, day: date) -> str | None:
    query = (
        select(ReportRow.path_html)
        .where(ReportRow.kind == DAG, ReportRow.business_date == day)
        .order_by(ReportRow.id.desc())
    )
    return tx.session.scalars(query).first()


def _held(house: House, report: str | None) -> int:
    """Return how many notices were held, or waited behind one, at the end of a day: its own report says so."""
    if report is None:
        return 0
    notices = json.loads(house.path(report).with_suffix(".json").read_text(encoding="utf-8"))["notices"]
    return sum(int(group["count"]) for kind in ("held", "behind") for group in notices[kind])
