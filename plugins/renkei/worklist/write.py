"""Puts a worklist's files under their names, once: whole or not at all, for their owner only, never over another."""

import errno
import hashlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from renkei.errors import WorklistUnwritten

_TEMPORARY: Final = ".tmp-"


def write_once(folder: Path, files: Mapping[str, bytes]) -> dict[str, str] | None:
    """Write the files, fsync them and return the digest of each by its name.

    None where one of the names is taken by other bytes: a list once seen is never replaced. Files of the same bytes,
    which a crash left, stay. Raises `WorklistUnwritten`.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sweep(folder)
        if any(_differs(folder / name, content) for name, content in files.items()):
            return None
        for name, content in files.items():
            _put(folder / name, content)
        _sync(folder)
    except OSError as fault:
        raise WorklistUnwritten(reason=errno.errorcode.get(fault.errno or 0, "?")) from None
    return {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}


def _differs(path: Path, content: bytes) -> bool:
    return path.exists() and path.read_bytes() != content


def _put(path: Path, content: bytes) -> None:
    if path.exists():
        return
    handle, temporary = tempfile.mkstemp(prefix=_TEMPORARY, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        os.link(temporary, path)  # refuses a name that is taken, and shows the file whole
    finally:
        Path(temporary).unlink(missing_ok=True)


def _sweep(folder: Path) -> None:
    """Remove what a killed writer left; one step at a time writes worklists."""
    for left in folder.glob(f"{_TEMPORARY}*"):
        left.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
