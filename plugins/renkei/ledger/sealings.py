"""The sealings of one package: sealed digests may follow one another, the package stays (contract §2, §8).

The row of a file tells the sealing that counts now; the trail tells all of them, and none is ever forgotten.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from renkei.clock import in_tokyo
from renkei.ledger.engine import Tx
from renkei.ledger.states import FileState
from renkei.ledger.store import StoredSealing, file_name, is_resealed
from renkei.ledger.tables import File, Trail

RESEALED = "file.resealed"
_TOLD = ("file.sealed", "file.adopted", RESEALED)


@dataclass(frozen=True, slots=True)
class Sealing:
    """One sealing of a package: for whom, when, with which digest. `path` is relative to the home."""

    counterparty: str
    sealed_sha256: str
    sealed_at: datetime | None
    path: str


def sealings(tx: Tx, file: File) -> list[Sealing]:
    """Return every sealing of an outbound file, the one that counts now last."""
    path = Path(file.sealed_path or "")
    if not is_resealed(path):
        return [Sealing(file.counterparty, file.sealed_sha256 or "", file.sealed_at, path.as_posix())]
    name = file_name(file.municipality, file.serial)
    query = select(Trail).where(Trail.subject == name, Trail.action.in_(_TOLD)).order_by(Trail.number)
    return [_told(json.loads(row.facts), file, path.with_name(name)) for row in tx.session.scalars(query)]


def put_sealing(tx: Tx, file: File, sealing: StoredSealing, path: str, **facts: object) -> None:
    """Let a new sealing of the same package take the place of the one before; it has not been sent yet."""
    replaced, file.counterparty = file.counterparty, sealing.counterparty
    old, file.sealed_sha256, file.sealed_path = file.sealed_sha256, sealing.sealed_sha256, path
    file.signer_fingerprint, file.recipient_fingerprint = sealing.signer, sealing.recipient
    file.state, file.published_at = FileState.SEALED, None
    told = {
        "serial": file.serial,
        "counterparty": sealing.counterparty,
        "package": file.package_sha256,
        "sealed": sealing.sealed_sha256,
        "sealed_at": sealing.sealed_at,
        "inputs": file.inputs_sha256,
        "recipient": sealing.recipient,
        "path": path,
        "replaces": {"counterparty": replaced, "sealed": old},
    }
    tx.tell(RESEALED, file_name(file.municipality, file.serial), {**told, **facts})


def _told(facts: Mapping[str, Any], file: File, first: Path) -> Sealing:
    at = facts.get("sealed_at")
    return Sealing(
        counterparty=str(facts["counterparty"]),
        sealed_sha256=str(facts["sealed"]),
        sealed_at=in_tokyo(datetime.fromisoformat(at)) if at else file.sealed_at,
        path=str(facts.get("path") or first.as_posix()),
    )
