"""A package sealed again for the successor of a counterparty that is gone, or to a key that replaced another."""

import contextlib
import hashlib
import json
import shutil
import socket
import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from renkei import errors
from renkei.corridor import deciding, media, steps
from renkei.corridor.adopting import adopt_restored
from renkei.corridor.rebuild import rebuild
from renkei.corridor.receipts import receipt_name
from renkei.corridor.rereading import reread_lost_days
from renkei.corridor.resealing import reseal_of
from renkei.ledger import effects, migrate, verdict, verify
from renkei.ledger.adopt import Request
from renkei.ledger.effects import Effect
from renkei.ledger.tables import Day, Decision, File, Notice, Receipt, Trail
from tests.support.agency import Agency, new_agency
from tests.support.databases import on_both
from tests.support.killed import dies_at
from tests.support.registers import accepted_twice, answers_given, differing
from tests.support.site import Site

ONE, TWO = "0000000001", "0000000002"
DAY, LAST, APRIL = "2019-03-28", "2019-03-31", "2019-04-01"


@contextlib.contextmanager
def moj_is_gone(site: Site) -> Iterator[None]:
    """Nobody answers any more where the Minister's server was."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        site.write_peers(moj=nobody.getsockname()[1])
        yield


def ask(site: Site, serial: int = 1, *, gone: bool = False, day: str = APRIL) -> int:
    with site.house(day) as house:
        matter = reseal_of(house, serial, gone=gone)
        return deciding.decide(house, matter, asker="clerk", reason="the Ministry's line is switched off").decision


def approve(site: Site, decision: int, *, who: str = "chief", day: str = APRIL) -> deciding.Decided:
    with site.house(day) as house:
        return deciding.approve(house, decision, approver=who)


def resealed(site: Site, serial: int = 1, *, gone: bool = False, day: str = APRIL) -> File:
    approve(site, ask(site, serial, gone=gone, day=day), day=day)
    found: File = site.file(serial)
    return found


def sealed_file(site: Site, number: str = ONE) -> str:
    builder = site.tomorrow()
    builder.event(number, "move_within", address=f"東京都新宿区戸塚町一丁目{str(builder.day)[-2:]}番3号")
    day = site.extract()
    site.seal(day)
    return day


def folder_of(site: Site, file: File) -> dict[str, str]:
    """Return the digests of all that the sealed store holds of a file."""
    folder = (site.home / (file.sealed_path or "")).parent
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def answered(site: Site, day: str) -> bool:
    """Let the agency process, then look in April for the receipts of a day."""
    site.agency.process()
    with site.house(APRIL) as house:
        return steps.take_in_receipts(house, {date.fromisoformat(day)}).complete


def whole(site: Site, day: str) -> None:
    """Both registers agree, every notice was accepted once, the ledger verifies and nothing lies about."""
    assert differing(site, day) == set()
    assert {row.state for row in site.rows(Notice)} == {"accepted"}
    assert accepted_twice(site) == []
    assert list(site.settings.work_dir.iterdir()) == []
    with site.house() as house:
        assert verify(house.ledger, house.settings) == []
        assert effects.unsettled(house.ledger) == []


class TestSuccessor:
    """The file of 03-31 was sealed for the Minister and never delivered; from 04-01 on there is the Commissioner."""

    @on_both("site")
    def test_it_is_delivered_receipted_and_both_registers_agree(self, site: Site) -> None:
        for _ in range(3):
            assert site.deliver(sealed_file(site)).complete
        with moj_is_gone(site):
            sealed_file(site, TWO)
            with pytest.raises(errors.PeerUnreachable):
                site.publish(LAST)
            sealed_file(site, TWO)
            with pytest.raises(errors.PeerUnreachable):
                site.publish(APRIL)
            old, kept = site.file(4), folder_of(site, site.file(4))
            new = resealed(site, 4, gone=True)
            assert (old.counterparty, new.counterparty, new.state) == ("moj", "isa", "sealed")
            assert (old.package_sha256, old.inputs_sha256) == (new.package_sha256, new.inputs_sha256)
            assert new.recipient_fingerprint == site.agency.fingerprint("isa")
            there = folder_of(site, new)
            assert kept.items() < there.items()
            assert new.sealed_sha256 == there[Path(new.sealed_path or "").name] != old.sealed_sha256
            assert site.publish(APRIL).published == (4, 5)
            assert site.answered(APRIL).complete
        assert [(file.counterparty, file.outcome) for file in map(site.file, range(1, 6))] == [
            *[("moj", "accepted")] * 3,
            *[("isa", "accepted")] * 2,
        ]
        assert [row.sealed_sha256 for row in site.rows(Receipt, serial=4)] == [new.sealed_sha256]
        assert len(answers_given(site)) == 5
        report = json.loads((site.home / site.report(LAST).json).read_text(encoding="utf-8"))
        assert [file["sealed_sha256"] for file in report["sent"]] == [new.sealed_sha256]
        with site.house() as house:
            assert rebuild(house, 4).package_sha256 == new.package_sha256
        whole(site, APRIL)

    def test_the_trail_tells_both_sealings_and_the_decision(self, site: Site) -> None:
        sealed_file(site)
        old, new = site.file(1), resealed(site)
        (row,) = site.rows(Trail, action="file.resealed")
        facts = json.loads(row.facts)
        (decision,) = site.rows(Decision, kind="reseal")
        assert (facts["decision"], facts["look"], facts["package"]) == (decision.id, "nothing", old.package_sha256)
        assert facts["replaces"] == {"counterparty": "moj", "sealed": old.sealed_sha256}
        assert (facts["counterparty"], facts["sealed"]) == ("isa", new.sealed_sha256)

    def test_again_for_nothing_is_refused(self, site: Site) -> None:
        sealed_file(site)
        resealed(site)
        with pytest.raises(errors.ResealNeedless):
            ask(site)


class TestLook:
    """Only what a look did not find goes to somebody else; that nobody is left to ask is for a person to say."""

    def test_an_old_counterparty_that_does_not_answer_must_be_said_to_be_gone(self, site: Site) -> None:
        sealed_file(site)
        before = site.file(1).sealed_sha256
        with moj_is_gone(site):
            asked = ask(site)
            with pytest.raises(errors.LookUnanswered):
                approve(site, asked)
        (decision,) = site.rows(Decision, id=asked)
        assert (decision.used_at, decision.approver, site.file(1).sealed_sha256) == (None, None, before)

    @pytest.mark.parametrize("gone", [False, True])
    @pytest.mark.parametrize("where", ["inbox", "receipts"])
    def test_what_has_arrived_is_not_sealed_again(self, site: Site, where: str, gone: bool) -> None:
        day = sealed_file(site)
        if where == "inbox":
            site.agency.stop()
            site.agency.start(every=3600)
            site.write_peers()
        site.publish(day)
        if where == "receipts":
            site.agency.process()
        asked = ask(site, gone=gone)
        with pytest.raises(errors.ArrivedAlready) as caught:
            approve(site, asked)
        assert caught.value.refs["where"] == where

    def test_nothing_is_sealed_again_for_the_one_in_force(self, site: Site) -> None:
        day = sealed_file(site)
        with pytest.raises(errors.ResealNeedless):
            ask(site, day=day)

    def test_a_file_with_its_receipt_does_not_wait(self, site: Site) -> None:
        assert site.deliver(sealed_file(site)).complete
        with pytest.raises(errors.NothingToDecide):
            ask(site)
        with pytest.raises(errors.NothingToDecide):
            ask(site, 7)


class TestOldOneArrived:
    """The Minister had the file after all, and nobody could see it."""

    def test_the_original_receipt_counts_and_echoes_the_old_sealing(self, site: Site) -> None:
        day = sealed_file(site)
        site.publish(day)
        site.agency.process()
        old = site.file(1)
        with moj_is_gone(site):
            new = resealed(site, gone=True)
            assert site.publish(APRIL).published == (1,)
            assert answered(site, day)
        (receipt,) = site.rows(Receipt)
        assert receipt.sealed_sha256 == old.sealed_sha256 != new.sealed_sha256
        assert [(row["counterparty"], row["code"]) for row in answers_given(site)] == [("moj", "F00"), ("isa", "F00")]
        whole(site, day)

    def test_that_it_could_not_be_read_says_nothing_of_the_new_sealing(self, site: Site, other: Agency) -> None:
        site.take_key(other.openpgp("moj"))
        replaced_key(site, other, until="2019-04-01")
        day = sealed_file(site)
        site.publish(day)
        site.agency.process()
        receipt = site.agency.folder("moj", "receipts") / receipt_name(site.file(1))
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            site.write_peers(moj=nobody.getsockname()[1])
            replaced_key(site, other, until="2019-04-01")
            resealed(site, gone=True)
            with site.house(APRIL) as house, pytest.raises(errors.ReceiptMismatch) as caught:
                media.receipt_from_media(house, 1, receipt, asker="clerk", reason="came by courier")
            assert caught.value.refs["rule"] == "sealed_sha256"
            assert site.publish(APRIL).published == (1,)
            assert answered(site, day)
        assert site.file(1).outcome == "accepted"
        whole(site, day)


@pytest.fixture
def other() -> Iterator[Agency]:
    """Whose key once was the Minister's."""
    made = new_agency(clock="message")
    yield made
    made.remove()


