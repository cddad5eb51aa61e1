"""What gpg says by its status lines. python-gnupg folds several into one word; the rule needs each."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Final, Self

_PREFIX: Final = "[GNUPG:] "


@dataclass(frozen=True, slots=True)
class Status:
    """The status lines of one gpg call, by keyword, in order, and its exit code."""

    code: int
    lines: dict[str, list[list[str]]]

    @classmethod
    def of(cls, result: Any) -> Self:  # noqa: ANN401  # python-gnupg ships no types
        """Read a result of python-gnupg."""
        lines: defaultdict[str, list[list[str]]] = defaultdict(list)
        for line in result.stderr.split("\n"):
            if line.startswith(_PREFIX):
                keyword, *values = line.removeprefix(_PREFIX).split() or [""]
                lines[keyword].append(values)
        return cls(code=result.returncode, lines=dict(lines))

    def count(self, *keywords: str) -> int:
        """Return how often any of the keywords was said."""
        return sum(len(self.lines.get(keyword, ())) for keyword in keywords)

    def values(self, keyword: str, place: int) -> list[str]:
        """Return one field of each line with the keyword; a line too short for it gives an empty text."""
        return [line[place] if place < len(line) else "" for line in self.lines.get(keyword, ())]
