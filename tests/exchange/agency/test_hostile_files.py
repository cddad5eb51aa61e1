"""Hostile files on demand: each is spoilt as its name says, in one way; `show` puts the good bytes in its place."""

import contextlib
import json
import sqlite3
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.exchange.agency import told
from tests.exchange.agency.hand import Draft, resident_record
from tests.support.agency import Agency, AgencyFailed, Ward

DAY = "2019-03-28"
Send = Callable[..., dict[str, Any]]


def opened(agency: Agency, ward: Ward, serial: int = 1) -> tuple[list[str], bytes]:
    """Gpg's status words and what it gave out."""
    ward.gpg("--import", agency.openpgp("moj"))
    line = ["gpg", "--homedir", str(ward.home), "--batch", "--status-fd", "2", "--faked-system-time", "20190401T000000"]
    done = subprocess.run([*line, "--decrypt", told.path(agency, serial)], capture_output=True, check=False)
    lines = done.stderr.decode("utf-8", "replace").splitlines()
    return [one.split()[1] for one in lines if one.startswith("[GNUPG:]")], done.stdout


SEALS: dict[str, Callable[[list[str]], bool]] = {
    "unsigned": lambda words: "NEWSIG" not in words and "DECRYPTION_OKAY" in words,
    "stranger": lambda words: "ERRSIG" in words and "DECRYPTION_OKAY" in words,
    "old-key": lambda words: "ERRSIG" in words and "DECRYPTION_OKAY" in words,
    "other-recipient": lambda words: "NO_SECKEY" in words,
    "bit-flipped": lambda words: "GOODSIG" not in words or "DECRYPTION_FAILED" in words,
    "truncated": lambda words: "GOODSIG" not in words,
    "two-messages": lambda words: words.count("BEGIN_DECRYPTION") > 1 or "GOODSIG" in words,
    "half-written": lambda words: "GOODSIG" not in words,
}


class TestSealing:
    @pytest.mark.parametrize("fault", SEALS)
    def test_it_is_spoilt_and_can_be_put_right(self, trusting: Agency, ward: Ward, fault: str) -> None:
        made = trusting.hostile(fault)
        assert made["layer"] == "openpgp"
        assert SEALS[fault](opened(trusting, ward)[0])
        trusting.show(made["serial"])
        words, package = opened(trusting, ward)
        assert "GOODSIG" in words
        assert told.sha256(package) == told.package_digest(trusting, 1)

    @pytest.mark.parametrize("name", ["stranger", "old"])
    def test_the_other_keys_public_half_can_be_had(self, trusting: Agency, ward: Ward, name: str) -> None:
        trusting.hostile({"old": "old-key"}.get(name, name))
        public = trusting.home / "public" / f"{'old-moj' if name == 'old' else name}.asc"
        ward.gpg("--import", public)
        assert "GOODSIG" in opened(trusting, ward)[0]

    def test_armored(self, trusting: Agency) -> None:
        trusting.hostile("armored")
        assert told.path(trusting, 1).read_bytes().startswith(b"-----BEGIN PGP MESSAGE-----")

    def test_a_small_file_becomes_a_large_one(self, trusting: Agency, ward: Ward) -> None:
        trusting.hostile("openpgp-bomb", number=64)
        assert told.path(trusting, 1).stat().st_size < 200_000
        assert len(opened(trusting, ward)[1]) == 64 << 20


NAMES = {
    "entry-parent": "../agency_notices.csv",
    "entry-absolute": "/etc/agency_notices.csv",
    "entry-drive": "C:\\agency_notices.csv",
    "entry-nul": "agency_notices.csv\0.exe",
    "entry-long": "a" * 296 + ".csv",
    "entry-lookalike": "аgency_notices.csv",
}
DESCRIPTORS: dict[str, Callable[[dict[str, Any]], bool]] = {
    "wrong-totals": lambda told: sum(told["counts"]["agency_notices"].values()) == told["records"] + 1,
    "wrong-register-totals": lambda told: told["register_totals"]["residents"] == 1,
    "wrong-municipality": lambda told: told["municipality"] == "131148",
    "wrong-counterparty": lambda told: told["counterparty"] == "isa",
    "unknown-layout": lambda told: told["layout_version"] == "9",
    "wrong-previous": lambda told: told["previous"] == "0" * 64,
    "other-serial-inside": lambda told: told["serial"] == 2,
}


