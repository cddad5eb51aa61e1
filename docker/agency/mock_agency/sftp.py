"""The SFTP side of the agency: one municipality's folder and the few rights of contract §1, nothing else.

The ward writes `.tmp-` names in `inbox/` and `acks/`, renames them there to an agreed name (plain rename refuses to
replace, as on OpenSSH), reads everything, removes its own `.tmp-` names. Symbolic links are not followed.
"""

import os
import re
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

import asyncssh
from asyncssh import (
    FXF_APPEND,
    FXF_CREAT,
    FXF_EXCL,
    FXF_READ,
    FXF_TRUNC,
    FXF_WRITE,
    SFTPAttrs,
    SFTPFailure,
    SFTPNoSuchFile,
    SFTPPermissionDenied,
)

from mock_agency.faults import Fault
from mock_agency.site import FOLDERS

WRITABLE = {"inbox": r"zip", "acks": r"(?:[0-9]{1,3}\.)?ack\.json"}
TEMPORARY = re.compile(r"\.tmp-[A-Za-z0-9._-]{1,200}")


@dataclass(slots=True)
class Visit:
    """What one connection may see and which faults strike it; `look` is told of every look into `receipts/`."""

    root: Path
    municipality: str
    look: Callable[[], None]
    faults: list[Fault] = field(default_factory=list)

    def fault(self, name: str) -> Fault | None:
        """Return the fault of a name that strikes this connection."""
        return next((fault for fault in self.faults if fault.name == name), None)


class OpenFile:
    """An open file of the ward; counts what is written, for the faults that strike after so many bytes."""

    def __init__(self, stream: BinaryIO, folder: str) -> None:
        self.stream = stream
        self.folder = folder
        self.written = 0


