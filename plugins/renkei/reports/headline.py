"""The state of the day in one sentence per file, on top of every view of the report."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from renkei.reports.model import Answer, DayStateName, ExtractState, FileState, Outcome, RunReport, SentFile
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


def headline(report: RunReport) -> Headline:
    """Return the state of the day in sentences: one per file, or why there is none, then what waits."""
    told = list(_sentences(report))
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
