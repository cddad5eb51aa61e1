"""Reach the one peer: its host key is compared before the login, and nothing but our one key logs in.

paramiko's `SSHClient` would read known_hosts and may ask an agent; a bare `Transport` does neither, and it
lets the algorithms be chosen before the first packet.
"""

import hashlib
import hmac
import io
import socket
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

import paramiko

from renkei.clock import SystemClock
from renkei.errors import (
    AuthenticationRefused,
    ConnectionMismatch,
    HostKeyChanged,
    LoginKeyUnusable,
    PeerUnreachable,
)
from renkei.peers import HostKey, Peer
from renkei.transfer.line import Line
from renkei.transfer.mapping import connecting
from renkei.transfer.pipe import Pieces
from renkei.transfer.streams import AHEAD

# In the order of preference. GCM first: it needs no second pass for the MAC.
CIPHERS: Final = ("aes256-gcm@openssh.com", "aes256-ctr")
MACS: Final = ("hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com")
KEX: Final = (
    "mlkem768x25519-sha256",
    "curve25519-sha256@libssh.org",
    "ecdh-sha2-nistp256",
    "ecdh-sha2-nistp384",
    "diffie-hellman-group-exchange-sha256",
)
# Host key algorithms by type; the pinned key's come first, so that a server with several shows that one.
HOST_KEYS: Final = {
    "ssh-ed25519": ("ssh-ed25519",),
    "ecdsa-sha2-nistp256": ("ecdsa-sha2-nistp256",),
    "ecdsa-sha2-nistp384": ("ecdsa-sha2-nistp384",),
    "ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256"),
}
SECONDS: Final = 30.0
_KEEPALIVE_SECONDS: Final = 15


@dataclass(frozen=True, slots=True)
class Credentials:
    """The login: a user name, and a private key as a file or as text (as an Airflow Connection holds it)."""

    username: str
    key_file: Path | None = None
    private_key: str | None = field(default=None, repr=False)


@contextmanager
def connect(
    peer: Peer, credentials: Credentials, *, at: datetime | None = None, seconds: float = SECONDS
) -> Iterator[Line]:
    """Give an open line to the peer; closed after the block.

    `at` is the instant that decides which host keys hold (the machine's when None); no answer for `seconds`
    ends any step. Raises `PeerUnreachable`, `HostKeyChanged`, `AlgorithmsRefused`, `AuthenticationRefused`,
    `LoginKeyUnusable`; the line's own verbs raise what they say.
    """
    key = _login_key(credentials)
    pins = peer.host_keys_at(at or SystemClock().now())
    with connecting(peer.id):
        sock = socket.create_connection((peer.host, peer.port), timeout=seconds)
    # paramiko waits for ever to write where the other side takes nothing; the kernel shall give up instead.
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(seconds * 1000))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    transport = paramiko.Transport(sock, default_window_size=AHEAD)
    try:
        with connecting(peer.id):
            digest = _negotiate(transport, peer, pins, seconds)
            _login(transport, peer, credentials.username, key)
            sftp = _sftp(transport, peer, seconds)
        yield Line(sftp, peer.id, peer.folder, digest)
    finally:
        transport.close()


def check_connection(peer: Peer, *, host: str | None, port: int | None, host_key: str | None) -> None:
    """Compare an Airflow Connection with the peer in force; `ConnectionMismatch` names what differs."""
    pins = {key.line for key in peer.host_keys}
    given = " ".join((host_key or "").split()[:2])
    for item, same in (
        ("host", host == peer.host),
        ("port", (port or 22) == peer.port),
        ("host_key", given in pins),
    ):
        if not same:
            raise ConnectionMismatch(connection=peer.connection_id, item=item)


def _negotiate(transport: paramiko.Transport, peer: Peer, pins: tuple[HostKey, ...], seconds: float) -> str:
    """Agree on keys, compare the host key in constant time and return its SHA-256."""
    transport.banner_timeout = transport.handshake_timeout = transport.auth_timeout = seconds
    options = transport.get_security_options()
    options.ciphers = CIPHERS
    options.digests = MACS
    options.kex = [name for name in KEX if name in options.kex]
    own = [name for pin in pins for name in HOST_KEYS[pin.kind]]
    options.key_types = [*own, *(name for names in HOST_KEYS.values() for name in names if name not in own)]
    transport.start_client(timeout=seconds)
    shown = transport.get_remote_server_key().asbytes()
    same = [hmac.compare_digest(shown, b64decode(pin.blob)) for pin in pins]
    digest = hashlib.sha256(shown).hexdigest()
    if not any(same):
        raise HostKeyChanged(peer=peer.id, found=f"SHA256 {digest[:16]}")
    return digest


def _login(transport: paramiko.Transport, peer: Peer, username: str, key: paramiko.PKey) -> None:
    # A server that wants a second factor answers with what is still missing instead of with success.
    missing = transport.auth_publickey(username, key)
    if missing or not transport.is_authenticated():
        raise AuthenticationRefused(peer=peer.id)
    transport.set_keepalive(_KEEPALIVE_SECONDS)


def _sftp(transport: paramiko.Transport, peer: Peer, seconds: float) -> paramiko.SFTPClient:
    channel = transport.open_session(window_size=AHEAD, timeout=seconds)
    channel.settimeout(seconds)
    channel.in_buffer = Pieces()
    channel.invoke_subsystem("sftp")
    client = paramiko.SFTPClient(channel)
    if client.get_channel() is None:
        raise PeerUnreachable(peer=peer.id, reason="no channel")
    return client


def _login_key(credentials: Credentials) -> paramiko.PKey:
    try:
        if credentials.private_key is not None:
            return _key_of_text(credentials.private_key)
        if credentials.key_file is not None:
            return paramiko.PKey.from_path(credentials.key_file)
    except OSError:
        raise LoginKeyUnusable(reason="cannot be read") from None
    except Exception:  # noqa: BLE001  # cryptography has its own classes for each way of being no key
        raise LoginKeyUnusable(reason="no usable private key") from None
    raise LoginKeyUnusable(reason="none given")


def _key_of_text(text: str) -> paramiko.PKey:
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        try:
            return kind.from_private_key(io.StringIO(text))
        except paramiko.SSHException:
            continue
    raise LoginKeyUnusable(reason="no usable private key")
