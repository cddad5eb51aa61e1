"""A ledger restored from an older copy: nothing goes out until adopt has taken back what is proven (contract §10)."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from renkei.errors import (
    AdoptRefused,
    HeadMarkUnwritten,
    LedgerRestored,
    ReasonMissing,
    SecondPersonNeeded,
)
from renkei.ledger import Ledger, adopt, trail, verdict, verify
from renkei.ledger.adopt import ReceiptEcho, Request, lost_days
from renkei.ledger.effects import Effect, performing
from renkei.ledger.mark import Mark
from renkei.ledger.states import DayState, Direction, FileState, NoticeState
from renkei.ledger.tables import Day, Decision, File, Notice, NoticeAttempt, Trail
from renkei.ledger.verify import Level
from renkei.settings import Settings
from tests.support.databases import MUNICIPALITY, Postgresql
from tests.unit.ledger.sealed import Backup, a_file, digest_of, notice_id, seal, store

REQUEST = Request(asker="clerk", reason="ディスク交換後の復元")


@pytest.fixture
def server(request: pytest.FixtureRequest, ledger_site: Settings) -> Postgresql | None:
    if ledger_site.ledger_url.startswith("sqlite"):
        return None
    found: Postgresql = request.getfixturevalue("postgresql")
    return found


@pytest.fixture
def restored(ledger: Ledger, ledger_site: Settings, server: Postgresql | None) -> Ledger:
    """A ledger with serial 1, put back from its copy after serials 2 and 3 were sealed."""
    seal(ledger, ledger_site, 1)
    backup = Backup(ledger, ledger_site, server)
    seal(ledger, ledger_site, 2)
    seal(ledger, ledger_site, 3)
    ledger.close()
    return backup.restored()


def serials(ledger: Ledger) -> list[tuple[int, FileState]]:
    with ledger.reading() as tx:
        rows = tx.session.scalars(select(File).order_by(File.serial)).all()
        return [(row.serial, row.state) for row in rows]


def mark_of(ledger: Ledger) -> Mark:
    assert ledger.mark is not None
    found = ledger.mark.read()
    assert found is not None
    return found


class TestHeadMark:
    def test_it_stands_beside_the_sealed_files_after_each_commit(self, ledger: Ledger, ledger_site: Settings) -> None:
        seal(ledger, ledger_site, 1)
        with ledger.reading() as tx:
            head = trail.head(tx.session)
        assert mark_of(ledger) == Mark(head.number, head.hash, 1)
        assert ledger_site.sealed_dir / "head.json" == ledger.mark.path if ledger.mark else False

    def test_it_is_fsynced_before_it_gets_its_name(self, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
        steps: list[str] = []
        real_replace = Path.replace
        monkeypatch.setattr("renkei.ledger.durable.os.fsync", lambda _: steps.append("fsync"))

        def replaced(source: Path, target: Path) -> Path:
            steps.append("rename")
            return real_replace(source, target)

        monkeypatch.setattr(Path, "replace", replaced)
        with ledger.transaction() as tx:
            tx.trail("test.row", "subject")
        assert steps == ["fsync", "rename", "fsync"]

    def test_a_slower_writer_does_not_set_it_back(self, ledger: Ledger) -> None:
        assert ledger.mark is not None
        ledger.mark.advance(Mark(9, "a" * 64, 2))
        ledger.mark.advance(Mark(8, "b" * 64, 1))
        assert mark_of(ledger) == Mark(9, "a" * 64, 2)

    def test_a_commit_whose_mark_cannot_be_written_is_told_and_stops_the_next(
        self, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("renkei.ledger.mark.write_durably", full)
        for _ in range(2):
            with pytest.raises(HeadMarkUnwritten), ledger.transaction() as tx:
                tx.trail("test.row", "subject")

    def test_a_ledger_ahead_of_it_is_well(self, ledger: Ledger) -> None:
        """A process killed between its commit and the mark."""
        mark = ledger.mark
        ledger.mark = None
        with ledger.transaction() as tx:
            tx.trail("test.row", "subject")
        ledger.mark = mark
        with ledger.transaction() as tx:
            tx.trail("test.row", "subject")
        assert mark_of(ledger).number == 3


class TestRestored:
    def test_nothing_is_claimed_sealed_or_sent(self, restored: Ledger) -> None:
        with pytest.raises(LedgerRestored), restored.transaction():
            pass
        for effect in Effect:
            done: list[str] = []
            with pytest.raises(LedgerRestored), performing(restored, effect, "00000002"):
                done.append(effect)
            assert done == []

    def test_it_can_be_read_and_the_verifier_says_so(self, restored: Ledger, ledger_site: Settings) -> None:
        assert serials(restored) == [(1, FileState.SEALED)]
        findings = verify(restored, ledger_site)
        assert verdict(findings) == "FAIL"
        assert "the ledger does not reach its head mark" in {finding.rule for finding in findings}

    def test_the_same_number_on_another_chain_is_restored_too(
        self, ledger: Ledger, ledger_site: Settings, server: Postgresql | None
    ) -> None:
        backup = Backup(ledger, ledger_site, server)
        with ledger.transaction() as tx:
            tx.trail("test.row", "then")
        other = backup.restored()
        mark, other.mark = other.mark, None
        with other.transaction() as tx:
            tx.trail("test.row", "now")
        other.mark = mark
        with pytest.raises(LedgerRestored), other.transaction():
            pass

    def test_a_serial_that_we_never_allotted_means_restored(self, ledger: Ledger, ledger_site: Settings) -> None:
        seal(ledger, ledger_site, 1)
        assert ledger.mark is not None
        ledger.mark.suspect(2)
        with pytest.raises(LedgerRestored), ledger.transaction():
            pass

    @pytest.mark.parametrize("damage", ["missing", "damaged"])
    def test_a_mark_that_is_gone_or_not_whole(self, ledger: Ledger, ledger_site: Settings, damage: str) -> None:
        seal(ledger, ledger_site, 1)
        assert ledger.mark is not None
        if damage == "missing":
            ledger.mark.path.unlink()
        else:
            ledger.mark.path.write_bytes(b'{"number":')
        with pytest.raises(LedgerRestored), ledger.transaction():
            pass


class TestAdopt:
    def test_it_takes_back_every_sealed_file(self, restored: Ledger, ledger_site: Settings) -> None:
        adopted = adopt(restored, ledger_site, REQUEST)
        assert (adopted.from_store, adopted.from_receipts, adopted.void, adopted.notices) == ((2, 3), (), (), 2)
        assert serials(restored) == [(1, FileState.SEALED), (2, FileState.UNKNOWN), (3, FileState.UNKNOWN)]
        with restored.reading() as tx:
            file = tx.session.get_one(File, (Direction.OUT, MUNICIPALITY, 3))
            day = tx.session.get_one(Day, file.business_date)
            lost = [row.serial for row in lost_days(tx)]
        assert (file.package_sha256, file.previous) == (digest_of("package 3"), digest_of("package 2"))
        assert (day.state, day.serial) == (DayState.SEALED, 3)
        # Their contents come back when their extracts are read again.
        assert lost == [2, 3]

    def test_the_trail_names_both_heads_and_the_verifier_one_break(
        self, restored: Ledger, ledger_site: Settings
    ) -> None:
        mark = mark_of(restored)
        with restored.reading() as tx:
            head = trail.head(tx.session)
        adopt(restored, ledger_site, REQUEST)
        with restored.reading() as tx:
            row = tx.session.scalars(select(Trail).where(Trail.action == "restored")).one()
        facts = json.loads(row.facts)
        assert facts["ledger_head"] == {"number": head.number, "hash": head.hash, "last_serial": 1}
        assert facts["mark_head"] == {"number": mark.number, "hash": mark.hash, "last_serial": 3}
        assert verify(restored, ledger_site) != []
        assert {finding.level for finding in verify(restored, ledger_site)} == {Level.NAMED_BREAK}
        assert verdict(verify(restored, ledger_site)) == "PASS with 1 named break"

    def test_work_goes_on_after_it(self, restored: Ledger, ledger_site: Settings) -> None:
        adopt(restored, ledger_site, REQUEST)
        seal(restored, ledger_site, 4)
        assert verdict(verify(restored, ledger_site)) == "PASS with 1 named break"

    def test_a_ledger_that_was_not_restored_has_nothing_to_adopt(self, ledger: Ledger, ledger_site: Settings) -> None:
        seal(ledger, ledger_site, 1)
        with pytest.raises(AdoptRefused):
            adopt(ledger, ledger_site, REQUEST)

    def test_it_needs_a_reason_and_a_second_person_where_set(self, restored: Ledger, ledger_site: Settings) -> None:
        with pytest.raises(ReasonMissing):
            adopt(restored, ledger_site, Request(asker="clerk", reason=" "))
        from dataclasses import replace

        strict = replace(ledger_site, four_eyes=("adopt",))
        with pytest.raises(SecondPersonNeeded):
            adopt(restored, strict, REQUEST)
        adopt(restored, strict, Request(asker="clerk", reason="復元", approver="chief"))
        with restored.reading() as tx:
            decision = tx.session.scalars(select(Decision)).one()
        assert (decision.kind, decision.approver, decision.used_at) == (
            "adopt",
            "chief",
            restored.clock.now(),
        )

    def test_a_file_that_only_its_receipt_proves(self, restored: Ledger, ledger_site: Settings) -> None:
        (folder,) = ledger_site.sealed_dir.glob("00000003-*")
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
        accepted = ((1, notice_id(3), 1),)
        echo = ReceiptEcho(MUNICIPALITY, 3, "moj", digest_of("sealed 3"), digest_of("package 3"), accepted)
        adopted = adopt(restored, ledger_site, REQUEST, [echo])
        with restored.reading() as tx:
            notice = tx.session.get_one(Notice, notice_id(3))
            attempt = tx.session.get_one(NoticeAttempt, (notice_id(3), 1))
        assert (notice.state, notice.attempt) == (NoticeState.SEALED, 1)
        assert (attempt.serial, attempt.record_number) == (3, 1)
        assert (adopted.from_store, adopted.from_receipts) == ((2,), (3,))
        assert serials(restored)[-1] == (3, FileState.UNKNOWN)
        rules = {(finding.where, finding.rule) for finding in verify(restored, ledger_site)}
        assert ("file 00000003, sealed bytes", "missing") in rules

    def test_a_serial_of_which_nothing_is_left_waits_for_a_person(
        self, restored: Ledger, ledger_site: Settings
    ) -> None:
        (folder,) = ledger_site.sealed_dir.glob("00000003-*")
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
        with pytest.raises(AdoptRefused):
            adopt(restored, ledger_site, REQUEST)
        assert serials(restored) == [(1, FileState.SEALED)]
        given_up = Request(asker="clerk", reason="控えなし", void=frozenset({3}))
        assert adopt(restored, ledger_site, given_up).void == (3,)
        assert serials(restored)[-1] == (3, FileState.VOID)

    @pytest.mark.parametrize("damage", ["bytes", "inputs", "name", "missing"])
    def test_a_folder_whose_parts_do_not_belong_together(
        self, restored: Ledger, ledger_site: Settings, damage: str
    ) -> None:
        (folder,) = ledger_site.sealed_dir.glob("00000003-*")
        sealed = next(folder.glob("*.pgp"))
        match damage:
            case "bytes":
                sealed.write_bytes(b"other")
            case "inputs":
                (folder / "inputs.json").write_text('{"serial": 3}')
            case "name":
                folder.rename(folder.with_name("00000003-" + "0" * 12))
            case "missing":
                sealed.unlink()
        with pytest.raises(AdoptRefused):
            adopt(restored, ledger_site, REQUEST)
        assert serials(restored) == [(1, FileState.SEALED)]

    def test_a_receipt_that_tells_a_known_serial_otherwise(self, restored: Ledger, ledger_site: Settings) -> None:
        echo = ReceiptEcho(MUNICIPALITY, 1, "moj", digest_of("sealed 1"), digest_of("another package"))
        with pytest.raises(AdoptRefused):
            adopt(restored, ledger_site, REQUEST, [echo])

    def test_of_two_folders_of_one_serial_the_receipt_tells_which(
        self, restored: Ledger, ledger_site: Settings
    ) -> None:
        left_over = a_file(3, digest_of("package 2"), "x")
        store(ledger_site, left_over, "x")
        with pytest.raises(AdoptRefused):
            adopt(restored, ledger_site, REQUEST)
        echo = ReceiptEcho(MUNICIPALITY, 3, "moj", digest_of("sealed 3"), digest_of("package 3"))
        adopt(restored, ledger_site, REQUEST, [echo])
        with restored.reading() as tx:
            file = tx.session.get_one(File, (Direction.OUT, MUNICIPALITY, 3))
        assert file.package_sha256 == digest_of("package 3")
