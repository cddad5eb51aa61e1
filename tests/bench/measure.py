"""A program run to its end: seconds by the wall's clock and of the processor, and the most private memory it held."""

import os
import resource
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MEBIBYTE = 1 << 20
_PAUSE = 0.02


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
    total = 0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError, ValueError, StopIteration):
                if os.getpgid(int(entry.name)) == group:
                    status = (entry / "status").read_text(encoding="utf-8")
                    line = next(line for line in status.splitlines() if line.startswith("RssAnon"))
                    total += int(line.split()[1]) * 1024
    return total
