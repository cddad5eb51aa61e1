"""Makes the receipt of a file, seals it to the ward, and lets the faults that are set spoil what is shown."""

import json
import os
import shutil
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from mock_agency import faults, gpg
from mock_agency.clock import Now, read_instant
from mock_agency.faults import Fault
from mock_agency.keys import keyring, make_openpgp_key, own_fingerprint
from mock_agency.schemas import LAYOUT, Schemas
from mock_agency.site import Site, Trust
from mock_agency.taking_in import Answer


@dataclass(frozen=True, slots=True)
class Letter:
    """One file that came in: for whom it was sealed, under which name, with which digests."""

    counterparty: str
    municipality: str
    serial: int
    sealed_sha256: str
    package_sha256: str | None = None

    @property
    def stem(self) -> str:
        """What the names of the file and of its receipt begin with."""
        return f"{self.municipality}-{self.serial:08d}"


@dataclass(frozen=True, slots=True)
class Shown:
    """What the ward gets to see, what follows it, and when (machine time); `never`: until the fault is cleared."""

    first: bytes
    second: bytes | None
    second_after: float
    not_before: float
    looks: int
    never: bool


def receipt(
    letter: Letter,
    now: Now,
    code: str,
    *,
    clause: str = "",
    answers: list[Answer] | None = None,
    totals: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return a receipt (`exchange/layout-1/receipt.json`); an unreadable file's echoes the sealed digest alone."""
    outcome, code = _outcome(code, answers or [])
    unreadable = code in {"F10", "F11"}
    made: dict[str, Any] = {
        "kind": "receipt",
        "layout_version": LAYOUT,
        "municipality": letter.municipality,
        "counterparty": letter.counterparty,
        "serial": None if unreadable else letter.serial,
        "sealed_sha256": letter.sealed_sha256,
        "package_sha256": None if unreadable else letter.package_sha256,
        "received_at": now.iso,
        "outcome": outcome,
        "code": code,
        "records": [answer.entry() for answer in answers or []],
        "register_totals": None if unreadable else totals,
    }
    return made | ({"message": clause} if clause else {})


def _outcome(code: str, answers: list[Answer]) -> tuple[str, str]:
    if code != "F00":
        return "refused", code
    good = sum(answer.accepted for answer in answers)
    if good == len(answers):
        return "accepted", "F00"
    return ("partly" if good else "refused"), "F01"


class Sealer:
    """Seals receipts in a counterparty's name."""

    def __init__(self, site: Site, schemas: Schemas, trust: Trust) -> None:
        self._site, self._schemas, self._trust = site, schemas, trust

    def seal(self, letter: Letter, content: dict[str, Any], now: Now) -> bytes:
        """Sign with the counterparty's key, encrypt to the ward's."""
        signer = own_fingerprint(self._site, letter.counterparty)
        return self._sealed(letter, content, now, signer)

    def _sealed(self, letter: Letter, content: dict[str, Any], now: Now, signer: str | None) -> bytes:
        data = (json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()
        ring = keyring(self._site, letter.counterparty, letter.municipality)
        return gpg.seal(ring, data, signer=signer, recipient=self._trust.fingerprint, clock=now.gpg_options)

    def shown(self, letter: Letter, content: dict[str, Any], sealed: bytes, now: Now) -> Shown:
        """Return what the ward gets to see, after the faults that strike this file."""
        first, second, after = sealed, None, 0.0
        struck = faults.strike(self._site, faults.ANSWERS, letter.counterparty, letter.municipality, letter.stem)
        for fault in struck:
            if fault.name == "twice":
                second, after = sealed, fault.seconds
            elif fault.name == "twice-different":
                after = fault.seconds
                later = content | {"received_at": Now(now.instant + timedelta(seconds=1), now.faked).iso}
                second = self.seal(letter, later, now)
            else:
                first = self._spoilt(fault, letter, content, first, now)
        wait = max((fault.seconds for fault in struck if fault.name == "late"), default=0.0)
        looks = max((fault.looks for fault in struck), default=0)
        not_before = time.time() + wait if wait else 0.0
        return Shown(first, second, after, not_before, looks, any(fault.name == "never" for fault in struck))

    def _spoilt(self, fault: Fault, letter: Letter, content: dict[str, Any], sealed: bytes, now: Now) -> bytes:
        wrong = "0" * 64
        changes: dict[str, dict[str, Any]] = {
            "other-serial": {"serial": letter.serial + 1},
            "wrong-sealed-digest": {"sealed_sha256": wrong},
            "wrong-package-digest": {"package_sha256": wrong},
        }
        if fault.name in changes:
            return self.seal(letter, content | changes[fault.name], now)
        if fault.name == "unsigned":
            return self._sealed(letter, content, now, None)
        if fault.name == "truncated":
            return sealed[: len(sealed) * 2 // 3]
        return self._by_stranger(letter, content, now) if fault.name == "stranger" else sealed

    def _by_stranger(self, letter: Letter, content: dict[str, Any], now: Now) -> bytes:
        """Sign with a key made for this one answer and never published."""
        home = self._site.home / "gnupg" / f"s{os.getpid()}-{letter.serial}"
        ring = gpg.Keyring(home)
        try:
            stranger = make_openpgp_key(home, "stranger", read_instant(self._site.keys_from))
            own = keyring(self._site, letter.counterparty, letter.municipality)
            ring.call("--import", data=own.call("--export", self._trust.fingerprint)[0])
            data = json.dumps(content, ensure_ascii=False).encode()
            recipient = self._trust.fingerprint
            return gpg.seal(ring, data, signer=stranger, recipient=recipient, clock=now.gpg_options)
        finally:
            ring.stop_agent()
            shutil.rmtree(home, ignore_errors=True)
