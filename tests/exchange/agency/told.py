"""Flow d by hand: agency files opened with `gpg` and `unzip`, acknowledgements written as JSON and sealed by `gpg`."""

import csv
import hashlib
import io
import json
import subprocess
import zipfile
from pathlib import Path
from typing import Any

from tests.exchange.agency import hand
from tests.support.agency import MUNICIPALITY, ROOT, Agency, Ward

AT = "2019-03-28T22:00:00+09:00"
ENTRIES = ("datapackage.json", "agency_notices.csv")
TABLE = json.loads((ROOT / "schemas/exchange/layout-1/agency_notices.json").read_text(encoding="utf-8"))
COLUMNS = [str(field["name"]) for field in TABLE["fields"]]
ITEMS = [name for name in COLUMNS if f"{name}_before" in COLUMNS]
Row = dict[str, str]


def row(reason: str = "renewal", values: Row | None = None, **after: str) -> Row:
    """A row about the person of `hand.resident_record`: these items changed, the others stayed."""
    known = hand.PERSON | hand.STAY | (values or {})
    made = {"reason": reason, "event_date": "2019-03-26"}
    for item in ITEMS:
        made[f"{item}_before"] = known.get(item, "")
        made[item] = after.get(item, known.get(item, ""))
    return made


def path(agency: Agency, serial: int, counterparty: str = "moj") -> Path:
    """Where an agency file stands."""
    return agency.folder(counterparty, "outbox") / f"{MUNICIPALITY}-{serial:08d}.zip.pgp"


def package(agency: Agency, ward: Ward, serial: int, counterparty: str = "moj") -> bytes:
    """Open an agency file with the ward's key; gpg fails where the signature is not the agency's."""
    ward.gpg("--import", agency.openpgp(counterparty), day="2030-01-01T00:00:00")
    return ward.gpg("--decrypt", path(agency, serial, counterparty), day="2030-01-01T00:00:00")


def entries(data: bytes, folder: Path) -> dict[str, bytes]:
    """Unzip a package with Debian's `unzip`."""
    folder.mkdir(parents=True)
    (folder / "package.zip").write_bytes(data)
    subprocess.run(["unzip", "-q", "package.zip"], cwd=folder, check=True)
    return {found.name: found.read_bytes() for found in folder.iterdir() if found.name != "package.zip"}


def listing(data: bytes) -> list[tuple[object, ...]]:
    """What a ZIP says of its entries."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [
            (one.filename, one.date_time, one.compress_type, one.create_system, one.external_attr >> 16, one.extra,
             one.comment, one.flag_bits, one.CRC, one.file_size)
            for one in archive.infolist()
        ]  # fmt: skip


def renkei(data: bytes) -> dict[str, Any]:
    """The member `renkei` of a package's descriptor."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        found: dict[str, Any] = json.loads(archive.read("datapackage.json"))["renkei"]
    return found


def rows(data: bytes) -> list[Row]:
    """The notices of a package."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return list(csv.DictReader(io.StringIO(archive.read("agency_notices.csv").decode(), newline="")))


def sha256(data: bytes) -> str:
    """Digest of bytes."""
    return hashlib.sha256(data).hexdigest()


def ack(agency: Agency, serial: int, answer: int = 1, **members: object) -> dict[str, Any]:
    """A good answer that calls every record `already_so`; `members` go in last."""
    sealed = path(agency, serial).read_bytes()
    records = [one for one in agency.truth() if one["serial"] == serial]
    return {
        "kind": "acknowledgement", "layout_version": "1", "municipality": MUNICIPALITY, "counterparty": "moj",
        "serial": serial, "answer": answer, "sealed_sha256": sha256(sealed),
        "package_sha256": package_digest(agency, serial), "received_at": "2019-03-28T23:00:00+09:00",
        "outcome": "accepted", "code": "A00", "first_seen": None,
        "records": [told(one, "already_so") for one in records],
    } | members  # fmt: skip


def told(record: dict[str, Any], name: str, *items: str) -> dict[str, Any]:
    """One record of an answer."""
    return {"record": record["record"], "notice_id": record["notice_id"], "class": name, "items": list(items)}


def package_digest(agency: Agency, serial: int) -> str:
    """The digest of a package, as the agency's status tells it."""
    (found,) = [one for one in agency.status()["own_files"] if one["serial"] == serial]
    return str(found["package_sha256"])


def lay(agency: Agency, ward: Ward, content: object, *, name: str = "", options: tuple[str, ...] = ()) -> Path:
    """Seal an answer and lay it into `acks/` under the name that it asks for, or another."""
    text = content if isinstance(content, bytes) else written(content)
    ward.gpg("--import", agency.openpgp("moj"), day="2030-01-01T00:00:00")
    plain = agency.home / "answer.json"
    plain.write_bytes(text)
    sealed = plain.with_suffix(".pgp")
    sealed.unlink(missing_ok=True)
    signing = [] if "--unsigned" in options else ["--sign", "--local-user", ward.fingerprint]
    ward.gpg(
        "-z", "0", "--cipher-algo", "AES256", "--digest-algo", "SHA512", *signing, "--encrypt", "--recipient",
        agency.fingerprint("moj"), "--output", sealed, plain, day=hand.SEALED_AT,
    )  # fmt: skip
    if not name and isinstance(content, dict):
        number = f".{content['answer']}" if content["answer"] > 1 else ""
        name = f"{MUNICIPALITY}-{content['serial']:08d}{number}.ack.json.pgp"
    return sealed.rename(agency.folder("moj", "acks") / name)


def written(content: object) -> bytes:
    """JSON as agreed."""
    return (json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()
