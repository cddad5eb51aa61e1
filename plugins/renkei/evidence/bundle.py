"""A bundle: a ZIP that is a function of its files, with their digests, the signature over these, and the verifier."""

import hashlib
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

SUMS: Final = "SHA256SUMS"
SIGNATURE: Final = "SHA256SUMS.asc"
KEY: Final = "evidence-key.asc"
VERIFIER: Final = "verify.py"
README: Final = "README.txt"
_DATE: Final = (1980, 1, 1, 0, 0, 0)
_MODE: Final = 0o100644 << 16
_WORDS: Final = """証跡の検証 / how to check this bundle
  python3 verify.py              (Python 3.8+ だけで検証 / with Python alone)
  gpg --import evidence-key.asc && gpg --verify SHA256SUMS.asc SHA256SUMS && sha256sum -c SHA256SUMS
鍵の指紋は、日々のレポートとは別に自治体から受け取ったものと照らしてください。
Compare the fingerprint of the key with the one that the municipality gave you by another way.
"""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle's bytes and their SHA-256."""

    content: bytes
    sha256: str


def verifier_source() -> bytes:
    """Return the stand-alone verifier as it goes into every bundle."""
    return Path(__file__).with_name("verify_bundle.py").read_bytes()


def make_bundle(files: Mapping[str, bytes], sign: Callable[[bytes], tuple[bytes, bytes]]) -> Bundle:
    """Return the ZIP of files by name: sorted, stored, dated 1980-01-01, with sums, signature, key and verifier.

    `sign` gives the armored signature over SHA256SUMS and the public key.
    """
    inside = {**files, VERIFIER: verifier_source(), README: _WORDS.encode()}
    sums = "".join(f"{hashlib.sha256(inside[name]).hexdigest()}  {name}\n" for name in sorted(inside)).encode()
    signature, public = sign(sums)
    everything = {**inside, SUMS: sums, SIGNATURE: signature, KEY: public}
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in sorted(everything):
            entry = zipfile.ZipInfo(name, _DATE)
            entry.create_system, entry.external_attr = 3, _MODE
            archive.writestr(entry, everything[name])
    content = out.getvalue()
    return Bundle(content, hashlib.sha256(content).hexdigest())
