"""Agency files made by hand: ZIP by Python's zipfile, OpenPGP by gpg with the agency's own key, put into `outbox/`.

    outbox = Outbox(site)
    outbox.put(1, outbox.sealed(outbox.package(1, [notice()])))

The form is written down here a second time, from schemas/README.md alone; nothing of the library makes a file.
"""

import csv
import hashlib
import io
import json
import os
import subprocess
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import update

from renkei.corridor import steps
from renkei.ledger.states import Direction
from renkei.ledger.tables import AgencyNotice, File
from tests.support.agency import ROOT
from tests.support.site import Site

TABLE = json.loads((ROOT / "schemas/exchange/layout-1/agency_notices.json").read_text(encoding="utf-8"))
COLUMNS = [str(field["name"]) for field in TABLE["fields"]]
DESCRIPTOR, NOTICES = "datapackage.json", "agency_notices.csv"
Row = dict[str, str]
Change = Callable[[dict[str, Any]], object]


def notice(number: int = 1, **values: str) -> Row:
    """Return a renewal for an invented person; `values` go in last."""
    row = dict.fromkeys(COLUMNS, "")
    row |= {
        "notice_id": hashlib.sha256(str(number).encode()).hexdigest()[:32],
        "attempt": "1",
        "municipality": "131041",
        "action": "change",
        "reason": "renewal",
        "event_date": "2019-03-27",
        "expiry_date_before": "2019-04-30",
        "expiry_date": "2022-04-30",
    }
    same = {
        "name_roman": "EXAMPLE PERSON",
        "birth_date": "1985-02-03",
        "sex": "2",
        "nationality": "VNM",
        "resident_category": "mid_to_long_term",
        "card_number": f"AB{number:08}CD",
        "status_of_residence": "経営・管理",
        "period_of_stay": "0300",
    }
    for item, value in same.items():
        row[item] = row[f"{item}_before"] = value
    return row | values


def table(rows: Sequence[Row]) -> bytes:
    """Return agency_notices.csv; rows without a record number get theirs."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
    writer.writerow(COLUMNS)
    for number, row in enumerate(rows, 1):
        writer.writerow([row[name] or (str(number) if name == "record_number" else "") for name in COLUMNS])
    return text.getvalue().encode("utf-8")


def zipped(entries: Sequence[tuple[str, bytes]], *, method: int = zipfile.ZIP_STORED) -> bytes:
    """Return a ZIP of the agreed form with these entries."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method, allowZip64=False) as archive:
        for name, content in entries:
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr, entry.compress_type = 3, 0o644 << 16, method
            archive.writestr(entry, content)
    return buffer.getvalue()


