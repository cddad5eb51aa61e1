"""What waits for a person: each line says what it is, since when, what to do, who may, and what to tell the agency."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from renkei.corridor.report_labels import Labels
from renkei.ledger import Tx, decisions
from renkei.ledger.states import (
    AgencyNoticeClass,
    DayState,
    DecisionKind,
    Direction,
    FileState,
    OpenItemKind,
    OpenState,
)
from renkei.ledger.tables import AgencyNotice, Day, File, OpenItem
from renkei.schemas import Schemas

_UNANSWERED = (FileState.SEALED, FileState.SENDING, FileState.PUBLISHED, FileState.UNKNOWN, FileState.EXPORTED)
_LOOKED_AT = (AgencyNoticeClass.TO_APPLY, AgencyNoticeClass.CONFLICT, AgencyNoticeClass.NOT_FOUND)


@dataclass(frozen=True, slots=True)
class Wait:
    """One line. `kind` and `step` are keys of the desk's texts unless `step_ja` says it from `schemas/`."""

    kind: str
    reference: str
    since: date
    what_ja: str
    what_en: str
    step_ja: str
    step_en: str
    four_eyes: bool
    tell_agency: bool

    def age(self, today: date) -> int:
        """Return whole days since then."""
        return max((today - self.since).days, 0)


def waits(tx: Tx, schemas: Schemas, four_eyes: tuple[str, ...], today: date) -> list[Wait]:
    """Return everything that waits, oldest first; references and counts only."""
    labels = Labels(schemas, today)
    found = [
        *_items(tx, schemas),
        *_decisions(tx, today),
        *_days(tx, labels, four_eyes, today),
        *_files(tx, labels, four_eyes, today),
        *_inbound(tx, labels, today),
        *_proposals(tx, labels),
    ]
    return sorted(found, key=lambda wait: (wait.since, wait.kind, wait.reference))


def _items(tx: Tx, schemas: Schemas) -> Iterator[Wait]:
    query = select(OpenItem).where(OpenItem.state == OpenState.OPEN).order_by(OpenItem.id)
    for item in tx.session.scalars(query):
        labels = Labels(schemas, item.business_date)
        rule, (ja, en) = labels.open_rule(item), labels.next_step(item)
        fields = ", ".join(str(each) for each in item.fields or ())
        suffix = f" ({fields})" if fields else ""
        refused = item.kind == OpenItemKind.REFUSED
        yield Wait(
            item.kind, str(item.id), item.since.date(), rule.ja + suffix, rule.en + suffix, ja, en,
            four_eyes=False, tell_agency=refused,
        )  # fmt: skip


def _decisions(tx: Tx, today: date) -> Iterator[Wait]:
    for row in decisions.waiting(tx):
        what = f"{row.kind} {row.subject}"
        yield Wait(
            "decision", str(row.id), row.at.date() or today, f"{what}({row.asker})", f"{what} ({row.asker})",
            "別の人が内容を確かめて承認する", "a second person checks and approves it",
            four_eyes=True, tell_agency=False,
        )  # fmt: skip


def _days(tx: Tx, labels: Labels, four_eyes: tuple[str, ...], today: date) -> Iterator[Wait]:
    query = select(Day).where(Day.state == DayState.REQUESTED, Day.blocked_by.is_not(None)).order_by(Day.business_date)
    for day in tx.session.scalars(query):
        why = labels.error(day.blocked_by or "")
        since = day.requested_at.date() if day.requested_at else today
        yield Wait(
            "day", day.business_date.isoformat(), since, why.ja, why.en,
            "抽出が届くのを待つ。出せない日なら理由を付けて送信しない日とする",
            "wait for the extract; if there is none to be had, waive the day with a reason",
            four_eyes=DecisionKind.WAIVE in four_eyes, tell_agency=False,
        )  # fmt: skip


def _files(tx: Tx, labels: Labels, four_eyes: tuple[str, ...], today: date) -> Iterator[Wait]:
    query = select(File).where(File.direction == Direction.OUT).order_by(File.serial)
    for file in tx.session.scalars(query.where((File.state.in_(_UNANSWERED)) | File.stopped_reason.is_not(None))):
        serial, since = f"{file.serial:08d}", file.sealed_at.date() if file.sealed_at else today
        if file.stopped_reason and file.state is not FileState.VOID:
            why = labels.error(file.stopped_reason)
            yield Wait(
                "stopped", serial, since, why.ja, why.en,
                "相手方と突き合わせ、理由を付けて再開する(renkei resume)",
                "compare with the agency, then resume with a reason (renkei resume)",
                four_eyes=DecisionKind.RESUME in four_eyes, tell_agency=True,
            )  # fmt: skip
        elif file.state in _UNANSWERED:
            state = f"{file.state}"
            yield Wait(
                "file", serial, since, f"受領通知がまだない({state})", f"no receipt yet ({state})",
                "次の実行が受領通知を確かめる。期限を過ぎたら相手方へ照会する",
                "the next run looks for the receipt; past the deadline, ask the agency",
                four_eyes=DecisionKind.RESEND in four_eyes, tell_agency=(today - since).days > 1,
            )  # fmt: skip


def _inbound(tx: Tx, labels: Labels, today: date) -> Iterator[Wait]:
    del labels
    query = select(File).where(File.direction == Direction.IN, File.state == FileState.QUARANTINED)
    for file in tx.session.scalars(query.order_by(File.serial)):
        since = file.seen_at.date() if file.seen_at else today
        yield Wait(
            "quarantine", f"{file.serial:08d}", since,
            f"相手方のファイルを隔離した({file.layer})", f"a file of the agency is in quarantine ({file.layer})",
            "隔離の説明文を相手方へ送り、直ったら再取込みする(renkei replay)",
            "send the agency the text beside it; once mended, replay (renkei replay)",
            four_eyes=False, tell_agency=True,
        )  # fmt: skip


def _proposals(tx: Tx, labels: Labels) -> Iterator[Wait]:
    rows = tx.session.execute(
        select(AgencyNotice.notice_class, func.count(), func.min(AgencyNotice.since))
        .where(AgencyNotice.state == OpenState.OPEN, AgencyNotice.notice_class.in_(_LOOKED_AT))
        .group_by(AgencyNotice.notice_class)
    )
    for found, number, oldest in rows:
        if found is None:
            continue
        label, (ja, en) = labels.agency_class(found), labels.agency_step(found)
        yield Wait(
            "proposal", str(found), oldest, f"{label.ja} {number:,} 件", f"{label.en}: {number:,}", ja, en,
            four_eyes=False, tell_agency=found == AgencyNoticeClass.CONFLICT,
        )  # fmt: skip
