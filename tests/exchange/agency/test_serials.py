"""Serials, duplicates, gaps, stops and crashes: each file is answered once, in order, with bytes that stay."""

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.exchange.agency import hand
from tests.exchange.agency.hand import Draft, resident_record
from tests.support.agency import ROOT, Agency, AgencyFailed, Ward

Lay = Callable[..., tuple[Path, str]]


@pytest.fixture
def lay(trusting: Agency, ward: Ward, tmp_path: Path) -> Lay:
    """Make, seal and lay a file into the inbox; returns the sealed file (kept outside) and the package's digest."""
    count = iter(range(100))

    def laying(draft: Draft, counterparty: str = "moj") -> tuple[Path, str]:
        package = draft.zipped(tmp_path / f"p{next(count)}")
        sealed = hand.seal(package, ward, trusting, counterparty)
        hand.put(trusting, sealed, draft.serial, counterparty)
        return sealed, hand.sha256(package)

    return laying


def inbox(agency: Agency, counterparty: str = "moj") -> list[str]:
    return sorted(path.name for path in agency.folder(counterparty, "inbox").iterdir())


class TestOrder:
    def test_what_comes_after_a_gap_is_held_unanswered(self, trusting: Agency, ward: Ward, lay: Lay) -> None:
        first = Draft()
        digest = hand.sha256(first.zipped(trusting.home / "early"))
        _, second = lay(Draft(serial=2, previous=digest))
        lay(Draft(serial=3, previous=second))
        trusting.process()
        assert not list(trusting.folder("moj", "receipts").iterdir())
        assert [held["serial"] for held in trusting.status()["held"]] == [2, 3]
        lay(first)
        trusting.process()
        assert [hand.read_receipt(trusting, ward, serial)["code"] for serial in (1, 2, 3)] == ["F00"] * 3
        assert inbox(trusting) == []

    def test_a_void_serial_lets_the_next_go_on(self, trusting: Agency, ward: Ward, lay: Lay) -> None:
        lay(Draft(serial=2, previous="a" * 64))
        trusting.process()
        with pytest.raises(AgencyFailed, match="the serial that is missing is 1"):
            trusting.void(2, "another")
        trusting.void(1, "lost on the way")
        trusting.process()
        assert hand.read_receipt(trusting, ward, 2)["code"] == "F00"

    def test_the_predecessors_digest(self, trusting: Agency, ward: Ward, lay: Lay) -> None:
        _, first = lay(Draft())
        lay(Draft(serial=2, previous="0" * 64))
        trusting.process()
        assert hand.read_receipt(trusting, ward, 2)["code"] == "F27"
        assert first == hand.read_receipt(trusting, ward, 1)["package_sha256"]

    def test_a_file_refused_whole_keeps_its_serial(self, trusting: Agency, ward: Ward, lay: Lay) -> None:
        _, first = lay(Draft(a=[resident_record()], members={"records": 9}))
        lay(Draft(serial=2, previous=first, a=[resident_record()]))
        trusting.process()
        assert hand.read_receipt(trusting, ward, 1)["code"] == "F22"
        assert hand.read_receipt(trusting, ward, 2)["code"] == "F00"

    def test_only_agreed_names_are_looked_at(self, trusting: Agency, tmp_path: Path) -> None:
        folder = trusting.folder("moj", "inbox")
        names = ["131041-1.zip.pgp", "131059-00000001.zip.pgp", "131041-00000000.zip.pgp", ".tmp-x", "x"]
        for name in names:
            (folder / name).write_bytes(b"x")
        (folder / "131041-00000001.zip.pgp").symlink_to(tmp_path)
        trusting.process()
        assert trusting.status()["answers"] == []
        assert set(names) < set(inbox(trusting))


