"""Seal a package: signed by the ward, encrypted to the counterparty's one key and to nobody else."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

import gnupg

from renkei.clock import Clock
from renkei.envelope.acceptance import AES256, STRONG_DIGESTS
from renkei.envelope.home import PublicKey, gpg_in, need_secret_key, public_key
from renkei.envelope.status import Status
from renkei.envelope.storage import check_space, digesting, input_size, private_sink, publish, sync
from renkei.errors import KeyUnusable, SealingFailed

# --rfc4880 keeps GnuPG 2.4 from writing its own OCB packets, which not every reader knows.
_FORM: Final = ("--rfc4880", "-z", "0", "--cipher-algo", "AES256", "--digest-algo", "SHA512")
_NAMELESS: Final = ("--set-filename", "")


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed file: where it is, its SHA-256 and bytes, by which primary keys and algorithms it was made."""

    path: Path
    sha256: str
    bytes: int
    recipient_fingerprint: str
    signer_fingerprint: str
    algorithms: str


def seal(package: Path, out: Path, *, home: Path, signer: str, recipient: str, clock: Clock) -> Sealed:
    """Sign and encrypt `package` into `out`, which must not exist; on any error nothing is left there.

    `signer` and `recipient` are pinned primary fingerprints (40 capital hex digits). What gpg made is
    looked at again: it must name exactly the recipient's own encryption subkey (design rule 5).
    Raises `EnvelopeStorageError` and its kinds, `GnupgUnusable`, `KeyUnusable`, `SealingFailed`.
    """
    size = input_size(package)
    with private_sink(out, needed=size, limit=2 * size + (1 << 20)) as sink, gpg_in(home, clock) as gpg:
        recipient_key = public_key(gpg, recipient, "recipient")
        signer_key = public_key(gpg, signer, "signer")
        need_secret_key(gpg, signer, "signer")
        if not recipient_key.encryption_ids:
            raise KeyUnusable(fingerprint=recipient, role="recipient", reason="no encryption subkey")
        sink.close()
        with digesting(sink.path) as digest:
            made = Status.of(_run(gpg, package, sink.path, signer, recipient))
        if made.code != 0:
            check_space(out, size)
        algorithms = _check(made, signer_key)
        written = sync(sink.path)
        _check_recipients(gpg, sink.path, recipient_key)
        publish(sink, out)
    return Sealed(out, digest(), written, recipient, signer, algorithms)


def _run(gpg: gnupg.GPG, package: Path, out: Path, signer: str, recipient: str) -> object:
    # gpg reads and writes the files itself: pipes would cost two copies, and a gpg that stops early would surface
    # as a broken pipe instead of as its own status. Whatever fails here is ours, so no fault can be mistaken.
    arguments = [*_FORM, *_NAMELESS, "--yes", "--output", str(out), "--", str(package.absolute())]
    return gpg.encrypt_file(BytesIO(), recipient, sign=signer, always_trust=True, armor=False, extra_args=arguments)


def _check(made: Status, signer: PublicKey) -> str:
    if made.count("INV_RECP", "INV_SGNR"):
        raise SealingFailed(reason="gpg refuses a key")
    if made.code != 0 or made.count("END_ENCRYPTION") != 1 or made.count("SIG_CREATED") != 1:
        raise SealingFailed(reason=f"gpg status {made.code}")
    if made.values("SIG_CREATED", 5)[0] not in signer.all_fingerprints:
        raise SealingFailed(reason="signed by another key")
    digest = STRONG_DIGESTS.get(made.values("SIG_CREATED", 2)[0])
    if made.values("BEGIN_ENCRYPTION", 1) != [AES256] or digest is None:
        raise SealingFailed(reason="algorithms")
    return f"AES256, {digest}"


def _check_recipients(gpg: gnupg.GPG, sealed: Path, recipient: PublicKey) -> None:
    listed = Status.of(gpg.decrypt_file(BytesIO(), extra_args=["--list-only", "--", str(sealed)]))
    named = listed.values("ENC_TO", 0)
    if len(named) != 1 or named[0] not in recipient.encryption_ids or listed.count("NEED_PASSPHRASE_SYM"):
        raise SealingFailed(reason=f"{len(named)} recipients, or another one than pinned")
