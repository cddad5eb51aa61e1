"""A program run to its end: seconds by the wall's clock and of the processor, and the most private memory it held."""

import os
import resource
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

MEBIBYTE = 1 << 20
_PAUSE = 0.02
_SELDOM = 0.5


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds by the clock, seconds of the processor (user and system), bytes, and what the program printed."""

    seconds: float
    processor: float
    private: int
    printed: str


def measured(command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> Measured:
    """Run a program in a group of its own; it must end with 0."""
    before = _processor()
    started = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, start_new_session=True, env=dict(environment or os.environ)
    )
    peak = 0
    while process.poll() is None:
        peak = max(peak, private_bytes(process.pid))
        with suppress(subprocess.TimeoutExpired):
            process.wait(_PAUSE)
    taken = time.perf_counter() - started
    assert process.stdout is not None
    printed = process.stdout.read()
    assert process.returncode == 0, f"{command[0]} ended with {process.returncode}: {printed}"
    return Measured(taken, _processor() - before, peak, printed)


def _processor() -> float:
    """Return the processor's seconds of all children that have ended and were waited for, theirs included."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def private_bytes(group: int) -> int:
    """Return the private (anonymous) resident bytes of all processes of a group."""
    return sum(_private(process) for process in _processes() if _is_of(group, process))


@contextmanager
def watching_children() -> Iterator[Callable[[], int]]:
    """Give the most private bytes that the processes below this one held together since the block began."""
    peak, ended = 0, threading.Event()

    def watch() -> None:
        nonlocal peak
        while not ended.wait(_SELDOM):
            peak = max(peak, sum(_private(process) for process in _below(os.getpid())))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield lambda: peak
    finally:
        ended.set()
        watcher.join()


def _processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _is_of(group: int, process: int) -> bool:
    with suppress(OSError):
        return os.getpgid(process) == group
    return False


def _below(ancestor: int) -> set[int]:
    """Return all processes that this one started, and those that they started."""
    parents: dict[int, int] = {}
    for process in _processes():
        with suppress(OSError, IndexError, ValueError):
            stat = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
            parents[process] = int(stat.rpartition(")")[2].split()[1])
    found, more = set[int](), {ancestor}
    while more:
        more = {process for process, parent in parents.items() if parent in more}
        found |= more
    return found


def _private(process: int) -> int:
    """Return the anonymous resident bytes of a process, 0 when it has ended meanwhile."""
    with suppress(OSError, ValueError, StopIteration):
        status = Path(f"/proc/{process}/status").read_text(encoding="utf-8", errors="replace")
        line = next(line for line in status.splitlines() if line.startswith("RssAnon"))
        return int(line.split()[1]) * 1024
    return 0
