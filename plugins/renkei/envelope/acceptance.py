"""The acceptance rule, clause by clause: plaintext leaves quarantine only if none of them speaks.

gpg's exit code, python-gnupg's `ok` and its `valid` each accept something hostile on their own, so the rule
counts status lines. The first clause that speaks names the error; the later ones may then lean on the
earlier.
"""

from collections.abc import Callable, Collection
from typing import Final

from renkei.envelope.status import Status
from renkei.errors import (
    AlgorithmWeak,
    EncryptedToAnother,
    EncryptedToSeveral,
    MessageDamaged,
    MessageRefused,
    NotEncrypted,
    NotOpenPgp,
    NotSigned,
    OpenPgpFailed,
    SeveralMessages,
    SignatureBad,
    SignatureExpired,
    SignedTwice,
    SignerKeyExpired,
    SignerKeyRevoked,
    SignerNotPinned,
    SignerUnknown,
)

# OpenPGP's numbers (RFC 4880 §9.2, §9.4).
AES256: Final = "9"
STRONG_DIGESTS: Final = {"8": "SHA256", "9": "SHA384", "10": "SHA512"}

Clause = Callable[[Status], type[MessageRefused] | None]


def check_encryption(status: Status, name: str) -> None:
    """Raise unless exactly one message was decrypted whole, with our key alone, by a strong cipher."""
    for clause in _ENCRYPTION:
        _speak(clause, status, name)


def check_signature(status: Status, signers: Collection[str], name: str) -> str:
    """Return the primary fingerprint of the one good signature; raise unless it is one of `signers`."""
    for clause in _SIGNATURE:
        _speak(clause, status, name)
    (primary,) = status.values("VALIDSIG", 9)
    if primary not in signers:
        raise SignerNotPinned(name=name, fingerprint=primary)
    (digest,) = status.values("VALIDSIG", 7)
    if digest not in STRONG_DIGESTS:
        raise AlgorithmWeak(name=name, algorithm=f"digest {digest}")
    return primary


def check_end(status: Status, name: str) -> None:
    """Raise unless gpg ended well."""
    if status.code != 0:
        raise OpenPgpFailed(name=name, code=status.code)


def _speak(clause: Clause, status: Status, name: str) -> None:
    refused = clause(status)
    if refused is not None:
        raise refused(name=name, algorithm=" ".join(status.values("DECRYPTION_INFO", 1)))


def _is_encrypted(status: Status) -> type[MessageRefused] | None:
    if status.count("ENC_TO", "NEED_PASSPHRASE_SYM", "BEGIN_DECRYPTION"):
        return None
    return NotEncrypted if status.count("NEWSIG", "PLAINTEXT") else NotOpenPgp


def _is_one_message(status: Status) -> type[MessageRefused] | None:
    several = status.count("BEGIN_DECRYPTION") > 1 or status.count("PLAINTEXT") > 1
    # A signature that holds over the whole text inside a message that fails as a whole: something follows it.
    followed = status.count("GOODSIG") == 1 and status.count("BADMDC", "DECRYPTION_FAILED") > 0
    return SeveralMessages if several or followed or status.count("UNEXPECTED") else None


def _is_for_us(status: Status) -> type[MessageRefused] | None:
    return EncryptedToAnother if status.count("NO_SECKEY") and not status.count("DECRYPTION_OKAY") else None


def _is_for_us_alone(status: Status) -> type[MessageRefused] | None:
    return EncryptedToSeveral if status.count("ENC_TO") != 1 or status.count("NEED_PASSPHRASE_SYM") else None


def _is_whole(status: Status) -> type[MessageRefused] | None:
    whole = status.count("DECRYPTION_OKAY") == 1 and not status.count("DECRYPTION_FAILED", "BADMDC")
    return None if whole else MessageDamaged


def _is_strong(status: Status) -> type[MessageRefused] | None:
    return None if status.values("DECRYPTION_INFO", 1) == [AES256] else AlgorithmWeak


def _is_signed(status: Status) -> type[MessageRefused] | None:
    return None if status.count("NEWSIG") else NotSigned


def _is_signed_once(status: Status) -> type[MessageRefused] | None:
    return None if status.count("NEWSIG") == 1 else SignedTwice


def _is_by_a_known_key(status: Status) -> type[MessageRefused] | None:
    return SignerUnknown if status.count("NO_PUBKEY") else None


def _is_by_a_living_key(status: Status) -> type[MessageRefused] | None:
    if status.count("REVKEYSIG"):
        return SignerKeyRevoked
    return SignerKeyExpired if status.count("EXPKEYSIG") else None


def _is_in_time(status: Status) -> type[MessageRefused] | None:
    return SignatureExpired if status.count("EXPSIG") else None


def _is_good(status: Status) -> type[MessageRefused] | None:
    good = status.count("GOODSIG") == 1 and status.count("VALIDSIG") == 1
    return None if good and not status.count("BADSIG", "ERRSIG") else SignatureBad


_ENCRYPTION: Final[tuple[Clause, ...]] = (
    _is_encrypted,
    _is_one_message,
    _is_for_us,
    _is_for_us_alone,
    _is_in_time,  # gpg ends at once then and never says whether the rest was whole
    _is_whole,
    _is_strong,
)
_SIGNATURE: Final[tuple[Clause, ...]] = (
    _is_one_message,
    _is_signed,
    _is_signed_once,
    _is_by_a_known_key,
    _is_by_a_living_key,
    _is_in_time,
    _is_good,
)