def descriptor_text(told: object) -> bytes:
    """Return the one form of a JSON text of the exchange."""
    return (json.dumps(told, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


@dataclass
class Outbox:
    """The agency's side of flow d in the hands of a test."""

    site: Site
    counterparty: str = "moj"
    municipality: str = "131041"
    sealed_at: str = "2019-03-28T22:00:00+09:00"

    @property
    def folder(self) -> Path:
        """The folder that the ward lists."""
        return self.site.agency.folder(self.counterparty, "outbox")

    def name(self, serial: int) -> str:
        """The agreed name."""
        return f"{self.municipality}-{serial:08d}.zip.pgp"

    def described(self, serial: int, content: bytes, rows: Sequence[Row], previous: str | None) -> dict[str, Any]:
        """Return a good descriptor."""
        return {
            "name": f"{self.municipality}-{serial:08d}",
            "resources": [
                {
                    "name": "agency_notices",
                    "path": NOTICES,
                    "bytes": len(content),
                    "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
                    "schema": TABLE,
                }
            ],
            "renkei": {
                "kind": "agency_file",
                "layout_version": "1",
                "municipality": self.municipality,
                "counterparty": self.counterparty,
                "serial": serial,
                "sealed_at": self.sealed_at,
                "previous": previous,
                "records": len(rows),
                "counts": {"agency_notices": dict(Counter(row["action"] for row in rows))},
                "register_totals": {
                    "residents": 2,
                    "by_category": {"mid_to_long_term": 2},
                    "by_status": {"経営・管理": 2},
                },
            },
        }

    def package(
        self,
        serial: int,
        rows: Sequence[Row] = (),
        *,
        previous: str | None = None,
        change: Change | None = None,
        content: bytes | None = None,
    ) -> bytes:
        """Return a package; `change` alters the descriptor, `content` stands in place of the rows' table."""
        data = table(rows) if content is None else content
        told = self.described(serial, data, rows, previous)
        if change is not None:
            change(told)
        return zipped([(DESCRIPTOR, descriptor_text(told)), (NOTICES, data)])

    def sealed(self, package: bytes, *options: str, home: Path | None = None, signer: str | None = None) -> bytes:
        """Sign and encrypt for the ward, by the clock of the sealing; `options` replace `-z 0`."""
        line = ["gpg", "--homedir", str(home or self.site.agency.home / "gnupg" / self.counterparty)]
        line += ["--batch", "--no-tty", "--quiet", "--trust-model", "always", "--passphrase", ""]
        line += ["--pinentry-mode", "loopback", "--faked-system-time", "20190328T130000", "--rfc4880"]
        line += ["--cipher-algo", "AES256", "--digest-algo", "SHA512", *(options or ("-z", "0"))]
        line += ["--local-user", signer or self.site.agency.fingerprint(self.counterparty), "--sign", "--encrypt"]
        line += ["--recipient-file", str(self.site.ward.openpgp)]
        done = subprocess.run(line, input=package, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def put(self, serial: int, data: bytes, *, name: str | None = None, mtime: int | None = None) -> Path:
        """Put bytes into the folder, in place of what was there."""
        path = self.folder / (name or self.name(serial))
        path.unlink(missing_ok=True)
        path.write_bytes(data)
        if mtime is not None:
            os.utime(path, (mtime, mtime))
        return path

    def send(self, serial: int, rows: Sequence[Row] = (), *, previous: str | None = None) -> bytes:
        """Put a good file; return its package."""
        package = self.package(serial, rows, previous=previous)
        self.put(serial, self.sealed(package))
        return package

    def series(self, count: int, *, first: int = 1, previous: str | None = None) -> str:
        """Put several good files of one notice each; return the digest of the last package."""
        for serial in range(first, first + count):
            previous = sha256(self.send(serial, [notice(serial)], previous=previous))
        return previous or ""

    def answers(self) -> dict[str, dict[str, Any]]:
        """Return what stands in `acks/`, opened with the agency's key and judged by its signature."""
        found: dict[str, dict[str, Any]] = {}
        for path in sorted(self.site.agency.folder(self.counterparty, "acks").glob("[0-9]*.pgp")):
            signed = self.site.home / "answer.signed"
            line = ["gpg", "--homedir", str(self.site.agency.home / "gnupg" / self.counterparty), "--batch", "--quiet"]
            line += ["--yes", "--output", str(signed), "--unwrap", str(path)]
            subprocess.run(line, check=True, capture_output=True)
            text = self.site.ward.gpg("--decrypt", str(signed), day="2019-05-01T00:00:00")
            signed.unlink()
            found[path.name] = json.loads(text)
            assert text == descriptor_text(found[path.name])
        return found


DAY = "2019-03-28"


def fetch(site: Site, day: str = DAY) -> steps.Fetched:
    """Look once into the outboxes."""
    with site.house(day) as house:
        return steps.fetch_agency_files(house)


def take_in(site: Site, day: str = DAY) -> steps.TakenIn:
    """Fetch, then take in what is due."""
    fetch(site, day)
    with site.house(day) as house:
        return steps.take_in_agency_files(house, date.fromisoformat(day))


def classify(site: Site, found: str = "to_apply", day: str = DAY, **where: object) -> None:
    """Give notices without a class one by hand: what the matching does is not the matter here."""
    rows = update(AgencyNotice).where(AgencyNotice.notice_class.is_(None)).filter_by(**where)
    with site.house(day) as house, house.ledger.transaction(actor="test") as tx:
        tx.session.execute(rows.values(notice_class=found, final_at=tx.clock.now()))
        tx.trail("test.classified", "notices")


def answer(site: Site, day: str = DAY) -> steps.Acknowledged:
    """Seal and publish the answers that are due."""
    with site.house(day) as house:
        return steps.acknowledge_agency_files(house)


def inbound(site: Site) -> list[Any]:
    """Return the ledger's inbound files by their serials."""
    return sorted(site.rows(File, direction=Direction.IN), key=lambda file: int(file.serial))


def sha256(data: bytes) -> str:
    """Return the SHA-256, in hex."""
    return hashlib.sha256(data).hexdigest()
