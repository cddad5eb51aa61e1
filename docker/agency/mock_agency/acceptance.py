"""The acceptance rule: a sealed file counts only if every clause of it holds.

One binary OpenPGP message, encrypted to our one key with AES-256 and protected against change, not compressed,
signed once with SHA-256 or stronger by the one pinned ward key, valid when it signed. Whatever is wrong with the
opening is F11; what opens and is not rightly signed is F10.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from mock_agency.errors import Unreadable
from mock_agency.gpg import Decryption

AES_256 = "9"
SHA_256_OR_STRONGER = {"8", "9", "10"}
NO_FAILURE = ("DECRYPTION_FAILED", "BADMDC", "NODATA", "DECRYPTION_COMPLIANCE_FAILED")
BAD_SIGNATURE = ("BADSIG", "ERRSIG", "EXPSIG", "EXPKEYSIG", "REVKEYSIG", "NO_PUBKEY", "KEYREVOKED")
# VALIDSIG: fingerprint, date, created, expires, version, reserved, key algorithm, hash algorithm, class, primary
VALIDSIG_FIELDS, HASH_FIELD, CREATED_FIELD, PRIMARY_FIELD = 10, 7, 2, 9


@dataclass(frozen=True, slots=True)
class Pinned:
    """Who must have signed (primary fingerprint) and to which subkey (long key ids) the file must be encrypted."""

    signer: str
    recipients: frozenset[str]


@dataclass(frozen=True, slots=True)
class Accepted:
    """What the rule lets through: SHA-256 and size of the package, and when it was signed."""

    package_sha256: str
    size: int
    signed_at: datetime


class Words:
    """gpg's status lines by their first word."""

    def __init__(self, status: Iterable[str]) -> None:
        self._lines = [line.split(" ") for line in status]

    def count(self, *names: str) -> int:
        """Count the lines with one of these words."""
        return sum(line[0] in names for line in self._lines)

    def fields(self, name: str) -> list[list[str]]:
        """Return the fields of every line with this word."""
        return [line[1:] for line in self._lines if line[0] == name]


Clause = tuple[str, Callable[[Words, Decryption, Pinned], bool]]

OPENING: tuple[Clause, ...] = (
    ("more plaintext than sealed bytes: compressed, or a bomb", lambda _w, d, _p: not d.overflow),
    (
        "not encrypted to our one key alone",
        lambda w, _d, p: _recipients(w) in [[key] for key in p.recipients],
    ),
    ("decryption failed", lambda w, _d, _p: w.count(*NO_FAILURE) == 0),
    ("not exactly one good decryption", lambda w, _d, _p: w.count("DECRYPTION_OKAY") == 1),
    ("not AES-256 with protection against change", lambda w, _d, _p: _protected(w)),
)
SIGNATURE: tuple[Clause, ...] = (
    ("not exactly one plaintext", lambda w, _d, _p: w.count("PLAINTEXT") == 1),
    ("not exactly one signature", lambda w, _d, _p: w.count("NEWSIG") == 1),
    ("signature bad, expired, revoked or by an unknown key", lambda w, _d, _p: w.count(*BAD_SIGNATURE) == 0),
    ("not exactly one good signature", lambda w, _d, _p: w.count("GOODSIG") == 1 == w.count("VALIDSIG")),
    ("signed by another key than the pinned one", lambda w, _d, p: _validsig(w, PRIMARY_FIELD) == p.signer),
    (
        "signature's hash weaker than SHA-256",
        lambda w, _d, _p: _validsig(w, HASH_FIELD) in SHA_256_OR_STRONGER,
    ),
    ("gpg ended with an error", lambda _w, d, _p: d.returncode == 0),
)


def judge(decryption: Decryption, pinned: Pinned) -> Accepted:
    """Apply the rule to one decryption; raises Unreadable with the first clause that does not hold."""
    words = Words(decryption.status)
    for code, clauses in (("F11", OPENING), ("F10", SIGNATURE)):
        for name, holds in clauses:
            if not holds(words, decryption, pinned):
                raise Unreadable(code, name)
    created = datetime.fromtimestamp(int(_validsig(words, CREATED_FIELD)), UTC)
    return Accepted(decryption.sha256, decryption.size, created)


def _recipients(words: Words) -> list[str]:
    return [fields[0] for fields in words.fields("ENC_TO")]


def _protected(words: Words) -> bool:
    found = words.fields("DECRYPTION_INFO")
    if len(found) != 1:
        return False
    method, cipher, *aead = found[0]
    return cipher == AES_256 and (method != "0" or aead[:1] not in ([], ["0"]))


def _validsig(words: Words, field: int) -> str:
    fields = words.fields("VALIDSIG")[0]
    return fields[field] if len(fields) >= VALIDSIG_FIELDS else ""
