"""Change files made by hand: plain CSV and JSON in a folder, Debian's `zip`, `gpg`; nothing of the product.

A test starts from a row that is in order and spoils one thing in it.
"""

import hashlib
import json
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.agency import MUNICIPALITY, ROOT, Agency, Ward

GOLDEN = ROOT / "tests" / "exchange" / "golden"
ENTRIES = ("datapackage.json", "resident_records.csv", "residence_reports.csv", "certificates.csv")
FAMILIES = ("resident_records", "residence_reports", "certificates")
SEALED_AT = "2019-03-28T14:00:00"  # UTC: 23:00 in Tokyo
Row = dict[str, str]

COMMON = {"attempt": "1", "supplement": "0", "business_date": "2019-03-28"}
PERSON = {
    "name_roman": "NGUYEN VAN AN", "birth_date": "1995-05-05", "sex": "1", "nationality": "VNM",
    "address": "東京都新宿区大久保二丁目1番1号", "resident_category": "mid_to_long_term",
    "card_number": "AB12345678CD",
}  # fmt: skip
STAY = {"status_of_residence": "留学", "period_of_stay": "0403", "expiry_date": "2022-07-31"}


def reference(number: int) -> str:
    """A person's reference; the agency never looks behind it."""
    return f"k1-{number:032x}"


def notice(number: int) -> str:
    """A notice id."""
    return f"{number:032x}"


def resident_record(number: int = 1, person: int = 1, **fields: str) -> Row:
    """Family a: somebody moves in from another ward."""
    return COMMON | PERSON | STAY | {
        "record_number": str(number), "notice_id": notice(number), "person_reference": reference(person),
        "history_number": "1", "action": "entry", "record_state": "living", "event_reason": "domestic_move_in",
        "article": "入管法61条の8の2", "legal_class": "both", "transmission": "notice", "event_date": "2019-03-28",
        "former_municipality_code": "131148", "former_address": "東京都中野区中野四丁目8番1号",
        "became_foreign_resident_date": "2017-04-01",
    } | fields  # fmt: skip


def residence_report(number: int = 1, person: int = 1, **fields: str) -> Row:
    """Family b: the same visit's report of the place of residence."""
    return COMMON | PERSON | {
        "record_number": str(number), "notice_id": notice(number), "person_reference": reference(person),
        "history_number": "1", "article": "入管法19条の9", "legal_class": "immigration", "transmission": "relay",
        "report_date": "2019-03-28",
    } | fields  # fmt: skip


def certificate(number: int = 1, person: int | None = None, **fields: str) -> Row:
    """Family c: a certificate was handed over."""
    return COMMON | {
        "record_number": str(number), "notice_id": notice(number),
        "person_reference": "" if person is None else reference(person), "article": "特例法11条2項",
        "legal_class": "immigration", "transmission": "notice", "issue_date": "2019-03-28",
        "certificate_number": "ZZ00000001ZZ",
    } | fields  # fmt: skip


def schema(family: str) -> dict[str, Any]:
    """The layout's Table Schema."""
    path = ROOT / "schemas" / "exchange" / "layout-1" / f"{family}.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def csv_text(family: str, rows: Iterable[Row]) -> str:
    """A family's CSV, quoted by hand where a comma or a quotation mark asks for it."""
    names = [one["name"] for one in schema(family)["fields"]]

    def cell(value: str) -> str:
        return '"' + value.replace('"', '""') + '"' if "," in value or '"' in value else value

    lines = [",".join(names), *(",".join(cell(row.get(name, "")) for name in names) for row in rows)]
    return "\n".join(lines) + "\n"


