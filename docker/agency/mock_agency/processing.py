"""One pass over the inboxes: in the order of serials, each file opened, judged, taken in and answered once.

The answer is stored with everything that the file changed, in one transaction, before anything is shown: a pass
that dies anywhere is repeated and shows the same bytes. What comes after a gap is held unanswered; the same serial
with the same package gets its original receipt, with another package it stops the municipality until a person decides.
"""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from mock_agency import clock, faults, gpg
from mock_agency.acceptance import Accepted, Pinned, judge
from mock_agency.answering import Letter, Sealer, Shown, receipt
from mock_agency.clock import Now
from mock_agency.errors import FileRefused, GpgError, Unreadable
from mock_agency.inbox import Arrival, arrivals, copy_to_quarantine, digest, sweep_quarantine
from mock_agency.keys import encryption_keys, keyring, own_fingerprint
from mock_agency.outgoing import count_looks, owe_again, show, show_due
from mock_agency.package import Package, read_package
from mock_agency.schemas import Schemas
from mock_agency.site import Site, Trust, locked
from mock_agency.store import Store
from mock_agency.taking_in import Answer, TakingIn
from mock_agency.telling.acks import AckReader
from mock_agency.telling.sending import show_own

BINARY = 0x80


class Processor:
    """Processes the inboxes of one agency; `looks` counts those into `receipts/` by counterparty and municipality."""

    def __init__(self, site: Site, store: Store) -> None:
        self.looks: Counter[tuple[str, str]] = Counter()
        self._site, self._store, self._schemas = site, store, Schemas(site.schemas)
        self._acks = AckReader(site, store, self._schemas)
        self._digests: dict[tuple[str, tuple[int, int, int]], str] = {}

    def one_pass(self) -> None:
        """Process everything that lies there now."""
        with locked(self._site, "processing"):
            sweep_quarantine(self._site)
            count_looks(self._store, self.looks)
            for municipality in self._site.municipalities:
                if trust := self._site.trust(municipality):
                    show_due(self._site, self._store, municipality)
                    show_own(self._site, self._store, municipality)
                    for arrival in arrivals(self._site, municipality):
                        if not self._arrived(arrival, trust):
                            break
                    show_due(self._site, self._store, municipality)
                    self._acks.one_pass(municipality, trust)

    def _arrived(self, arrival: Arrival, trust: Trust) -> bool:
        """Deal with one arrival; False: nothing behind it may be looked at now."""
        municipality, serial = arrival.municipality, arrival.serial
        if self._store.row("SELECT 1 FROM stops WHERE municipality = ?", municipality):
            return False
        if serial > self._store.expected_serial(municipality):
            return False
        letter = Letter(arrival.counterparty, municipality, serial, self._digest(arrival))
        sql = """SELECT * FROM answers WHERE counterparty = ? AND municipality = ? AND serial = ? AND sealed_sha256 = ?
                 ORDER BY id DESC"""
        known = self._store.row(sql, letter.counterparty, municipality, serial, letter.sealed_sha256)
        if known and known["state"] != "taken":
            return True
        if known and known["package_sha256"]:
            owe_again(self._store, known["id"])
            return True
        try:
            self._open(letter, copy_to_quarantine(self._site, arrival), trust)
        finally:
            sweep_quarantine(self._site)
        return True

    def _digest(self, arrival: Arrival) -> str:
        key = (str(arrival.path), arrival.identity)
        if key not in self._digests:
            self._digests[key] = digest(arrival.path)
        return self._digests[key]

    def _open(self, letter: Letter, sealed: Path, trust: Trust) -> None:
        ring = keyring(self._site, letter.counterparty, letter.municipality)
        signed_at = gpg.signed_at(ring, sealed) if self._site.clock == "message" else None
        made = clock.read_instant(self._site.keys_from) + timedelta(days=1)
        last = clock.read_instant(self._store.last_instant() or made.isoformat())
        now = clock.now(self._site.clock, signed_at, last)
        pinned = Pinned(trust.fingerprint, encryption_keys(ring, own_fingerprint(self._site, letter.counterparty)))
        case = Case(self._site, self._store, self._schemas, Sealer(self._site, self._schemas, trust), letter, now)
        plain = sealed.with_name("package.zip")
        try:
            case.opened(plain, self._accept(ring, sealed, plain, pinned, now))
        except Unreadable as unreadable:
            case.unreadable(unreadable)
        except GpgError as error:
            # Nothing of the file has counted (its transaction is undone), and nobody could be told why.
            case.speechless(str(error))

    def _accept(self, ring: gpg.Keyring, sealed: Path, plain: Path, pinned: Pinned, now: Now) -> Accepted:
        with sealed.open("rb") as stream:
            if not (stream.read(1) or b"\0")[0] & BINARY:
                raise Unreadable("F11", "not a binary OpenPGP message")
        size = sealed.stat().st_size
        return judge(gpg.decrypt(ring, sealed, plain, cap=size, clock=now.gpg_options), pinned)


