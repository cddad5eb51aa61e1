"""Every exception of paramiko, socket and SFTP as one of ours; their texts quote the peer and stay here."""

import errno
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from paramiko.packet import NeedRekeyException
from paramiko.pkey import UnknownKeyType
from paramiko.sftp import SFTPError
from paramiko.ssh_exception import (
    AuthenticationException,
    BadHostKeyException,
    IncompatiblePeer,
    MessageOrderError,
    PasswordRequiredException,
    SSHException,
)

from renkei.errors import (
    AlgorithmsRefused,
    AuthenticationRefused,
    HostKeyChanged,
    LineDropped,
    LoginKeyUnusable,
    PeerAccessDenied,
    PeerPathMissing,
    PeerProtocolError,
    PeerUnreachable,
    RenkeiError,
)

# struct.error, ValueError and IndexError are what paramiko's parser raises on bytes that make no sense.
FOREIGN: Final[tuple[type[Exception], ...]] = (
    OSError,
    EOFError,
    SSHException,
    SFTPError,
    UnknownKeyType,
    NeedRekeyException,
    struct.error,
    ValueError,
    IndexError,
)
_BROKEN: Final = (ConnectionError, TimeoutError, EOFError)
_DENIED: Final = frozenset({errno.EACCES, errno.EPERM})


def while_connecting(error: Exception, peer: str) -> RenkeiError:
    """Return our error for one that came before the login was done."""
    match error:
        case PasswordRequiredException() | UnknownKeyType():
            return LoginKeyUnusable(reason="passphrase or unknown kind")
        case AuthenticationException():
            return AuthenticationRefused(peer=peer)
        case BadHostKeyException():
            return HostKeyChanged(peer=peer, found="another key")
        case IncompatiblePeer():
            return AlgorithmsRefused(peer=peer)
        case MessageOrderError():
            return PeerProtocolError(peer=peer, step="connect")
        case OSError() | EOFError() | SSHException() | NeedRekeyException():
            return PeerUnreachable(peer=peer, reason=_reason(error))
        case _:
            return PeerProtocolError(peer=peer, step="connect")


def while_connected(error: Exception, peer: str, step: str, *, alive: bool) -> RenkeiError:
    """Return our error for one that came in the middle of a step.

    `alive` tells whether the line still stands: paramiko reports a closed channel and a refusal of the
    server by the same class.
    """
    if isinstance(error, _BROKEN) or not alive:
        return LineDropped(peer=peer, step=step)
    match error:
        case OSError(errno=errno.ENOENT):
            return PeerPathMissing(peer=peer, step=step)
        case OSError() if error.errno in _DENIED:
            return PeerAccessDenied(peer=peer, step=step)
        case MessageOrderError():
            return PeerProtocolError(peer=peer, step=step)
        case SSHException() | NeedRekeyException():
            return LineDropped(peer=peer, step=step)
        case _:
            return PeerProtocolError(peer=peer, step=step)


@contextmanager
def connecting(peer: str) -> Iterator[None]:
    """Turn foreign exceptions of the block into ours."""
    try:
        yield
    except FOREIGN as error:
        raise while_connecting(error, peer) from None


@contextmanager
def step(peer: str, name: str, alive: Callable[[], bool]) -> Iterator[None]:
    """Turn foreign exceptions of one step at the peer into ours."""
    try:
        yield
    except FOREIGN as error:
        raise while_connected(error, peer, name, alive=alive()) from None


def is_refusal(error: Exception) -> bool:
    """Tell whether the server refused without saying why (SSH_FX_FAILURE), which paramiko gives no number."""
    return isinstance(error, OSError) and error.errno is None and not isinstance(error, _BROKEN)


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "timeout"
    number = getattr(error, "errno", None)
    return errno.errorcode.get(number, "no answer") if number else "no answer"
