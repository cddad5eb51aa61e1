"""The one private folder in which a step works, gone when the step ends (design rule 8).

A folder that a killed step left behind is swept by the next command, whichever it is: each folder has a lock file
beside it that its step holds for as long as it lives.
"""

import contextlib
import fcntl
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def private_folder(work_dir: Path) -> Iterator[Path]:
    """Give a fresh folder (mode 0700) below `work_dir` and remove it with all it holds at the end."""
    work_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = uuid.uuid4().hex
    lock = work_dir / f"{name}.lock"
    descriptor = _hold(lock)
    folder = work_dir / name
    try:
        folder.mkdir(mode=0o700)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        lock.unlink(missing_ok=True)
        os.close(descriptor)


def sweep(work_dir: Path) -> int:
    """Remove what killed steps left below `work_dir`; return how many folders went."""
    if not work_dir.is_dir():
        return 0
    names = {entry.name.removesuffix(".lock") for entry in work_dir.iterdir()}
    return sum(_sweep_one(work_dir / name) for name in names)


def _sweep_one(folder: Path) -> int:
    lock = folder.with_name(f"{folder.name}.lock")
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return 0
    else:
        there = folder.is_dir()
        shutil.rmtree(folder, ignore_errors=True)
        lock.unlink(missing_ok=True)
        return int(there)
    finally:
        os.close(descriptor)


def _hold(lock: Path) -> int:
    """Hold a lock on the file that stands under that name now: a sweeper may just have removed an older one."""
    while True:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        with contextlib.suppress(FileNotFoundError):
            if os.fstat(descriptor).st_ino == lock.stat().st_ino:
                return descriptor
        os.close(descriptor)
