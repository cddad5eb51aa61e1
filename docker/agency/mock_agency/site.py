"""The agency's home folder: where everything lies, for whom it works, and whom it trusts."""

import contextlib
import fcntl
import json
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mock_agency.errors import SiteError

FOLDERS = ("inbox", "receipts", "outbox", "acks")
MUNICIPALITY = re.compile(r"[0-9]{6}")


@dataclass(frozen=True, slots=True)
class Trust:
    """The one ward key that counts for a municipality: OpenPGP primary fingerprint and SSH public key line."""

    municipality: str
    fingerprint: str
    ssh_key: str

    @property
    def login(self) -> str:
        """The login name of the municipality."""
        return f"ward-{self.municipality}"


@dataclass(frozen=True, slots=True)
class Site:
    """One agency: its home, the schemas it reads, its municipalities, counterparties (in order of time) and clock."""

    home: Path
    schemas: Path
    municipalities: tuple[str, ...]
    counterparties: tuple[str, ...]
    clock: str
    keys_from: str

    @property
    def database(self) -> Path:
        """SQLite file of the register, the files and the answers."""
        return self.home / "agency.sqlite"

    @property
    def run(self) -> Path:
        """Folder of what a running agency says about itself (ports, locks)."""
        return self.home / "run"

    @property
    def quarantine(self) -> Path:
        """Private folder of bytes that nobody has verified yet; empty between two files."""
        return self.home / "quarantine"

    @property
    def archive(self) -> Path:
        """Folder of the sealed files taken out of the inboxes."""
        return self.home / "archive"

    def gnupg(self, counterparty: str) -> Path:
        """GnuPG home of one counterparty (the name is short: gpg-agent's socket path has a limit)."""
        return self.home / "gnupg" / counterparty

    def ssh_host_key(self, counterparty: str) -> Path:
        """Private SSH host key of one counterparty."""
        return self.home / "ssh" / f"{counterparty}.key"

    def peer(self, counterparty: str, municipality: str, folder: str = "") -> Path:
        """Folder of a municipality at a counterparty, or one of its four folders."""
        return self.home / "peer" / counterparty / municipality / folder

    def trust(self, municipality: str) -> Trust | None:
        """Whom the agency trusts for a municipality, or None before `trust` was called."""
        try:
            facts = json.loads((self.home / "trust" / f"{municipality}.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        return Trust(municipality, facts["fingerprint"], facts["ssh_key"])

    def keep_trust(self, trust: Trust) -> None:
        """Write down whom the agency trusts for a municipality; a later call replaces the former."""
        facts = {"fingerprint": trust.fingerprint, "ssh_key": trust.ssh_key}
        write_whole(self.home / "trust" / f"{trust.municipality}.json", json.dumps(facts, indent=2).encode())

    def known(self, municipality: str) -> str:
        """Return the municipality's code, or raise SiteError when this agency does not serve it."""
        if municipality not in self.municipalities:
            raise SiteError(f"municipality {municipality} is not one of {', '.join(self.municipalities)}")
        return municipality

    def save(self) -> None:
        """Write `site.json` and the folder tree."""
        facts = {
            "schemas": str(self.schemas),
            "municipalities": self.municipalities,
            "counterparties": self.counterparties,
            "clock": self.clock,
            "keys_from": self.keys_from,
        }
        for path in (self.home, self.home / "gnupg", self.home / "ssh", self.home / "trust", self.quarantine):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in (self.run, self.archive, self.home / "public"):
            path.mkdir(exist_ok=True)
        for counterparty in self.counterparties:
            for municipality in self.municipalities:
                for folder in FOLDERS:
                    self.peer(counterparty, municipality, folder).mkdir(parents=True, exist_ok=True)
        write_whole(self.home / "site.json", json.dumps(facts, indent=2).encode())


def load_site(home: Path) -> Site:
    """Read the site of a home folder; raise SiteError when `init` has not been called there."""
    home = home.resolve()
    try:
        facts: dict[str, Any] = json.loads((home / "site.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SiteError("no agency here: call `init` first") from None
    return Site(
        home=home,
        schemas=Path(facts["schemas"]),
        municipalities=tuple(facts["municipalities"]),
        counterparties=tuple(facts["counterparties"]),
        clock=facts["clock"],
        keys_from=facts["keys_from"],
    )


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that it appears under its name whole or not at all: temporary name, fsync, rename, fsync."""
    descriptor, temporary = tempfile.mkstemp(prefix=".tmp-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fchmod(stream.fileno(), 0o644)
            os.fsync(stream.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename inside a folder last."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def locked(site: Site, name: str) -> Iterator[None]:
    """Hold one of the agency's locks (`processing`, `faults`); a second holder waits."""
    site.run.mkdir(exist_ok=True)
    with (site.run / f"{name}.lock").open("a") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield
