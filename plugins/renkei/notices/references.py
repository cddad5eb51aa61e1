"""Identities that do not tell whom they name: person references and notice ids (contract §4).

Both are HMAC-SHA-256 under a person-reference key, cut to 128 bits; schemas/README.md has the text covered.
A person keeps the key under which she was first seen; a new key serves persons first seen after it.
"""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from renkei.errors import ReferenceKeysUnreadable, ReferenceKeyUnknown

_LINE = re.compile(r"([a-z0-9]{1,8}):([0-9a-f]{64})")
_BYTES = 16


@dataclass(frozen=True, slots=True)
class ReferenceKey:
    """One person-reference key: its public id and its 32 secret bytes."""

    id: str
    secret: bytes = field(repr=False)

    def pseudonym(self, text: str) -> str:
        """Return 32 hex digits that stand for a text and cannot be computed without the key."""
        return hmac.digest(self.secret, text.encode("utf-8"), "sha256")[:_BYTES].hex()


def person_reference(key: ReferenceKey, municipality: str, registry_number: str) -> str:
    """Return the pseudonym under which the agency knows a person: `<key id>-<32 hex digits>`."""
    return f"{key.id}-{key.pseudonym(f'person|{municipality}|{registry_number}')}"


def notice_id(key: ReferenceKey, municipality: str, family: str, *parts: str) -> str:
    """Return the identity of a notice, the same over files, media and resends (contract §4).

    `parts` by family: registry number and history number (resident_records, residence_reports with an event);
    report number (residence_reports without an event); certificate number and article code (certificates).
    """
    return key.pseudonym("|".join(("notice", municipality, family, *parts)))


@dataclass(frozen=True, slots=True)
class ReferenceKeys:
    """All person-reference keys of a site, oldest first, and which of them a known person bears."""

    keys: tuple[ReferenceKey, ...]
    remembered: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def load(cls, path: Path) -> "ReferenceKeys":
        """Read a key file: one line `<id>:<64 hex digits>` per key, the newest last.

        Raises `ReferenceKeysUnreadable` with the line number, never the line.
        """
        try:
            lines = path.read_text(encoding="ascii").splitlines()
        except (OSError, ValueError):
            raise ReferenceKeysUnreadable(file=path.name, line=0) from None
        keys = tuple(_key(path.name, number, line) for number, line in enumerate(lines, 1))
        if not keys or len({key.id for key in keys}) != len(keys):
            raise ReferenceKeysUnreadable(file=path.name, line=len(lines))
        return cls(keys)

    @property
    def newest(self) -> ReferenceKey:
        """The key for whom we see for the first time."""
        return self.keys[-1]

    def by_id(self, key_id: str) -> ReferenceKey:
        """Return a key by its id; raises `ReferenceKeyUnknown`."""
        for key in self.keys:
            if key.id == key_id:
                return key
        raise ReferenceKeyUnknown(key=key_id)

    def for_person(self, registry_number: str) -> ReferenceKey:
        """Return the key of a person: the remembered one, else the newest."""
        key_id = self.remembered.get(registry_number)
        return self.newest if key_id is None else self.by_id(key_id)

    def remembering(self, key_ids: Mapping[str, str]) -> "ReferenceKeys":
        """Return the same keys with what the ledger knows: registry number → key id."""
        return replace(self, remembered=MappingProxyType(dict(key_ids)))


def _key(file: str, number: int, line: str) -> ReferenceKey:
    matched = _LINE.fullmatch(line)
    if matched is None:
        raise ReferenceKeysUnreadable(file=file, line=number)
    return ReferenceKey(matched[1], bytes.fromhex(matched[2]))
