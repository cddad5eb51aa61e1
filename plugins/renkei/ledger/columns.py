"""Column types that read the same from SQLite and PostgreSQL, and the one canonical form of JSON."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import Dialect, Enum, String, Text
from sqlalchemy.types import TypeDecorator

from renkei.clock import in_tokyo

SHA256: Final = String(64)
_INSTANT_LENGTH: Final = 32


def canonical(value: object) -> str:
    """Return JSON in the one form that digests are taken over: sorted keys, no spaces, no floats.

    Dates and instants become ISO text; anything else that JSON does not know is a `TypeError`.
    """
    return json.dumps(_plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def canonical_digest(value: object) -> str:
    """Return the SHA-256, in hex, of a value's canonical form."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


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
