"""The report as ONE self-contained page: Japanese with an English switch, no script, readable on paper.

The page draws on the model only; everything that it shows is escaped by Jinja's autoescape. The switch is two
radio buttons and CSS, so a page kept for years needs nothing but a browser.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import TypeVar

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from renkei.reports.chart import chart
from renkei.reports.headline import headline
from renkei.reports.model import Family, HistoryDay, InboundDay, ReasonCount, Reconciliation, RunReport, Scope
from renkei.reports.phrases import Phrase, phrase, spoken, weekday

_Day = TypeVar("_Day", HistoryDay, InboundDay)


def bilingual(value: object) -> Markup:
    """Return a value in both languages, of which CSS shows one; once where they are the same."""
    said = spoken(value)
    if said.ja == said.en:
        return Markup("{}").format(said.ja)
    both = Markup('<span class="t" lang="ja">{}</span><span class="t" lang="en">{}</span>')
    return both.format(said.ja, said.en)


def text(key: str, **values: object) -> Markup:
    """Return the text of a key in both languages, escaped."""
    return bilingual(phrase(key, **values))


def day_of(day: date) -> Phrase:
    """Return a date as the page shows it: Japanese calendar with ISO behind it; ISO alone in English."""
    said = spoken(day)
    return Phrase(f"{said.ja}({said.en})", said.en)


def by_family(counts: Iterable[ReasonCount]) -> list[tuple[Family, list[ReasonCount], int]]:
    """Return counts grouped by family, each with its sum, in the order a, b, c."""
    groups: defaultdict[Family, list[ReasonCount]] = defaultdict(list)
    for line in counts:
        groups[line.family].append(line)
    return [(family, groups[family], sum(line.count for line in groups[family])) for family in Family if groups[family]]


def halves(history: tuple[_Day, ...]) -> list[tuple[_Day, ...]]:
    """Return the days in two parts that stand side by side."""
    middle = (len(history) + 1) // 2
    return [part for part in (history[:middle], history[middle:]) if part]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("renkei.reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        t=text,
        bi=bilingual,
        phrase=phrase,
        by_family=by_family,
        halves=halves,
        weekday=weekday,
        day_of=day_of,
    )
    return environment


def render_html(report: RunReport | Reconciliation) -> bytes:
    """Return the page as UTF-8; the same report gives the same bytes."""
    page = _environment().get_template("report.html.j2")
    about = _of_day(report) if isinstance(report, RunReport) else _of_period(report)
    return page.render(report=report, headline=headline(report), **about).encode()


def _of_day(report: RunReport) -> dict[str, object]:
    figures = {
        "derived": sum(line.count for line in report.notices.derived),
        "records": sum(file.records for file in report.sent),
        "accepted": sum(line.count for it in report.answers for line in it.codes if line.code.code == "R00"),
        "refused": sum(len(answer.refused) for answer in report.answers),
        "held": sum(it.count for it in report.notices.held) + sum(it.count for it in report.notices.behind),
        "waits": len(report.waits),
    }
    return {"title": "page.title", "sections": "sections.html.j2", "figures": figures, "chart": chart(report.history)}


def _of_period(report: Reconciliation) -> dict[str, object]:
    figures = {
        "taken_in": report.movement.taken_in,
        "closed": report.movement.applied + report.movement.by_person,
        "open": sum(line.count for line in report.open),
        "records": sum(line.sent for line in report.sent),
        "accepted": sum(line.accepted for line in report.sent),
        "refused": sum(line.refused for line in report.sent),
    }
    month = report.period.scope is Scope.MONTH
    return {
        "title": "page.title_month" if month else "page.title_agency",
        "sections": "reconciliation.html.j2",
        "figures": figures,
        "chart": chart(report.history),
        "inbound_chart": chart(report.inbound),
    }
