"""Files that stay: written whole or not at all, fsynced, readable by their owner only."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

PRIVATE_FILE: Final = 0o600
PRIVATE_FOLDER: Final = 0o700
_BLOCK: Final = 1 << 20


def private_folder(folder: Path) -> Path:
    """Make a folder, and what of its path is missing, for its owner only."""
    for missing in reversed([folder, *folder.parents]):
        if not missing.exists():
            missing.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    return folder


def write_durably(path: Path, data: bytes) -> None:
    """Put bytes under a name in place of what was there; a crash leaves the old or the new and no part."""
    with _replacing(path) as stream:
        stream.write(data)


def copy_durably(source: Path, path: Path) -> None:
    """Put a copy of a file under a name as `write_durably` does, a piece in memory at a time."""
    with source.open("rb") as given, _replacing(path) as stream:
        shutil.copyfileobj(given, stream, _BLOCK)


@contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    temporary = path.with_name(f".tmp-{secrets.token_hex(8)}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make what was renamed or created in a folder outlast a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
