"""Seeds the register from the registry's baseline extract, with the agency's own reader, and shows it as CSV."""

import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mock_agency.csvtext import NotAsAgreed, lines_of, quote, rows_of
from mock_agency.errors import SeedError
from mock_agency.schemas import Schemas
from mock_agency.site import Site, write_whole
from mock_agency.store import Person, Store

KEY = re.compile(r"([a-z0-9]{1,8}):([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class ReferenceKey:
    """A person-reference key: its id, and its bytes, which are shown nowhere."""

    key_id: str
    secret: bytes

    def reference(self, municipality: str, registry_number: str) -> str:
        """Return a person's reference (schemas/README.md)."""
        text = f"person|{municipality}|{registry_number}".encode()
        return f"{self.key_id}-{hmac.digest(self.secret, text, 'sha256')[:16].hex()}"

    def __repr__(self) -> str:
        return f"ReferenceKey({self.key_id})"


def read_key(path: Path) -> ReferenceKey:
    """Read a key file; of several lines the last one, the newest, counts."""
    lines = path.read_text(encoding="ascii", errors="replace").split()
    found = KEY.fullmatch(lines[-1]) if lines else None
    if not found:
        raise SeedError(f"{path.name}: no line <key id>:<64 hex digits>")
    return ReferenceKey(found[1], bytes.fromhex(found[2]))


def seed(site: Site, store: Store, municipality: str, extract: Path, key: ReferenceKey) -> int:
    """Fill the register of a municipality from an extract folder; returns the number of persons."""
    site.known(municipality)
    if store.row("SELECT 1 FROM persons WHERE municipality = ?", municipality):
        raise SeedError(f"the register of {municipality} is not empty")
    data = _verified(extract, municipality)
    try:
        with store.transaction():
            return store.seed(municipality, _persons(data, Schemas(site.schemas), municipality, key))
    except NotAsAgreed as error:
        raise SeedError(f"residents.csv: {error}") from None


def _verified(extract: Path, municipality: str) -> bytes:
    try:
        manifest: dict[str, Any] = json.loads((extract / "manifest.json").read_text(encoding="utf-8"))
        entry = next(file for file in manifest["files"] if file["name"] == "residents.csv")
        data = (extract / "residents.csv").read_bytes()
    except (OSError, ValueError, KeyError, StopIteration):
        raise SeedError("manifest.json or residents.csv is missing or broken") from None
    if manifest.get("municipality") != municipality or manifest.get("layout_version") != "1":
        raise SeedError("manifest.json: another municipality or layout")
    if (len(data), hashlib.sha256(data).hexdigest()) != (entry["bytes"], entry["sha256"]):
        raise SeedError("residents.csv does not have the size and digest of manifest.json")
    if len(lines_of(data)) - 1 != entry["rows"]:
        raise SeedError("residents.csv does not have the rows of manifest.json")
    return data


def _persons(data: bytes, schemas: Schemas, municipality: str, key: ReferenceKey) -> Iterator[Person]:
    header = [field.name for field in schemas.fields("registry/layout-1/residents.json")]
    before = ""
    for row in rows_of(data, header):
        number = row["registry_number"]
        if number <= before:
            raise NotAsAgreed("registry numbers are not sorted and unique")
        before = number
        items = {name: row[name] for name in schemas.register_items}
        yield Person(key.reference(municipality, number), "living", int(row["history_number"]), items)


def write_register(site: Site, store: Store, municipality: str, out: Path) -> int:
    """Write the register as CSV (person_reference, record_state, the register items; sorted by reference)."""
    names = Schemas(site.schemas).register_items
    lines = [",".join(["person_reference", "record_state", *names])]
    for person in store.persons(site.known(municipality)):
        values = [person.reference, person.record_state, *(person.items.get(name, "") for name in names)]
        lines.append(",".join(map(quote, values)))
    write_whole(out, ("\n".join(lines) + "\n").encode())
    return len(lines) - 1
