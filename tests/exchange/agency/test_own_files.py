"""The agency's own files: made as agreed, under its own serials, each exactly once, with its register changed by it."""

import csv
import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.exchange.agency import hand, told
from tests.exchange.agency.hand import Draft, resident_record
from tests.exchange.agency.told import AT, row
from tests.support.agency import Agency, AgencyFailed, Ward, copy_agency, new_agency

NAME = "131041-00000001.zip.pgp"
Send = Callable[..., dict[str, Any]]
PERSON_LINE = "NGUYEN VAN AN"


def registered(agency: Agency, person: str = PERSON_LINE) -> dict[str, str]:
    (found,) = [one for one in csv.DictReader(agency.register().splitlines()) if one["name_roman"] == person]
    return found


class TestGolden:
    """Two entries written by hand in `tests/exchange/golden/agency_file/`, and zipped by Debian's zip."""

    def test_the_file_is_the_one_written_by_hand(self, trusting: Agency, ward: Ward, tmp_path: Path) -> None:
        folder = hand.GOLDEN / "agency_file"
        with (folder / "agency_notices.csv").open(encoding="utf-8", newline="") as stream:
            assert trusting.send_notices(list(csv.DictReader(stream)), at=AT) == 1
        data = told.package(trusting, ward, 1)
        assert told.entries(data, tmp_path / "agency") == {name: (folder / name).read_bytes() for name in told.ENTRIES}
        work = tmp_path / "hand"
        shutil.copytree(folder, work)
        by_hand = tmp_path / "hand.zip"
        zone = {"TZ": "UTC", "PATH": "/usr/bin:/bin"}
        for name in told.ENTRIES:
            (work / name).chmod(0o644)
        subprocess.run(["touch", "-d", "1980-01-01 00:00:00", *told.ENTRIES], cwd=work, env=zone, check=True)
        subprocess.run(["zip", "-q", "-X", "-0", by_hand, *told.ENTRIES], cwd=work, env=zone, check=True)
        assert told.listing(data) == told.listing(by_hand.read_bytes())

    def test_the_embedded_schema_is_that_of_the_layout(self) -> None:
        text = (hand.GOLDEN / "agency_file" / "datapackage.json").read_text(encoding="utf-8")
        assert json.loads(text)["resources"][0]["schema"] == told.TABLE

    def test_the_seal_is_binary_uncompressed_and_for_the_ward_alone(self, trusting: Agency, ward: Ward) -> None:
        trusting.send_notices([row()], at=AT)
        line = ["gpg", "--homedir", str(ward.home), "--batch", "--list-packets", "--verbose"]
        packets = subprocess.run(
            [*line, told.path(trusting, 1)], capture_output=True, text=True, check=False
        ).stdout  # fmt: skip
        assert packets.count(":pubkey enc packet:") == packets.count(":onepass_sig packet:") == 1
        assert ":compressed packet:" not in packets
        assert "digest 10," in packets  # SHA-512


class TestSerials:
    def test_one_series_across_counterparties_each_naming_the_one_before(self, trusting: Agency, ward: Ward) -> None:
        for at in (AT, "2019-03-31T23:59:59+09:00", "2019-04-01T00:00:00+09:00"):
            trusting.send_notices(at=at)
        first, second = (told.package(trusting, ward, serial) for serial in (1, 2))
        third = told.package(trusting, ward, 3, "isa")
        assert [told.renkei(data)["serial"] for data in (first, second, third)] == [1, 2, 3]
        assert [told.renkei(data)["counterparty"] for data in (first, second, third)] == ["moj", "moj", "isa"]
        assert [told.renkei(data)["previous"] for data in (first, second, third)] == [
            None, told.package_digest(trusting, 1), told.package_digest(trusting, 2),
        ]  # fmt: skip
        assert told.rows(first) == []

    def test_what_is_left_out_of_a_row_is_filled_in(self, trusting: Agency, ward: Ward) -> None:
        trusting.send_notices([row("status_loss"), row("item_correction", municipality="")], at=AT)
        first, second = told.rows(told.package(trusting, ward, 1))
        assert (first["record_number"], first["attempt"], first["municipality"], first["action"]) == (
            "1", "1", "131041", "loss",
        )  # fmt: skip
        assert (second["record_number"], second["action"]) == ("2", "correction")
        assert len({first["notice_id"], second["notice_id"], "0" * 32}) == 3

    def test_columns_that_are_none_are_refused(self, trusting: Agency) -> None:
        with pytest.raises(AgencyFailed, match="columns are those of agency_notices"):
            trusting.send_notices([{"colour": "red"}], at=AT)
        assert trusting.status()["own_files"] == []


