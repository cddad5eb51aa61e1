"""The working days of a build, and what is to happen on each."""

from collections.abc import Callable
from datetime import date, timedelta

from synthetic_registry.dice import Dice
from synthetic_registry.registry import Registry
from synthetic_registry.tables import office_open

Step = Callable[[], object]


class Agenda:
    """Steps by day. Steps that are added together keep their order; those of others fall between them."""

    def __init__(self, baseline: date, last: date, dice: Dice) -> None:
        self.last = last
        self._baseline = baseline
        self._dice = dice
        self._steps: dict[date, list[tuple[float, int, Step]]] = {}
        self._added = 0

    def nth(self, number: int) -> date:
        """The n-th working day after the baseline (1, 2, 3 …), also beyond the build's last day."""
        day = self._baseline
        while number:
            day += timedelta(days=1)
            number -= office_open(day)
        return day

    def add(self, day: date, *steps: Step) -> None:
        """Let something happen on a day; a day after the last is never reached."""
        points = sorted(self._dice.point() for _ in steps)
        for point, step in zip(points, steps, strict=True):
            self._added += 1
            self._steps.setdefault(day, []).append((point, self._added, step))

    def run(self, day: date) -> None:
        """Do what is to be done today, in its order; steps may add others to later days."""
        for _, _, step in sorted(self._steps.pop(day, []), key=lambda entry: entry[:2]):
            step()


class Pool:
    """Residents of the baseline from whom people are picked, each one once."""

    def __init__(self, registry: Registry, kinds: dict[str, list[str]], dice: Dice) -> None:
        self._registry = registry
        self._kinds = kinds
        self._dice = dice
        self._picked: set[str] = set()

    def pick(self, kind: str = "ordinary") -> str:
        """Somebody of a kind who has not been picked before."""
        numbers = self._kinds[kind]
        start = self._dice.below(len(numbers))
        for ahead in range(len(numbers)):
            number = numbers[(start + ahead) % len(numbers)]
            if number not in self._picked:
                self._picked.add(number)
                return number
        raise PoolError(f"no resident of the kind {kind} is left: build with more residents")

    def has_picked(self, number: str) -> bool:
        """Whether somebody has been picked: he has business of his own in these days."""
        return number in self._picked

    def leave_out(self, number: str) -> None:
        """Let nobody pick this resident any more."""
        self._picked.add(number)


class PoolError(Exception):
    """The registry is too small for what is to happen in it."""
