"""Files for auditors in one bundle, signed by the site's evidence key."""

from collections.abc import Mapping

from renkei.corridor.house import House
from renkei.evidence import Bundle, make_bundle, sign_detached


def signed_bundle(house: House, files: Mapping[str, bytes]) -> Bundle:
    """Return files as a bundle signed by the site's evidence key; raises `EvidenceKeyMissing`, `KeyUnusable`."""
    settings = house.settings

    def sign(data: bytes) -> tuple[bytes, bytes]:
        home, signer = settings.evidence_home, settings.evidence_fingerprint
        return sign_detached(data, home=home, signer=signer, clock=house.clock)

    return make_bundle(files, sign)
