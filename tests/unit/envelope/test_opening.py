"""The acceptance rule, each clause with a real hostile message."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from renkei import envelope, errors
from renkei.clock import FixedClock, SystemClock
from tests.support.openpgp import Keyring, Parties, make_party

NOON = datetime(2019, 3, 28, 12, tzinfo=ZoneInfo("Asia/Tokyo"))
PLAIN = b"the agency's answer\n" * 5000


class Desk:
    """The ward's desk: one inbound message at a time, opened by the ward's home."""

    def __init__(self, folder: Path, parties: Parties) -> None:
        self.folder = folder
        self.parties = parties
        self.home = parties.ward.keys.home
        self.signers = {parties.agency.fingerprint}
        self.sealed = folder / "131041-00000001.receipt.json.pgp"
        self.out = folder / "receipt.json"

    def open(self, message: bytes, **how: object) -> envelope.Opened:
        self.sealed.write_bytes(message)
        given = {"home": self.home, "signers": self.signers, "clock": FixedClock(NOON), **how}
        return envelope.open(self.sealed, self.out, **given)  # type: ignore[arg-type]

    def refuses(self, error: type[errors.RenkeiError], message: bytes, **how: object) -> errors.RenkeiError:
        """Expect exactly this error, and that nothing but the message is left in the folder."""
        with pytest.raises(error) as caught:
            self.open(message, **how)
        assert caught.type is error
        assert list(self.folder.iterdir()) == [self.sealed]
        assert "?" not in str(caught.value)
        return caught.value


@pytest.fixture
def desk(tmp_path: Path, parties: Parties) -> Desk:
    return Desk(tmp_path, parties)


@pytest.fixture
def good(parties: Parties) -> bytes:
    return sealed_by_agency(parties)


def sealed_by_agency(parties: Parties, plain: bytes = PLAIN) -> bytes:
    agency = parties.agency
    return agency.keys.seal(plain, to=(parties.ward.fingerprint,), by=(agency.fingerprint,), at=NOON)


class TestAGoodMessage:
    def test_is_opened_whole_with_signer_and_time(self, desk: Desk, good: bytes) -> None:
        opened = desk.open(good)
        assert (opened.path.read_bytes(), opened.bytes) == (PLAIN, len(PLAIN))
        assert (opened.signer_fingerprint, opened.signed_at) == (desk.parties.agency.fingerprint, NOON)

    def test_is_readable_by_the_owner_alone_and_leaves_no_private_folder(self, desk: Desk, good: bytes) -> None:
        desk.open(good)
        assert desk.out.stat().st_mode & 0o777 == 0o600
        assert sorted(desk.folder.iterdir()) == sorted([desk.sealed, desk.out])

    def test_may_be_signed_by_a_subkey_of_the_pinned_key(self, desk: Desk) -> None:
        agency = desk.parties.agency
        agency.keys.add_signing_subkey(agency.fingerprint)
        desk.parties.ward.keys.take(agency.public)
        assert desk.open(sealed_by_agency(desk.parties)).signer_fingerprint == agency.fingerprint

    def test_stops_its_agents(self, desk: Desk, good: bytes) -> None:
        desk.open(good)
        assert not list(desk.home.glob("S.gpg-agent"))

    def test_is_opened_in_a_home_whose_path_is_too_long_for_a_socket(self, desk: Desk, good: bytes) -> None:
        deep = desk.folder.parent / ("deep-" * 20) / ("deep-" * 20)
        deep.parent.mkdir(mode=0o700)
        desk.parties.ward.keys.stop()
        desk.home.rename(deep)
        try:
            assert desk.open(good, home=deep).bytes == len(PLAIN)
        finally:
            deep.rename(desk.home)

    def test_ignores_the_file_name_inside(self, desk: Desk) -> None:
        agency = desk.parties.agency
        arguments = [
            "--set-filename",
            "../../elsewhere",
            "--cipher-algo",
            "AES256",
            "--digest-algo",
            "SHA512",
        ]
        arguments += ["--local-user", agency.fingerprint, "--recipient", desk.parties.ward.fingerprint]
        assert desk.open(agency.keys.gpg(*arguments, "--sign", "--encrypt", stdin=PLAIN, at=NOON)).path == desk.out


class TestEveryClause:
    def test_not_openpgp(self, desk: Desk) -> None:
        desk.refuses(errors.NotOpenPgp, b"hello, I am no message")

    def test_nothing_at_all(self, desk: Desk) -> None:
        desk.refuses(errors.NotOpenPgp, b"")

    def test_signed_but_not_encrypted(self, desk: Desk) -> None:
        agency = desk.parties.agency
        signed = agency.keys.gpg("--sign", "--local-user", agency.fingerprint, stdin=PLAIN, at=NOON)
        desk.refuses(errors.NotEncrypted, signed)

    def test_not_signed(self, desk: Desk) -> None:
        message = desk.parties.agency.keys.seal(PLAIN, to=(desk.parties.ward.fingerprint,), by=(), at=NOON)
        desk.refuses(errors.NotSigned, message)

    def test_signed_by_a_stranger_whose_key_is_at_hand(self, desk: Desk) -> None:
        stranger = desk.parties.stranger
        desk.parties.ward.keys.take(stranger.public)
        message = stranger.keys.seal(PLAIN, to=(desk.parties.ward.fingerprint,), by=(stranger.fingerprint,), at=NOON)
        error = desk.refuses(errors.SignerNotPinned, message)
        assert error.refs["fingerprint"] == stranger.fingerprint

    def test_signed_by_the_other_counterparty(self, desk: Desk) -> None:
        successor = desk.parties.successor
        desk.parties.ward.keys.take(successor.public)
        message = successor.keys.seal(PLAIN, to=(desk.parties.ward.fingerprint,), by=(successor.fingerprint,), at=NOON)
        desk.refuses(errors.SignerNotPinned, message)

    def test_signed_by_an_unknown_key(self, desk: Desk) -> None:
        stranger = desk.parties.stranger
        message = stranger.keys.seal(PLAIN, to=(desk.parties.ward.fingerprint,), by=(stranger.fingerprint,), at=NOON)
        desk.refuses(errors.SignerUnknown, message)

    @pytest.mark.parametrize("place", [0.2, 0.5, 0.95])
    def test_one_bit_flipped(self, desk: Desk, good: bytes, place: float) -> None:
        bent = bytearray(good)
        bent[int(len(bent) * place)] ^= 1
        desk.refuses(errors.MessageDamaged, bytes(bent))

    @pytest.mark.parametrize("part", [0.34, 0.67, 0.999])
    def test_cut_off(self, desk: Desk, good: bytes, part: float) -> None:
        desk.refuses(errors.MessageDamaged, good[: int(len(good) * part)])

    def test_two_messages(self, desk: Desk, good: bytes) -> None:
        desk.refuses(errors.SeveralMessages, good + good)

    def test_an_unsigned_message_appended(self, desk: Desk, good: bytes) -> None:
        ward = desk.parties.ward.fingerprint
        desk.refuses(errors.SeveralMessages, good + desk.parties.agency.keys.seal(b"x", to=(ward,), by=(), at=NOON))

    def test_a_plain_message_appended(self, desk: Desk, good: bytes) -> None:
        desk.refuses(errors.SeveralMessages, good + desk.parties.agency.keys.gpg("--store", stdin=b"x"))

    def test_grows_beyond_the_ratio(self, desk: Desk) -> None:
        bomb = bomb_of(desk.parties, 40 << 20)
        assert len(bomb) < 100_000
        desk.refuses(errors.ExpandsTooFar, bomb)

    def test_grows_beyond_the_cap(self, desk: Desk, good: bytes) -> None:
        error = desk.refuses(errors.ExpandsTooFar, good, caps=envelope.Caps(bytes=1000))
        assert error.refs["limit"] == 1000

    @pytest.mark.parametrize("before", [b"", b"Dear ward,\n\n"])
    def test_armored(self, desk: Desk, parties: Parties, before: bytes) -> None:
        agency = parties.agency
        arguments = ["--armor", "-z", "0", "--cipher-algo", "AES256", "--digest-algo", "SHA512", "--sign", "--encrypt"]
        arguments += ["--local-user", agency.fingerprint, "--recipient", parties.ward.fingerprint]
        error = desk.refuses(errors.MessageForm, before + agency.keys.gpg(*arguments, stdin=PLAIN, at=NOON))
        assert error.refs["rule"] == "armored"

    def test_encrypted_to_somebody_else(self, desk: Desk) -> None:
        agency, stranger = desk.parties.agency, desk.parties.stranger
        agency.keys.take(stranger.public)
        desk.refuses(
            errors.EncryptedToAnother,
            agency.keys.seal(PLAIN, to=(stranger.fingerprint,), by=(agency.fingerprint,), at=NOON),
        )

    def test_encrypted_to_somebody_else_too(self, desk: Desk) -> None:
        agency, stranger, ward = desk.parties.agency, desk.parties.stranger, desk.parties.ward
        agency.keys.take(stranger.public)
        both = (ward.fingerprint, stranger.fingerprint)
        desk.refuses(errors.EncryptedToSeveral, agency.keys.seal(PLAIN, to=both, by=(agency.fingerprint,), at=NOON))

    def test_signed_by_a_key_that_has_expired(self, desk: Desk, keyrings: list[Keyring]) -> None:
        brief = make_party("Brief", at=NOON - timedelta(days=5), expires="10d")
        keyrings.append(brief.keys.take(desk.parties.ward.public))
        desk.parties.ward.keys.take(brief.public)
        message = brief.keys.seal(PLAIN, to=(desk.parties.ward.fingerprint,), by=(brief.fingerprint,), at=NOON)
        later = FixedClock(NOON + timedelta(days=30))
        desk.refuses(errors.SignerKeyExpired, message, signers={brief.fingerprint}, clock=later)
        assert desk.open(message, signers={brief.fingerprint}).signer_fingerprint == brief.fingerprint

    def test_signed_by_a_key_that_was_revoked(self, desk: Desk, good: bytes) -> None:
        agency = desk.parties.agency
        agency.keys.revoke(agency.fingerprint)
        desk.parties.ward.keys.take(agency.public)
        desk.refuses(errors.SignerKeyRevoked, good)

    def test_the_signature_itself_has_expired(self, desk: Desk) -> None:
        agency = desk.parties.agency
        arguments = [
            "--default-sig-expire",
            "2d",
            "--cipher-algo",
            "AES256",
            "--local-user",
            agency.fingerprint,
        ]
        arguments += ["--recipient", desk.parties.ward.fingerprint, "--sign", "--encrypt"]
        message = agency.keys.gpg(*arguments, stdin=PLAIN, at=NOON)
        desk.refuses(errors.SignatureExpired, message, clock=FixedClock(NOON + timedelta(days=30)))

    def test_signed_twice(self, desk: Desk) -> None:
        agency, stranger, ward = desk.parties.agency, desk.parties.stranger, desk.parties.ward
        agency.keys.take(stranger.keys.secret(stranger.fingerprint))
        ward.keys.take(stranger.public)
        both = (agency.fingerprint, stranger.fingerprint)
        desk.refuses(errors.SignedTwice, agency.keys.seal(PLAIN, to=(ward.fingerprint,), by=both, at=NOON))

    def test_a_weak_cipher(self, desk: Desk) -> None:
        desk.refuses(errors.AlgorithmWeak, weakly_sealed(desk.parties, "--cipher-algo", "AES128"))

    def test_a_weak_digest(self, desk: Desk) -> None:
        arguments = ["--cipher-algo", "AES256", "--digest-algo", "RIPEMD160"]
        desk.refuses(errors.AlgorithmWeak, weakly_sealed(desk.parties, *arguments))


class TestOurOwnFaultsAreNotTheirs:
    def test_an_output_that_exists_is_a_storage_error_and_stays(self, desk: Desk, good: bytes) -> None:
        desk.out.write_bytes(b"mine")
        with pytest.raises(errors.OutputExists):
            desk.open(good)
        assert desk.out.read_bytes() == b"mine"

    def test_a_disk_that_is_too_full_is_seen_before(
        self, desk: Desk, good: bytes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        usage = type("Usage", (), {"free": 1000})
        monkeypatch.setattr("renkei.envelope.storage.shutil.disk_usage", lambda _: usage)
        desk.refuses(errors.NoSpace, good)

    def test_a_disk_that_fills_up_meanwhile_is_no_bad_signature(
        self, desk: Desk, good: bytes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_: object) -> int:
            raise OSError(28, os.strerror(28))

        monkeypatch.setattr("renkei.envelope.storage.os.write", full)
        with pytest.raises(errors.NoSpace):
            desk.open(good)
        assert not desk.out.exists()

    def test_a_missing_input_is_named(self, desk: Desk) -> None:
        with pytest.raises(errors.InputMissing):
            envelope.open(desk.folder / "none", desk.out, home=desk.home, signers=desk.signers, clock=SystemClock())

    def test_a_missing_home_is_named(self, desk: Desk, good: bytes) -> None:
        desk.refuses(errors.GnupgUnusable, good, home=desk.folder.parent / "nowhere")

    def test_what_a_killed_process_left_is_swept(self, tmp_path: Path) -> None:
        (tmp_path / ".private-left").mkdir()
        (tmp_path / ".private-left" / "plain").write_bytes(PLAIN)
        assert (envelope.sweep(tmp_path), list(tmp_path.iterdir())) == (1, [])


class TestUnwrap:
    def test_leaves_a_message_that_the_public_key_alone_verifies(
        self, desk: Desk, good: bytes, keyrings: list[Keyring]
    ) -> None:
        desk.sealed.write_bytes(good)
        kept = envelope.unwrap(desk.sealed, desk.out, home=desk.home, signers=desk.signers, clock=FixedClock(NOON))
        auditor = Keyring.new().take(desk.parties.agency.public)
        keyrings.append(auditor)
        verified = envelope.verify(kept.path, home=auditor.home, signers=desk.signers, clock=SystemClock())
        assert verified.signer_fingerprint == desk.parties.agency.fingerprint
        assert verified.signed_at == NOON.astimezone(UTC)
        assert auditor.gpg("--decrypt", kept.path) == PLAIN

    def test_refuses_what_is_not_signed(self, desk: Desk) -> None:
        ward = desk.parties.ward.fingerprint
        desk.sealed.write_bytes(desk.parties.agency.keys.seal(PLAIN, to=(ward,), by=(), at=NOON))
        with pytest.raises(errors.NotSigned):
            envelope.unwrap(desk.sealed, desk.out, home=desk.home, signers=desk.signers, clock=FixedClock(NOON))
        assert not desk.out.exists()

    @pytest.mark.parametrize("kind", ["zip", "zlib", "bzip2"])
    def test_refuses_what_is_compressed(self, desk: Desk, parties: Parties, kind: str) -> None:
        agency = parties.agency
        arguments = ["-z", "9", "--compress-algo", kind, "--cipher-algo", "AES256", "--digest-algo", "SHA512"]
        arguments += ["--local-user", agency.fingerprint, "--recipient", parties.ward.fingerprint]
        message = agency.keys.gpg(*arguments, "--sign", "--encrypt", stdin=PLAIN * 9, at=NOON)
        desk.sealed.write_bytes(message)
        with pytest.raises(errors.MessageForm) as caught:
            envelope.unwrap(desk.sealed, desk.out, home=desk.home, signers=desk.signers, clock=FixedClock(NOON))
        assert caught.value.refs["rule"] == "compressed"
        assert not desk.out.exists()

    def test_refuses_a_stranger(self, desk: Desk, good: bytes) -> None:
        desk.sealed.write_bytes(good)
        with pytest.raises(errors.SignerNotPinned):
            envelope.unwrap(
                desk.sealed,
                desk.out,
                home=desk.home,
                signers={desk.parties.stranger.fingerprint},
                clock=FixedClock(NOON),
            )
        assert not desk.out.exists()

    def test_a_kept_message_that_was_changed_is_refused(self, desk: Desk, good: bytes) -> None:
        desk.sealed.write_bytes(good)
        clock = FixedClock(NOON)
        kept = envelope.unwrap(desk.sealed, desk.out, home=desk.home, signers=desk.signers, clock=clock)
        bent = bytearray(kept.path.read_bytes())
        bent[len(bent) // 2] ^= 1
        kept.path.write_bytes(bent)
        with pytest.raises(errors.SignatureBad):
            envelope.verify(kept.path, home=desk.home, signers=desk.signers, clock=clock)


def bomb_of(parties: Parties, size: int) -> bytes:
    """A small message that becomes `size` zero bytes."""
    agency = parties.agency
    arguments = ["-z", "9", "--compress-algo", "BZIP2", "--cipher-algo", "AES256"]
    arguments += ["--local-user", agency.fingerprint, "--recipient", parties.ward.fingerprint]
    return agency.keys.gpg(*arguments, "--sign", "--encrypt", stdin=bytes(size), at=NOON)


def weakly_sealed(parties: Parties, *algorithms: str) -> bytes:
    agency = parties.agency
    arguments = [*algorithms, "--local-user", agency.fingerprint, "--recipient", parties.ward.fingerprint]
    return agency.keys.gpg(*arguments, "--sign", "--encrypt", stdin=PLAIN, at=NOON)
