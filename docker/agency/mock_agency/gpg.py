"""gpg as a program: one keyring per counterparty and municipality, every call with the agency's clock."""

import hashlib
import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from mock_agency.errors import GpgError

PIECE = 1 << 20
STATUS = "[GNUPG:] "
SEALING = [
    "--personal-cipher-preferences",
    "AES256",
    "--cipher-algo",
    "AES256",
    "--digest-algo",
    "SHA512",
    "-z",
    "0",
]
SIGNED_AT = re.compile(rb"^:signature packet:.*\n\s+version \d+, created (\d+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Keyring:
    """A GnuPG home and, when named, the one public keyring in it that counts."""

    home: Path
    ring: str | None = None

    def command(self, *arguments: str) -> list[str]:
        """Return a complete gpg command line."""
        ring = ["--no-default-keyring", "--keyring", str(self.home / self.ring)] if self.ring else []
        return [
            "gpg", "--homedir", str(self.home), *ring, "--batch", "--no-tty", "--quiet", "--no-options",
            "--no-auto-key-retrieve", "--disable-dirmngr", "--trust-model", "always", "--pinentry-mode", "loopback",
            "--passphrase", "", "--status-fd", "2", *arguments,
        ]  # fmt: skip

    def call(self, *arguments: str, data: bytes = b"") -> tuple[bytes, list[str]]:
        """Run gpg for the agency's own work: output and status lines; GpgError with gpg's status words if it fails."""
        done = subprocess.run(self.command(*arguments), input=data, capture_output=True, check=False)
        status = status_lines(done.stderr)
        if done.returncode:
            words = [line.split(" ")[0] for line in status]
            raise GpgError(f"gpg ended with status {done.returncode} ({' '.join(words)})")
        return done.stdout, status

    def stop_agent(self) -> None:
        """End the gpg-agent of this home; it would linger and race with the removal of a temporary home."""
        subprocess.run(
            ["gpgconf", "--homedir", str(self.home), "--kill", "all"],
            check=False,
            capture_output=True,
            timeout=30,
        )


@dataclass(frozen=True, slots=True)
class Decryption:
    """What one decryption said and left: status lines (no prefix), exit status, plaintext's size and SHA-256."""

    status: tuple[str, ...]
    returncode: int
    size: int
    sha256: str
    overflow: bool


def status_lines(stderr: bytes) -> list[str]:
    """Return gpg's status lines without their prefix."""
    lines = stderr.decode("utf-8", "replace").splitlines()
    return [line.removeprefix(STATUS) for line in lines if line.startswith(STATUS)]


def decrypt(ring: Keyring, sealed: Path, plain: Path, *, cap: int, clock: Sequence[str]) -> Decryption:
    """Decrypt and verify a file into a fresh private path, stopping after `cap` bytes; judges nothing.

    The plaintext passes through our own hands, so that its size is limited by us and not by what gpg says of it.
    """
    digest, size, overflow = hashlib.sha256(), 0, False
    said = plain.with_name(plain.name + ".status")
    command = ring.command(*clock, "--decrypt", "--output", "-", "--", str(sealed))
    with said.open("x+b") as errors, plain.open("xb") as out:
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors) as process:
            assert process.stdout is not None  # noqa: S101 - Popen was asked for a pipe
            while piece := process.stdout.read(PIECE):
                size += len(piece)
                if size > cap:
                    overflow = True
                    process.kill()
                    break
                digest.update(piece)
                out.write(piece)
        out.flush()
        os.fsync(out.fileno())
        errors.seek(0)
        status = tuple(status_lines(errors.read()))
    said.unlink()
    return Decryption(status, process.returncode, size, digest.hexdigest(), overflow)


def signed_at(ring: Keyring, sealed: Path) -> datetime | None:
    """Peek at the instant at which a message was signed, verifying nothing; None where it does not tell."""
    listed = subprocess.run(ring.command("--list-packets", "--", str(sealed)), capture_output=True, check=False)
    found = SIGNED_AT.findall(listed.stdout)
    return datetime.fromtimestamp(int(found[-1]), UTC) if found else None


def seal(ring: Keyring, data: bytes, *, signer: str | None, recipient: str, clock: Sequence[str]) -> bytes:
    """Sign (unless `signer` is None) and encrypt bytes to one key: binary, uncompressed, AES-256, SHA-512."""
    signing = ["--sign", "--local-user", signer] if signer else []
    return ring.call(*clock, *SEALING, *signing, "--encrypt", "--recipient", recipient, "--output", "-", data=data)[0]