def replaced_key(site: Site, other: Agency, until: str) -> None:
    """Pin two keys of the Minister's: another one up to a day, and always the one that the agency has."""
    peers, known = site.home / "peers.toml", site.agency.fingerprint("moj")
    both = f'"{known}" }}, {{ fingerprint = "{other.fingerprint("moj")}", valid_from = 2019-03-02, valid_to = {until}'
    peers.write_text(peers.read_text(encoding="utf-8").replace(f'"{known}"', both, 1), encoding="utf-8")


class TestReplacedKey:
    """The same counterparty, but the key to which the file was sealed holds no more."""

    def test_it_is_sealed_again_to_the_key_in_force(self, site: Site, other: Agency) -> None:
        site.take_key(other.openpgp("moj"))
        replaced_key(site, other, until="2019-03-29")
        day = sealed_file(site)
        assert site.file(1).recipient_fingerprint == other.fingerprint("moj")
        with pytest.raises(errors.ResealNeedless):
            ask(site, day=day)
        new = resealed(site, day="2019-03-29")
        assert (new.counterparty, new.recipient_fingerprint) == ("moj", site.agency.fingerprint("moj"))
        assert site.publish("2019-03-29").published == (1,)
        assert answered(site, day)
        assert [row["code"] for row in answers_given(site)] == ["F00"]
        whole(site, day)


