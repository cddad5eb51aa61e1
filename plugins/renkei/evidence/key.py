"""The evidence key signs what is written for auditors; it lives in a GnuPG home that the web process cannot read."""

from io import BytesIO
from pathlib import Path

from renkei.clock import Clock
from renkei.envelope.home import gpg_in, need_secret_key
from renkei.errors import EvidenceKeyMissing, SealingFailed


def sign_detached(data: bytes, *, home: Path, signer: str, clock: Clock) -> tuple[bytes, bytes]:
    """Return an armored detached signature over the bytes, and the armored public key that checks it.

    Raises `EvidenceKeyMissing` where the site has no such home, `KeyUnusable`, `SealingFailed`.
    """
    if not signer or not home.is_dir():
        raise EvidenceKeyMissing(folder=home.name)
    with gpg_in(home, clock) as gpg:
        need_secret_key(gpg, signer, "evidence")
        made = gpg.sign_file(BytesIO(data), keyid=signer, detach=True, binary=False)
        public = str(gpg.export_keys(signer))
    signature = bytes(made.data)
    if b"BEGIN PGP SIGNATURE" not in signature or "BEGIN PGP PUBLIC KEY" not in public:
        raise SealingFailed(reason="evidence")
    return signature, public.encode()
