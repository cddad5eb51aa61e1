"""Builds a package once more from what the ledger and `inputs.json` keep, and compares (contract §9)."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

import renkei
from renkei.change_file import Descriptor, Record
from renkei.change_file.writer import package_bytes
from renkei.corridor.house import House
from renkei.errors import NothingToDecide, RebuildDiffers
from renkei.ledger import Tx
from renkei.ledger.columns import canonical_digest
from renkei.ledger.states import Direction
from renkei.ledger.store import INPUTS, file_sha256
from renkei.ledger.tables import File, NoticeAttempt


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A package that is byte for byte the one that was sealed; `version`: the product's at the time of sealing."""

    serial: int
    package_sha256: str
    records: int
    version: str


def rebuild(house: House, serial: int) -> Rebuilt:
    """Rebuild the package of a serial and compare its digest with the one that was sealed.

    Raises as `rebuilt_package`.
    """
    return rebuilt_package(house, serial)[1]


def rebuilt_package(house: House, serial: int) -> tuple[bytes, Rebuilt]:
    """Return the package of a serial, byte for byte the one that was sealed.

    Raises `RebuildDiffers` with the first thing that is not as it was: `inputs.json`, a record's content, the
    version of the product or of `schemas/`, or the bytes; `NothingToDecide` for a serial that was never sealed here.
    """
    with house.ledger.reading() as tx:
        file = tx.session.scalars(
            select(File).where(File.direction == Direction.OUT, File.serial == serial, File.inputs_sha256.is_not(None))
        ).first()
        if file is None:
            raise NothingToDecide(kind="rebuild", subject=f"{serial:08d}")
        inputs = _inputs(house.path(file.sealed_path or "").with_name(INPUTS), file)
        records = _records(tx, inputs, serial)
    package = package_bytes(records, _descriptor(inputs), house.schemas)
    found = hashlib.sha256(package).hexdigest()
    if found != file.package_sha256:
        raise RebuildDiffers(serial=f"{serial:08d}", rule=_cause(house, inputs))
    return package, Rebuilt(serial, found, len(records), str(inputs["product_version"]))


def _inputs(path: Path, file: File) -> dict[str, Any]:
    if not path.is_file() or file_sha256(path) != file.inputs_sha256:
        raise RebuildDiffers(serial=f"{file.serial:08d}", rule=INPUTS)
    told: dict[str, Any] = json.loads(path.read_bytes())
    return told


def _records(tx: Tx, inputs: dict[str, Any], serial: int) -> list[Record]:
    attempts = tx.session.scalars(
        select(NoticeAttempt).where(NoticeAttempt.serial == serial).order_by(NoticeAttempt.record_number)
    ).all()
    told = inputs["notices"]
    if [(each.notice_id, each.attempt) for each in attempts] != [(each["notice_id"], each["attempt"]) for each in told]:
        raise RebuildDiffers(serial=f"{serial:08d}", rule="notices")
    records: list[Record] = []
    for number, (attempt, each) in enumerate(zip(attempts, told, strict=True), 1):
        content = attempt.content or {}
        if canonical_digest(content) != each["content_sha256"]:
            raise RebuildDiffers(serial=f"{serial:08d}", rule=f"record {number}")
        records.append(Record(each["family"], each["attempt"], each["supplement"], content))
    return records


def _descriptor(inputs: dict[str, Any]) -> Descriptor:
    return Descriptor(
        municipality=inputs["municipality"],
        counterparty=inputs["counterparty"],
        business_date=date.fromisoformat(inputs["business_date"]),
        serial=inputs["serial"],
        sealed_at=datetime.fromisoformat(inputs["sealed_at"]),
        previous=inputs["previous"],
        register_totals=inputs["register_totals"],
        trail_head_number=inputs["trail_head"]["number"],
        trail_head_hash=inputs["trail_head"]["hash"],
    )


def _cause(house: House, inputs: dict[str, Any]) -> str:
    """Say what is known to differ; the contents were compared before, record by record."""
    if inputs["product_version"] != renkei.__version__:
        return f"contents equal, product {inputs['product_version']}"
    if inputs["schemas"] != house.schemas.digest():
        return "contents equal, schemas"
    return "bytes"
