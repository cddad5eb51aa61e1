"""The Airflow Connection of a counterparty gives login and key; where it leads must equal the pins."""

from pathlib import Path

from airflow.sdk import Connection

from renkei.errors import ConnectionMismatch
from renkei.peers import Peer
from renkei.transfer import Credentials, check_connection


def connection_credentials(peer: Peer) -> Credentials:
    """Return the login of the Connection that the peer names.

    Host, port and `host_key` of the Connection must equal what is pinned for the peer, else `ConnectionMismatch`.
    """
    connection = Connection.get(peer.connection_id)
    extra = connection.extra_dejson
    check_connection(peer, host=connection.host, port=connection.port, host_key=extra.get("host_key"))
    if not connection.login or not extra.get("key_file"):
        raise ConnectionMismatch(connection=peer.connection_id, item="login, key_file")
    return Credentials(username=connection.login, key_file=Path(extra["key_file"]))
