"""Open what the one peer sent. Nothing unverified leaves quarantine, nothing partial is ever visible."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Final

from renkei.clock import Clock, in_tokyo
from renkei.envelope.acceptance import check_encryption, check_end, check_signature
from renkei.envelope.home import gpg_in
from renkei.envelope.status import Status
from renkei.envelope.storage import Sink, input_size, private_sink, publish
from renkei.errors import ExpandsTooFar, MessageForm

# A packet's first byte has this bit (RFC 4880 §4.2); gpg takes what lacks it for armored text.
_BINARY: Final = 0x80
# A compressed data packet (tag 8) in the old format, any length type, and in the new one.
_COMPRESSED: Final = frozenset({0xA0, 0xA1, 0xA2, 0xA3, 0xC8})


@dataclass(frozen=True, slots=True)
class Caps:
    """How large a message may become: in bytes, and as a multiple of its sealed size (at least `floor`)."""

    bytes: int = 4 << 30
    ratio: int = 50
    floor: int = 1 << 20

    def limit(self, sealed_bytes: int) -> int:
        """Return the bytes that a message of this sealed size may become."""
        return min(self.bytes, max(self.floor, self.ratio * sealed_bytes))


@dataclass(frozen=True, slots=True)
class Verified:
    """Who signed, by the primary fingerprint, and when by the signer's clock."""

    signer_fingerprint: str
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class Opened:
    """An accepted plaintext: where it is, its SHA-256 and bytes, who signed it and when (Asia/Tokyo)."""

    path: Path
    sha256: str
    bytes: int
    signer_fingerprint: str
    signed_at: datetime


def open(  # noqa: A001  # the word of the field; used as envelope.open
    sealed: Path, out: Path, *, home: Path, signers: Collection[str], clock: Clock, caps: Caps | None = None
) -> Opened:
    """Decrypt and verify `sealed` into `out`, which must not exist, if the whole acceptance rule holds.

    `signers` are the counterparty's primary fingerprints pinned for that instant. On any error nothing is
    left. The file name inside the message is ignored. An armored message is refused too (`MessageForm`).
    Raises `MessageRefused` and its kinds for the message, `EnvelopeStorageError`, `GnupgUnusable` for our
    own side.
    """
    size = input_size(sealed)
    limit = (caps or Caps()).limit(size)
    with private_sink(out, needed=min(size, limit), limit=limit) as sink:
        status, digest = _decrypt(sealed, sink, home, clock)
        signer = _accept(status, signers, sealed.name)
        if not _first_byte(sealed) & _BINARY:
            raise MessageForm(name=sealed.name, rule="armored")
        publish(sink, out)
    return Opened(out, digest, sink.size, signer.signer_fingerprint, signer.signed_at)


def unwrap(
    sealed: Path, out: Path, *, home: Path, signers: Collection[str], clock: Clock, caps: Caps | None = None
) -> Opened:
    """Take the encryption off `sealed` and keep in `out` the signed message; a public key verifies it.

    The signature is verified before `out` appears. Raises as `open`, and `MessageForm` for a compressed message.
    """
    size = input_size(sealed)
    limit = (caps or Caps()).limit(size)
    with private_sink(out, needed=min(size, limit), limit=limit) as sink:
        status, digest = _decrypt(sealed, sink, home, clock, "--unwrap")
        check_encryption(status, sealed.name)
        check_end(status, sealed.name)
        signer = verify(sink.path, home=home, signers=signers, clock=clock)
        if _first_byte(sink.path) in _COMPRESSED:
            raise MessageForm(name=sealed.name, rule="compressed")
        publish(sink, out)
    return Opened(out, digest, sink.size, signer.signer_fingerprint, signer.signed_at)


def verify(signed: Path, *, home: Path, signers: Collection[str], clock: Clock) -> Verified:
    """Verify a signed message that `unwrap` kept; `home` needs the signer's public key and no secret one."""
    input_size(signed)
    with gpg_in(home, clock) as gpg:
        status = Status.of(gpg.verify_file(str(signed.absolute())))
    signer = check_signature(status, signers, signed.name)
    check_end(status, signed.name)
    return Verified(signer, _signed_at(status))


def _first_byte(path: Path) -> int:
    with path.open("rb") as stream:
        return stream.read(1)[0]


def _decrypt(sealed: Path, sink: Sink, home: Path, clock: Clock, *options: str) -> tuple[Status, str]:
    # Past the limit the sink keeps nothing; gpg is stopped soon after, so that a bomb costs no time either.
    arguments = [*options, "--max-output", str(sink.limit + (1 << 20)), "--", str(sealed.absolute())]
    with gpg_in(home, clock) as gpg:
        gpg.on_data = sink
        status = Status.of(gpg.decrypt_file(BytesIO(), extra_args=arguments))
    digest = sink.finish()
    if sink.overflowed:
        raise ExpandsTooFar(name=sealed.name, limit=sink.limit)
    return status, digest


def _accept(status: Status, signers: Collection[str], name: str) -> Verified:
    check_encryption(status, name)
    signer = check_signature(status, signers, name)
    check_end(status, name)
    return Verified(signer, _signed_at(status))


def _signed_at(status: Status) -> datetime:
    (stamp,) = status.values("VALIDSIG", 2)
    return in_tokyo(datetime.fromtimestamp(int(stamp), UTC))
