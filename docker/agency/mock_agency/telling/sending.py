"""Seals the agency's own files under its own serials and shows them in `outbox/`, each exactly once.

Serial, package, sealed bytes, the notices and what they change in the register stand in one transaction; what a crash
left unshown is shown by the next pass, the same bytes.
"""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from mock_agency import gpg
from mock_agency.clock import Now
from mock_agency.errors import SiteError
from mock_agency.keys import keyring, own_fingerprint
from mock_agency.schemas import Schemas
from mock_agency.site import Site, Trust, write_whole
from mock_agency.store import Store
from mock_agency.telling.package import GOOD, Head, Spoilt, build
from mock_agency.telling.register import Told
from mock_agency.telling.rows import Draft, Form

SEALED, SHOWN, HIDDEN = "sealed", "shown", "hidden"


@dataclass(frozen=True, slots=True)
class Order:
    """How one file is to be made; the defaults make a good one.

    `shown` turns the sealed bytes into what stands in `outbox/` in their place; `hidden`: nothing stands there.
    `counterparty`: another than the one in force.
    """

    scenario: str
    day: str = ""
    fault: str = ""
    package: Spoilt = GOOD
    shown: Callable[["Sealing"], bytes] | None = None
    hidden: bool = False
    counterparty: str | None = None


@dataclass(frozen=True, slots=True)
class Sealing:
    """Who seals what, for whom and when."""

    site: Site
    counterparty: str
    trust: Trust
    now: Now
    package: bytes

    @property
    def ring(self) -> gpg.Keyring:
        """The keyring of counterparty and ward."""
        return keyring(self.site, self.counterparty, self.trust.municipality)

    def sealed(self) -> bytes:
        """Sign with the counterparty's key, encrypt to the ward's."""
        signer = own_fingerprint(self.site, self.counterparty)
        recipient, clock = self.trust.fingerprint, self.now.gpg_options
        return gpg.seal(self.ring, self.package, signer=signer, recipient=recipient, clock=clock)


def name_of(municipality: str, serial: int) -> str:
    """Return the agreed name in `outbox/`."""
    return f"{municipality}-{serial:08d}.zip.pgp"


