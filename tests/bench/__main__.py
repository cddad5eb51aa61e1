"""`python -m tests.bench [NAME…]`: all measurements, or those named, each in a process of its own.

What a bench prints as `TARGET what | measured | sign | wanted` or `FIGURE what | measured` is shown together at the
end, as `TARGET what, wanted, measured, met or missed`. A target that is missed is told, not failed: the machine may be
busy.
"""

import importlib
import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BENCHES = ("compare", "envelope", "transfer", "matching", "chain", "scheduler")
PACKAGES = ("apache-airflow", "sqlalchemy", "paramiko", "python-gnupg", "pandas", "polars", "duckdb")
PROGRAMS = {"gpg": ["gpg", "--version"], "ssh": ["ssh", "-V"], "sort": ["sort", "--version"]}
PATHS = ("plugins", "")


def main(names: list[str]) -> int:
    """Run the benches of these names, all when none is given; 1 when one of them broke, 2 for an unknown name."""
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        print(f"unknown: {', '.join(unknown)}; there are {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    _machine()
    kept: list[str] = []
    started = time.monotonic()
    broken = [name for name in names or BENCHES if not _bench(name, kept)]
    _targets(kept)
    print(f"\n{(time.monotonic() - started) / 60:.1f} minutes, load now {os.getloadavg()[0]:.2f}")
    for name in broken:
        print(f"{name} broke off; what it said stands above")
    return 1 if broken else 0


def _bench(name: str, kept: list[str]) -> bool:
    module = importlib.import_module(f"tests.bench.bench_{name}")
    print(f"\n=== {name}: {(module.__doc__ or '').splitlines()[0]}", flush=True)
    code = f"from tests.bench import bench_{name} as bench; bench.run()"
    started = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-u", "-c", code], env=_environment(), cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith(("TARGET ", "FIGURE ")):
                kept.append(line.rstrip("\n"))
            else:
                print(line, end="", flush=True)
    print(f"  ({name}: {time.monotonic() - started:.0f} s)", flush=True)
    return process.returncode == 0


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(str(ROOT / path) for path in PATHS)}


def _machine() -> None:
    facts = dict(
        line.split(":", 1) for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines() if ":" in line
    )
    memory = int(facts["MemTotal"].split()[0]) / (1 << 20)
    load = os.getloadavg()[0]
    print(f"{len(os.sched_getaffinity(0))} cores, {memory:.1f} GiB, {_processor()}, kernel {platform.release()}")
    print(f"load at the beginning {load:.2f}{' - others are at work, so ratios may mislead' if load > 1 else ''}")
    versions = [f"{name} {importlib.metadata.version(name)}" for name in PACKAGES]
    print(f"Python {platform.python_version()}, {', '.join(versions)}")
    for name, command in PROGRAMS.items():
        if shutil.which(name):
            said = subprocess.run(command, capture_output=True, text=True, check=False)
            print((said.stdout or said.stderr).splitlines()[0])


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _targets(kept: list[str]) -> None:
    """Print each target with what was wanted and what was measured, then the figures without a target."""
    print("\n=== targets")
    told = [[part.strip() for part in line.partition(" ")[2].split("|")] for line in kept]
    for what, measured, *target in sorted(told, key=lambda each: len(each) == len(("what", "measured"))):
        if target:
            sign, wanted = target
            verdict = "met" if _met(float(measured), sign, float(wanted)) else "missed"
            print(f"TARGET {what:74} {sign + ' ' + wanted:>9}   measured {measured:>8}   {verdict}")
        else:
            print(f"FIGURE {what:74} {'':9}   measured {measured:>8}")


def _met(found: float, sign: str, wanted: float) -> bool:
    return {"<": found < wanted, "<=": found <= wanted, ">=": found >= wanted}[sign]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
