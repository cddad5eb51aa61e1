"""Reads the sealed store: for each serial one folder with the sealed bytes, `inputs.json` and the receipts.

A folder is named `<serial, 8 digits>-<first 12 of the sealed digest>`, the sealed file as it goes out (contract §1).
`inputs.json` names everything the package was built from (contract §9). Later sealings of the same package (contract
§8) lie beside it, `resealed-<first 12 of the sealed digest>.zip.pgp`, each with a `.json` that tells for whom and when.
Nothing in the store names a person.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from renkei.clock import in_tokyo
from renkei.errors import AdoptRefused

INPUTS: Final = "inputs.json"
_FOLDER: Final = re.compile(r"[0-9]{8}-[0-9a-f]{12}")
_RESEALED: Final = "resealed-"


@dataclass(frozen=True, slots=True)
class ToldNotice:
    """A notice as `inputs.json` names it: references and digests."""

    notice_id: str
    family: str
    attempt: int
    supplement: bool
    business_date: date
    due_date: date | None
    content_sha256: str | None


@dataclass(frozen=True, slots=True)
class StoredSealing:
    """A later sealing of a package: its bytes, for whom and when, by which primary keys and algorithms."""

    path: Path
    counterparty: str
    sealed_at: datetime
    sealed_sha256: str
    sealed_bytes: int
    signer: str
    recipient: str
    algorithms: str

    def told(self) -> dict[str, Any]:
        """Return what the `.json` beside the bytes tells of it."""
        named = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "path"}
        return named | {"sealed_at": self.sealed_at.isoformat()}


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A sealed file as its folder proves it. `path`: the sealed bytes; notices in the order of records.

    `manifest_sha256`: that of the extract from which it was made. `again`: its later sealings, oldest first.
    """

    path: Path
    municipality: str
    serial: int
    counterparty: str
    business_date: date
    sealed_at: datetime
    previous: str | None
    package_sha256: str
    sealed_sha256: str
    inputs_sha256: str
    manifest_sha256: str
    records: int
    counts: Mapping[str, Any]
    signer: str
    recipient: str
    notices: tuple[ToldNotice, ...]
    again: tuple[StoredSealing, ...]

    def digests(self) -> frozenset[str]:
        """Return the sealed digests of all its sealings."""
        return frozenset({self.sealed_sha256, *(each.sealed_sha256 for each in self.again)})


def file_name(municipality: str, serial: int) -> str:
    """Return the name of a sealed file: it tells neither a date, nor a count, nor a person (contract §1)."""
    return f"{municipality}-{serial:08d}.zip.pgp"


def resealed_stem(sealed_sha256: str) -> str:
    """Return how the two files of a later sealing are named in the store."""
    return f"{_RESEALED}{sealed_sha256[:12]}"


def is_resealed(path: Path) -> bool:
    """Tell whether sealed bytes are those of a later sealing."""
    return path.name.startswith(_RESEALED)


def sealing_told(path: Path) -> dict[str, Any]:
    """Return what the store tells of the sealing whose bytes lie at `path`: `sealed_bytes`, `algorithms` among it."""
    beside = path.with_name(f"{path.name.partition('.')[0]}.json") if is_resealed(path) else path.with_name(INPUTS)
    told: dict[str, Any] = json.loads(beside.read_bytes())
    return told


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def stored_files(sealed_dir: Path) -> list[StoredFile]:
    """Return every file of the sealed store in the order of serials; a serial can stand there twice.

    Raises `AdoptRefused` for a folder whose bytes, name and `inputs.json` do not belong together.
    """
    if not sealed_dir.is_dir():
        return []
    folders = sorted(folder for folder in sealed_dir.iterdir() if _FOLDER.fullmatch(folder.name))
    return [stored_file(folder) for folder in folders]


def stored_file(folder: Path) -> StoredFile:
    """Return the file of one folder of the sealed store; raises `AdoptRefused` as `stored_files` does."""
    try:
        raw = (folder / INPUTS).read_bytes()
        found = _parsed(folder, raw)
        sealed = ((found.path, found.sealed_sha256), *((each.path, each.sealed_sha256) for each in found.again))
        same = all(file_sha256(path) == digest for path, digest in sealed)
    except OSError:
        raise AdoptRefused(name=folder.name, rule="incomplete") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise AdoptRefused(name=folder.name, rule=f"{INPUTS} malformed") from None
    if not same:
        raise AdoptRefused(name=folder.name, rule="sealed digest differs")
    if folder.name != f"{found.serial:08d}-{found.sealed_sha256[:12]}" or len(found.notices) != found.records:
        raise AdoptRefused(name=folder.name, rule="name, serial or number of records differs")
    return found


def _parsed(folder: Path, raw: bytes) -> StoredFile:
    told = json.loads(raw)
    municipality, serial = str(told["municipality"]), int(told["serial"])
    return StoredFile(
        path=folder / file_name(municipality, serial),
        municipality=municipality,
        serial=serial,
        counterparty=str(told["counterparty"]),
        business_date=date.fromisoformat(told["business_date"]),
        sealed_at=in_tokyo(datetime.fromisoformat(told["sealed_at"])),
        previous=told["previous"],
        package_sha256=str(told["package_sha256"]),
        sealed_sha256=str(told["sealed_sha256"]),
        inputs_sha256=hashlib.sha256(raw).hexdigest(),
        manifest_sha256=str(told["extract"]["manifest"]),
        records=int(told["records"]),
        counts=dict(told["counts"]),
        signer=str(told["signer"]),
        recipient=str(told["recipient"]),
        notices=tuple(_notice(each) for each in told["notices"]),
        again=_again(folder, serial, str(told["package_sha256"])),
    )


def _again(folder: Path, serial: int, package_sha256: str) -> tuple[StoredSealing, ...]:
    found = []
    for about in folder.glob(f"{_RESEALED}*.json"):
        told = json.loads(about.read_bytes())
        if (told.pop("serial"), told.pop("package_sha256")) != (serial, package_sha256):
            raise ValueError(about.name)
        told["sealed_at"] = in_tokyo(datetime.fromisoformat(told["sealed_at"]))
        found.append(StoredSealing(path=about.with_suffix(".zip.pgp"), **told))
    return tuple(sorted(found, key=lambda each: each.sealed_at))


def _notice(told: Mapping[str, Any]) -> ToldNotice:
    return ToldNotice(
        notice_id=str(told["notice_id"]),
        family=str(told["family"]),
        attempt=int(told["attempt"]),
        supplement=bool(told["supplement"]),
        business_date=date.fromisoformat(told["business_date"]),
        due_date=date.fromisoformat(told["due_date"]) if told["due_date"] else None,
        content_sha256=told["content_sha256"],
    )