class Teller:
    """Makes the agency's files for one municipality."""

    def __init__(self, site: Site, store: Store, municipality: str) -> None:
        self.site, self.store, self.municipality = site, store, site.known(municipality)
        self.schemas = Schemas(site.schemas)
        self.form = Form(self.schemas)

    def file_of_day(self, day: str) -> sqlite3.Row | None:
        """Return the regular file of a day, if it was made."""
        sql = "SELECT * FROM own_files WHERE municipality = ? AND day = ? AND fault = ''"
        return self.store.row(sql, self.municipality, day)

    def next_serial(self) -> int:
        """Return the next serial."""
        found = self.store.row("SELECT max(serial) AS last FROM own_files WHERE municipality = ?", self.municipality)
        return int(found["last"] or 0) + 1 if found else 1

    def file(self, serial: int) -> sqlite3.Row:
        """Return an own file; raises SiteError."""
        sql = "SELECT * FROM own_files WHERE municipality = ? AND serial = ?"
        found = self.store.row(sql, self.municipality, serial)
        if found is None:
            raise SiteError(f"the agency has made no file with serial {serial}")
        return found

    def counterparty(self, now: Now) -> str:
        """Return the counterparty in force at an instant, if this agency plays it; raises SiteError."""
        found = self.schemas.counterparty(now.iso)
        if found not in self.site.counterparties:
            raise SiteError(f"no counterparty of this agency is in force on {now.iso[:10]}")
        return str(found)

    def sealing(self, package: bytes, now: Now, counterparty: str | None = None) -> Sealing:
        """Return who seals a package now; raises SiteError before `trust` was called."""
        trust = self.site.trust(self.municipality)
        if trust is None:
            raise SiteError(f"nobody is trusted for {self.municipality}: call `trust` first")
        return Sealing(self.site, counterparty or self.counterparty(now), trust, now, package)

    def tell(self, drafts: Sequence[Draft], now: Now, order: Order) -> int:
        """Seal one file with these notices and show it; returns its serial."""
        with self.store.transaction():
            serial = self._seal(drafts, now, order)
        show_own(self.site, self.store, self.municipality)
        return serial

    def _seal(self, drafts: Sequence[Draft], now: Now, order: Order) -> int:
        serial = self.next_serial()
        drafts = [self._numbered(draft, serial, number) for number, draft in enumerate(drafts, 1)]
        told = Told(self.store, self.municipality)
        for draft in drafts:
            if draft.changes:
                told.change(self.form, draft)
        who = self.sealing(b"", now, order.counterparty)
        before = self.file(serial - 1)["package_sha256"] if serial > 1 else None
        totals = self.store.totals(self.municipality)
        head = Head(self.municipality, who.counterparty, serial, now.iso, before, totals)
        package = build(self.form, head, [draft.row for draft in drafts], order.package)
        sealing = replace(who, package=package)
        shown = order.shown(sealing) if order.shown else None
        self.keep(serial, sealing, order, sealed=sealing.sealed(), shown=shown, records=len(drafts))
        for number, draft in enumerate(drafts, 1):
            self.store.insert(
                "own_records", municipality=self.municipality, serial=serial, record=number,
                notice_id=draft.row["notice_id"], person_reference=draft.person, kind=draft.kind,
                expected=draft.expected, content=json.dumps(draft.row, ensure_ascii=False),
            )  # fmt: skip
        return serial

    def keep(
        self, serial: int, sealing: Sealing, order: Order, *, sealed: bytes, shown: bytes | None = None,
        records: int = 0,
    ) -> None:  # fmt: skip
        """Write an own file down; what it shows is put into `outbox/` by `show_own`."""
        digest = hashlib.sha256(sealing.package).hexdigest()
        self.store.insert(
            "own_files", municipality=self.municipality, serial=serial, counterparty=sealing.counterparty,
            scenario=order.scenario, fault=order.fault, day=order.day, sealed_at=sealing.now.iso, records=records,
            package_sha256=digest, package=sealing.package, sealed=sealed, shown=shown,
            state=HIDDEN if order.hidden else SEALED,
        )  # fmt: skip
        for data in (sealed, *([shown] if shown is not None else [])):
            self.keep_sealing(serial, data, digest)

    def keep_sealing(self, serial: int, sealed: bytes, package_sha256: str) -> None:
        """Remember one sealing of a package: the ward's answer may name any of them."""
        self.store.insert(
            "own_sealings", municipality=self.municipality, serial=serial, package_sha256=package_sha256,
            sealed_sha256=hashlib.sha256(sealed).hexdigest(),
        )  # fmt: skip

    def show_again(self, serial: int) -> None:
        """Show the good bytes of a serial, in place of whatever stands there."""
        self.file(serial)
        sql = "UPDATE own_files SET shown = NULL, state = ? WHERE municipality = ? AND serial = ?"
        self.store.run(sql, SEALED, self.municipality, serial)
        show_own(self.site, self.store, self.municipality)

    def _numbered(self, draft: Draft, serial: int, number: int) -> Draft:
        text = f"agency notice|{self.municipality}|{serial}|{number}"
        notice_id = hashlib.sha256(text.encode()).hexdigest()[:32]
        return replace(draft, row=self.form.complete(draft.row, self.municipality, number, notice_id))


def show_own(site: Site, store: Store, municipality: str) -> None:
    """Put every own file into `outbox/` that is sealed and not shown yet."""
    sql = "SELECT * FROM own_files WHERE municipality = ? AND state = ? ORDER BY serial"
    for file in store.rows(sql, municipality, SEALED):
        path = site.peer(file["counterparty"], municipality, "outbox") / name_of(municipality, file["serial"])
        if path.is_dir() and not path.is_symlink():
            path.rmdir()  # a hostile folder under the file's name
        write_whole(path, file["shown"] or file["sealed"])
        done = "UPDATE own_files SET state = ? WHERE municipality = ? AND serial = ?"
        store.run(done, SHOWN, municipality, file["serial"])
