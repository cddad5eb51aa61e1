"""gpg in one dedicated folder of keys, by our clock, and its agents stopped afterwards."""

import fcntl
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import gnupg

from renkei.clock import Clock
from renkei.errors import GnupgUnusable, KeyUnusable

# An agent's socket lies in the home; the kernel allows its name 107 bytes, the longest of gpg's adds 24.
_LONGEST_HOME: Final = 80
_BUFFER: Final = 1 << 20
_OPTIONS: Final = (
    "--no-options",
    "--no-auto-key-retrieve",
    "--disable-dirmngr",
    # python-gnupg reads gpg's status where gpg also writes its prose, which quotes what a sender chose.
    "--logger-file",
    os.devnull,
)
_UNUSABLE: Final = {"e": "expired", "r": "revoked", "d": "disabled", "i": "invalid at this time"}


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key at hand: primary fingerprint, all its fingerprints, ids of its usable encryption subkeys."""

    fingerprint: str
    all_fingerprints: frozenset[str]
    encryption_ids: frozenset[str]


def public_keys(home: Path) -> frozenset[str]:
    """Return the primary fingerprints of all public keys in a home, none where there is no keyring yet.

    Needs neither a secret key nor an agent, and waits for nobody who works there. Raises `GnupgUnusable`.
    """
    if not any((home / name).exists() for name in ("pubring.kbx", "pubring.gpg")):
        return frozenset()
    command = ["gpg", *_OPTIONS, "--homedir", str(home), "--batch", "--trust-model", "always", "--with-colons"]
    try:
        listed = subprocess.run([*command, "--list-keys"], check=False, capture_output=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        raise GnupgUnusable(reason="gpg") from None
    if listed.returncode != 0:
        raise GnupgUnusable(reason=f"keys: gpg status {listed.returncode}")
    rows = [line.split(":") for line in listed.stdout.decode("utf-8", "replace").splitlines()]
    return frozenset(after[9] for row, after in pairwise(rows) if row[0] == "pub" and after[0] == "fpr")


@contextmanager
def gpg_in(home: Path, clock: Clock) -> Iterator[gnupg.GPG]:
    """Give gpg in `home`, alone there until the block ends; its agents are stopped then.

    A clock that is not the machine's is told to gpg and stands still (contract §8).
    Raises `GnupgUnusable` where there is no gpg or no such home.
    """
    with _alone_in(home), _short(home) as short:
        try:
            yield _gpg(short, clock)
        finally:
            stop_agents(short)


def stop_agents(home: Path) -> None:
    """Stop what gpg has left running for this home; what does not run is no error."""
    command = ["gpgconf", "--homedir", str(home), "--kill", "all"]
    try:
        subprocess.run(command, check=False, capture_output=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        raise GnupgUnusable(reason="gpgconf") from None


def public_key(gpg: gnupg.GPG, fingerprint: str, role: str) -> PublicKey:
    """Return the key with this primary fingerprint; `KeyUnusable` when missing, expired or revoked."""
    for key in gpg.list_keys(keys=[fingerprint]):
        if key["fingerprint"] == fingerprint:
            if key["trust"] in _UNUSABLE:
                raise KeyUnusable(fingerprint=fingerprint, role=role, reason=_UNUSABLE[key["trust"]])
            return _described(key)
    raise KeyUnusable(fingerprint=fingerprint, role=role, reason="missing")


def need_secret_key(gpg: gnupg.GPG, fingerprint: str, role: str) -> None:
    """Raise `KeyUnusable` unless the secret half is in the home too."""
    if all(key["fingerprint"] != fingerprint for key in gpg.list_keys(secret=True, keys=[fingerprint])):
        raise KeyUnusable(fingerprint=fingerprint, role=role, reason="secret key missing")


def _described(key: dict[str, Any]) -> PublicKey:
    details = key.get("subkey_info", {})  # a home for sealing need not hold the ward's encryption subkey
    return PublicKey(
        fingerprint=key["fingerprint"],
        all_fingerprints=frozenset((key["fingerprint"], *(subkey[2] for subkey in key["subkeys"]))),
        encryption_ids=frozenset(
            subkey[0] for subkey in key["subkeys"] if "e" in subkey[1] and details[subkey[0]]["trust"] not in _UNUSABLE
        ),
    )


def _gpg(home: Path, clock: Clock) -> gnupg.GPG:
    options = list(_OPTIONS)
    if clock.faked:
        stamp = clock.now().astimezone(UTC).strftime("%Y%m%dT%H%M%S")
        options += ["--faked-system-time", f"{stamp}!"]
    try:
        gpg = gnupg.GPG(gnupghome=str(home), options=options)
    except (OSError, ValueError):
        raise GnupgUnusable(reason="gpg") from None
    gpg.buffer_size = _BUFFER
    return gpg


@contextmanager
def _alone_in(home: Path) -> Iterator[None]:
    # Stopping the agents in the end would otherwise take them from another step that is at work in this home.
    try:
        descriptor = os.open(home / "renkei.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as trouble:
        raise GnupgUnusable(reason=f"keys: {os.strerror(trouble.errno or 0)}") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _short(home: Path) -> Iterator[Path]:
    place = home.absolute()
    if len(os.fsencode(place)) <= _LONGEST_HOME:
        yield place
        return
    with tempfile.TemporaryDirectory(prefix="gpg-") as folder:
        short = Path(folder, "h")
        short.symlink_to(place)
        yield short
