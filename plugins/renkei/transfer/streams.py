"""Bytes over SFTP, in step with OpenSSH's own client, digested on the way."""

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Final

import paramiko

from renkei.errors import DownloadIncomplete, NotARegularFile, PeerOutOfSpace, TransferStorageError
from renkei.transfer.mapping import is_refusal

# A write request of this size fits into one SSH packet of 32 KiB; a larger one is torn into two.
_WRITE: Final = 32_000
# A server may answer with less than it was asked for; OpenSSH gives up to this at once.
_READ: Final = 255 << 10
# What is asked for ahead. More would wait in paramiko's buffers, which it moves whole with every piece.
AHEAD: Final = 1 << 20


def put(sftp: paramiko.SFTPClient, path: Path, remote: str, *, peer: str, alive: Callable[[], bool]) -> tuple[int, str]:
    """Write a local file to a remote one that must not exist; return the bytes sent and their SHA-256."""
    name = path.name
    sent = hashlib.sha256()
    count = 0
    try:
        source = path.open("rb")
    except OSError as trouble:
        raise TransferStorageError(name=name, reason=os.strerror(trouble.errno or 0)) from None
    with source, sftp.open(remote, "wbx") as there:
        there.set_pipelined(True)
        try:
            block = _read(source, name)
            while block:
                following = _read(source, name)
                if not following:
                    # paramiko never looks at the answers that are still out when a pipelined file is closed;
                    # written without pipelining, the last block waits for all of them.
                    there.set_pipelined(False)
                there.write(block)
                sent.update(block)
                count += len(block)
                block = following
        except OSError as trouble:
            if is_refusal(trouble) and alive():
                raise PeerOutOfSpace(peer=peer, name=name) from None
            raise
    return count, sent.hexdigest()


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
            os.write(descriptor, block)
        except OSError as trouble:
            raise TransferStorageError(name=name, reason=os.strerror(trouble.errno or 0)) from None
    if count != size:
        raise DownloadIncomplete(name=name)
    return found.hexdigest()


def _blocks(sftp: paramiko.SFTPClient, remote: str, size: int) -> Iterator[bytes]:
    """Read up to `size` bytes, asked for ahead of the reader."""
    with sftp.open(remote, "rb") as there:
        there.MAX_REQUEST_SIZE = _READ
        place = 0
        while place < size:
            end = min(size, place + AHEAD)
            there.prefetch(end)
            while place < end:
                block = there.read(min(_READ, end - place))
                if not block:
                    return
                place += len(block)
                yield block


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