class TestExactlyOnce:
    def test_without_a_trusted_ward_nothing_is_spent(self) -> None:
        made = new_agency(clock="message")
        try:
            with pytest.raises(AgencyFailed, match="call `trust` first"):
                made.send_notices([row()], at=AT)
            assert made.status()["own_files"] == []
        finally:
            made.remove()

    def test_what_a_crash_left_unshown_is_shown_by_the_next_pass(
        self, trusting: Agency, ward: Ward, send: Send
    ) -> None:
        send(Draft(a=[resident_record()]))
        outbox = trusting.folder("moj", "outbox")
        outbox.rmdir()
        with pytest.raises(AgencyFailed):
            trusting.send_notices([row(card_number="EF00000000GH")], at=AT)
        assert registered(trusting)["card_number"] == "EF00000000GH"
        (file,) = trusting.status()["own_files"]
        assert file["state"] == "sealed"
        outbox.mkdir()
        trusting.process()
        data = told.package(trusting, ward, 1)
        assert told.sha256(data) == file["package_sha256"]
        assert trusting.status()["own_files"] == [file | {"state": "shown"}]

    @pytest.mark.parametrize("share", [0.5, 0.7, 0.8, 0.9, 0.97])
    def test_killed_at_any_point_a_day_has_one_file(
        self, trusting: Agency, ward: Ward, send: Send, share: float
    ) -> None:
        """Wherever the kill fell, the same call again leaves one file, one change of the register, one set of bytes."""
        send(
            Draft(a=[resident_record(n, n, card_number=f"AB{n:08d}CD", name_roman=f"PERSON {n}") for n in range(1, 9)])
        )
        copied = copy_agency(trusting)
        began = time.monotonic()
        copied.notices("2019-04-20")
        delay = (time.monotonic() - began) * share
        copied.remove()
        register = trusting.register()
        line = [sys.executable, "-m", "mock_agency", "notices", "--home", str(trusting.home)]
        line += ["--municipality", "131041", "--date", "2019-04-20"]
        process = subprocess.Popen(line, env=trusting._environment(), stdout=subprocess.DEVNULL)
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        spent = bool(trusting.status()["own_files"])
        assert (trusting.register() != register) == spent
        assert trusting.notices("2019-04-20")["serial"] == 1
        trusting.process()
        (file,) = trusting.status()["own_files"]
        data = told.package(trusting, ward, 1, "isa")
        assert told.sha256(data) == file["package_sha256"]
        expected = [one["expected"] for one in trusting.truth()]
        changed = [one for one, wanted in zip(told.rows(data), expected, strict=True) if wanted == "to_apply"]
        assert changed
        for one in changed:
            name = one["name_roman_before"] if one["reason"] != "name_change" else one["name_roman"]
            if name.isascii() and name.isupper():  # a variant of a name changes nothing in the register
                assert registered(trusting, " ".join(name.split()))["card_number"] == one["card_number"]

    def test_the_good_bytes_are_shown_again(self, trusting: Agency) -> None:
        trusting.send_notices([row()], at=AT)
        path = told.path(trusting, 1)
        good = path.read_bytes()
        path.unlink()
        trusting.show(1)
        assert path.read_bytes() == good
        with pytest.raises(AgencyFailed, match="no file with serial 2"):
            trusting.show(2)


class TestRegister:
    """The agency changes its own register when it seals a notice."""

    def test_a_change(self, trusting: Agency, ward: Ward, send: Send) -> None:
        send(Draft(a=[resident_record()]))
        trusting.send_notices([row(card_number="EF00000000GH", expiry_date="2024-07-31")], at=AT)
        now = registered(trusting)
        assert (now["card_number"], now["expiry_date"], now["period_of_stay"]) == ("EF00000000GH", "2024-07-31", "0403")
        assert told.renkei(told.package(trusting, ward, 1))["register_totals"] == {
            "residents": 1, "by_category": {"mid_to_long_term": 1}, "by_status": {"留学": 1},
        }  # fmt: skip

    def test_a_loss_ends_the_record(self, trusting: Agency, ward: Ward, send: Send) -> None:
        send(Draft(a=[resident_record()]))
        lost = dict.fromkeys(("status_of_residence", "period_of_stay", "expiry_date", "card_number"), "")
        trusting.send_notices([row("status_loss", None, **lost) | {"action": "loss"}], at=AT)
        assert registered(trusting)["record_state"] == "deleted"
        assert told.renkei(told.package(trusting, ward, 1))["register_totals"]["residents"] == 0

    def test_a_notice_made_in_error_changes_nothing(self, trusting: Agency, send: Send) -> None:
        send(Draft(a=[resident_record()]))
        before = trusting.register()
        trusting.send_notices([row(card_number="EF00000000GH")], at=AT, register=False)
        trusting.send_notices([row(values={"card_number": "ZZ00000000ZZ", "name_roman": "NOBODY"}, sex="2")], at=AT)
        assert trusting.register() == before


def test_a_copy_goes_on_with_the_next_serial(trusting: Agency) -> None:
    """What the helpers of other tests lean on: a copied agency has its files and its series."""
    trusting.send_notices(at=AT)
    copied = copy_agency(trusting)
    try:
        assert copied.send_notices(at=AT) == 2
    finally:
        copied.remove()
