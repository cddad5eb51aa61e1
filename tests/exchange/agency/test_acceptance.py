"""What the agency does not open: the acceptance rule clause by clause, on messages that real gpg made."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.exchange.agency import hand
from tests.support.agency import MUNICIPALITY, Agency, Ward, make_ward, new_agency

Judged = Callable[[bytes], dict[str, Any]]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return hand.Draft(a=[hand.resident_record()]).zipped(tmp_path / "p")


@pytest.fixture
def judged(trusting: Agency, ward: Ward, tmp_path: Path) -> Judged:
    """Lay bytes into the inbox and return the receipt; whatever it says, nothing of the file may have counted."""

    def judging(sealed: bytes) -> dict[str, Any]:
        path = tmp_path / "sealed"
        path.write_bytes(sealed)
        hand.put(trusting, path, 1)
        trusting.process()
        receipt = hand.read_receipt(trusting, ward, 1)
        assert receipt["sealed_sha256"] == hand.sha256(path)
        unread = {"serial": None, "package_sha256": None, "records": [], "register_totals": None}
        assert unread == {name: receipt[name] for name in unread}
        assert receipt["outcome"] == "refused"
        assert trusting.register().count("\n") == 1
        assert not list((trusting.home / "quarantine").iterdir())
        return receipt

    return judging


@pytest.fixture
def stranger() -> Iterator[Ward]:
    made = make_ward("stranger")
    yield made
    made.remove()


class TestSignature:
    """Code F10: it opens, and is not rightly signed."""

    def test_unsigned(self, judged: Judged, trusting: Agency, ward: Ward, package: Path) -> None:
        receipt = judged(hand.seal(package, ward, trusting, "moj", "--unsigned").read_bytes())
        assert (receipt["code"], receipt["message"]) == ("F10", "not exactly one signature")

    def test_signed_by_a_stranger(self, judged: Judged, trusting: Agency, stranger: Ward, package: Path) -> None:
        receipt = judged(hand.seal(package, stranger, trusting).read_bytes())
        assert receipt["code"] == "F10"

    def test_signed_by_a_stranger_whose_key_is_in_the_keyring(
        self, judged: Judged, trusting: Agency, stranger: Ward, package: Path
    ) -> None:
        home = trusting.home / "gnupg" / "moj"
        ring = ["--no-default-keyring", "--keyring", home / f"{MUNICIPALITY}.kbx"]
        stranger.gpg("--homedir", home, *ring, "--import", stranger.openpgp)
        receipt = judged(hand.seal(package, stranger, trusting).read_bytes())
        assert (receipt["code"], receipt["message"]) == ("F10", "signed by another key than the pinned one")

    def test_signed_twice(self, judged: Judged, trusting: Agency, ward: Ward, stranger: Ward, package: Path) -> None:
        secret = stranger.home.parent / "secret"
        stranger.gpg("--pinentry-mode", "loopback", "--passphrase", "", "--output", secret, "--export-secret-keys")
        both = make_ward("both")
        try:
            for key in (secret, export_secret(ward)):
                both.gpg("--import", key)
            more = ("--local-user", ward.fingerprint, "--local-user", stranger.fingerprint)
            receipt = judged(hand.seal(package, both, trusting, "moj", *more).read_bytes())
        finally:
            both.remove()
        assert (receipt["code"], receipt["message"]) == ("F10", "not exactly one signature")

    def test_a_hash_weaker_than_sha_256(self, judged: Judged, trusting: Agency, ward: Ward, package: Path) -> None:
        weak = ("--digest-algo", "SHA1")
        receipt = judged(hand.seal(package, ward, trusting, "moj", *weak).read_bytes())
        assert receipt["code"] == "F10"

    def test_an_expired_key_stops_until_a_person_trusts_a_new_one(self, package: Path, tmp_path: Path) -> None:
        """No receipt can be sealed to it either."""
        clock = tmp_path / "clock"
        clock.write_text("2019-04-01T12:00:00+09:00", encoding="utf-8")
        short, late = make_ward("short", expire="2019-03-30"), new_agency(clock=f"file:{clock}")
        try:
            late.trust(short.openpgp, short.ssh_public)
            hand.put(late, hand.seal(package, short, late), 1)
            late.process()
            (stop,) = late.status()["stopped"]
            assert stop["code"] == "F10"
            assert "expired" in stop["reason"]
            assert not hand.receipt_path(late, 1).exists()
        finally:
            short.remove()
            late.remove()


class TestOpening:
    """Code F11: it cannot be opened as one message to the agency alone."""

    def test_truncated(self, judged: Judged, trusting: Agency, ward: Ward, package: Path) -> None:
        sealed = hand.seal(package, ward, trusting).read_bytes()
        assert judged(sealed[: len(sealed) * 2 // 3])["code"] == "F11"

    def test_one_bit_flipped(self, judged: Judged, trusting: Agency, ward: Ward, package: Path) -> None:
        sealed = bytearray(hand.seal(package, ward, trusting).read_bytes())
        sealed[len(sealed) // 2] ^= 1
        assert judged(bytes(sealed))["code"] == "F11"

    @pytest.mark.parametrize("data", [b"", b"\x85", b"PK\x03\x04 no OpenPGP at all"])
    def test_no_openpgp(self, judged: Judged, data: bytes) -> None:
        assert judged(data)["code"] == "F11"

    def test_two_messages_one_after_the_other(
        self, judged: Judged, trusting: Agency, ward: Ward, package: Path
    ) -> None:
        sealed = hand.seal(package, ward, trusting).read_bytes()
        assert judged(sealed + sealed)["code"] in {"F10", "F11"}

    def test_an_unsigned_message_behind_a_good_one(
        self, judged: Judged, trusting: Agency, ward: Ward, package: Path
    ) -> None:
        sealed = hand.seal(package, ward, trusting).read_bytes()
        plain = package.with_suffix(".store")
        ward.gpg("-z", "0", "--store", "--output", plain, package)
        assert judged(sealed + plain.read_bytes())["code"] in {"F10", "F11"}

    def test_encrypted_to_somebody_else(self, judged: Judged, ward: Ward, stranger: Ward, package: Path) -> None:
        ward.gpg("--import", stranger.openpgp)
        only = package.with_suffix(".only")
        ward.gpg("--sign", "--encrypt", "--recipient", stranger.fingerprint, "--output", only, package)
        assert judged(only.read_bytes())["code"] == "F11"

    def test_a_second_recipient(self, judged: Judged, trusting: Agency, ward: Ward, package: Path) -> None:
        """Not even the ward itself (design §3.5)."""
        receipt = judged(hand.seal(package, ward, trusting, "moj", "--recipient", ward.fingerprint).read_bytes())
        assert (receipt["code"], receipt["message"]) == ("F11", "not encrypted to our one key alone")

    def test_a_hidden_recipient(self, judged: Judged, trusting: Agency, ward: Ward, package: Path) -> None:
        hidden = ("--hidden-recipient", ward.fingerprint)
        assert judged(hand.seal(package, ward, trusting, "moj", *hidden).read_bytes())["code"] == "F11"

    def test_compressed(self, judged: Judged, trusting: Agency, ward: Ward, package: Path) -> None:
        receipt = judged(hand.seal(package, ward, trusting, "moj", "-z", "9", "--compress-algo", "zlib").read_bytes())
        assert receipt["code"] == "F11"
        assert receipt["message"].startswith("more plaintext than sealed bytes")

    def test_a_bomb(self, judged: Judged, trusting: Agency, ward: Ward, tmp_path: Path) -> None:
        bomb = tmp_path / "bomb"
        bomb.write_bytes(bytes(64 << 20))
        assert (
            judged(hand.seal(bomb, ward, trusting, "moj", "-z", "9", "--compress-algo", "zlib").read_bytes())["code"]
            == "F11"
        )

    def test_another_cipher_than_aes_256(self, judged: Judged, trusting: Agency, ward: Ward, package: Path) -> None:
        weak = ("--cipher-algo", "AES128")
        receipt = judged(hand.seal(package, ward, trusting, "moj", *weak).read_bytes())
        assert (receipt["code"], receipt["message"]) == ("F11", "not AES-256 with protection against change")

    def test_armored(self, judged: Judged, trusting: Agency, ward: Ward, package: Path) -> None:
        receipt = judged(hand.seal(package, ward, trusting, "moj", "--armor").read_bytes())
        assert (receipt["code"], receipt["message"]) == ("F11", "not a binary OpenPGP message")


def export_secret(ward: Ward) -> Path:
    out = ward.home.parent / "secret"
    out.unlink(missing_ok=True)
    ward.gpg("--pinentry-mode", "loopback", "--passphrase", "", "--output", out, "--export-secret-keys")
    return out
