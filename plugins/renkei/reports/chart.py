"""Geometry of a chart of days; the page draws it, a table says the same beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

from renkei.reports.model import HistoryDay, InboundDay

WIDTH, HEIGHT = 720, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 8, 12, 28
_SLOTS = 30
_SMALLEST_BAR = 2.0  # a single refused record must be seen beside hundreds accepted
_STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Bar:
    """One coloured piece of a day's column; pixels."""

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A text at an axis; pixels."""

    text: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything that the page draws."""

    width: int
    height: int
    left: int
    right: int
    bars: tuple[Bar, ...]
    levels: tuple[Mark, ...]
    days: tuple[Mark, ...]


def chart(history: Sequence[HistoryDay | InboundDay]) -> Chart:
    """Lay out one column per day: accepted (or applied) at the bottom, the others on top of it."""
    top = max((sum(number for _, number in _parts(day)) for day in history), default=0)
    step = _step(top)
    ceiling = max(step, -(-top // step) * step)
    scale = (HEIGHT - _TOP - _BOTTOM) / ceiling
    pitch = (WIDTH - _LEFT - _RIGHT) / max(_SLOTS, len(history))
    base = HEIGHT - _BOTTOM
    bars = tuple(bar for slot, day in enumerate(history) for bar in _column(day, _LEFT + slot * pitch, pitch, scale))
    levels = tuple(Mark(f"{level:,}", _LEFT - 6, base - level * scale) for level in range(0, ceiling + 1, step))
    days = tuple(
        Mark(f"{day.day.month}/{day.day.day}", _LEFT + (slot + 0.5) * pitch, HEIGHT - 8)
        for slot, day in enumerate(history)
        if (len(history) - 1 - slot) % 5 == 0
    )
    return Chart(WIDTH, HEIGHT, _LEFT, WIDTH - _RIGHT, bars, levels, days)


def _parts(day: HistoryDay | InboundDay) -> tuple[tuple[str, int], ...]:
    if isinstance(day, HistoryDay):
        return ("accepted", day.accepted), ("refused", day.refused), ("held", day.held)
    return ("applied", day.applied), ("other", day.other), ("open", day.open)


def _column(day: HistoryDay | InboundDay, x: float, pitch: float, scale: float) -> list[Bar]:
    bars: list[Bar] = []
    floor = float(HEIGHT - _BOTTOM)
    for kind, count in _parts(day):
        if count:
            height = max(count * scale, _SMALLEST_BAR)
            floor -= height
            bars.append(Bar(kind, round(x + pitch * 0.15, 2), round(floor, 2), round(pitch * 0.7, 2), round(height, 2)))
    return bars


def _step(top: int) -> int:
    """Return a round distance between levels that gives at most five of them."""
    power = 1
    while True:
        for step in _STEPS:
            if top <= 4 * step * power:
                return step * power
        power *= 10
