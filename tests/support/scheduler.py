"""A real Airflow for a test: api-server, scheduler (LocalExecutor) and dag-processor as processes of their own.

with running(home, dags, environment) as airflow:
    airflow.unpause("municipal_notices")
    airflow.wait(lambda: all(run["state"] == "success" for run in airflow.runs()))
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support import airflow_home
from tests.support.airflow_home import DAG

PROGRAMS = (["api-server"], ["scheduler", "--skip-serve-logs"], ["dag-processor"])
TRIES = 10


@dataclass
class Airflow:
    """One running Airflow, over its REST API."""

    home: Path
    port: int
    _token: str = field(default="", repr=False)

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """Call the API; a busy SQLite is asked again."""
        url = f"http://127.0.0.1:{self.port}{path}"
        for attempt in range(TRIES):
            data = None if body is None else json.dumps(body).encode()
            headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._token}"}
            request = urllib.request.Request(url, data, headers, method=method)
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  our own URL
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                if error.code < 500 or attempt == TRIES - 1:
                    raise AssertionError(f"{method} {path}: {error.code} {error.read()[:500]!r}") from None
            except TimeoutError:
                pass
            time.sleep(1)
        raise AssertionError(f"{method} {path}: no answer")

    def log_in(self) -> None:
        """Get a token: on this Airflow everybody is an administrator."""
        self._token = self.ask("GET", "/auth/token")["access_token"]

    def unpause(self, dag_id: str) -> None:
        """Let the scheduler make the DAG's runs."""
        self.ask("PATCH", f"/api/v2/dags/{dag_id}", {"is_paused": False})

    def trigger(self, dag_id: str) -> None:
        """Start a run by hand."""
        self.ask("POST", f"/api/v2/dags/{dag_id}/dagRuns", {"logical_date": None, "conf": {}})

    def runs(self, dag_id: str = DAG) -> dict[str, dict[str, Any]]:
        """Return the DAG's runs by the day in Tokyo, a run by hand by its id."""
        import pendulum

        found = self.ask("GET", f"/api/v2/dags/{dag_id}/dagRuns?limit=100")["dag_runs"]
        return {
            pendulum.parse(run["logical_date"]).in_timezone("Asia/Tokyo").to_date_string()
            if run["logical_date"]
            else run["dag_run_id"]: run
            for run in found
        }

    def states(self, dag_id: str = DAG) -> dict[str, str]:
        """Return the state of each run."""
        return {day: str(run["state"]) for day, run in sorted(self.runs(dag_id).items())}

    def tasks(self, dag_id: str = DAG) -> list[dict[str, Any]]:
        """Return all task instances."""
        return list(self.ask("GET", f"/api/v2/dags/{dag_id}/dagRuns/~/taskInstances?limit=100")["task_instances"])

    def clear(self, day: str) -> None:
        """Let the failed tasks of a day run again."""
        run_id = urllib.parse.quote(self.runs()[day]["dag_run_id"], safe="")
        self.ask("POST", f"/api/v2/dags/{DAG}/dagRuns/{run_id}/clear", {"dry_run": False, "only_failed": True})

    def backfill(self, first: str, last: str, *, backwards: bool) -> None:
        """Start a backfill of business dates."""
        body = {
            "dag_id": DAG,
            "from_date": f"{first}T00:00:00+09:00",
            "to_date": f"{last}T00:00:00+09:00",
            "run_backwards": backwards,
            "reprocess_behavior": "failed",
            "max_active_runs": 1,
            "dag_run_conf": {},
        }
        self.ask("POST", "/api/v2/backfills", body)

    def wait(self, done: Callable[[], bool], seconds: float = 150) -> None:
        """Wait until something holds; fails with the states of all tasks."""
        limit = time.monotonic() + seconds
        while not done():
            if time.monotonic() > limit:
                shown = [(each["dag_run_id"], each["task_id"], each["state"]) for each in self.tasks()]
                raise AssertionError(f"{self.states()} {shown} {self.home}")
            time.sleep(1)


@contextlib.contextmanager
def running(home: Path, dags: Path, environment: Mapping[str, str]) -> Iterator[Airflow]:
    """Start a whole Airflow and stop it after the block, its tasks too."""
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    env = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "RENKEI"))}
    env |= airflow_home.options(home, dags) | dict(environment)
    env |= {
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__SECRET_KEY": "tests-only",
        "AIRFLOW__API_AUTH__JWT_SECRET": "tests-only-" * 6,
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
        "AIRFLOW__SCHEDULER__JOB_HEARTBEAT_SEC": "2",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "60",
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "300",
        "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
    }
    home.mkdir(exist_ok=True)
    airflow_home.migrate(env)
    started = []
    try:
        for words in PROGRAMS:
            with (home / f"{words[0]}.log").open("ab") as log:
                line = [sys.executable, "-m", "airflow", *words]
                started.append(
                    subprocess.Popen(line, env=env, stdout=log, stderr=log, start_new_session=True, cwd=home)
                )
        airflow = Airflow(home, port)
        _answers(airflow, started)
        yield airflow
    finally:
        for process in reversed(started):
            _end(process)


def _answers(airflow: Airflow, started: list[subprocess.Popen[bytes]]) -> None:
    limit = time.monotonic() + 120
    while time.monotonic() < limit:
        assert all(process.poll() is None for process in started), airflow.home
        with contextlib.suppress(OSError, AssertionError):
            airflow.log_in()
            airflow.ask("GET", f"/api/v2/dags/{DAG}")
            return
        time.sleep(1)
    raise AssertionError(f"Airflow does not answer: {airflow.home}")


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(15)
    # A task that its scheduler left behind goes with the group.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
