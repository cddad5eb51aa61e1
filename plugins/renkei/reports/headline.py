"""The state of the day in one sentence per file, on top of every view of the report."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from renkei.reports.model import (
    Answer,
    DayStateName,
    ExtractState,
    FileState,
    InboundState,
    Outcome,
    Reconciliation,
    RunReport,
    Scope,
    SentFile,
)
from renkei.reports.phrases import Phrase, phrase, short_day


class Tone(IntEnum):
    """How the day stands: all well, a wait that is normal, a person is needed."""

    GOOD = 0
    WAITING = 1
    TROUBLE = 2


@dataclass(frozen=True, slots=True)
class Headline:
    """Sentences on top of the report, and the worst of their tones."""

    tone: Tone
    sentences: tuple[Phrase, ...]


_FILE_STATES = {
    FileState.PREPARED: ("headline.sealed", Tone.WAITING),
    FileState.SEALED: ("headline.sealed", Tone.WAITING),
    FileState.SENDING: ("headline.sealed", Tone.WAITING),
    FileState.PUBLISHED: ("headline.published", Tone.WAITING),
    FileState.RECEIPTED: ("headline.published", Tone.WAITING),
    FileState.UNKNOWN: ("headline.unknown", Tone.TROUBLE),
    FileState.EXPORTED: ("headline.exported", Tone.WAITING),
}
_OUTCOMES = {
    Outcome.ACCEPTED: ("headline.accepted", Tone.GOOD),
    Outcome.PARTLY: ("headline.partly", Tone.TROUBLE),
    Outcome.REFUSED: ("headline.refused", Tone.TROUBLE),
}


def headline(report: RunReport | Reconciliation) -> Headline:
    """Return the state in sentences: of a day one per file, or why there is none, then what waits."""
    told = list(_sentences(report) if isinstance(report, RunReport) else _reconciled(report))
    return Headline(max(tone for tone, _ in told), tuple(sentence for _, sentence in told))


def _sentences(report: RunReport) -> Iterator[tuple[Tone, Phrase]]:
    answers = {answer.serial: answer for answer in report.answers}
    for file in report.sent:
        yield _file(report, file, answers.get(file.serial))
    if not report.sent:
        yield _without_file(report)
    if report.waits:
        yield Tone.TROUBLE, phrase("headline.waits", count=len(report.waits))


def _file(report: RunReport, file: SentFile, answer: Answer | None) -> tuple[Tone, Phrase]:
    key, tone = _OUTCOMES[answer.outcome] if answer else _FILE_STATES[file.state]
    sentence = phrase(
        key,
        day=short_day(report.head.business_date),
        serial=f"{file.serial:08d}",
        counterparty=file.counterparty,
        records=file.records,
        refused=len(answer.refused) if answer else 0,
        code=answer.code if answer else "",
    )
    return tone, sentence


def _without_file(report: RunReport) -> tuple[Tone, Phrase]:
    day, today = report.day, short_day(report.head.business_date)
    if day.state is DayStateName.WAIVED:
        return Tone.WAITING, phrase("headline.waived", day=today)
    if day.blocked_day and day.blocked_day != report.head.business_date:
        return Tone.TROUBLE, phrase("headline.blocked_by_day", day=today, earlier=short_day(day.blocked_day))
    intake = report.intake
    if intake and intake.refused_rule:
        return Tone.TROUBLE, phrase("headline.extract_refused", day=today, rule=intake.refused_rule)
    if day.blocked_by:
        return Tone.TROUBLE, phrase("headline.blocked", day=today, rule=day.blocked_by)
    if intake is None:
        return Tone.WAITING, phrase("headline.no_extract", day=today)
    if intake.state is ExtractState.BASELINE:
        residents = report.head.subjects.residents if report.head.subjects else 0
        return Tone.GOOD, phrase("headline.baseline", day=today, residents=residents)
    return Tone.WAITING, phrase("headline.not_sealed", day=today)


def _reconciled(report: Reconciliation) -> Iterator[tuple[Tone, Phrase]]:
    moved, period = report.movement, report.period
    closed = moved.applied + moved.by_person
    numbers = {"taken_in": moved.taken_in, "closed": closed, "open": sum(line.count for line in report.open)}
    if period.scope is Scope.MONTH:
        yield Tone.GOOD, phrase("headline.month", month=f"{period.first:%Y-%m}", **numbers)
    else:
        yield Tone.GOOD, phrase("headline.agency", day=short_day(period.last), **numbers)
    if report.gap:
        serial = f"{report.gap.serial:08d}"
        yield Tone.TROUBLE, phrase("headline.gap", serial=serial, days=report.gap.age_days)
    stopped = [file for file in report.files if file.state is InboundState.QUARANTINED]
    if stopped:
        yield Tone.TROUBLE, phrase("headline.quarantined", count=len(stopped))
    waiting = sum(line.waiting for line in report.sent)
    if waiting:
        yield Tone.WAITING, phrase("headline.unanswered", count=waiting)
    if any(not line.closes for line in report.sent) or (report.agreement and not report.agreement.closes):
        yield Tone.TROUBLE, phrase("headline.apart")
