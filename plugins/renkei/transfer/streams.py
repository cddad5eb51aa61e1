"""Bytes over SFTP, in step with OpenSSH's own client, digested on the way."""

import hashlib
import os
import stat
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final

import paramiko
from paramiko.sftp import (
    CMD_CLOSE,
    CMD_DATA,
    CMD_HANDLE,
    CMD_NAME,
    CMD_OPENDIR,
    CMD_READ,
    CMD_READDIR,
    CMD_WRITE,
    int64,
)

from renkei.errors import DownloadIncomplete, NotARegularFile, PeerOutOfSpace, TransferStorageError
from renkei.transfer.mapping import is_refusal

# A write request of this size fits into one SSH packet of 32 KiB; a larger one is torn into two.
_WRITE: Final = 32_000
# A server may answer with less than it was asked for; OpenSSH gives up to this at once.
_READ: Final = 255 << 10
# What the server may still owe us; it never runs dry, and paramiko's buffers, which it moves whole, stay short.
AHEAD: Final = 1 << 20


class _Answers:
    """Takes the server's answers to requests that were sent ahead, in whatever order they come.

    paramiko's own pipelining stops after each batch until all answers are in, which leaves the line idle.
    """

    def __init__(self, sftp: paramiko.SFTPClient) -> None:
        # Its requests without waiting have no public name.
        self._sftp: Any = sftp
        self._open: set[int] = set()
        self._data: dict[int, bytes | None] = {}
        self._left = False

    def __len__(self) -> int:
        return len(self._open)

    def ask(self, kind: int, *arguments: object) -> int:
        """Send a request; return its number."""
        number: int = self._sftp._async_request(self, kind, *arguments)  # noqa: SLF001
        self._open.add(number)
        return number

    def take(self) -> None:
        """Wait for one answer; a refusal is raised."""
        self._sftp._read_response()  # noqa: SLF001

    def data(self, number: int) -> bytes | None:
        """Wait for what a read request brings; None at the end of the file."""
        while number in self._open:
            self.take()
        return self._data.pop(number)

    def leave(self) -> None:
        """Care for no answer any more; those still out are dropped when they come."""
        self._left = True

    def _async_response(self, kind: int, message: paramiko.Message, number: int) -> None:
        # paramiko calls this for each answer to a request of ours
        if self._left:
            return
        self._open.discard(number)
        if kind == CMD_DATA:
            self._data[number] = message.get_string()
            return
        try:
            self._sftp._convert_status(message)  # noqa: SLF001
        except EOFError:
            self._data[number] = None


def put(sftp: paramiko.SFTPClient, path: Path, remote: str, *, peer: str, alive: Callable[[], bool]) -> int:
    """Write a local file to a remote one that must not exist; return the bytes sent."""
    name = path.name
    try:
        source = path.open("rb", buffering=0)
    except OSError as trouble:
        raise TransferStorageError(name=name, reason=os.strerror(trouble.errno or 0)) from None
    with source, sftp.open(remote, "wbx") as there:
        try:
            return _send(sftp, source, there.handle, name)
        except OSError as trouble:
            if is_refusal(trouble) and alive():
                raise PeerOutOfSpace(peer=peer, name=name) from None
            raise


def _send(sftp: paramiko.SFTPClient, source: IO[bytes], handle: object, name: str) -> int:
    answers = _Answers(sftp)
    count = 0
    try:
        while block := _read(source, name):
            answers.ask(CMD_WRITE, handle, int64(count), block)
            count += len(block)
            if len(answers) * _WRITE > AHEAD:
                answers.take()
        # Only when the last answer is in, every block has arrived.
        while len(answers):
            answers.take()
    finally:
        answers.leave()
    return count


def digest(sftp: paramiko.SFTPClient, remote: str, size: int) -> str:
    """Return the SHA-256 of the first `size` bytes of a remote file, by reading them."""
    found = hashlib.sha256()
    for block in _blocks(sftp, remote, size):
        found.update(block)
    return found.hexdigest()


def get(sftp: paramiko.SFTPClient, remote: str, to: Path, size: int) -> str:
    """Read `size` bytes of a remote file into a local one that must not exist; return their SHA-256."""
    name = PurePosixPath(remote).name
    try:
        descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as trouble:
        raise TransferStorageError(name=name, reason=os.strerror(trouble.errno or 0)) from None
    done = False
    try:
        found = _copy(sftp, remote, descriptor, size)
        _flush(descriptor, name)
        done = True
    finally:
        os.close(descriptor)
        if not done:
            to.unlink(missing_ok=True)
    return found


