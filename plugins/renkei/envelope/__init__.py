"""OpenPGP: seal for the one peer; open from the one peer.

`seal` signs and encrypts a package, `open` takes a received message through the acceptance rule, `unwrap`
keeps its signed message without the encryption, `verify` checks such a signed message with the public key
alone. `public_keys` tells which keys a GnuPG home holds.
"""

from renkei.envelope.home import public_keys
from renkei.envelope.opening import Caps, Opened, Verified, open, unwrap, verify  # noqa: A004
from renkei.envelope.sealing import Sealed, seal
from renkei.envelope.storage import sweep

__all__ = ["Caps", "Opened", "Sealed", "Verified", "open", "public_keys", "seal", "sweep", "unwrap", "verify"]
