"""Settings of one site: `$RENKEI_HOME/renkei.toml`, overridden by RENKEI_* of the environment.

A key of the file is a field's name, its variable is RENKEI_ and the name in capitals (`receipt_deadline`,
RENKEI_RECEIPT_DEADLINE). A path that is not absolute lies under the home. A key nobody knows is refused, so
that a slip of the pen does not become a default.
"""

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any, Final, Self

from renkei.clock import REAL, faked_hour
from renkei.errors import SettingInvalid, SettingMissing

PREFIX: Final = "RENKEI_"
FILE_NAME: Final = "renkei.toml"

# Where each folder or file lies under the home unless the site says otherwise.
_PLACES: Final = {
    "extracts": "extracts",
    "work_dir": "work",
    "sealed_dir": "sealed",
    "inbound_dir": "inbound",
    "reports_dir": "reports",
    "evidence_dir": "evidence",
    "witness_file": "keys/witness.json",
    "evidence_home": "keys/evidence",
    "worklists_dir": "worklists",
    "quarantine_dir": "quarantine",
    "peers_file": "peers.toml",
    "reference_keys": "keys/reference-keys",
    "gnupg_seal_home": "keys/gnupg-seal",
    "gnupg_open_home": "keys/gnupg-open",
}
_REPOSITORY_SCHEMAS: Final = Path(__file__).resolve().parents[2] / "schemas"


@dataclass(frozen=True, slots=True)
class Settings:
    """What one site has set; every path is absolute. `ledger_url` can hold a password and is never shown."""

    home: Path
    municipality: str
    ward_fingerprint: str
    extracts: Path
    schemas_dir: Path
    work_dir: Path
    sealed_dir: Path
    inbound_dir: Path
    reports_dir: Path
    evidence_dir: Path
    witness_file: Path
    evidence_home: Path
    worklists_dir: Path
    quarantine_dir: Path
    peers_file: Path
    reference_keys: Path
    gnupg_seal_home: Path
    """The ward's secret signing key and the counterparties' public keys, to seal for them."""
    gnupg_open_home: Path
    """The ward's secret decryption key and the counterparties' public keys, to verify what they signed."""
    ledger_url: str = field(repr=False)
    schedule_start: date | None = None
    schedule_end: date | None = None
    receipt_deadline: int = 60
    """Minutes from publishing a file to the alarm that no receipt came."""
    extract_deadline: int = 240
    """Minutes from the start of a run to the alarm that the day's extract is missing."""
    agency_poll_minutes: int = 30
    """Minutes between two looks into the agency's outbox, a divisor of 60; 0: only by hand."""
    agency_files_per_run: int = 50
    """How many of the agency's files one run fetches at most; the others wait at the agency."""
    agency_gap_deadline: int = 120
    """Minutes from seeing that a serial of the agency's is missing to the alarm."""
    arrival_wait_days: int = 14
    """Days from an agency's event in which a newcomer may still report (住基法22条): so long nobody found waits."""
    poke_seconds: int = 30
    """Seconds between two looks while a task waits."""
    clock: str = REAL
    """`real`, or `business-date@HH:MM` for a demo or a replay."""
    evidence_fingerprint: str = ""
    """Primary fingerprint of the key that signs bundles for auditors; empty: none are signed."""
    session_idle_seconds: int = 900
    """Seconds without a key, a click or the pointer until a person is logged off in the browser."""
    session_max_seconds: int = 28_800
    """Seconds after which a person is logged off, whatever goes on."""
    lockout_failures: int = 5
    """Failed log-ons in a row that lock a user out."""
    lockout_minutes: int = 30
    """Minutes for which a user is locked out."""
    four_eyes: tuple[str, ...] = ("resend", "reseal", "waive", "release_day", "supplement")
    """Kinds of decisions that one person asks for and another approves."""

    @classmethod
    def load(cls, home: Path | None = None, environ: Mapping[str, str] = os.environ) -> Self:
        """Read the settings of the home given, else of RENKEI_HOME.

        Raises `SettingMissing` for one without a default, `SettingInvalid` for a wrong value or key.
        """
        place = _home(home, environ)
        given = {**_from_file(place / FILE_NAME), **_from_environment(environ)}
        given.setdefault("ledger_url", f"sqlite:///{place / 'ledger' / 'ledger.sqlite'}")
        given.setdefault("schemas_dir", _REPOSITORY_SCHEMAS)
        for name, default in _PLACES.items():
            given.setdefault(name, default)
        values = {name: _parsed(name, value, place) for name, value in given.items()}
        for name in ("municipality", "ward_fingerprint"):
            if name not in values:
                raise SettingMissing(name=name.upper())
        return cls(home=place, **values)


