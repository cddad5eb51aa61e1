"""Who the counterparty is on a day: names, keys, host key, endpoint, legal references."""

from renkei.peers.peer import HostKey, LegalReference, OpenPgpKey, Peer
from renkei.peers.peers import Peers

__all__ = ["HostKey", "LegalReference", "OpenPgpKey", "Peer", "Peers"]
