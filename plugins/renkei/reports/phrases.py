"""The report's words: each once per language in `texts/`, Japanese first; nothing is worded in code."""

import json
import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from importlib.resources import files

from renkei.clock import in_tokyo, wareki
from renkei.reports.model import Label, Municipality

LANGUAGES = ("ja", "en")
_WEEKDAYS = "月火水木金土日"
_SEPARATOR = " / "


@dataclass(frozen=True, slots=True)
class Phrase:
    """The same text in both languages."""

    ja: str
    en: str

    def __str__(self) -> str:
        """Return both, Japanese first; once where they are the same."""
        return self.ja if self.ja == self.en else f"{self.ja}{_SEPARATOR}{self.en}"


@cache
def texts(language: str) -> Mapping[str, str]:
    """Return the texts of one language by key."""
    source = files("renkei.reports").joinpath("texts", f"{language}.json")
    loaded: dict[str, str] = json.loads(source.read_text(encoding="utf-8"))
    return loaded


def phrase(key: str, **values: object) -> Phrase:
    """Return the text of a key in both languages, its fields filled.

    A value may be a phrase or a label (each language takes its own), a number (shown with thousands), a date
    or an instant. An unknown key is a fault of the product and raises `KeyError`.
    """
    return Phrase(*(_filled(texts(language)[key], values, language) for language in LANGUAGES))


def _filled(text: str, values: Mapping[str, object], language: str) -> str:
    names = {name for _, name, _, _ in string.Formatter().parse(text) if name}
    return text.format(**{name: getattr(spoken(values[name]), language) for name in names})


def spoken(value: object) -> Phrase:
    """Return a value as people read it in either language."""
    match value:
        case Phrase():
            return value
        case Label() | Municipality():
            return Phrase(value.ja, value.en)
        case StrEnum():
            return phrase(f"enum.{type(value).__name__}.{value.value}")
        case int():
            return Phrase(f"{value:,}", f"{value:,}")
        case datetime():
            shown = in_tokyo(value).strftime("%Y-%m-%d %H:%M:%S")
            return Phrase(shown, f"{shown} (Asia/Tokyo)")
        case date():
            return Phrase(wareki(value), value.isoformat())
    return Phrase(str(value), str(value))


def weekday(day: date) -> Phrase:
    """Return the day of the week."""
    return Phrase(_WEEKDAYS[day.weekday()], day.strftime("%A"))


def short_day(day: date) -> Phrase:
    """Return month and day."""
    return Phrase(f"{day.month}月{day.day}日", f"{day.day} {day.strftime('%B')}")


def field_label(cls: type, name: str) -> Phrase:
    """Return what a field of the model is called."""
    return phrase(f"field.{cls.__name__}.{name}")
