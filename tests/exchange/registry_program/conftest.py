"""The demo week, built once by the program itself, and its replay."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.exchange.registry_program.replay import Replayed, Row, read, replay

ROOT = Path(__file__).parents[3]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def run_registry() -> Run:
    """Run the program with some arguments."""

    def run(*arguments: object) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "synthetic_registry", *map(str, arguments)],
            cwd=ROOT,
            env={"PYTHONPATH": "docker/registry", "PYTHONHASHSEED": "random"},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def week(run_registry: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The extracts of 27 March to 3 April 2019."""
    out = tmp_path_factory.mktemp("registry") / "extracts"
    done = run_registry("build", "--out", out)
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture(scope="session")
def replayed(week: Path) -> Replayed:
    return replay(week)


@pytest.fixture(scope="session")
def records(week: Path, replayed: Replayed) -> list[Row]:
    """Every record of the week as it stood: the baseline's, and one after each event."""
    return read(week / "2019-03-27", "residents") + replayed.events