class TestPackage:
    """Signed well, so that the serial is spent; the next file names the digest of the spoilt package."""

    @pytest.mark.parametrize("fault", NAMES)
    def test_the_name_of_an_entry(self, trusting: Agency, ward: Ward, fault: str) -> None:
        made = trusting.hostile(fault)
        assert (made["layer"], made["code"]) == ("packaging", "A20")
        words, package = opened(trusting, ward)
        assert "GOODSIG" in words
        assert NAMES[fault].encode() in package

    @pytest.mark.parametrize("fault", DESCRIPTORS)
    def test_what_it_says_of_itself(self, trusting: Agency, ward: Ward, fault: str) -> None:
        made = trusting.hostile(fault)
        package = opened(trusting, ward)[1]
        assert DESCRIPTORS[fault](told.renkei(package))
        assert made["code"] in {"A22", "A24", "A25", "A27", "A28"}
        serial = trusting.send_notices(at=told.AT)
        after = told.renkei(told.package(trusting, ward, serial))
        assert after["previous"] == told.sha256(package)

    def test_sealed_by_a_counterparty_that_is_not_in_force(self, trusting: Agency, ward: Ward) -> None:
        made = trusting.hostile("counterparty-not-in-force", "2019-04-02")
        assert (made["counterparty"], made["layer"]) == ("moj", "addressee")
        words, package = opened(trusting, ward)
        assert "GOODSIG" in words
        assert told.renkei(package)["sealed_at"] == "2019-04-02T22:00:00+09:00"

    @pytest.mark.parametrize(
        ("fault", "names"),
        [
            ("entry-more", ["datapackage.json", "agency_notices.csv", "readme.txt"]),
            ("entry-nested", ["datapackage.json", "agency_notices.csv", "more.zip"]),
            ("zip-deflated", ["datapackage.json", "agency_notices.csv"]),
            ("entry-symlink", ["datapackage.json", "agency_notices.csv"]),
            ("zip-trailing", ["datapackage.json", "agency_notices.csv"]),
            ("digest-differs", ["datapackage.json", "agency_notices.csv"]),
            ("wrong-header", ["datapackage.json", "agency_notices.csv"]),
        ],
    )
    def test_its_entries(self, trusting: Agency, ward: Ward, tmp_path: Path, fault: str, names: list[str]) -> None:
        trusting.hostile(fault)
        path = tmp_path / "package.zip"
        path.write_bytes(opened(trusting, ward)[1])
        with zipfile.ZipFile(path) as archive:
            assert archive.namelist() == names
            last = archive.infolist()[-1]
            assert (last.compress_type != zipfile.ZIP_STORED) == (fault == "zip-deflated")
            assert (last.external_attr >> 28 == 0o12) == (fault == "entry-symlink")
            good = archive.read("agency_notices.csv").startswith(",".join(told.COLUMNS).encode())
            assert good == (fault != "wrong-header")

    def test_a_small_zip_becomes_a_large_one(self, trusting: Agency, ward: Ward, tmp_path: Path) -> None:
        trusting.hostile("zip-bomb", number=64)
        path = tmp_path / "package.zip"
        path.write_bytes(opened(trusting, ward)[1])
        assert path.stat().st_size < 200_000
        with zipfile.ZipFile(path) as archive:
            assert archive.infolist()[-1].file_size == 64 << 20


class TestFolder:
    def test_a_link_and_a_folder_give_way_to_the_good_file(self, trusting: Agency, ward: Ward) -> None:
        link, folder = (trusting.hostile(fault)["serial"] for fault in ("symlink", "folder"))
        assert told.path(trusting, link).is_symlink()
        assert told.path(trusting, folder).is_dir()
        for serial in (link, folder):
            trusting.show(serial)
            assert "GOODSIG" in opened(trusting, ward, serial)[0]
        assert (trusting.home / "site.json").read_text(encoding="utf-8").startswith("{")

    def test_half_a_file_has_its_temporary_one_beside_it(self, trusting: Agency) -> None:
        names = trusting.hostile("half-written")["names"]
        assert sorted(path.name for path in trusting.folder("moj", "outbox").iterdir()) == sorted(names)

    def test_far_too_many(self, trusting: Agency, ward: Ward) -> None:
        made = trusting.hostile("many", number=70)
        assert (made["serial"], made["last"], made["good"]) == (1, 70, 60)
        assert len(list(trusting.folder("moj", "outbox").iterdir())) == 70
        assert "GOODSIG" in opened(trusting, ward, 60)[0]
        assert "GOODSIG" not in opened(trusting, ward, 61)[0]

    def test_one_far_too_large(self, trusting: Agency) -> None:
        trusting.hostile("sparse")
        facts = told.path(trusting, 1).stat()
        assert facts.st_size == 2 << 30
        assert facts.st_blocks < 1000

    def test_names_that_nobody_agreed_on(self, trusting: Agency) -> None:
        made = trusting.hostile("other-names")
        assert {path.name for path in trusting.folder("moj", "outbox").iterdir()} == set(made["names"])
        assert told.path(trusting, 1).name not in made["names"]