class TestDuplicates:
    def test_the_same_bytes_again_get_the_original_receipt(self, trusting: Agency, lay: Lay) -> None:
        sealed, _ = lay(Draft(a=[resident_record()]))
        trusting.process()
        original = hand.receipt_path(trusting, 1).read_bytes()
        hand.receipt_path(trusting, 1).unlink()
        hand.put(trusting, sealed, 1)
        trusting.process()
        assert hand.receipt_path(trusting, 1).read_bytes() == original
        assert inbox(trusting) == []

    def test_the_same_package_sealed_again_gets_the_original_receipt(
        self, trusting: Agency, ward: Ward, lay: Lay
    ) -> None:
        sealed, _ = lay(Draft(a=[resident_record()]))
        trusting.process()
        original = hand.receipt_path(trusting, 1).read_bytes()
        again = hand.seal(sealed.with_suffix("").with_suffix(".zip"), ward, trusting)
        hand.put(trusting, again, 1)
        trusting.process()
        assert hand.receipt_path(trusting, 1).read_bytes() == original
        assert len(trusting.status()["answers"]) == 2

    def test_the_same_serial_with_another_package_stops_until_a_person_decides(
        self, trusting: Agency, ward: Ward, lay: Lay
    ) -> None:
        _, first = lay(Draft())
        trusting.process()
        original = hand.receipt_path(trusting, 1).read_bytes()
        lay(Draft(a=[resident_record()]))
        lay(Draft(serial=2, previous=first))
        trusting.process()
        (stop,) = trusting.status()["stopped"]
        assert (stop["serial"], stop["code"]) == (1, "F23")
        assert hand.receipt_path(trusting, 1).read_bytes() == original
        assert not hand.receipt_path(trusting, 2).exists()
        trusting.resume("settled by telephone")
        trusting.process()
        assert hand.read_receipt(trusting, ward, 2)["code"] == "F00"
        assert inbox(trusting) == []

    def test_a_person_may_have_the_refusal_shown(self, trusting: Agency, ward: Ward, lay: Lay) -> None:
        lay(Draft())
        trusting.process()
        lay(Draft(a=[resident_record()]))
        trusting.process()
        trusting.resume("they asked for it", answer=True)
        receipt = hand.read_receipt(trusting, ward, 1)
        assert (receipt["outcome"], receipt["code"]) == ("refused", "F23")


class TestUnreadable:
    def test_the_same_package_may_come_readable(self, trusting: Agency, ward: Ward, lay: Lay) -> None:
        sealed, digest = lay(Draft())
        broken = sealed.with_suffix(".broken")
        broken.write_bytes(sealed.read_bytes()[:-9])
        hand.put(trusting, broken, 1)
        trusting.process()
        assert hand.read_receipt(trusting, ward, 1)["code"] == "F11"
        hand.put(trusting, sealed, 1)
        trusting.process()
        receipt = hand.read_receipt(trusting, ward, 1)
        assert (receipt["code"], receipt["package_sha256"]) == ("F00", digest)

    def test_the_next_serial_goes_on_behind_it(self, trusting: Agency, ward: Ward, lay: Lay) -> None:
        broken = trusting.home / "broken"
        broken.write_bytes(b"\x85 nothing")
        hand.put(trusting, broken, 1)
        lay(Draft(serial=2, previous="b" * 64))
        trusting.process()
        assert hand.read_receipt(trusting, ward, 2)["code"] == "F00"


class TestSuccession:
    ISA: ClassVar = {"counterparty": "isa", "sealed_at": "2019-04-01T23:00:00+09:00", "business_date": "2019-04-01"}

    def test_register_and_serials_go_over(self, trusting: Agency, ward: Ward, lay: Lay) -> None:
        _, first = lay(Draft(a=[resident_record()]))
        moved = {"action": "correction", "event_reason": "move_within", "history_number": "2"}
        second = [resident_record(1, notice_id=hand.notice(2), **moved)]
        lay(Draft(serial=2, previous=first, a=second, members=self.ISA), "isa")
        trusting.process()
        receipt = hand.read_receipt(trusting, ward, 2, "isa")
        assert (receipt["code"], receipt["counterparty"]) == ("F00", "isa")

    def test_a_package_of_the_predecessors_days_may_be_sealed_for_the_successor(
        self, trusting: Agency, ward: Ward, lay: Lay
    ) -> None:
        lay(Draft(), "isa")
        trusting.process()
        assert hand.read_receipt(trusting, ward, 1, "isa")["code"] == "F00"

    def test_nothing_goes_to_the_predecessor_any_more(self, trusting: Agency, ward: Ward, lay: Lay) -> None:
        lay(Draft(members=self.ISA), "moj")
        trusting.process()
        assert hand.read_receipt(trusting, ward, 1)["code"] == "F26"


