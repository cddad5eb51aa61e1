"""What lies in the inboxes, under the agreed name only, and the bytes of it that somebody may look at."""

import hashlib
import os
import re
import shutil
import stat
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from mock_agency.site import Site

PIECE = 1 << 20
NAME = re.compile(r"([0-9]{6})-([0-9]{8})\.zip\.pgp")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file in an inbox: at which counterparty, which serial its name says, which bytes it was when we looked."""

    counterparty: str
    municipality: str
    serial: int
    path: Path
    identity: tuple[int, int, int]


def arrivals(site: Site, municipality: str) -> list[Arrival]:
    """Return the regular files with an agreed name, by serial and then in the order of the counterparties."""
    found = []
    for counterparty in site.counterparties:
        with os.scandir(site.peer(counterparty, municipality, "inbox")) as entries:
            for entry in entries:
                name, facts = NAME.fullmatch(entry.name), entry.stat(follow_symlinks=False)
                if name and name[1] == municipality and int(name[2]) and stat.S_ISREG(facts.st_mode):
                    identity = (facts.st_ino, facts.st_size, facts.st_mtime_ns)
                    found.append(Arrival(counterparty, municipality, int(name[2]), Path(entry.path), identity))
    return sorted(found, key=lambda one: (one.serial, site.counterparties.index(one.counterparty)))


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, which must not be a symbolic link."""
    with _unfollowed(path) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def copy_to_quarantine(site: Site, arrival: Arrival) -> Path:
    """Copy a file where nobody else can change it while we read it; returns the private path."""
    folder = site.quarantine / f"{arrival.counterparty}-{arrival.municipality}-{arrival.serial:08d}"
    folder.mkdir(mode=0o700)
    with (
        _unfollowed(arrival.path) as source,
        (folder / "sealed.pgp").open("xb") as out,
    ):
        shutil.copyfileobj(source, out, PIECE)
    return folder / "sealed.pgp"


def sweep_quarantine(site: Site) -> None:
    """Remove what a file or a crash has left in quarantine."""
    for path in site.quarantine.iterdir():
        shutil.rmtree(path)


def take_away(site: Site, counterparty: str, path: Path, sealed_sha256: str) -> None:
    """Move a file from the inbox to the archive, if it still holds these bytes."""
    try:
        if digest(path) != sealed_sha256:
            return
    except OSError:
        return
    folder = site.archive / counterparty
    folder.mkdir(parents=True, exist_ok=True)
    shutil.move(path, folder / f"{path.name}.{sealed_sha256[:16]}")


def _unfollowed(path: Path) -> BufferedReader:
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb")
