"""Airflow's REST API, as much of it as the demo needs; the library is urllib, the user the site's Admin."""

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

from demo_site import airflow_site, processes
from demo_site.place import DAG, Place
from demo_site.ports import HOST
from demo_site.texts import DemoError

START_SECONDS = 120
SOON = 0.3
TRIES = 8
SERVER_FAULT = 500
NOT_FOUND, CONFLICT = 404, 409


class Api:
    """Airflow of a site, over HTTP on the loopback."""

    def __init__(self, place: Place, port: int) -> None:
        self._place = place
        self.url = f"http://{HOST}:{port}"
        self._token = ""

    def wait(self) -> None:
        """Wait until the server answers, the scheduler lives and the DAG is known; raises `DemoError`."""
        limit = time.monotonic() + START_SECONDS
        while time.monotonic() < limit:
            processes.check(self._place)
            try:
                if not self._token:
                    self._log_in()
                self.get(f"/dags/{DAG}")
            except (OSError, ValueError):
                time.sleep(SOON)
            else:
                return
        name = "dag-processor" if self._token else "api-server"
        raise DemoError("no-start", name=name, path=processes.log_of(self._place, name))

    def get(self, path: str) -> dict[str, Any]:
        """Read."""
        return self._ask("GET", f"/api/v2{path}")

    def unpause(self, *dags: str) -> None:
        """Let the scheduler make the runs of DAGs; waits for a DAG that is not known yet."""
        for dag in dags:
            limit = time.monotonic() + START_SECONDS
            while True:
                try:
                    self._ask("PATCH", f"/api/v2/dags/{dag}", {"is_paused": False})
                    break
                except urllib.error.HTTPError as error:
                    if error.code != NOT_FOUND or time.monotonic() > limit:
                        raise
                    time.sleep(SOON)

    def pause(self, dag: str) -> None:
        """Let the scheduler begin nothing of a DAG, neither runs nor tasks, until it is unpaused."""
        self._ask("PATCH", f"/api/v2/dags/{dag}", {"is_paused": True})

    def runs(self, dag: str) -> list[dict[str, Any]]:
        """Return a DAG's runs, by logical date."""
        return list(self.get(f"/dags/{dag}/dagRuns?limit=100&order_by=logical_date")["dag_runs"])

    def tasks(self, dag: str, run_id: str) -> list[dict[str, Any]]:
        """Return the task instances of a run."""
        return list(self.get(f"/dags/{dag}/dagRuns/{_quoted(run_id)}/taskInstances?limit=100")["task_instances"])

    def trigger(self, dag: str, run_id: str, conf: dict[str, str]) -> None:
        """Begin a run by hand; one of that name which is there already goes on."""
        try:
            body = {"dag_run_id": run_id, "logical_date": None, "conf": conf}
            self._ask("POST", f"/api/v2/dags/{dag}/dagRuns", body)
        except urllib.error.HTTPError as error:
            if error.code != CONFLICT:
                raise

    def clear(self, dag: str, run_id: str) -> None:
        """Let the scheduler try the failed tasks of a run again."""
        body = {"dry_run": False, "only_failed": True}
        self._ask("POST", f"/api/v2/dags/{dag}/dagRuns/{_quoted(run_id)}/clear", body)

    def _log_in(self) -> None:
        admin = airflow_site.access(self._place)["Admin"]
        body = {"username": admin["username"], "password": admin["password"]}
        self._token = self._ask("POST", "/auth/token", body)["access_token"]

    def _ask(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        request = urllib.request.Request(self.url + path, data, headers, method=method)  # noqa: S310 - our own URL
        for _ in range(TRIES):
            try:
                with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
                    found: dict[str, Any] = json.load(answer)
                    return found
            except urllib.error.HTTPError as error:
                # SQLite lets one writer in at a time: a busy moment is answered by 500 or 503.
                if error.code < SERVER_FAULT:
                    raise
            except TimeoutError:
                pass
            time.sleep(1)
        raise urllib.error.URLError(f"{method} {path}")


def _quoted(run_id: str) -> str:
    return urllib.parse.quote(run_id, safe="")
