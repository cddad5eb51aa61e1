"""Throw-away OpenPGP keys and hostile messages, made by the real gpg in temporary homes.

Keys are made at `MADE` by a faked clock, before any business date that a test plays, so that both the
machine's clock and a faked one can use them. Every agent that was started is stopped at the end.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

MADE = datetime(2018, 1, 1, tzinfo=UTC)
_KEY = """%no-protection
Key-Type: EDDSA
Key-Curve: ed25519
Key-Usage: sign
Subkey-Type: ECDH
Subkey-Curve: cv25519
Subkey-Usage: encrypt
Name-Real: {name}
Name-Email: {mail}@example.invalid
Expire-Date: {expires}
%commit
"""


@dataclass(frozen=True, slots=True)
class Keyring:
    """A GnuPG home of its own. `copy` makes another that a test may change."""

    home: Path

    @classmethod
    def new(cls) -> "Keyring":
        """Make an empty home; its path is short, since an agent's socket name has to fit in 107 bytes."""
        return cls(Path(tempfile.mkdtemp(prefix="pgp-")))

    def copy(self) -> "Keyring":
        """Return a home of its own with the same keys."""
        other = Keyring.new()
        skip = shutil.ignore_patterns("S.*", "*.lock", ".#*")
        shutil.copytree(self.home, other.home, ignore=skip, dirs_exist_ok=True)
        return other

    def gpg(self, *arguments: str | Path, at: datetime | None = None, stdin: bytes = b"", check: bool = True) -> bytes:
        """Run gpg in this home, by a clock that stands at `at`; return what it wrote to standard output."""
        command = [
            "gpg",
            "--batch",
            "--no-tty",
            "--quiet",
            "--homedir",
            str(self.home),
            "--trust-model",
            "always",
        ]
        if at is not None:
            command += ["--faked-system-time", at.astimezone(UTC).strftime("%Y%m%dT%H%M%S!")]
        done = subprocess.run([*command, *map(str, arguments)], input=stdin, capture_output=True, check=False)
        if check and done.returncode:
            raise AssertionError(f"gpg {arguments} ended with {done.returncode}: {done.stderr.decode()}")
        return done.stdout

    def make(self, name: str, *, at: datetime = MADE, expires: str = "0") -> str:
        """Make a key pair (ed25519, cv25519) without a passphrase; return the primary fingerprint.

        `expires` as gpg takes it: `0` never, `10d` ten days after `at`.
        """
        text = _KEY.format(name=name, mail=name.lower().replace(" ", "-"), expires=expires)
        lines = self.gpg("--status-fd", "1", "--gen-key", at=at, stdin=text.encode()).decode().splitlines()
        return next(line.split()[3] for line in lines if line.startswith("[GNUPG:] KEY_CREATED"))

    def add_signing_subkey(self, fingerprint: str, *, at: datetime = MADE) -> None:
        """Give a key a subkey that signs in its place."""
        self.gpg("--passphrase", "", "--quick-add-key", fingerprint, "ed25519", "sign", "0", at=at)

    def revoke(self, fingerprint: str) -> None:
        """Revoke a key by the certificate that gpg wrote when it made the key."""
        certificate = (self.home / "openpgp-revocs.d" / f"{fingerprint}.rev").read_text()
        self.gpg("--import", stdin=certificate.replace("\n:-----BEGIN", "\n-----BEGIN").encode())

    def public(self, *fingerprints: str) -> bytes:
        """Return public keys, as a party would hand them over; all of them when none is named."""
        return self.gpg("--export", *fingerprints)

    def secret(self, fingerprint: str) -> bytes:
        """Return a secret key with its public one."""
        return self.gpg("--export-secret-keys", fingerprint)

    def take(self, *keys: bytes) -> "Keyring":
        """Import keys; return this keyring."""
        for key in keys:
            self.gpg("--import", stdin=key)
        return self

    def seal(self, plain: bytes, *, to: tuple[str, ...], by: tuple[str, ...], at: datetime | None = None) -> bytes:
        """Return one binary message, signed by none, one or several and encrypted to one or several."""
        arguments = ["-z", "0", "--cipher-algo", "AES256", "--digest-algo", "SHA512", "--encrypt"]
        arguments += [word for key in to for word in ("--recipient", key)]
        arguments += (["--sign"] if by else []) + [word for key in by for word in ("--local-user", key)]
        return self.gpg(*arguments, at=at, stdin=plain)

    def stop(self) -> None:
        """Stop the agents of this home."""
        subprocess.run(["gpgconf", "--homedir", self.home, "--kill", "all"], check=False, capture_output=True)

    def remove(self) -> None:
        """Stop the agents and remove the home."""
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Party:
    """One side: a home with its own secret key, and that key's primary fingerprint."""

    keys: Keyring
    fingerprint: str

    @property
    def public(self) -> bytes:
        """The public key."""
        return self.keys.public(self.fingerprint)


@dataclass(frozen=True, slots=True)
class Parties:
    """Everybody in a play: the ward, its counterparty, the counterparty that comes after, and a stranger."""

    ward: Party
    agency: Party
    successor: Party
    stranger: Party


def make_party(name: str, *, at: datetime = MADE, expires: str = "0") -> Party:
    """Make a party with a home and a key of its own; whoever makes it removes `keys`."""
    keys = Keyring.new()
    return Party(keys, keys.make(name, at=at, expires=expires))


@pytest.fixture(scope="session")
def party_originals() -> Iterator[Parties]:
    """The keys of the whole session; tests take `parties`, which are copies."""
    made = Parties(*(make_party(name) for name in ("Ward", "Agency", "Successor", "Stranger")))
    yield made
    for party in (made.ward, made.agency, made.successor, made.stranger):
        party.keys.remove()


@pytest.fixture
def keyrings() -> Iterator[list[Keyring]]:
    """Homes to be removed after the test: append to it."""
    made: list[Keyring] = []
    yield made
    for keys in made:
        keys.remove()


@pytest.fixture
def parties(party_originals: Parties, keyrings: list[Keyring]) -> Parties:
    """Four parties in homes of this test alone: ward and agency know each other, the others only the ward."""
    ward, agency, successor, stranger = (
        Party(party.keys.copy(), party.fingerprint)
        for party in (
            party_originals.ward,
            party_originals.agency,
            party_originals.successor,
            party_originals.stranger,
        )
    )
    keyrings.extend(party.keys for party in (ward, agency, successor, stranger))
    ward.keys.take(agency.public)
    for other in (agency, successor, stranger):
        other.keys.take(ward.public)
    return Parties(ward, agency, successor, stranger)
