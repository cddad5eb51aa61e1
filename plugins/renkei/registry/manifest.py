"""Find a day's extract and read its manifest: no manifest, no extract (contract §6, schemas/registry/)."""

import json
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from renkei.clock import in_tokyo
from renkei.errors import (
    AnotherDay,
    AnotherMunicipality,
    CutOffBroken,
    ExtractFileEmpty,
    ExtractFileMissing,
    ManifestInvalid,
    ManifestUnreadable,
    SizeDiffers,
)
from renkei.registry.form import Place
from renkei.schemas import Schemas

MANIFEST: Final = "manifest.json"
_LARGEST: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What the manifest says about one file; `rows` without the header."""

    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest that keeps its schema and belongs to its folder and municipality."""

    municipality: str
    business_date: date
    correction: int
    layout_version: str
    cut_off: datetime
    previous_cut_off: datetime | None
    files: Mapping[str, FileFacts]
    sha256: str
    """Digest of manifest.json itself; through the digests in it, of the whole extract."""


def extract_name(business_date: date, correction: int = 0) -> str:
    """Return the name of an extract's folder: `2019-03-28`, a corrected one `2019-03-28.c1`."""
    return business_date.isoformat() + (f".c{correction}" if correction else "")


def find_extract(extracts: Path, business_date: date) -> Path | None:
    """Return the folder of a day's extract with the highest correction that has its manifest, or None."""
    found = _folders(extracts, business_date)
    return found[max(found)] if found else None


def find_read_extract(extracts: Path, business_date: date, manifest_sha256: str) -> Path | None:
    """Return the folder of the very extract of a day whose manifest has this digest, or None."""
    folders = _folders(extracts, business_date).values()
    return next(
        (each for each in folders if sha256((each / MANIFEST).read_bytes()).hexdigest() == manifest_sha256), None
    )


def _folders(extracts: Path, business_date: date) -> dict[int, Path]:
    """Return the folders of a day's extract that have their manifest, by correction."""
    pattern = re.compile(re.escape(business_date.isoformat()) + r"(?:\.c([1-9][0-9]*))?")
    found = {}
    for folder in extracts.glob(f"{business_date.isoformat()}*"):
        matched = pattern.fullmatch(folder.name)
        if matched and (folder / MANIFEST).is_file():
            found[int(matched[1] or 0)] = folder
    return found


def read_manifest(folder: Path, *, municipality: str, schemas: Schemas) -> Manifest:
    """Read and check a folder's manifest.json.

    Raises `ManifestUnreadable`, `ManifestInvalid` (the member), `AnotherMunicipality`, `AnotherDay`.
    """
    place = Place(folder.name, MANIFEST)
    data = _bytes(folder / MANIFEST, place)
    try:
        content = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        place.refuse(ManifestUnreadable)
    manifest = _parsed(content, sha256(data).hexdigest(), schemas, place)
    if manifest.municipality != municipality:
        place.refuse(AnotherMunicipality, found=manifest.municipality)
    if extract_name(manifest.business_date, manifest.correction) != folder.name:
        place.refuse(AnotherDay, column="business_date, correction")
    return manifest


def _bytes(path: Path, place: Place) -> bytes:
    try:
        facts = path.lstat()
        if not stat.S_ISREG(facts.st_mode):
            place.refuse(ExtractFileMissing)
        if facts.st_size > _LARGEST:
            place.refuse(ManifestUnreadable)
        return path.read_bytes()
    except OSError:
        place.refuse(ExtractFileMissing)


def _parsed(content: Any, digest: str, schemas: Schemas, place: Place) -> Manifest:  # noqa: ANN401 - JSON
    # 0.1 s that a helping process of the comparison need not pay
    from jsonschema import Draft202012Validator

    # Which layout holds depends on the date in the manifest; today's only schema reads that date.
    schema = schemas.table("registry", "1", "manifest")
    fault = next(Draft202012Validator(schema).iter_errors(content), None)
    if fault is not None:
        place.refuse(ManifestInvalid, column=".".join(str(part) for part in fault.absolute_path) or fault.validator)
    files = {entry["name"]: FileFacts(entry["rows"], entry["bytes"], entry["sha256"]) for entry in content["files"]}
    if len(files) != len(content["files"]):
        place.refuse(ManifestInvalid, column="files")
    previous = content["previous_cut_off"]
    return Manifest(
        municipality=content["municipality"],
        business_date=_day(content["business_date"], place),
        correction=content["correction"],
        layout_version=content["layout_version"],
        cut_off=_instant(content, "cut_off", place),
        previous_cut_off=None if previous is None else _instant(content, "previous_cut_off", place),
        files=files,
        sha256=digest,
    )


def _day(text: str, place: Place) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        place.refuse(ManifestInvalid, column="business_date")


def _instant(content: Mapping[str, Any], name: str, place: Place) -> datetime:
    try:
        return in_tokyo(datetime.fromisoformat(content[name]))
    except (ValueError, OverflowError):
        place.refuse(ManifestInvalid, column=name)


def check_cut_off(manifest: Manifest, last_proven: datetime | None) -> None:
    """Check that an extract continues the last one that was proven; without one it must be a baseline.

    `last_proven`: its cut-off, for a correction that of the extract before the day. Raises `CutOffBroken`.
    """
    place = Place(extract_name(manifest.business_date, manifest.correction), MANIFEST)
    if manifest.previous_cut_off != last_proven:
        place.refuse(CutOffBroken, column="previous_cut_off")
    if last_proven is not None and manifest.cut_off <= last_proven:
        place.refuse(CutOffBroken, column="cut_off")


def check_sizes(folder: Path, manifest: Manifest) -> None:
    """Check that each file is there, regular, not empty and of the size that the manifest says."""
    for name, facts in manifest.files.items():
        place = Place(folder.name, name)
        try:
            found = (folder / name).lstat()
        except OSError:
            place.refuse(ExtractFileMissing)
        if not stat.S_ISREG(found.st_mode):
            place.refuse(ExtractFileMissing)
        if not found.st_size:
            place.refuse(ExtractFileEmpty)
        if found.st_size != facts.bytes:
            place.refuse(SizeDiffers, wanted=facts.bytes, found=found.st_size)
