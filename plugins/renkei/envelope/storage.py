"""Where gpg's output lands: a private folder beside its final place, which it reaches whole or not at all.

What is opened gpg writes to us, not to a path: an output that exists or a full disk is then our error and can
never look like a bad signature, and the digest is made on the way.
"""

import errno
import hashlib
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from renkei.errors import EnvelopeStorageError, InputMissing, NoSpace, OutputExists

PRIVATE: Final = ".private-"
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
# Beyond the bytes themselves: packet headers, the file system's own needs, what others write meanwhile.
_SPARE_BYTES: Final = 16 << 20
_BLOCK: Final = 1 << 20
_PAUSE_SECONDS: Final = 0.005


@dataclass(slots=True)
class Sink:
    """Takes the bytes, counts and digests them; beyond `limit` it drops them and remembers that it did.

    `gnupg.GPG.on_data` calls it; it returns False so that nothing is kept in memory, and raises nothing,
    since the library would go on with the next piece.
    """

    path: Path
    limit: int
    size: int = 0
    overflowed: bool = False
    trouble: int | None = None
    _digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    _descriptor: int = -1

    def __post_init__(self) -> None:
        self._descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)

    def __call__(self, data: bytes) -> bool:
        """Take one piece."""
        self.size += len(data)
        self.overflowed = self.overflowed or self.size > self.limit
        if self.overflowed or self.trouble is not None:
            return False
        self._digest.update(data)
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        except OSError as trouble:
            self.trouble = trouble.errno or errno.EIO
        return False

    def finish(self) -> str:
        """Flush to the disk and return the SHA-256; raise our own fault, if any, before any judgement."""
        try:
            if self.trouble is None:
                os.fsync(self._descriptor)
        except OSError as trouble:
            self.trouble = trouble.errno or errno.EIO
        finally:
            self.close()
        if self.trouble is not None:
            raise _storage_error(self.path, self.trouble, self.size)
        return self._digest.hexdigest()

    def close(self) -> None:
        """Give the descriptor back."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


@contextmanager
def private_sink(out: Path, *, needed: int, limit: int) -> Iterator[Sink]:
    """Give a sink in a folder (0700) beside `out`, gone after the block; `publish` keeps the result.

    Raises `OutputExists`, `NoSpace` (less than `needed` bytes free), `EnvelopeStorageError`.
    """
    if out.exists() or out.is_symlink():
        raise OutputExists(name=out.name)
    try:
        check_space(out, needed)
        folder = Path(tempfile.mkdtemp(prefix=PRIVATE, dir=out.parent))
    except OSError as trouble:
        raise _storage_error(out, trouble.errno or errno.EIO, needed) from None
    try:
        sink = Sink(folder / out.name, limit)
        try:
            yield sink
        finally:
            sink.close()
    except OSError as trouble:
        raise _storage_error(out, trouble.errno or errno.EIO, needed) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def publish(sink: Sink, out: Path) -> None:
    """Give the finished bytes their name; `OutputExists` when somebody else took it meanwhile."""
    try:
        # A rename would silently replace what is there; a second link cannot.
        os.link(sink.path, out)
        _sync_folder(out.parent)
    except FileExistsError:
        raise OutputExists(name=out.name) from None
    except OSError as trouble:
        raise _storage_error(out, trouble.errno or errno.EIO, sink.size) from None


def check_space(out: Path, needed: int) -> None:
    """Raise `NoSpace` where fewer than `needed` bytes, and some to spare, are free beside `out`."""
    free = shutil.disk_usage(out.parent).free
    if free < needed + _SPARE_BYTES:
        raise NoSpace(name=out.name, needed=needed + _SPARE_BYTES, free=free)


@contextmanager
def digesting(path: Path) -> Iterator[Callable[[], str]]:
    """Digest a file while a program writes it in the block; the callable gives the SHA-256 afterwards."""
    found = hashlib.sha256()
    written = threading.Event()

    def follow() -> None:
        with path.open("rb", buffering=0) as growing:
            while True:
                last = written.is_set()
                while block := growing.read(_BLOCK):
                    found.update(block)
                if last:
                    return
                written.wait(_PAUSE_SECONDS)

    reader = threading.Thread(target=follow, daemon=True)
    reader.start()
    try:
        yield found.hexdigest
    finally:
        written.set()
        reader.join()


def sync(path: Path) -> int:
    """Flush a file that a program has written to the disk; return its size."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
            return os.fstat(descriptor).st_size
        finally:
            os.close(descriptor)
    except OSError as trouble:
        raise _storage_error(path, trouble.errno or errno.EIO, 0) from None


def input_size(path: Path) -> int:
    """Return the size of a regular file; `InputMissing` for anything else."""
    if path.is_symlink() or not path.is_file():
        raise InputMissing(name=path.name)
    return path.stat().st_size


def sweep(folder: Path) -> int:
    """Remove the private folders that a killed process left in `folder`; return how many there were.

    Only for a moment when nothing seals or opens into that folder.
    """
    left = [path for path in folder.glob(f"{PRIVATE}*") if path.is_dir() and not path.is_symlink()]
    for path in left:
        shutil.rmtree(path, ignore_errors=True)
    return len(left)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _storage_error(path: Path, number: int, needed: int) -> EnvelopeStorageError:
    if number in _FULL:
        return NoSpace(name=path.name, needed=needed, free="?")
    return EnvelopeStorageError(name=path.name, reason=os.strerror(number))
