"""The verbs on an open line. A file is published once: temporary name, size, digest read back, rename."""

import hashlib
import secrets
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import paramiko

from renkei.errors import (
    DifferentBytesAtPeer,
    LineDropped,
    PeerFileTooLarge,
    PeerPathMissing,
    PublishUnknown,
    ServerReplacesOnRename,
    UploadIncomplete,
)
from renkei.transfer import names, streams
from renkei.transfer.mapping import FOREIGN, is_refusal, step, while_connected


@dataclass(frozen=True, slots=True)
class Look:
    """What stands at the peer: our bytes in its inbox or nothing there, and whether it has answered."""

    inbox: Literal["ours", "absent"]
    receipt: bool


@dataclass(frozen=True, slots=True)
class _Sent:
    temporary: str
    size: int
    sha256: str


class Line:
    """An open line to the peer's folder for one municipality; `transfer.connect` gives it.

    Every verb raises `LineDropped` when the line breaks, `PeerAccessDenied`, `PeerPathMissing` and
    `PeerProtocolError` for what the server refuses, beside what it names itself.
    """

    def __init__(self, sftp: paramiko.SFTPClient, peer: str, folder: str, host_key_sha256: str) -> None:
        self._sftp = sftp
        self._peer = peer
        self._folder = folder
        self._sent: dict[str, _Sent] = {}
        self.host_key_sha256 = host_key_sha256

    def probe(self) -> None:
        """See that plain rename refuses to replace; `ServerReplacesOnRename` where it does not.

        Two files with temporary names are made in the inbox and removed again.
        """
        token = secrets.token_hex(8)
        one, other = (self._path(names.INBOX, f"{names.TEMPORARY}probe-{token}-{end}") for end in "ab")
        try:
            with self._step("probe"):
                for path in (one, other):
                    with self._sftp.open(path, "wbx") as remote:
                        remote.write(path.encode())
                if self._renames(one, other) or self._digest(other, len(other)) != _sha256(other.encode()):
                    raise ServerReplacesOnRename(peer=self._peer)
        finally:
            for path in (one, other):
                with suppress(*FOREIGN):
                    self._sftp.remove(path)

    def look(self, name: str, size: int, sha256: str) -> Look:
        """Look for a file of ours: first in `inbox/`, then for its receipt in `receipts/` (contract §1).

        Raises `DifferentBytesAtPeer` if the name is taken by other bytes than these, `NotARegularFile`, and
        `NameRefused`. A look that raises has answered nothing.
        """
        inbox = self._inbox_holds(names.checked(names.INBOX, name), size, sha256)
        receipt = self._size(names.RECEIPTS, names.receipt_of(name)) is not None
        return Look("ours" if inbox else "absent", receipt)

    def put_temporary(self, path: Path, name: str, sha256: str | None = None) -> None:
        """Send a file to the inbox under a temporary name and read it back; `publish` gives it its own.

        What stands there must have `sha256`, which the ledger knows (the file's own when None). What earlier
        attempts for this name left is removed first. Raises `PeerOutOfSpace` when the server takes no more,
        `UploadIncomplete` when other bytes stand there, `TransferStorageError`.
        """
        names.checked(names.INBOX, name)
        self._remove_leftovers(name)
        remote = self._path(names.INBOX, names.temporary(name))
        with self._step("put"):
            size = streams.put(self._sftp, path, remote, peer=self._peer, alive=self._alive)
        wanted = sha256 or streams.local_digest(path)
        with self._step("read back"):
            there = self._sftp.lstat(remote).st_size
            if there != size:
                raise UploadIncomplete(name=name, rule="size")
            if self._digest(remote, size) != wanted:
                raise UploadIncomplete(name=name, rule="digest")
        self._sent[name] = _Sent(remote, size, wanted)

    def publish(self, name: str) -> None:
        """Give the file sent before its own name. Once it returns, exactly our bytes stand under it.

        A refused rename is looked into: our bytes are there already, or `DifferentBytesAtPeer`. Raises
        `PublishUnknown` when the line breaks meanwhile, `UploadIncomplete` when the temporary file is gone.
        """
        sent = self._sent.get(name)
        if sent is None:
            raise ValueError("publish needs put_temporary on the same line first")
        final = self._path(names.INBOX, names.checked(names.INBOX, name))
        try:
            done = self._rename_or_compare(sent, name, final)
        except LineDropped:
            raise PublishUnknown(name=name) from None
        del self._sent[name]
        if not done:
            raise UploadIncomplete(name=name, rule="temporary file gone")

    def list_receipts(self) -> tuple[str, ...]:
        """Return the names in `receipts/` that have the agreed form and are regular files; ignore others."""
        with self._step("list receipts"):
            entries = self._sftp.listdir_attr(self._path(names.RECEIPTS))
            return tuple(
                sorted(
                    entry.filename
                    for entry in entries
                    if names.fits(names.RECEIPTS, entry.filename) and streams.is_regular(entry)
                )
            )

    def fetch_receipt(self, name: str, to: Path, max_bytes: int) -> str:
        """Fetch a receipt into `to`, which must not exist, whole or not at all; return its SHA-256.

        Raises `PeerFileTooLarge`, `NotARegularFile`, `DownloadIncomplete`, `NameRefused`,
        `TransferStorageError`.
        """
        size = self._size(names.RECEIPTS, names.checked(names.RECEIPTS, name))
        if size is None:
            raise PeerPathMissing(peer=self._peer, step="fetch")
        if size > max_bytes:
            raise PeerFileTooLarge(name=name, limit=max_bytes)
        with self._step("fetch"):
            return streams.get(self._sftp, self._path(names.RECEIPTS, name), to, size)

    def _rename_or_compare(self, sent: _Sent, name: str, final: str) -> bool:
        with self._step("publish"):
            if self._renames(sent.temporary, final):
                return True
        arrived = self._inbox_holds(name, sent.size, sent.sha256)
        if arrived:
            with suppress(*FOREIGN):
                self._sftp.remove(sent.temporary)
        return arrived

    def _renames(self, one: str, other: str) -> bool:
        """Rename; return False where the server refuses, with or without a reason of its own."""
        try:
            self._sftp.rename(one, other)
        except FOREIGN as error:
            gone = isinstance(error, FileNotFoundError)
            if self._alive() and (is_refusal(error) or gone):
                return False
            raise while_connected(error, self._peer, "publish", alive=self._alive()) from None
        return True

    def _inbox_holds(self, name: str, size: int, sha256: str) -> bool:
        there = self._size(names.INBOX, name)
        if there is None:
            return False
        with self._step("look"):
            if there != size or self._digest(self._path(names.INBOX, name), size) != sha256:
                raise DifferentBytesAtPeer(name=name)
        return True

    def _size(self, folder: str, name: str) -> int | None:
        """Return the size of a regular file, None when it is not there."""
        with self._step("look"):
            try:
                entry = self._sftp.lstat(self._path(folder, name))
            except FileNotFoundError:
                # A missing folder must not read as a missing file: that look would answer "send again".
                self._sftp.lstat(self._path(folder))
                return None
            return streams.regular_size(entry, name)

    def _remove_leftovers(self, name: str) -> None:
        with self._step("remove leftovers"):
            for left in self._sftp.listdir(self._path(names.INBOX)):
                if left.startswith(f"{names.TEMPORARY}{name}-"):
                    with suppress(FileNotFoundError):
                        self._sftp.remove(self._path(names.INBOX, left))

    def _digest(self, path: str, size: int) -> str:
        return streams.digest(self._sftp, path, size)

    def _path(self, *parts: str) -> str:
        return "/".join((self._folder, *parts))

    def _alive(self) -> bool:
        channel = self._sftp.get_channel()
        return channel is not None and not channel.closed and channel.get_transport().is_active()

    def _step(self, name: str) -> AbstractContextManager[None]:
        return step(self._peer, name, self._alive)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
