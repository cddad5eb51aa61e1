"""`python -m tests.bench [NAME…]`: all measurements, or those named, each in a process of its own.

Lines that begin with TARGET or FIGURE are shown once more at the end, beside what the product promises. A target that
is missed is told, not failed: the machine may be busy.
"""

import importlib
import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
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
    broken = [name for name in names or BENCHES if not _bench(name, kept)]
    _targets(kept)
    for name in broken:
        print(f"{name} broke off; what it said stands above")
    return 1 if broken else 0


def _bench(name: str, kept: list[str]) -> bool:
    module = importlib.import_module(f"tests.bench.bench_{name}")
    print(f"\n=== {name}: {(module.__doc__ or '').splitlines()[0]}", flush=True)
    code = f"from tests.bench import bench_{name} as bench; bench.run()"
    with subprocess.Popen(
        [sys.executable, "-u", "-c", code], env=_environment(), cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith(("TARGET ", "FIGURE ")):
                kept.append(line.rstrip("\n"))
            else:
                print(line, end="", flush=True)
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
    """Print each target beside its figure."""
    print("\n=== targets")
    for line in kept:
        word, _, rest = line.partition(" ")
        if word == "FIGURE":
            what, found = (part.strip() for part in rest.split("|"))
            print(f"  {'':8} {what:68} {found:>8}")
            continue
        what, found, sign, wanted = (part.strip() for part in rest.split("|"))
        verdict = "met" if _met(float(found), sign, float(wanted)) else "NOT MET"
        print(f"  {verdict:8} {what:68} {found:>8} {sign} {wanted}")


def _met(found: float, sign: str, wanted: float) -> bool:
    return {"<": found < wanted, "<=": found <= wanted, ">=": found >= wanted}[sign]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