def local_digest(path: Path) -> str:
    """Return the SHA-256 of a local file."""
    try:
        with path.open("rb") as source:
            return hashlib.file_digest(source, "sha256").hexdigest()
    except OSError as trouble:
        raise TransferStorageError(name=path.name, reason=os.strerror(trouble.errno or 0)) from None


def listing(sftp: paramiko.SFTPClient, folder: str, most: int) -> list[tuple[str, paramiko.SFTPAttributes]]:
    """Return what stands in a remote folder, to its end, as names and attributes; `PeerProtocolError` past `most`.

    paramiko's own listing fails on a name that is not UTF-8 and has no end of its own. Here such a name is shown with
    replacement characters, so that it fits nothing, and a listing that breaks off is an error, never an empty folder.
    """
    client: Any = sftp  # its requests have no public name
    attributes: Any = paramiko.SFTPAttributes
    request = client._request  # noqa: SLF001
    kind, message = request(CMD_OPENDIR, folder)
    if kind != CMD_HANDLE:
        raise paramiko.SFTPError("no handle")
    handle = message.get_binary()
    found: list[tuple[str, paramiko.SFTPAttributes]] = []
    while True:
        try:
            kind, message = request(CMD_READDIR, handle)
        except EOFError:
            break
        if kind != CMD_NAME:
            raise paramiko.SFTPError("no names")
        for _ in range(message.get_int()):
            name = message.get_string().decode("utf-8", "replace")
            message.get_string()
            found.append((name, attributes._from_msg(message)))  # noqa: SLF001
            if len(found) > most:
                raise paramiko.SFTPError("more names than a folder holds")
    request(CMD_CLOSE, handle)
    return found


def is_regular(entry: paramiko.SFTPAttributes) -> bool:
    """Tell whether an entry is a regular file, by what the server says of it, not of a link's end."""
    return entry.st_mode is not None and stat.S_ISREG(entry.st_mode)


def regular_size(entry: paramiko.SFTPAttributes, name: str) -> int:
    """Return the size of a regular file, else raise `NotARegularFile`."""
    if not is_regular(entry) or entry.st_size is None:
        raise NotARegularFile(name=name)
    return entry.st_size


def _copy(sftp: paramiko.SFTPClient, remote: str, descriptor: int, size: int) -> str:
    name = PurePosixPath(remote).name
    found = hashlib.sha256()
    count = 0
    for block in _blocks(sftp, remote, size):
        found.update(block)
        count += len(block)
        try:
            _write_whole(descriptor, block)
        except OSError as trouble:
            raise TransferStorageError(name=name, reason=os.strerror(trouble.errno or 0)) from None
    if count != size:
        raise DownloadIncomplete(name=name)
    return found.hexdigest()


def _write_whole(descriptor: int, block: bytes) -> None:
    """Write all of a block: a disk that fills up takes a part of it first."""
    left = memoryview(block)
    while left:
        left = left[os.write(descriptor, left) :]


def _blocks(sftp: paramiko.SFTPClient, remote: str, size: int) -> Iterator[bytes]:
    """Read up to `size` bytes in order, asked for ahead of the reader; fewer where the file ends before."""
    with sftp.open(remote, "rb") as there:
        answers = _Answers(sftp)
        asked: deque[tuple[int, int, int]] = deque()  # number of the request, where from, how many bytes
        place = 0
        try:
            while place < size or asked:
                while place < size and len(asked) * _READ < AHEAD:
                    length = min(_READ, size - place)
                    asked.append((answers.ask(CMD_READ, there.handle, int64(place), length), place, length))
                    place += length
                number, start, length = asked.popleft()
                block = answers.data(number)
                if not block:
                    return
                if len(block) > length:
                    raise paramiko.SFTPError("more than was asked for")
                if len(block) < length:
                    rest = (start + len(block), length - len(block))
                    asked.appendleft((answers.ask(CMD_READ, there.handle, int64(rest[0]), rest[1]), *rest))
                yield block
        finally:
            answers.leave()


def _read(source: IO[bytes], name: str) -> bytes:
    try:
        return source.read(_WRITE)
    except OSError as trouble:
        raise TransferStorageError(name=name, reason=os.strerror(trouble.errno or 0)) from None


def _flush(descriptor: int, name: str) -> None:
    try:
        os.fsync(descriptor)
    except OSError as trouble:
        raise TransferStorageError(name=name, reason=os.strerror(trouble.errno or 0)) from None
