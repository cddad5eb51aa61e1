"""Receipts of a server that fell into other hands: well signed, encrypted to us, and hostile in what they say."""

import copy
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from renkei.corridor.receipt_form import largest_receipt
from renkei.corridor.receipts import Receipts, take_in_receipts
from renkei.errors import ExpandsTooFar, PeerFileTooLarge, ReceiptMismatch
from renkei.ledger.tables import File, Receipt
from tests.support.site import Site, copy_of

DAY = "2019-03-28"
NAME = "131041-00000001.receipt.json.pgp"
PERSON = "yamada_taro_1985"

Said = dict[str, Any]


@dataclass
class Forger:
    """The agency's server in other hands: its keys, its folder, and the answer that it had made."""

    site: Site
    honest: Said
    sealed: bytes

    @property
    def receipts(self) -> Path:
        """The folder that the ward reads."""
        return self.site.agency.folder("moj", "receipts")

    def show(self, content: bytes, *options: str) -> None:
        """Sign and encrypt, and put it under the receipt's name."""
        line = ["gpg", "--homedir", str(self.site.agency.home / "gnupg" / "moj"), "--batch", "--no-tty", "--quiet"]
        line += ["--trust-model", "always", "--passphrase", "", "--pinentry-mode", "loopback"]
        line += ["--faked-system-time", "20190328T140500", "--cipher-algo", "AES256", "--digest-algo", "SHA512"]
        line += ["--local-user", self.site.agency.fingerprint("moj"), *(options or ("-z", "0"))]
        public = ["--recipient-file", str(self.site.ward.openpgp)]
        done = subprocess.run([*line, "--sign", "--encrypt", *public], input=content, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        self.put(done.stdout)

    def put(self, data: bytes) -> None:
        """Put bytes under the receipt's name."""
        self.clear()
        (self.receipts / NAME).write_bytes(data)

    def clear(self) -> None:
        """Take away what stands under the receipt's name."""
        (self.receipts / NAME).unlink(missing_ok=True)

    def look(self) -> Receipts:
        """Let the ward look once."""
        with self.site.house(DAY) as house:
            return take_in_receipts(house, {date.fromisoformat(DAY)})

    def traces(self) -> list[str]:
        """Return the ward's files that hold the person's name."""
        files = (path for path in self.site.home.rglob("*") if path.is_file())
        return [path.name for path in files if PERSON.encode() in path.read_bytes()]


@contextmanager
def forging(pattern: Site) -> Iterator[Forger]:
    """Publish a file of three records; its honest answer is at hand and not taken in yet."""
    site = copy_of(pattern)
    day = site.tomorrow()
    for number, town in (("0000000001", "戸塚町"), ("0000000002", "若松町"), ("0000000003", "四谷")):
        day.event(number, "move_within", address=f"東京都新宿区{town}1番2号")
    site.extract()
    site.seal(DAY)
    site.publish(DAY)
    site.agency.process()
    site.agency.stop()
    sealed = (site.agency.folder("moj", "receipts") / NAME).read_bytes()
    honest = json.loads(site.ward.gpg("--decrypt", str(site.agency.folder("moj", "receipts") / NAME)))
    site.agency.start(every=3600)
    site.write_peers()
    yield Forger(site, honest, sealed)
    site.agency.remove()
    shutil.rmtree(site.home, ignore_errors=True)


@pytest.fixture(scope="module")
def forger(pattern_site: Site) -> Iterator[Forger]:
    """One for all that is refused: nothing of it leaves a mark."""
    with forging(pattern_site) as made:
        yield made


def record(**members: object) -> Callable[[Said], None]:
    def change(said: Said) -> None:
        said["outcome"], said["code"] = "partly", "F01"
        said["records"][0] |= {"code": "R10", "items": []} | members

    return change


def top(**members: object) -> Callable[[Said], None]:
    return lambda said: said.update(members)


def totals(**members: object) -> Callable[[Said], None]:
    return lambda said: said["register_totals"].update(members)


HOSTILE = {
    "records: an object": (top(records={}), "records"),
    "records: a text": (top(records="R00"), "records"),
    "records: numbers": (top(records=[1, 2, 3]), "records"),
    "records: none": (top(records=[]), "records"),
    "records of other notices": (record(notice_id="00" * 16), "records"),
    "a record number that is true": (record(record=True), "records"),
    "a record number that is a fraction": (record(record=1.0), "kind"),
    "items: a text": (record(items=PERSON), "records"),
    "items: a person": (record(items=[PERSON]), "records"),
    "items: a person with a line break": (record(items=[f"sex\n{PERSON}"]), "records"),
    "items: objects": (record(items=[{"name": PERSON}]), "records"),
    "code: 10 kB": (record(code="R" * 10_000), "records"),
    "code: a person": (record(code=PERSON), "records"),
    "code: a line break": (record(code="R10\n"), "records"),
    "code: a list": (record(code=["R10"]), "records"),
    "first: a list": (record(code="R20", first=[1]), "records"),
    "first: an object as serial": (record(code="R20", first={"serial": {}, "record": 1}), "records"),
    "first: beyond the database": (record(code="R20", first={"serial": 10**30, "record": 1}), "records"),
    "a member of its own": (record(note=PERSON), "records"),
    "a member of its own at the top": (top(note=PERSON), "members"),
    "file code: a person": (top(code=PERSON), "code"),
    "file code: that of another outcome": (top(code="F01"), "code"),
    "outcome: a list": (top(outcome=["accepted"]), "outcome"),
    "outcome: missing": (lambda said: said.pop("outcome"), "members"),
    "totals: a person": (totals(by_status={PERSON: 1}), "register_totals"),
    "totals: a person as category": (totals(by_category={PERSON: 1}), "register_totals"),
    "totals: a text": (totals(residents=PERSON), "register_totals"),
    "totals: a list": (top(register_totals=[PERSON]), "register_totals"),
    "totals: missing parts": (top(register_totals={}), "register_totals"),
    "instant: before time began": (top(received_at="0001-01-01T00:00:00+14:00"), "received_at"),
    "instant: without an offset": (top(received_at="2019-03-28T23:05:00"), "received_at"),
    "instant: a person": (top(received_at=PERSON), "received_at"),
    "instant: a number": (top(received_at=1), "received_at"),
    "another serial": (top(serial=2), "serial"),
    "serial: a text": (top(serial="1"), "serial"),
    "another municipality": (top(municipality="131059"), "municipality"),
    "another counterparty": (top(counterparty="isa"), "counterparty"),
    "message: 10 kB": (top(message="x" * 10_000), "message"),
}
NO_OBJECT = {
    "a list": b"[]",
    "deep": b"[" * 20_000 + b"]" * 20_000,
    "a number too long": b'{"serial": ' + b"9" * 50_000 + b"}",
    "not UTF-8": b"\xff\xfe",
    "NaN": b'{"serial": NaN}',
    "empty": b"",
}


class TestAWellSignedReceipt:
    """Every word is judged before it is kept or shown; the file goes on waiting for its true answer."""

    @pytest.mark.parametrize("name", HOSTILE)
    def test_is_refused_by_the_name_of_a_member(self, forger: Forger, name: str) -> None:
        change, rule = HOSTILE[name]
        said = copy.deepcopy(forger.honest)
        change(said)
        forger.show(json.dumps(said).encode())
        self.refused(forger, "members" if rule == "kind" else rule)

    @pytest.mark.parametrize("name", NO_OBJECT)
    def test_that_is_no_object(self, forger: Forger, name: str) -> None:
        forger.show(NO_OBJECT[name])
        self.refused(forger, "members")

    def test_that_says_a_thing_twice(self, forger: Forger) -> None:
        forger.show(json.dumps(forger.honest).encode().replace(b"{", b'{"outcome": "refused", ', 1))
        self.refused(forger, "members")

    def test_that_grows_beyond_what_it_answers(self, forger: Forger) -> None:
        bomb = b'{"kind": "receipt", "message": "' + b" " * (largest_receipt(3) + 1) + b'"}'
        forger.show(bomb, "-z", "9")
        with pytest.raises(ExpandsTooFar):
            forger.look()

    def test_that_is_huge(self, forger: Forger) -> None:
        forger.put(b"\0" * (largest_receipt(3) + 1))
        with pytest.raises(PeerFileTooLarge):
            forger.look()

    def refused(self, forger: Forger, rule: str) -> None:
        with pytest.raises(ReceiptMismatch) as caught:
            forger.look()
        assert caught.value.refs == {"serial": 1, "rule": rule}
        assert (forger.traces(), forger.site.rows(Receipt)) == ([], [])


class TestAfterwards:
    """What was refused has left no mark on the file."""

    def test_the_honest_answer_is_taken_in(self, pattern_site: Site) -> None:
        with forging(pattern_site) as forger:
            forger.show(b"[]")
            with pytest.raises(ReceiptMismatch):
                forger.look()
            forger.put(forger.sealed)
            assert forger.look().complete
            (file,) = forger.site.rows(File)
            assert (file.outcome, forger.site.report(DAY).delivered) == ("accepted", True)
            assert len(list((forger.site.home / "quarantine").iterdir())) == 1
            assert open_to_others(forger.site.home) == []


def open_to_others(home: Path) -> list[str]:
    kept = (home / name for name in ("sealed", "quarantine", "reports", "ledger", "work"))
    paths = (path for folder in kept for path in [folder, *folder.rglob("*")])
    return [path.name for path in paths if path.stat().st_mode & 0o077]
