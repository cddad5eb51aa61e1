"""The pages' words, once per language in `texts.toml`, Japanese first; dates as each reader writes them."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

from renkei.clock import in_tokyo, wareki

LANGUAGES = ("ja", "en")
_FILE = Path(__file__).with_name("texts.toml")
_WEEKDAYS = {"ja": "月火水木金土日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}


@dataclass(frozen=True, slots=True)
class Words:
    """Everything a page says in one language."""

    language: str

    @property
    def other(self) -> str:
        """Return the other language."""
        return "en" if self.language == "ja" else "ja"

    def __call__(self, key: str, **values: object) -> str:
        """Return the text of a key, its fields filled; an unknown key is a fault and raises `KeyError`."""
        return texts()[key][self.language].format(**{name: self.shown(value) for name, value in values.items()})

    def of(self, pair: object) -> str:
        """Return the side of something that has both: attributes `ja` and `en`."""
        return str(getattr(pair, self.language))

    def side(self, japanese: str, english: str) -> str:
        """Return one of two texts."""
        return japanese if self.language == "ja" else english

    def shown(self, value: object) -> str:
        """Return a value as people read it."""
        match value:
            case bool():
                return str(value)
            case int():
                return f"{value:,}"
            case datetime():
                return in_tokyo(value).strftime("%Y-%m-%d %H:%M:%S")
            case date():
                return f"{wareki(value)}({value.isoformat()})" if self.language == "ja" else value.isoformat()
        return str(value)

    def weekday(self, day: date) -> str:
        """Return the day of the week, short."""
        return _WEEKDAYS[self.language][day.weekday()]


@cache
def texts() -> Mapping[str, Mapping[str, str]]:
    """Return all texts by key and language."""
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def words(language: str) -> Words:
    """Return the words of a language; Japanese where another is asked for."""
    return Words(language if language in LANGUAGES else "ja")
