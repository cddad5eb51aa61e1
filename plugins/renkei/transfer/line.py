"""The verbs on an open line. A file is published once: temporary name, size, digest read back, rename."""

import hashlib
import secrets
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

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

_MOST_NAMES: Final = 100_000


@dataclass(frozen=True, slots=True)
class Look:
    """What stands at the peer: our bytes in its inbox or nothing there, and whether it has answered."""

    inbox: Literal["ours", "absent"]
    receipt: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry of `outbox/` of the agreed name: how the server shows it (size in bytes, mtime in seconds).

    `regular` is false for a link, a folder or anything else that is no plain file.
    """

    name: str
    size: int
    mtime: int
    regular: bool


@dataclass(frozen=True, slots=True)
class Outbox:
    """What stood in `outbox/`: the entries of the agreed name in its order, and how many others."""

    files: tuple[Listed, ...]
    others: int


@dataclass(frozen=True, slots=True)
class _Sent:
    folder: str
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
        inbox = self._holds(names.INBOX, names.checked(names.INBOX, name), size, sha256)
        receipt = self._size(names.RECEIPTS, names.receipt_of(name)) is not None
        return Look("ours" if inbox else "absent", receipt)

    def look_acks(self, name: str, size: int, sha256: str) -> bool:
        """Look for an acknowledgement of ours in `acks/`; return whether exactly these bytes stand there.

        Raises as `look`.
        """
        return self._holds(names.ACKS, names.checked(names.ACKS, name), size, sha256)

    def put_temporary(self, path: Path, name: str, sha256: str | None = None) -> None:
        """Send a file to its folder under a temporary name and read it back; `publish` gives it its own.

        An acknowledgement goes to `acks/`, everything else to `inbox/`.

        What stands there must have `sha256`, which the ledger knows (the file's own when None). What earlier
        attempts for this name left is removed first. Raises `PeerOutOfSpace` when the server takes no more,
        `UploadIncomplete` when other bytes stand there, `TransferStorageError`.
        """
        folder = names.goes_to(name)
        self._remove_leftovers(folder, name)
        remote = self._path(folder, names.temporary(name))
        with self._step("put"):
            size = streams.put(self._sftp, path, remote, peer=self._peer, alive=self._alive)
        wanted = sha256 or streams.local_digest(path)
        with self._step("read back"):
            there = self._sftp.lstat(remote).st_size
            if there != size:
                raise UploadIncomplete(name=name, rule="size")
            if self._digest(remote, size) != wanted:
                raise UploadIncomplete(name=name, rule="digest")
        self._sent[name] = _Sent(folder, remote, size, wanted)

    def publish(self, name: str) -> None:
        """Give the file sent before its own name. Once it returns, exactly our bytes stand under it.

        A refused rename is looked into: our bytes are there already, or `DifferentBytesAtPeer`. Raises
        `PublishUnknown` when the line breaks meanwhile, `UploadIncomplete` when the temporary file is gone.
        """
        sent = self._sent.get(name)
        if sent is None:
            raise ValueError("publish needs put_temporary on the same line first")
        final = self._path(sent.folder, name)
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
            entries = streams.listing(self._sftp, self._path(names.RECEIPTS), _MOST_NAMES)
        return tuple(
            sorted(name for name, entry in entries if names.fits(names.RECEIPTS, name) and streams.is_regular(entry))
        )

    def list_outbox(self) -> Outbox:
        """Return what stands in `outbox/`; a listing that breaks off raises and never reads as an empty folder."""
        with self._step("list outbox"):
            entries = streams.listing(self._sftp, self._path(names.OUTBOX), _MOST_NAMES)
        files = [
            Listed(name, entry.st_size or 0, entry.st_mtime or 0, streams.is_regular(entry))
            for name, entry in entries
            if names.fits(names.OUTBOX, name)
        ]
        others = [name for name, _ in entries if not names.fits(names.OUTBOX, name) and name not in {".", ".."}]
        return Outbox(tuple(sorted(files, key=lambda each: each.name)), len(others))

    def fetch_receipt(self, name: str, to: Path, max_bytes: int) -> str:
        """Fetch a receipt into `to`, which must not exist, whole or not at all; return its SHA-256.

        Raises `PeerFileTooLarge`, `NotARegularFile`, `DownloadIncomplete`, `NameRefused`,
        `TransferStorageError`.
        """
        return self._fetch(names.RECEIPTS, name, to, max_bytes)[1]

    def fetch_agency_file(self, name: str, to: Path, max_bytes: int) -> tuple[Listed, str]:
        """Fetch a file of `outbox/` as `fetch_receipt` does; return how it stood there, and its SHA-256."""
        return self._fetch(names.OUTBOX, name, to, max_bytes)

    def _fetch(self, folder: str, name: str, to: Path, max_bytes: int) -> tuple[Listed, str]:
        entry = self._entry(folder, names.checked(folder, name))
        if entry is None:
            raise PeerPathMissing(peer=self._peer, step="fetch")
        size = streams.regular_size(entry, name)
        if size > max_bytes:
            raise PeerFileTooLarge(name=name, limit=max_bytes)
        with self._step("fetch"):
            sha256 = streams.get(self._sftp, self._path(folder, name), to, size)
        return Listed(name, size, entry.st_mtime or 0, regular=True), sha256

    def _rename_or_compare(self, sent: _Sent, name: str, final: str) -> bool:
        with self._step("publish"):
            if self._renames(sent.temporary, final):
                return True
        arrived = self._holds(sent.folder, name, sent.size, sent.sha256)
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

    def _holds(self, folder: str, name: str, size: int, sha256: str) -> bool:
        there = self._size(folder, name)
        if there is None:
            return False
        with self._step("look"):
            if there != size or self._digest(self._path(folder, name), size) != sha256:
                raise DifferentBytesAtPeer(name=name)
        return True

    def _size(self, folder: str, name: str) -> int | None:
        """Return the size of a regular file, None when it is not there."""
        entry = self._entry(folder, name)
        return None if entry is None else streams.regular_size(entry, name)

    def _entry(self, folder: str, name: str) -> paramiko.SFTPAttributes | None:
        """Return how the server shows a name, not the end of a link; None when it is not there."""
        with self._step("look"):
            try:
                return self._sftp.lstat(self._path(folder, name))
            except FileNotFoundError:
                # A missing folder must not read as a missing file: that look would answer "send again".
                self._sftp.lstat(self._path(folder))
                return None

    def _remove_leftovers(self, folder: str, name: str) -> None:
        with self._step("remove leftovers"):
            for left, _ in streams.listing(self._sftp, self._path(folder), _MOST_NAMES):
                if left.startswith(f"{names.TEMPORARY}{name}-"):
                    with suppress(FileNotFoundError):
                        self._sftp.remove(self._path(folder, left))

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
