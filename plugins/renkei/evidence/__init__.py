"""Evidence to take away: signed bundles that anyone checks with Python alone, or with gpg and sha256sum."""

from renkei.evidence.bundle import Bundle, make_bundle, verifier_source
from renkei.evidence.key import sign_detached

__all__ = ["Bundle", "make_bundle", "sign_detached", "verifier_source"]
