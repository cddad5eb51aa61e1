"""Faults on demand: what goes wrong at the agency or on the line, by name, for so many of the next files.

They stand in `H/faults.json` and are read again at each file and each connection. Names:

answers   late (seconds or looks) · never · twice · twice-different · other-serial · wrong-sealed-digest ·
          wrong-package-digest · stranger · unsigned · truncated
judgement refuse-file (a file code) · refuse-records (by event reason or record number, with code and items)
line      refuse-key · other-host-key · no-space · cut-line (both after so many bytes) · read-only-inbox
"""

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from mock_agency.errors import SiteError
from mock_agency.site import Site, locked, write_whole

ANSWERS = ("late", "never", "twice", "twice-different", "other-serial", "wrong-sealed-digest",
           "wrong-package-digest", "stranger", "unsigned", "truncated")  # fmt: skip
JUDGEMENT = ("refuse-file", "refuse-records")
LINE = ("refuse-key", "other-host-key", "no-space", "cut-line", "read-only-inbox")
NAMES = (*ANSWERS, *JUDGEMENT, *LINE)
ALWAYS = -1


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: `times` files or connections are left to it (-1: until cleared), the rest are its arguments."""

    name: str
    times: int = 1
    municipality: str | None = None
    counterparty: str | None = None
    seconds: float = 0.0
    looks: int = 0
    bytes: int = 0
    code: str = ""
    items: tuple[str, ...] = ()
    event_reason: str = ""
    records: tuple[int, ...] = ()
    seed: int = 0
    chance: float = 1.0

    def concerns(self, counterparty: str, municipality: str, token: str) -> bool:
        """Tell whether this fault strikes here; a chance below 1 is settled by the seed and the token alone."""
        if self.municipality not in (None, municipality) or self.counterparty not in (None, counterparty):
            return False
        lot = hmac.new(str(self.seed).encode(), f"{self.name}|{token}".encode(), hashlib.sha256).digest()
        return int.from_bytes(lot[:4]) < self.chance * (1 << 32)


def read(site: Site) -> list[Fault]:
    """Return the faults that are set."""
    try:
        entries: list[dict[str, Any]] = json.loads((site.home / "faults.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    return [_fault(entry) for entry in entries]


def _fault(entry: dict[str, Any]) -> Fault:
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
    return Fault(**values)


def change(site: Site, how: Callable[[list[Fault]], list[Fault]]) -> None:
    """Replace the list of faults, one writer at a time."""
    with locked(site, "faults"):
        entries = [asdict(fault) for fault in how(read(site))]
        write_whole(site.home / "faults.json", json.dumps(entries, indent=2).encode())


def add(site: Site, fault: Fault) -> None:
    """Set a fault beside those that are set; raises SiteError for an unknown name."""
    if fault.name not in NAMES:
        raise SiteError(f"unknown fault {fault.name}; known: {', '.join(NAMES)}")
    change(site, lambda faults: [*faults, fault])


def clear(site: Site, name: str | None) -> None:
    """Clear the faults of one name, or all."""
    change(site, lambda faults: [fault for fault in faults if name is not None and fault.name != name])


def strike(site: Site, names: tuple[str, ...], counterparty: str, municipality: str, token: str) -> list[Fault]:
    """Return the faults of these names that strike now, and count them down."""
    if not any(fault.name in names for fault in read(site)):
        return []
    struck: list[Fault] = []

    def count(faults: list[Fault]) -> list[Fault]:
        left = []
        for fault in faults:
            if fault.name not in names or not fault.concerns(counterparty, municipality, token):
                left.append(fault)
                continue
            struck.append(fault)
            if fault.times == ALWAYS or fault.times > 1:
                less = fault.times if fault.times == ALWAYS else fault.times - 1
                left.append(replace(fault, times=less))
        return left

    change(site, count)
    return struck