def _home(home: Path | None, environ: Mapping[str, str]) -> Path:
    if home is None:
        if not environ.get(f"{PREFIX}HOME"):
            raise SettingMissing(name="HOME")
        home = Path(environ[f"{PREFIX}HOME"])
    return home.expanduser().absolute()


def _from_file(file: Path) -> dict[str, object]:
    try:
        with file.open("rb") as stream:
            found = tomllib.load(stream)
    except FileNotFoundError:
        return {}
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise SettingInvalid(name=FILE_NAME, rule="readable TOML") from None
    known = {each.name for each in fields(Settings)} - {"home"}
    for name in found:
        if name not in known:
            raise SettingInvalid(name=name, rule="unknown key")
    return found


def _from_environment(environ: Mapping[str, str]) -> dict[str, object]:
    # RENKEI_SCHEMAS is the short name that the programs of docker/ use as well.
    names = {each.name: f"{PREFIX}{each.name.upper()}" for each in fields(Settings) if each.name != "home"}
    found: dict[str, object] = {name: environ[variable] for name, variable in names.items() if environ.get(variable)}
    if environ.get(f"{PREFIX}SCHEMAS"):
        found.setdefault("schemas_dir", environ[f"{PREFIX}SCHEMAS"])
    return found


def _day(value: object) -> date:
    return value if type(value) is date else date.fromisoformat(str(value))


def _positive(value: object) -> int:
    number = int(str(value))
    if number < 1:
        raise ValueError
    return number


def _divisor_of_an_hour(value: object) -> int:
    number = int(str(value))
    if number < 0 or (number and 60 % number):
        raise ValueError
    return number


def _clock(value: object) -> str:
    faked_hour(str(value))
    return str(value)


def _matching(pattern: str) -> Callable[[object], str]:
    def parse(value: object) -> str:
        if not re.fullmatch(pattern, str(value)):
            raise ValueError
        return str(value)

    return parse


def _names(value: object) -> tuple[str, ...]:
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list):
        raise TypeError
    return tuple(str(part).strip() for part in parts if str(part).strip())


_PARSERS: Final[dict[str, tuple[Callable[[object], object], str]]] = {
    "municipality": (_matching(r"[0-9]{6}"), "6 digits"),
    "ward_fingerprint": (_matching(r"[0-9A-F]{40}"), "40 capital hexadecimal digits"),
    "evidence_fingerprint": (_matching(r"(?:[0-9A-F]{40})?"), "40 capital hexadecimal digits"),
    "ledger_url": (_matching(r"(?:sqlite|postgresql\+psycopg)://.+"), "sqlite:// | postgresql+psycopg://"),
    "schedule_start": (_day, "YYYY-MM-DD"),
    "schedule_end": (_day, "YYYY-MM-DD"),
    "receipt_deadline": (_positive, "minutes"),
    "extract_deadline": (_positive, "minutes"),
    "agency_poll_minutes": (_divisor_of_an_hour, "minutes, 0 or a divisor of 60"),
    "agency_files_per_run": (_positive, "files"),
    "agency_gap_deadline": (_positive, "minutes"),
    "arrival_wait_days": (_positive, "days"),
    "poke_seconds": (_positive, "seconds"),
    "session_idle_seconds": (_positive, "seconds"),
    "session_max_seconds": (_positive, "seconds"),
    "lockout_failures": (_positive, "times"),
    "lockout_minutes": (_positive, "minutes"),
    "clock": (_clock, "real | business-date@HH:MM"),
    "four_eyes": (_names, "names of decisions"),
}


def _parsed(name: str, value: object, home: Path) -> Any:  # noqa: ANN401  each field has its own type
    parser, rule = _PARSERS.get(name, (lambda path: home / Path(str(path)).expanduser(), "path"))
    try:
        return parser(value)
    except (ValueError, TypeError):
        raise SettingInvalid(name=name.upper(), rule=rule) from None