class TestCrash:
    def test_a_pass_that_dies_between_answer_and_showing_is_repeated_with_the_same_bytes(
        self, trusting: Agency, ward: Ward, lay: Lay
    ) -> None:
        """The answer is stored before it is shown: here the showing fails, since `receipts/` is gone."""
        lay(Draft(a=[resident_record()]))
        receipts = trusting.folder("moj", "receipts")
        shutil.move(receipts, trusting.home / "aside")
        with pytest.raises(AgencyFailed):
            trusting.process()
        assert inbox(trusting) == ["131041-00000001.zip.pgp"]
        (answer,) = trusting.status()["answers"]
        assert answer["state"] == "stored"
        shutil.move(trusting.home / "aside", receipts)
        trusting.process()
        assert hand.read_receipt(trusting, ward, 1)["code"] == "F00"
        assert inbox(trusting) == []

    def test_killed_again_and_again(self, trusting: Agency, ward: Ward, lay: Lay) -> None:
        """SIGKILL after more and more time, until a run gets through; then nothing is lost or doubled."""
        lay(Draft(a=[resident_record(number, number) for number in range(1, 40)]))
        line = [sys.executable, "-m", "mock_agency", "process", "--home", str(trusting.home)]
        wait, died = 0.02, 0
        while True:
            process = subprocess.Popen(line, env=trusting._environment(), cwd=ROOT)
            time.sleep(wait)
            process.send_signal(signal.SIGKILL)
            if process.wait() == 0:
                break
            wait, died = wait + 0.02, died + 1
        assert died > 3
        receipt = hand.read_receipt(trusting, ward, 1)
        assert (receipt["code"], len(receipt["records"])) == ("F00", 39)
        assert trusting.register().count("\n") == 40
        assert not list((trusting.home / "quarantine").iterdir())


class TestFaultsOfAnswers:
    @pytest.mark.parametrize(
        ("name", "member", "wrong"),
        [
            ("other-serial", "serial", 2),
            ("wrong-sealed-digest", "sealed_sha256", "0" * 64),
            ("wrong-package-digest", "package_sha256", "0" * 64),
        ],
    )
    def test_wrong_members(self, trusting: Agency, ward: Ward, lay: Lay, name: str, member: str, wrong: Any) -> None:
        trusting.fault(name)
        lay(Draft())
        trusting.process()
        spoilt = hand.read_receipt(trusting, ward, 1)
        assert spoilt[member] == wrong
        trusting.answer(1)
        assert hand.read_receipt(trusting, ward, 1)[member] != wrong

    @pytest.mark.parametrize("name", ["stranger", "unsigned", "truncated"])
    def test_wrong_seals(self, trusting: Agency, ward: Ward, lay: Lay, name: str) -> None:
        trusting.fault(name)
        lay(Draft())
        trusting.process()
        opened = ward.home.parent / "opened"
        line = ["gpg", "--homedir", ward.home, "--batch", "--status-fd", "1", "-o", opened, "-d"]
        done = subprocess.run([*line, hand.receipt_path(trusting, 1)], capture_output=True, text=True, check=False)
        opened.unlink(missing_ok=True)
        assert "GOODSIG" not in done.stdout

    def test_late_by_seconds_and_never(self, trusting: Agency, lay: Lay) -> None:
        trusting.fault("late", seconds=1.5)
        _, first = lay(Draft())
        trusting.process()
        assert not hand.receipt_path(trusting, 1).exists()
        assert inbox(trusting) == ["131041-00000001.zip.pgp"]
        time.sleep(1.6)
        trusting.process()
        assert hand.receipt_path(trusting, 1).exists()
        trusting.fault("never", times="always")
        lay(Draft(serial=2, previous=first))
        trusting.process()
        trusting.process()
        assert not hand.receipt_path(trusting, 2).exists()
        trusting.heal("never")
        trusting.process()
        assert hand.receipt_path(trusting, 2).exists()

    @pytest.mark.parametrize(("name", "same"), [("twice", True), ("twice-different", False)])
    def test_twice(self, trusting: Agency, lay: Lay, name: str, *, same: bool) -> None:
        trusting.fault(name, seconds=1)
        lay(Draft())
        trusting.process()
        path = hand.receipt_path(trusting, 1)
        first, inode = path.read_bytes(), path.stat().st_ino
        time.sleep(1.1)
        trusting.process()
        assert path.stat().st_ino != inode
        assert (path.read_bytes() == first) == same

    def test_records_refused_by_rule(self, trusting: Agency, ward: Ward, lay: Lay) -> None:
        trusting.fault("refuse-records", event_reason="birth", code="R10", items="nationality")
        lay(Draft(a=[resident_record(1), resident_record(2, 2, event_reason="birth")]))
        trusting.process()
        told = [(one["code"], one["items"]) for one in hand.read_receipt(trusting, ward, 1)["records"]]
        assert told == [("R00", []), ("R10", ["nationality"])]

    def test_a_file_refused_by_rule(self, trusting: Agency, ward: Ward, lay: Lay) -> None:
        trusting.fault("refuse-file", code="F21")
        lay(Draft(a=[resident_record()]))
        trusting.process()
        assert hand.read_receipt(trusting, ward, 1)["code"] == "F21"

    def test_a_chance_is_settled_by_its_seed(self, trusting: Agency, lay: Lay) -> None:
        trusting.fault("never", times="always", seed=1, chance=0.0)
        lay(Draft())
        trusting.process()
        assert hand.receipt_path(trusting, 1).exists()