class WardFolder(asyncssh.SFTPServer):
    """asyncssh's SFTP server, confined to one municipality's folder and to the rights of the ward."""

    def __init__(self, chan: asyncssh.SSHServerChannel[bytes], visit: Visit) -> None:
        super().__init__(chan, chroot=os.fsencode(visit.root))
        self._visit = visit

    def _place(self, path: bytes) -> tuple[str, str]:
        """Split a path into folder and name ("" for the folder itself); refuse what lies elsewhere.

        A municipality may name its own folder first (`131041/inbox/…`), as it must behind a server that holds several.
        """
        parts = Path(os.fsdecode(os.path.normpath(b"/" + path))).parts[1:]
        parts = parts[1:] if parts[:1] == (self._visit.municipality,) else parts
        if not parts:
            return "", ""
        folder, *names = parts
        if folder not in FOLDERS or len(names) > 1:
            raise SFTPNoSuchFile("no such file")
        return folder, names[0] if names else ""

    def _look(self, folder: str) -> None:
        if folder == "receipts":
            self._visit.look()

    def _writable(self, path: bytes, *, temporary: bool) -> Path:
        """Return the local path of a name that the ward may make or take away."""
        folder, name = self._place(path)
        if folder not in WRITABLE or not name:
            raise SFTPPermissionDenied("not a folder that the ward writes")
        if folder == "inbox" and self._visit.fault("read-only-inbox"):
            raise SFTPPermissionDenied("the inbox is read-only")
        agreed = rf"{self._visit.municipality}-[0-9]{{8}}\.{WRITABLE[folder]}\.pgp"
        if not TEMPORARY.fullmatch(name) and (temporary or not re.fullmatch(agreed, name)):
            raise SFTPPermissionDenied("not a name that the ward may write")
        return self._visit.root / folder / name

    def open(self, path: bytes, pflags: int, attrs: SFTPAttrs) -> object:
        """Open for reading what stands there, for writing only a temporary name."""
        del attrs
        folder, name = self._place(path)
        if not name:
            raise SFTPFailure("is a folder")
        flags = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        if pflags & (FXF_WRITE | FXF_APPEND | FXF_CREAT | FXF_TRUNC):
            local = self._writable(path, temporary=True)
            flags |= os.O_RDWR if pflags & FXF_READ else os.O_WRONLY
            wanted = (
                (FXF_APPEND, os.O_APPEND),
                (FXF_CREAT, os.O_CREAT),
                (FXF_TRUNC, os.O_TRUNC),
                (FXF_EXCL, os.O_EXCL),
            )
            for asked, flag in wanted:
                flags |= flag if pflags & asked else 0
            mode = "r+b" if pflags & FXF_READ else "wb"
        else:
            local, mode = self._visit.root / folder / name, "rb"
        try:
            descriptor = os.open(local, flags, 0o644)
        except OSError as error:
            raise _refusal(error) from None
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise SFTPPermissionDenied("not a regular file")
        return OpenFile(cast("BinaryIO", os.fdopen(descriptor, mode, buffering=0)), folder)

    def close(self, file_obj: object) -> None:
        """Close an open file."""
        cast("OpenFile", file_obj).stream.close()

    def read(self, file_obj: object, offset: int, size: int) -> bytes:
        """Read from an open file."""
        return os.pread(cast("OpenFile", file_obj).stream.fileno(), size, offset)

    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        """Write to an open file, unless the disk is full or the line is cut by then."""
        file = cast("OpenFile", file_obj)
        file.written += len(data)
        full, cut = self._visit.fault("no-space"), self._visit.fault("cut-line")
        if full and file.written > full.bytes:
            raise SFTPFailure("no space left on device")
        if cut and file.written > cut.bytes:
            self.connection.abort()
            raise SFTPFailure("the line was cut")
        return os.pwrite(file.stream.fileno(), data, offset)

    def lstat(self, path: bytes) -> os.stat_result:
        """Tell what stands under a name, links unfollowed."""
        folder, name = self._place(path)
        if name:
            self._look(folder)
        try:
            return os.lstat(self._visit.root / folder / name)
        except OSError as error:
            raise _refusal(error) from None

    stat = lstat

    def fstat(self, file_obj: object) -> os.stat_result:
        """Tell about an open file."""
        return os.fstat(cast("OpenFile", file_obj).stream.fileno())

    def fsync(self, file_obj: object) -> None:
        """Make an open file last."""
        os.fsync(cast("OpenFile", file_obj).stream.fileno())

    def setstat(self, path: bytes, attrs: SFTPAttrs) -> None:
        """Accept attributes of the ward's temporary names without effect (clients set times and modes)."""
        del attrs
        self._writable(path, temporary=True)

    lsetstat = setstat

    def fsetstat(self, file_obj: object, attrs: SFTPAttrs) -> None:
        """Accept attributes of an open file without effect, but for its size."""
        file = cast("OpenFile", file_obj)
        if attrs.size is not None and file.stream.writable():
            os.ftruncate(file.stream.fileno(), attrs.size)

    async def scandir(self, path: bytes):  # type: ignore[no-untyped-def] # noqa: ANN201 - asyncssh's own generator type
        """List a folder."""
        folder, name = self._place(path)
        if name:
            raise SFTPFailure("not a folder")
        self._look(folder)
        async for entry in super().scandir(os.fsencode(f"/{folder}")):
            yield entry

    def remove(self, path: bytes) -> None:
        """Remove one of the ward's temporary names."""
        try:
            self._writable(path, temporary=True).unlink()
        except OSError as error:
            raise _refusal(error) from None

    def rename(self, oldpath: bytes, newpath: bytes) -> None:
        """Rename a temporary name inside its folder; what stands under the new name is never replaced."""
        old, new = self._writable(oldpath, temporary=True), self._writable(newpath, temporary=False)
        if old.parent != new.parent:
            raise SFTPPermissionDenied("a file stays in its folder")
        try:
            os.link(old, new, follow_symlinks=False)
            old.unlink()
        except OSError as error:
            raise _refusal(error) from None

    posix_rename = rename

    def _never(self, *_arguments: object) -> None:
        raise SFTPPermissionDenied("not among the rights of the ward")

    mkdir = rmdir = symlink = link = readlink = _never  # type: ignore[assignment]


def _refusal(error: OSError) -> asyncssh.SFTPError:
    if isinstance(error, FileNotFoundError):
        return SFTPNoSuchFile("no such file")
    if isinstance(error, PermissionError):
        return SFTPPermissionDenied("permission denied")
    return SFTPFailure(os.strerror(error.errno or 0))