@dataclass
class Draft:
    """A change file in the making; `spoil` changes the entries just before they are zipped."""

    serial: int = 1
    a: list[Row] = field(default_factory=list)
    b: list[Row] = field(default_factory=list)
    c: list[Row] = field(default_factory=list)
    previous: str | None = None
    members: dict[str, Any] = field(default_factory=dict)
    document: Callable[[dict[str, Any]], None] = lambda _document: None
    spoil: Callable[[dict[str, bytes]], None] = lambda _entries: None

    def entries(self) -> dict[str, bytes]:
        """The four files."""
        rows = dict(zip(FAMILIES, (self.a, self.b, self.c), strict=True))
        data = {f"{family}.csv": csv_text(family, rows[family]).encode() for family in FAMILIES}
        counts = {
            family: dict(Counter(row["action" if family == FAMILIES[0] else "article"] for row in rows[family]))
            for family in FAMILIES
        }
        renkei = {
            "layout_version": "1", "municipality": MUNICIPALITY, "counterparty": "moj", "business_date": "2019-03-28",
            "serial": self.serial, "sealed_at": "2019-03-28T23:00:00+09:00", "previous": self.previous,
            "records": sum(map(len, rows.values())), "counts": counts,
            "register_totals": {"residents": 0, "by_category": {}, "by_status": {}},
            "trail_head": {"number": 0, "hash": ""},
        } | self.members  # fmt: skip
        resources = [
            {"name": family, "path": f"{family}.csv", "bytes": len(data[f"{family}.csv"]),
             "hash": "sha256:" + hashlib.sha256(data[f"{family}.csv"]).hexdigest(), "schema": schema(family)}
            for family in FAMILIES
        ]  # fmt: skip
        document = {"name": f"{MUNICIPALITY}-{self.serial:08d}", "resources": resources, "renkei": renkei}
        self.document(document)
        text = json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
        made = {"datapackage.json": text.encode(), **data}
        self.spoil(made)
        return made

    def zipped(self, folder: Path) -> Path:
        """The package, zipped by Debian's zip."""
        folder.mkdir()
        for name, data in self.entries().items():
            (folder / name).write_bytes(data)
        return zip_folder(folder)


def zip_folder(folder: Path, *, options: tuple[str, ...] = ("-X", "-0"), day: str = "1980-01-01 00:00:00") -> Path:
    """Zip what stands in a folder, in the agreed order and with the agreed attributes."""
    package = folder.with_suffix(".zip")
    package.unlink(missing_ok=True)
    names = [name for name in ENTRIES if (folder / name).exists()]
    names += sorted(path.name for path in folder.iterdir() if path.name not in ENTRIES)
    zone = {**os.environ, "TZ": "UTC"}
    for name in names:
        (folder / name).chmod(0o644)
    subprocess.run(["touch", "-d", day, *names], cwd=folder, env=zone, check=True)
    subprocess.run(["zip", "-q", *options, str(package), *names], cwd=folder, env=zone, check=True)
    return package


def seal(package: Path, ward: Ward, agency: Agency, counterparty: str = "moj", *options: str) -> Path:
    """Sign and encrypt a package with gpg, by hand."""
    sealed = package.with_suffix(".zip.pgp")
    sealed.unlink(missing_ok=True)
    ward.gpg("--import", agency.openpgp(counterparty), day=SEALED_AT)
    signing = [] if "--unsigned" in options else ["--sign", "--local-user", ward.fingerprint]
    ward.gpg(
        "-z", "0", "--cipher-algo", "AES256", "--digest-algo", "SHA512",
        *signing, "--encrypt", "--recipient", agency.fingerprint(counterparty),
        *(option for option in options if option != "--unsigned"), "--output", sealed, package, day=SEALED_AT,
    )  # fmt: skip
    return sealed


def put(agency: Agency, sealed: Path, serial: int, counterparty: str = "moj") -> Path:
    """Lay a sealed file into the inbox under its name."""
    inbox = agency.folder(counterparty, "inbox")
    temporary, name = inbox / ".tmp-hand", inbox / f"{MUNICIPALITY}-{serial:08d}.zip.pgp"
    shutil.copyfile(sealed, temporary)
    return temporary.rename(name)


def receipt_path(agency: Agency, serial: int, counterparty: str = "moj") -> Path:
    """Where the receipt of a serial stands."""
    return agency.folder(counterparty, "receipts") / f"{MUNICIPALITY}-{serial:08d}.receipt.json.pgp"


def read_receipt(agency: Agency, ward: Ward, serial: int, counterparty: str = "moj") -> dict[str, Any]:
    """Open a receipt with the ward's key; gpg fails where the signature is not the agency's."""
    ward.gpg("--import", agency.openpgp(counterparty))
    text = ward.gpg("--decrypt", receipt_path(agency, serial, counterparty), day="2030-01-01T00:00:00")
    found: dict[str, Any] = json.loads(text)
    return found


def sha256(path: Path) -> str:
    """Digest of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
