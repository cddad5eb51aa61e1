"""Sealing: one message, one recipient, nothing half done."""

import subprocess
import threading
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from renkei import envelope, errors
from renkei.clock import FixedClock, SystemClock
from tests.support.openpgp import Keyring, Parties, make_party

NOON = datetime(2019, 3, 28, 12, tzinfo=ZoneInfo("Asia/Tokyo"))
PACKAGE = b"PK\x03\x04 a package\n" * 1000


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / "package.zip"
    path.write_bytes(PACKAGE)
    return path


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out" / "131041-00000001.zip.pgp"


def seal(package: Path, out: Path, parties: Parties, **how: object) -> envelope.Sealed:
    given = {
        "home": parties.ward.keys.home,
        "signer": parties.ward.fingerprint,
        "recipient": parties.agency.fingerprint,
        "clock": FixedClock(NOON),
        **how,
    }
    return envelope.seal(package, out, **given)  # type: ignore[arg-type]


def packets(sealed: Path, home: Path) -> str:
    """What gpg lists of a message that it cannot decrypt; it ends with status 2 then."""
    command = ["gpg", "--batch", "--homedir", home, "--list-packets", sealed]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


class TestSeal:
    def test_is_opened_by_the_peer_alone_and_says_what_was_done(
        self, package: Path, out: Path, parties: Parties
    ) -> None:
        sealed = seal(package, out, parties)
        assert parties.agency.keys.gpg("--decrypt", out) == PACKAGE
        assert (sealed.sha256, sealed.bytes) == (sha256(out.read_bytes()).hexdigest(), out.stat().st_size)
        assert sealed.algorithms == "AES256, SHA512"

    def test_lists_exactly_the_pinned_recipient_in_one_integrity_protected_message(
        self, package: Path, out: Path, parties: Parties
    ) -> None:
        seal(package, out, parties)
        listed = packets(out, parties.ward.keys.home)
        subkeys = parties.agency.keys.gpg("--with-colons", "--list-keys", parties.agency.fingerprint).decode()
        (subkey,) = (line.split(":")[4] for line in subkeys.splitlines() if line.startswith("sub:"))
        assert [line.split()[-1] for line in listed.splitlines() if ":pubkey enc" in line] == [subkey]
        assert "mdc_method: 2" in listed
        assert "aead" not in listed

    def test_is_binary_not_compressed_and_tells_no_name(self, package: Path, out: Path, parties: Parties) -> None:
        seal(package, out, parties)
        listed = packets(out, parties.agency.keys.home)
        assert out.read_bytes()[0] & 0x80
        assert ":compressed packet" not in listed
        assert 'name=""' in listed

    def test_a_recipient_slipped_into_the_homes_configuration_has_no_effect(
        self, package: Path, out: Path, parties: Parties
    ) -> None:
        home = parties.ward.keys.take(parties.stranger.public).home
        (home / "gpg.conf").write_text(f"encrypt-to {parties.stranger.fingerprint}\narmor\n")
        seal(package, out, parties)
        (home / "gpg.conf").unlink()
        assert packets(out, home).count(":pubkey enc packet") == 1

    def test_bears_the_time_of_the_clock(self, package: Path, out: Path, parties: Parties) -> None:
        seal(package, out, parties)
        home, back = parties.agency.keys.home, out.parent / "back"
        signers = {parties.ward.fingerprint}
        opened = envelope.open(out, back, home=home, signers=signers, clock=SystemClock())
        assert opened.signed_at == NOON

    def test_two_at_the_same_instant_in_one_home_both_succeed(self, package: Path, out: Path, parties: Parties) -> None:
        outs = [out.with_name(f"131041-0000000{number}.zip.pgp") for number in range(1, 5)]
        threads = [threading.Thread(target=seal, args=(package, one, parties)) for one in outs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [parties.agency.keys.gpg("--decrypt", one) for one in outs] == [PACKAGE] * 4

    def test_two_into_one_path_one_is_told_that_it_exists(self, package: Path, out: Path, parties: Parties) -> None:
        seal(package, out, parties)
        before = out.read_bytes()
        with pytest.raises(errors.OutputExists):
            seal(package, out, parties)
        assert out.read_bytes() == before


class TestARefusedSealing:
    def test_leaves_nothing_behind_when_the_recipient_is_unknown(
        self, package: Path, out: Path, parties: Parties
    ) -> None:
        with pytest.raises(errors.KeyUnusable, match="missing"):
            seal(package, out, parties, recipient=parties.stranger.fingerprint)
        assert list(out.parent.iterdir()) == []

    def test_names_a_signer_without_secret_key(self, package: Path, out: Path, parties: Parties) -> None:
        with pytest.raises(errors.KeyUnusable, match="secret key missing"):
            seal(package, out, parties, signer=parties.agency.fingerprint)

    def test_names_a_revoked_recipient(self, package: Path, out: Path, parties: Parties) -> None:
        parties.agency.keys.revoke(parties.agency.fingerprint)
        parties.ward.keys.take(parties.agency.public)
        with pytest.raises(errors.KeyUnusable, match="revoked"):
            seal(package, out, parties)

    def test_names_an_expired_recipient(
        self, package: Path, out: Path, parties: Parties, keyrings: list[Keyring]
    ) -> None:
        brief = make_party("Brief", at=NOON - timedelta(days=20), expires="10d")
        keyrings.append(brief.keys)
        parties.ward.keys.take(brief.public)
        with pytest.raises(errors.KeyUnusable, match="expired"):
            seal(package, out, parties, recipient=brief.fingerprint)

    def test_names_a_key_that_is_younger_than_the_clock(self, package: Path, out: Path, parties: Parties) -> None:
        with pytest.raises(errors.KeyUnusable, match="invalid at this time"):
            seal(package, out, parties, clock=FixedClock(NOON - timedelta(days=3650)))
        assert list(out.parent.iterdir()) == []

    def test_a_package_that_is_missing_is_named(self, out: Path, parties: Parties) -> None:
        with pytest.raises(errors.InputMissing):
            seal(out.with_name("none.zip"), out, parties)

    def test_a_disk_that_fills_up_meanwhile_is_named(
        self, package: Path, out: Path, parties: Parties, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        free = iter([1 << 40, 0])
        monkeypatch.setattr(
            "renkei.envelope.storage.shutil.disk_usage", lambda _: type("Usage", (), {"free": next(free)})
        )
        monkeypatch.setattr("renkei.envelope.sealing._FORM", ("--cipher-algo", "NONE"))
        with pytest.raises(errors.NoSpace):
            seal(package, out, parties)
        assert list(out.parent.iterdir()) == []
