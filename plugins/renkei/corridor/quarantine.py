"""The private folder of what was not, or not yet, accepted: under a name of our own, with a text for the sender."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from renkei.corridor.house import House
from renkei.errors import RenkeiError
from renkei.ledger.durable import copy_durably, private_folder, write_durably
from renkei.ledger.effects import Effect, performing
from renkei.ledger.store import file_sha256
from renkei.ledger.tables import File


def put_in_quarantine(house: House, found: Path) -> Path:
    """Keep the bytes of a file under their SHA-256; return where. No name of the sender's becomes a path."""
    kept = private_folder(house.settings.quarantine_dir) / f"{file_sha256(found)}.pgp"
    if not kept.exists():
        copy_durably(found, kept)
    return kept


def write_letter(house: House, file: File, layer: str, error: RenkeiError) -> Path:
    """Write the text that tells the agency what was wrong with a file, ready to send; return where it lies.

    It names the file, its digest, the layer and the rule: nothing of its content.
    """
    name = agency_name(file)
    path = letter_path(house, file)
    with performing(house.ledger, Effect.QUARANTINE_AGENCY_FILE, name, house.actor, layer=layer):
        private_folder(path.parent)
        write_durably(path, _letter(house, file, layer, error).encode("utf-8"))
    return path


def letter_path(house: House, file: File) -> Path:
    """Return where the text about a file lies: beside its bytes, under serial and digest (if any were fetched)."""
    digest = f"-{file.sealed_sha256[:12]}" if file.sealed_sha256 else ""
    return house.settings.quarantine_dir / f"{file.municipality}-{file.serial:08d}{digest}.txt"


def agency_name(file: File) -> str:
    """Return the name of an agency file in `outbox/` (contract §1)."""
    return f"{file.municipality}-{file.serial:08d}.zip.pgp"


def _letter(house: House, file: File, layer: str, error: RenkeiError) -> str:
    texts = _texts()
    peer = house.peers.by_id(file.counterparty)
    code = str(getattr(error, "code", ""))
    refs: dict[str, object] = {
        "ja": peer.official_name,
        "en": peer.english,
        "municipality": file.municipality,
        "serial": f"{file.serial:08d}",
        "name": agency_name(file),
        "sha256": file.sealed_sha256 or "-",
        "seen_at": file.seen_at.isoformat(timespec="seconds") if file.seen_at else "-",
        "code": code,
    }
    parts = []
    for language in ("ja", "en"):
        told = {**refs, "layer": texts["layer"][layer][language], "reason": error.sentence(language)}
        ask = texts["ask"]["answered" if code else "unanswered"][language]
        parts.append("\n\n".join(text.format(**told) for text in (texts["letter"][language], ask)))
    return "\n\n----\n\n".join(parts) + "\n"


@cache
def _texts() -> dict[str, Any]:
    with Path(__file__).with_name("letters.toml").open("rb") as stream:
        return tomllib.load(stream)