class Case:
    """One file that came in, from its opening to the stored answer."""

    def __init__(self, site: Site, store: Store, schemas: Schemas, sealer: Sealer, letter: Letter, now: Now) -> None:
        self._site, self._store, self._schemas, self._sealer = site, store, schemas, sealer
        self._letter, self._now = letter, now

    def speechless(self, error: str) -> None:
        """Stop when no receipt can be sealed to the ward's key (it has expired); the file stays where it is."""
        self._keep_stop("F10", f"no receipt could be sealed to the ward's key: {error}", None)

    def unreadable(self, error: Unreadable) -> None:
        """Answer a file that cannot be read; if its serial was read before, a person must look."""
        try:
            self._unreadable(error)
        except GpgError as speechless:
            self.speechless(f"{error.code} {error.clause}; {speechless}")

    def _unreadable(self, error: Unreadable) -> None:
        letter, known = self._letter, self._store.file(self._letter.municipality, self._letter.serial)
        if known and known["state"] != "unreadable":
            self._stop(error.code, f"serial {letter.serial} is {known['state']}; {error.clause}")
            return
        sql = "SELECT * FROM answers WHERE counterparty = ? AND municipality = ? AND sealed_sha256 = ? ORDER BY id DESC"
        before = self._store.row(sql, letter.counterparty, letter.municipality, letter.sealed_sha256)
        if before and before["code"] == error.code:
            owe_again(self._store, before["id"])
            return
        with self._store.transaction():
            self._keep_file("unreadable", error.code)
            self._answer(error.code, clause=error.clause)

    def opened(self, plain: Path, accepted: Accepted) -> None:
        """Judge a package by its serial and predecessor, then by its form, then record by record."""
        letter = self._letter = replace(self._letter, package_sha256=accepted.package_sha256)
        known = self._store.file(letter.municipality, letter.serial)
        expected = known and (known["package_sha256"] or known["claimed_sha256"])
        if known and known["state"] == "void":
            self._stop("F23", f"serial {letter.serial} was declared void")
        elif expected and expected != letter.package_sha256:
            self._stop("F23", f"serial {letter.serial} came with another package before")
        elif known and known["package_sha256"]:
            self._duplicate()
        else:
            with self._store.transaction():
                self._new(plain)

    def _new(self, plain: Path) -> None:
        letter = self._letter
        struck = faults.strike(self._site, faults.JUDGEMENT, letter.counterparty, letter.municipality, letter.stem)
        answers: list[Answer] = []
        code, clause = "F00", ""
        try:
            _refuse_by(struck)
            package = read_package(plain, self._schemas, letter.municipality, letter.serial)
            self._check_counterparty(package)
            self._check_previous(package)
            taking_in = TakingIn(self._store, self._schemas, letter.municipality, letter.serial)
            answers = taking_in.take(package, [fault for fault in struck if fault.name == "refuse-records"])
        except FileRefused as refused:
            code, clause = refused.code, refused.clause
        self._keep_file("answered", code)
        self._answer(code, clause=clause, answers=answers)

    def _check_counterparty(self, package: Package) -> None:
        """Sealed for the one in force at that instant, or, by a person's decision, for a successor of that one."""
        in_force = self._schemas.counterparty(package.descriptor["sealed_at"])
        order = [entry["id"] for entry in self._schemas.counterparties]
        if package.descriptor["counterparty"] != in_force or in_force is None:
            raise FileRefused("F26", "counterparty was not in force at sealed_at")
        if order.index(self._letter.counterparty) < order.index(in_force):
            raise FileRefused("F26", "sealed for a counterparty no longer in force at sealed_at")

    def _check_previous(self, package: Package) -> None:
        letter, serial = self._letter, self._letter.serial - 1
        before = self._store.file(letter.municipality, serial)
        if serial == 0 or before is None:
            if package.previous is not None:
                raise FileRefused("F27", "previous is not null though serial is 1")
            return
        known = before["package_sha256"] or before["claimed_sha256"]
        if package.previous is None or (known and known != package.previous):
            raise FileRefused("F27", f"previous is not the package with serial {serial}")
        sql = "UPDATE files SET claimed_sha256 = ? WHERE municipality = ? AND serial = ?"
        self._store.run(sql, package.previous, letter.municipality, serial)

    def _duplicate(self) -> None:
        """Answer the package once more, from whichever sealed file it came, with the original receipt."""
        letter = self._letter
        sql = "SELECT * FROM answers WHERE municipality = ? AND serial = ? AND package_sha256 = ? ORDER BY id"
        first = self._store.row(sql, letter.municipality, letter.serial, letter.package_sha256)
        if first:
            kept = {name: first[name] for name in ("outcome", "code", "original")}
            self._keep_answer(Shown(first["original"], None, 0, 0, 0, never=False), kept)

    def _stop(self, code: str, reason: str) -> None:
        """Stop the municipality until a person decides; the refusal is shown only if no receipt stands there."""
        letter = self._letter
        sealed = self._sealer.seal(letter, receipt(letter, self._now, code, clause=reason), self._now)
        self._keep_stop(code, reason, sealed)
        receipts = self._site.peer(letter.counterparty, letter.municipality, "receipts")
        if not (receipts / f"{letter.stem}.receipt.json.pgp").exists():
            show(self._site, letter.counterparty, letter.municipality, letter.serial, sealed)

    def _keep_stop(self, code: str, reason: str, sealed: bytes | None) -> None:
        letter = self._letter
        self._store.insert(
            "stops", municipality=letter.municipality, counterparty=letter.counterparty, serial=letter.serial,
            name=f"{letter.stem}.zip.pgp", sealed_sha256=letter.sealed_sha256, code=code, reason=reason,
            receipt=sealed,
        )  # fmt: skip

    def _keep_file(self, state: str, code: str) -> None:
        letter = self._letter
        known = self._store.file(letter.municipality, letter.serial)
        claimed = known["claimed_sha256"] if known else None
        self._store.insert(
            "files", municipality=letter.municipality, serial=letter.serial, state=state,
            package_sha256=letter.package_sha256, claimed_sha256=claimed, reason=code, at=self._now.iso,
        )  # fmt: skip

    def _answer(self, code: str, *, clause: str, answers: list[Answer] | None = None) -> None:
        totals = self._store.totals(self._letter.municipality)
        content = receipt(self._letter, self._now, code, clause=clause, answers=answers, totals=totals)
        sealed = self._sealer.seal(self._letter, content, self._now)
        shown = self._sealer.shown(self._letter, content, sealed, self._now)
        kept = {"outcome": content["outcome"], "code": content["code"], "original": sealed}
        self._keep_answer(shown, kept)
        self._store.run("INSERT INTO instants VALUES (?)", self._now.iso)

    def _keep_answer(self, shown: Shown, kept: dict[str, object]) -> None:
        letter = self._letter
        self._store.insert(
            "answers", counterparty=letter.counterparty, municipality=letter.municipality, serial=letter.serial,
            sealed_sha256=letter.sealed_sha256, package_sha256=letter.package_sha256, **kept, shown=shown.first,
            second=shown.second, second_after=shown.second_after, state="stored", not_before=shown.not_before,
            looks_left=shown.looks, never=int(shown.never),
        )  # fmt: skip


def _refuse_by(struck: list[faults.Fault]) -> None:
    for fault in struck:
        if fault.name == "refuse-file":
            raise FileRefused(fault.code or "F20", "a fault that was set")
