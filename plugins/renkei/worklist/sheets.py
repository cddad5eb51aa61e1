"""The confirmation sheets (処理結果確認票): a printable page per proposal, one self-contained file (standard 4.5.6)."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from renkei.clock import wareki
from renkei.dates import calendar_date
from renkei.worklist.lines import Worklist
from renkei.worklist.texts import Said, said


def sheets(worklist: Worklist) -> bytes:
    """Return the page; it draws on nothing outside itself and everything shown is escaped."""
    template = _environment().get_template("sheets.html.j2")
    numbered = list(enumerate(worklist.lines, 1))
    return template.render(worklist=worklist, lines=numbered, said=said, day_of=day_of, sex_of=sex_of).encode("utf-8")


def day_of(text: str) -> str:
    """Return an event's day in the Japanese calendar with ISO behind it (standard 1.1.9)."""
    day = calendar_date(text)
    return f"{wareki(day)}({text})" if day else text


def sex_of(code: str) -> Said:
    """Return the sex in words."""
    return said(f"sex_{code}") if code in {"1", "2", "3"} else Said(code, code)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("renkei.worklist"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
