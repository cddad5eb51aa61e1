"""Every exception that paramiko, its SFTP client or a socket may raise becomes one of ours, without its text."""

import errno
import importlib
import inspect
import pkgutil
import struct

import paramiko
import pytest
from paramiko import ssh_exception

from renkei import errors
from renkei.transfer.mapping import FOREIGN, connecting, step, while_connected, while_connecting

MARK = "marked text of the peer"
# What these modules define is for parts of paramiko that the room does not use: known_hosts files, DER, auth plug-ins.
UNUSED = {"BERException", "InvalidHostKey", "ConfigParseError", "CouldNotCanonicalize"}


def paramikos() -> list[type[Exception]]:
    found: set[type[Exception]] = set()
    for module in pkgutil.iter_modules(paramiko.__path__):
        if module.name in {"win_pageant", "_winapi", "win_openssh", "__main__"}:
            continue
        loaded = importlib.import_module(f"paramiko.{module.name}")
        for _, thing in inspect.getmembers(loaded, inspect.isclass):
            if issubclass(thing, Exception) and thing.__module__.startswith("paramiko"):
                found.add(thing)
    return sorted(found, key=lambda one: one.__name__)


def made(kind: type[Exception]) -> Exception:
    """One of the kind, with the marked text where it keeps one."""
    error = kind.__new__(kind)
    error.args = (MARK,)
    return error


WALKED = [made(kind) for kind in paramikos() if kind.__name__ not in UNUSED]
SOCKETS: list[Exception] = [
    OSError(number, MARK) for number in (errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.EPIPE, errno.ETIMEDOUT)
]
PARSER: list[Exception] = [
    struct.error(MARK), ValueError(MARK), IndexError(MARK), EOFError(MARK), TimeoutError(MARK), OSError(MARK)
]  # fmt: skip
EVERY = WALKED + SOCKETS + PARSER


def test_the_walk_finds_paramikos_exceptions() -> None:
    names = {type(error).__name__ for error in WALKED}
    assert {"SSHException", "SFTPError", "AuthenticationException", "NeedRekeyException"} <= names


@pytest.mark.parametrize("error", EVERY, ids=lambda error: type(error).__name__)
def test_each_becomes_ours_without_its_text(error: Exception) -> None:
    with pytest.raises(errors.RenkeiError) as caught, connecting("moj"):
        raise error
    assert MARK not in str(caught.value)
    for alive in (True, False):
        with pytest.raises(errors.RenkeiError) as caught, step("moj", "look", lambda answer=alive: answer):
            raise error
        assert MARK not in str(caught.value)
        assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("error", "ours"),
    [
        (ssh_exception.AuthenticationException(), errors.AuthenticationRefused),
        (ssh_exception.BadAuthenticationType("", ["password"]), errors.AuthenticationRefused),
        (ssh_exception.PasswordRequiredException(), errors.LoginKeyUnusable),
        (ssh_exception.IncompatiblePeer(), errors.AlgorithmsRefused),
        (ssh_exception.MessageOrderError(), errors.PeerProtocolError),
        (ssh_exception.SSHException(), errors.PeerUnreachable),
        (ConnectionRefusedError(errno.ECONNREFUSED, ""), errors.PeerUnreachable),
        (TimeoutError(), errors.PeerUnreachable),
        (struct.error(), errors.PeerProtocolError),
    ],
)
def test_while_connecting(error: Exception, ours: type[errors.RenkeiError]) -> None:
    assert type(while_connecting(error, "moj")) is ours


@pytest.mark.parametrize(
    ("error", "alive", "ours"),
    [
        (OSError(errno.ENOENT, ""), True, errors.PeerPathMissing),
        (OSError(errno.EACCES, ""), True, errors.PeerAccessDenied),
        (OSError("Failure"), True, errors.PeerProtocolError),
        (OSError("Socket is closed"), False, errors.LineDropped),
        (EOFError(), True, errors.LineDropped),
        (TimeoutError(), True, errors.LineDropped),
        (ConnectionResetError(), True, errors.LineDropped),
        (ssh_exception.SSHException(), True, errors.LineDropped),
        (ssh_exception.MessageOrderError(), True, errors.PeerProtocolError),
        (paramiko.SFTPError(), True, errors.PeerProtocolError),
    ],
)
def test_while_connected(error: Exception, alive: bool, ours: type[errors.RenkeiError]) -> None:
    assert type(while_connected(error, "moj", "look", alive=alive)) is ours


def test_only_what_the_line_is_to_blame_for_is_retried() -> None:
    retried = {type(while_connected(error, "moj", "x", alive=True)) for error in EVERY}
    assert {kind for kind in retried if issubclass(kind, errors.Retryable)} == {errors.LineDropped}
    assert issubclass(errors.PeerUnreachable, errors.Retryable)


def test_our_own_errors_pass_unchanged() -> None:
    assert not any(issubclass(errors.RenkeiError, kind) for kind in FOREIGN)
