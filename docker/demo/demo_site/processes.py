"""Starts and stops the long-running programs: each in a group of its own, with a log, known by pid and start time."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from demo_site import airflow_site
from demo_site.calls import of_docker
from demo_site.place import COUNTERPARTIES, Place
from demo_site.texts import DemoError

PATIENCE = 20.0
PROGRAMS = ("agency", "api-server", "scheduler", "dag-processor")


def commands(place: Place, ports: dict[str, int], *, polls: bool) -> dict[str, tuple[list[str], dict[str, str]]]:
    """Return command and environment of each program; without `polls` the agency's outbox has no schedule."""
    env = airflow_site.configuration(place, ports["ui"])
    if not polls:
        env["RENKEI_AGENCY_POLL_MINUTES"] = "0"
    airflow = [sys.executable, "-m", "airflow"]
    listen = [word for name in COUNTERPARTIES for word in ("--port", f"{name}={ports[name]}")]
    serve = [sys.executable, "-m", "mock_agency", "serve", "--home", str(place.agency), *listen, "--every", "0.2"]
    return {
        "agency": (serve, of_docker(place, "agency")),
        "api-server": ([*airflow, "api-server"], env),
        # Logs are read from the disk; the scheduler's own log server would take one more port.
        "scheduler": ([*airflow, "scheduler", "--skip-serve-logs"], env),
        "dag-processor": ([*airflow, "dag-processor"], env),
    }


def start(place: Place, ports: dict[str, int], *, polls: bool) -> None:
    """Start all programs; what was left of an earlier start is stopped first."""
    stop(place)
    place.logs.mkdir(mode=0o700, exist_ok=True)
    started = {}
    for name, (command, env) in commands(place, ports, polls=polls).items():
        with log_of(place, name).open("ab") as log:
            process = subprocess.Popen(
                command,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd=place.home,
            )
        started[name] = {"pid": process.pid, "born": born(process.pid)}
        place.remember("processes", started)


def log_of(place: Place, name: str) -> Path:
    """Return the log of a program."""
    return place.logs / f"{name}.log"


def born(pid: int) -> str:
    """Return when a process began, in the kernel's ticks, or nothing for one that is gone or a zombie.

    A pid is given again to somebody else; pid and this together are not.
    """
    try:
        words = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if words[0] in {"Z", "X"} else words[19]


def alive(place: Place) -> dict[str, int]:
    """Return the pid of each of our programs that runs."""
    known: dict[str, dict[str, object]] = place.read("processes") or {}
    return {
        name: int(str(facts["pid"]))
        for name, facts in known.items()
        if facts["born"] and born(int(str(facts["pid"]))) == facts["born"]
    }


def is_up(place: Place) -> bool:
    """Tell whether all programs run."""
    return set(alive(place)) == set(PROGRAMS)


def check(place: Place) -> None:
    """Raise `DemoError` when one of the programs has ended."""
    _reap()
    running = alive(place)
    for name in PROGRAMS:
        if name not in running:
            raise DemoError("ended", name=name, path=log_of(place, name))


def stop(place: Place) -> bool:
    """Stop what runs, politely and then firmly; tell whether anything ran. Airflow goes before the agency."""
    running = alive(place)
    for name in ("scheduler", "dag-processor", "api-server", "agency"):
        if name in running:
            _signal(running[name], signal.SIGTERM)
    limit = time.monotonic() + PATIENCE
    while alive(place) and time.monotonic() < limit:
        _reap()
        time.sleep(0.1)
    for pid in running.values():
        # What a program left of its group goes too, so that no task outlives its scheduler.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
    _reap()
    place.remember("processes", {})
    return bool(running)


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
