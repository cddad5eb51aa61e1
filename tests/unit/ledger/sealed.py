"""Makes sealed files the way the corridor stores and claims them; the sealed bytes are any bytes here."""

import hashlib
import json
import shutil
from datetime import date
from pathlib import Path

from renkei.clock import TOKYO
from renkei.ledger import Ledger, open_ledger
from renkei.ledger.serials import claim_serial, package_before
from renkei.ledger.states import DayState, Direction, FileState, NoticeState
from renkei.ledger.tables import Day, File, Notice, NoticeAttempt
from renkei.settings import Settings
from tests.support.databases import MUNICIPALITY, NOON, Postgresql


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def notice_id(serial: int) -> str:
    return digest_of(f"notice {serial}")[:32]


def a_file(serial: int, previous: str | None, salt: str = "") -> File:
    return File(
        direction=Direction.OUT,
        municipality=MUNICIPALITY,
        serial=serial,
        counterparty="moj",
        state=FileState.SEALED,
        package_sha256=digest_of(f"package {serial}{salt}"),
        previous=previous,
        records=1,
        counts={"resident_records": {"entry": 1}},
        business_date=date(2019, 3, 20 + serial),
        sealed_at=NOON.now(),
    )


def store(site: Settings, file: File, salt: str = "") -> Path:
    """Put a file's bytes and its inputs.json into the sealed store, and fill in what the ledger keeps of them."""
    sealed = f"sealed {file.serial}{salt}".encode()
    file.sealed_sha256 = hashlib.sha256(sealed).hexdigest()
    folder = site.sealed_dir / f"{file.serial:08d}-{file.sealed_sha256[:12]}"
    folder.mkdir(parents=True)
    path = folder / f"{MUNICIPALITY}-{file.serial:08d}.zip.pgp"
    path.write_bytes(sealed)
    assert file.business_date
    assert file.sealed_at
    told = {
        "municipality": MUNICIPALITY,
        "serial": file.serial,
        "counterparty": file.counterparty,
        "business_date": file.business_date.isoformat(),
        "sealed_at": file.sealed_at.astimezone(TOKYO).isoformat(),
        "previous": file.previous,
        "extract": {"manifest": digest_of("manifest")},
        "package_sha256": file.package_sha256,
        "sealed_sha256": file.sealed_sha256,
        "records": 1,
        "counts": file.counts,
        "signer": "A" * 40,
        "recipient": "B" * 40,
        "notices": [
            {
                "notice_id": notice_id(file.serial),
                "family": "resident_records",
                "attempt": 1,
                "supplement": False,
                "business_date": file.business_date.isoformat(),
                "due_date": file.business_date.isoformat(),
                "content_sha256": digest_of("content"),
            }
        ],
    }
    inputs = json.dumps(told).encode()
    (folder / "inputs.json").write_bytes(inputs)
    file.inputs_sha256 = hashlib.sha256(inputs).hexdigest()
    file.sealed_path = path.relative_to(site.home).as_posix()
    return path


def seal(ledger: Ledger, site: Settings, serial: int) -> File:
    """Store a file and claim its serial, with one notice in it."""
    with ledger.reading() as tx:
        file = a_file(serial, package_before(tx, MUNICIPALITY, serial))
    store(site, file)
    with ledger.transaction() as tx:
        claim_serial(tx, file)
        assert file.business_date
        tx.session.add(Day(business_date=file.business_date, state=DayState.SEALED, serial=serial))
        told = Notice(
            notice_id=notice_id(serial),
            family="resident_records",
            registry_number=f"R{serial}",
            business_date=file.business_date,
            state=NoticeState.SEALED,
        )
        tx.session.add(told)
        tx.session.flush()
        tx.session.add(NoticeAttempt(notice_id=told.notice_id, attempt=1, serial=serial, record_number=1, content=None))
        tx.trail(
            "file.sealed",
            f"{MUNICIPALITY}-{serial:08d}.zip.pgp",
            serial=serial,
            package=file.package_sha256,
            sealed=file.sealed_sha256,
            inputs=file.inputs_sha256,
        )
    return file


class Backup:
    """A copy of a ledger's database, which can be put back in its place."""

    def __init__(self, ledger: Ledger, site: Settings, server: Postgresql | None) -> None:
        ledger.close()
        self.site = site
        self.server = server
        if server is None:
            self.copy = site.home / "backup.sqlite"
            with ledger.engine.connect() as line:
                line.exec_driver_sql("COMMIT")
                line.exec_driver_sql(f"VACUUM INTO '{self.copy}'")
                line.exec_driver_sql("BEGIN")
            ledger.close()
        else:
            self.name = server.new_database(template=str(ledger.engine.url.database))

    def restored(self) -> Ledger:
        """Open what was backed up; the sealed store and the head mark are those of today."""
        if self.server is not None:
            url = self.server.url(self.server.new_database(template=self.name))
        else:
            restored = self.site.home / "restored.sqlite"
            shutil.copyfile(self.copy, restored)
            url = f"sqlite:///{restored}"
        found = open_ledger(url, clock=NOON, actor="tests")
        found.mark = open_ledger(self.site).mark
        return found