class TestSerials:
    def test_a_gap_and_its_filling(self, trusting: Agency, ward: Ward) -> None:
        made = trusting.hostile("gap")
        assert (made["missing"], made["serial"]) == (1, 2)
        assert [path.name for path in trusting.folder("moj", "outbox").iterdir()] == made["names"]
        trusting.show(1)
        assert "GOODSIG" in opened(trusting, ward, 1)[0]

    def test_a_file_withdrawn(self, trusting: Agency) -> None:
        trusting.send_notices(at=told.AT)
        assert trusting.hostile("withdrawn")["serial"] == 1
        assert list(trusting.folder("moj", "outbox").iterdir()) == []
        trusting.process()
        assert list(trusting.folder("moj", "outbox").iterdir()) == []

    def test_old_bytes_under_a_new_name(self, trusting: Agency) -> None:
        trusting.send_notices(at=told.AT)
        assert trusting.hostile("replay")["serial"] == 2
        assert told.path(trusting, 2).read_bytes() == told.path(trusting, 1).read_bytes()
        assert trusting.send_notices(at=told.AT) == 3

    def test_the_same_package_in_another_sealing(self, trusting: Agency, ward: Ward) -> None:
        trusting.send_notices(at=told.AT)
        sealed, package = told.path(trusting, 1).read_bytes(), opened(trusting, ward)[1]
        trusting.hostile("sealed-anew")
        assert told.path(trusting, 1).read_bytes() != sealed
        assert opened(trusting, ward)[1] == package

    def test_another_package_under_the_same_serial(self, trusting: Agency, ward: Ward) -> None:
        trusting.send_notices(at=told.AT)
        package = opened(trusting, ward)[1]
        trusting.hostile("other-package")
        words, other = opened(trusting, ward)
        assert "GOODSIG" in words
        assert other != package
        assert told.renkei(other)["serial"] == 1

    def test_there_must_be_a_file_to_spoil(self, trusting: Agency) -> None:
        with pytest.raises(AgencyFailed, match="has made no file yet"):
            trusting.hostile("replay")


CONTENT = (
    "card-shape", "date-1899", "date-future", "date-impossible", "control-characters", "line-separator",
    "forbidden-number", "no-name", "unknown-reason", "other-action", "unknown-code",
)  # fmt: skip


class TestRecords:
    @pytest.mark.parametrize("fault", CONTENT)
    def test_one_that_nobody_can_accept_stands_beside_a_good_one(
        self, trusting: Agency, ward: Ward, fault: str
    ) -> None:
        assert trusting.hostile(fault)["classes"] == ["not_acceptable", "not_found"]
        assert [one["expected"] for one in trusting.truth()] == ["not_acceptable", "not_found"]
        # Columns and lines are those of the form: only the content is bad.
        with zipfile.ZipFile(_file(trusting, ward)) as archive:
            lines = archive.read("agency_notices.csv").split(b"\n")
        assert [line.count(b",") for line in lines[:3]] == [len(told.COLUMNS) - 1] * 3
        assert len(lines) == 4

    def test_nobody_to_whom_it_could_happen(self, trusting: Agency) -> None:
        with pytest.raises(AgencyFailed, match="the register holds nobody"):
            trusting.hostile("died")
        assert trusting.status()["own_files"] == []

    @pytest.mark.parametrize(
        ("fault", "reason"), [("died", "death"), ("moved", "domestic_move_out"), ("naturalised", "naturalisation")]
    )
    def test_somebody_who_is_gone(self, trusting: Agency, send: Send, fault: str, reason: str) -> None:
        gone = {"history_number": "2", "action": "deletion", "record_state": "deleted", "event_reason": reason}
        left = {"next_address": "東京都中野区", "next_municipality_code": "131148"} if reason != "death" else {}
        if reason == "naturalisation":
            left = {}
        none = {"former_municipality_code": "", "former_address": ""}
        receipt = send(Draft(a=[resident_record(), resident_record(2, 1, **gone, **left, **none)]))
        assert [one["code"] for one in receipt["records"]] == ["R00", "R00"]
        assert trusting.hostile(fault)["classes"] == ["moved_away", "not_found"]

    def test_twins_formulas_and_contradictions(self, trusting: Agency, send: Send) -> None:
        many = [
            resident_record(n, n, card_number=f"AB{n:08d}CD", name_roman=f"TWIN {n}") for n in range(1, 12)
        ]  # fmt: skip
        send(Draft(a=many))
        later = "2019-04-20"
        for fault, classes in (
            ("twin", ["conflict", "not_found"]),
            ("contradiction", ["conflict", "conflict", "not_found"]),
            ("formulas", [*["to_apply"] * 5, "not_found"]),
        ):
            assert trusting.hostile(fault, later)["classes"] == classes
        twin, first, second, *changed = (json.loads(one) for one in _contents(trusting))
        bearer = {one["card_number"]: one["name_roman"] for one in many}[twin["card_number"]]
        assert bearer != twin["name_roman"] in {one["name_roman"] for one in many}
        assert {one["name_roman"][0] for one in changed} == set("=+-@")
        assert first["event_date"] == second["event_date"]
        assert first["period_of_stay"] != second["period_of_stay"]


def _file(agency: Agency, ward: Ward) -> Path:
    path = agency.home / "opened.zip"
    path.write_bytes(opened(agency, ward)[1])
    return path


def _contents(agency: Agency) -> list[str]:
    """The notices as the agency keeps them, the good ones left out."""
    with contextlib.closing(sqlite3.connect(agency.home / "agency.sqlite")) as kept:
        rows = kept.execute("SELECT content FROM own_records WHERE kind <> 'beside' ORDER BY serial, record")
        return [row[0] for row in rows]
