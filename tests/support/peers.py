"""A counterparty that stands at a server of the tests."""

from pathlib import Path

from renkei.peers import HostKey, Peer
from renkei.peers.peer import Period
from tests.support.sshd import MUNICIPALITY, Sshd

ALWAYS = Period()


def peer_at(server: Sshd, *, host: str | None = None, port: int | None = None, host_key: str | None = None) -> Peer:
    """Return a peer whose pins are the server's; another host, port or key line may stand in their place."""
    kind, blob = (host_key or server.host_key).split()
    return Peer(
        id="moj",
        official_name="法務大臣",
        english="Minister of Justice",
        notice_name="法務省通知",
        period=ALWAYS,
        host=host or server.host,
        port=port or server.port,
        host_keys=(HostKey(kind, blob, ALWAYS),),
        openpgp=(),
        folder=MUNICIPALITY,
        connection_id="renkei_moj",
        username=server.username,
        key_file=Path(server.key_file),
    )
