"""The values of peers.toml; each function raises `ValueError` or `TypeError` for one that cannot be."""

import base64
import re
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from renkei.peers.peer import HostKey, OpenPgpKey, Period

REQUIRED: Final = (
    "host",
    "port",
    "host_key",
    "openpgp",
    "folder",
    "connection_id",
    "username",
    "key_file",
)
_HOST_KEY_KINDS: Final = ("ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ssh-rsa")
_FOLDER: Final = re.compile(r"\.|[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)*")
_FINGERPRINT: Final = re.compile(r"[0-9A-F]{40}")
_LARGEST_PORT: Final = 65535


def text(value: object) -> str:
    """Read a text without spaces or control characters."""
    if not isinstance(value, str) or not re.fullmatch(r"[!-~]+", value):
        raise ValueError
    return value


def port(value: object) -> int:
    """Read a TCP port."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= _LARGEST_PORT:
        raise ValueError
    return value


def folder(value: object) -> str:
    """Read the municipality's folder at the peer: relative plain names, or `.` for the login folder."""
    if not isinstance(value, str) or not _FOLDER.fullmatch(value):
        raise ValueError
    return value


def key_file(value: object, base: Path) -> Path:
    """Read the path of the login key; one that is not absolute lies beside peers.toml."""
    return base / text(value)


def period(entry: Mapping[str, Any]) -> Period:
    """Read `valid_from` and `valid_to`; a period without a day cannot be."""
    found = Period(_day(entry.get("valid_from")), _day(entry.get("valid_to")))
    if found.is_empty:
        raise ValueError
    return found


def host_keys(value: object) -> tuple[HostKey, ...]:
    """Read `host_key`: one line of OpenSSH, or a list of `{key, valid_from, valid_to}`."""
    entries = [{"key": value}] if isinstance(value, str) else value
    if not isinstance(entries, list):
        raise TypeError
    return tuple(_host_key(entry) for entry in entries)


def openpgp_keys(value: object) -> tuple[OpenPgpKey, ...]:
    """Read `openpgp`: a list of `{fingerprint, valid_from, valid_to}`, fingerprints of primary keys."""
    if not isinstance(value, list):
        raise TypeError
    return tuple(OpenPgpKey(_fingerprint(entry["fingerprint"]), period(entry)) for entry in value)


def host_key_parts(line: str) -> tuple[str, str]:
    """Split an OpenSSH public key line into type and base64 blob, and check that they belong together."""
    kind, blob, *_ = line.split()
    raw = base64.b64decode(blob, validate=True)
    length = int.from_bytes(raw[:4], "big")
    if kind not in _HOST_KEY_KINDS or raw[4 : 4 + length] != kind.encode():
        raise ValueError
    return kind, blob


def _host_key(entry: Mapping[str, Any]) -> HostKey:
    kind, blob = host_key_parts(entry["key"])
    return HostKey(kind, blob, period(entry))


def _fingerprint(value: str) -> str:
    found = value.replace(" ", "").upper()
    if not _FINGERPRINT.fullmatch(found):
        raise ValueError
    return found


def _day(value: object) -> date | None:
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    raise TypeError
