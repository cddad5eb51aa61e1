"""Calls of other programs; what they print is shown only when they fail."""

import os
import subprocess
import sys
from collections.abc import Mapping

from demo_site.place import ROOT, Place
from demo_site.texts import DemoError


def environment(place: Place, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of the programs that we start: ours without what would change what they do."""
    kept = {
        name: value
        for name, value in os.environ.items()
        # What the shell that called make had set for an Airflow or a Python of its own is not meant for this site.
        if not name.startswith(("AIRFLOW", "_AIRFLOW", "MAKE", "RENKEI_"))
        and name not in {"PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "PYTHONHOME", "GNUPGHOME", "SSH_AUTH_SOCK"}
    }
    return kept | {"RENKEI_HOME": str(place.home), "NO_COLOR": "1"} | dict(more or {})


def call(name: str, command: list[str], env: Mapping[str, str], data: str | None = None) -> str:
    """Run a program to its end and return what it printed; raises `DemoError` with its last line."""
    done = subprocess.run(
        command, env=dict(env), input=data or "", capture_output=True, text=True, check=False, cwd=ROOT
    )
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise DemoError("failed", name=name, sentence=said[-1] if said else f"exit {done.returncode}")
    return done.stdout


def of_docker(place: Place, folder: str) -> dict[str, str]:
    """Return the environment of a program of docker/, which imports nothing but its own."""
    return environment(place, {"PYTHONPATH": str(ROOT / "docker" / folder)})


def agency(place: Place, command: str, *arguments: str) -> str:
    """Run a command of the mock agency."""
    line = [sys.executable, "-m", "mock_agency", command, "--home", str(place.agency), *arguments]
    return call(f"mock_agency {command}", line, of_docker(place, "agency"))
