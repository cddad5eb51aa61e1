"""Column types that read the same from SQLite and PostgreSQL, and the one canonical form of JSON."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Final, cast

from sqlalchemy import Dialect, Enum, String, Text
from sqlalchemy.types import TypeDecorator

from renkei.clock import in_tokyo

SHA256: Final = String(64)
_INSTANT_LENGTH: Final = 32
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
_TEXT: Final = {str}
_SIMPLE: Final = {str, int, bool, type(None)}


class CanonicalText(str):
    """A JSON value that is in its canonical form already, such as one read from the ledger as text."""

    __slots__ = ()


def canonical(value: object) -> str:
    """Return JSON in the one form that digests are taken over: sorted keys, no spaces, no floats.

    Dates and instants become ISO text; anything else that JSON does not know is a `TypeError`.
    """
    return _ENCODER.encode(value if _is_plain(value) else _plain(value))


def canonical_digest(value: object) -> str:
    """Return the SHA-256, in hex, of a value's canonical form."""
    return text_digest(canonical(value))


def text_digest(text: str) -> str:
    """Return the SHA-256, in hex, of a canonical form."""
    return hashlib.sha256(text.encode()).hexdigest()


def _is_plain(value: object) -> bool:
    """Tell whether the encoder may have a value as it is; most are records of texts."""
    kind = type(value)
    if kind is dict:
        items = cast("dict[object, object]", value)
        return _TEXT.issuperset(map(type, items)) and (
            _SIMPLE.issuperset(map(type, items.values())) or all(map(_is_plain, items.values()))
        )
    return kind in _SIMPLE or (kind is list and all(map(_is_plain, cast("list[object]", value))))


def _plain(value: object) -> object:
    match value:
        case None | bool() | int():
            return value
        case str():
            return str(value)
        case datetime():
            return instant_text(value)
        case date():
            return value.isoformat()
        case Mapping():
            return {str(key): _plain(each) for key, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
    # The value itself stays out of the message: it may be anyone's.
    raise TypeError(f"no canonical JSON for {type(value).__name__}")


def instant_text(instant: datetime) -> str:
    """Return an aware instant as 32 characters of Tokyo time, whose order as text is their order in time."""
    return in_tokyo(instant).isoformat(timespec="microseconds")


class Instant(TypeDecorator[datetime]):
    """An aware instant, kept as ISO text in Asia/Tokyo."""

    impl = String(_INSTANT_LENGTH)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Write Tokyo time."""
        del dialect
        return None if value is None else instant_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """Read it back, aware, in Asia/Tokyo."""
        del dialect
        return None if value is None else in_tokyo(datetime.fromisoformat(value))


class Json(TypeDecorator[object]):
    """A JSON value, kept as canonical text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: object, dialect: Dialect) -> str | None:
        """Write the canonical form."""
        del dialect
        if isinstance(value, CanonicalText):
            return str(value)
        return None if value is None else canonical(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> object:
        """Read it back."""
        del dialect
        return None if value is None else json.loads(value)


def states(kind: type[StrEnum], name: str) -> Enum:
    """Return the column type of a closed list of states; the database refuses any other word."""
    return Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=16,
        values_callable=lambda members: [str(member.value) for member in members],
    )