@on_both("site")
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("effect", [Effect.RESEAL_PACKAGE, Effect.STORE_RESEALED, Effect.WRITE_HEAD])
def test_killed_on_the_way_it_is_ended_by_the_same_approval(site: Site, effect: Effect, moment: str) -> None:
    day = sealed_file(site)
    old, asked = site.file(1), ask(site)
    assert dies_at(lambda: approve(site, asked), effect, moment)
    assert site.file(1).sealed_sha256 == old.sealed_sha256
    assert approve(site, asked).done
    new = site.file(1)
    names = {Path(new.sealed_path or "").name, f"resealed-{(new.sealed_sha256 or '')[:12]}.json"}
    assert folder_of(site, new).keys() == {Path(old.sealed_path).name, "inputs.json", *names}
    assert site.publish(APRIL).published == (1,)
    assert answered(site, day)
    assert len(answers_given(site)) == len(site.rows(Trail, action="file.resealed")) == 1
    whole(site, day)


class TestKept:
    """Every sealing is kept, looked after by the verifier, and taken back into a restored ledger."""

    @pytest.mark.parametrize("which", ["first", "again"])
    def test_the_verifier_looks_at_each(self, site: Site, which: str) -> None:
        sealed_file(site)
        old, new = site.file(1), resealed(site)
        path = site.home / ((old if which == "first" else new).sealed_path or "")
        path.write_bytes(path.read_bytes() + b"x")
        with site.house() as house:
            findings = verify(house.ledger, house.settings)
        words = "earlier sealing" if which == "first" else "sealed bytes"
        assert [each.where for each in findings] == [f"file 00000001, {words}"]

    @pytest.mark.parametrize("forgotten", ["the sealing again", "the file"])
    def test_adopt_takes_it_back(self, site: Site, forgotten: str, tmp_path: Path) -> None:
        ledger = site.home / "ledger" / "ledger.sqlite"
        copy = tmp_path / "copy.sqlite"
        if forgotten == "the file":
            backup(ledger, copy)
        day = sealed_file(site)
        if forgotten != "the file":
            backup(ledger, copy)
        new = resealed(site)
        site.publish(APRIL)
        for rest in ledger.parent.glob("ledger.sqlite-*"):
            rest.unlink()
        shutil.copyfile(copy, ledger)
        with site.house(APRIL) as house:
            adopt_restored(house, Request(asker="clerk", reason="the disk was changed"), offline=True)
            reread_lost_days(house)
        file = site.file(1)
        assert (file.counterparty, file.sealed_sha256, file.state) == ("isa", new.sealed_sha256, "unknown")
        assert site.publish(APRIL).published == ()
        assert answered(site, day)
        assert [(row.sealed_sha256, row.outcome) for row in site.rows(Receipt)] == [(new.sealed_sha256, "accepted")]
        assert [row.state for row in site.rows(Day)] == ["sealed"]
        with site.house() as house:
            assert verdict(verify(house.ledger, house.settings)) == "PASS with 1 named break"

    def test_an_original_receipt_at_the_successor_proves_its_serial(self, site: Site) -> None:
        site.publish(sealed_file(site))
        site.agency.process()
        with moj_is_gone(site):
            resealed(site, gone=True)
            site.publish(APRIL)
            site.agency.process()
        site.write_peers()
        ledger = site.home / "ledger" / "ledger.sqlite"
        for path in ledger.parent.glob("ledger.sqlite*"):
            path.unlink()
        with site.house(APRIL) as house:
            migrate(house.ledger)
            found = adopt_restored(house, Request(asker="clerk", reason="the ledger was lost"))
        assert found.from_store == (1,)


def backup(ledger: Path, copy: Path) -> None:
    with contextlib.closing(sqlite3.connect(ledger)) as source, contextlib.closing(sqlite3.connect(copy)) as target:
        source.backup(target)
