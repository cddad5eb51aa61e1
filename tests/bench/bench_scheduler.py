"""Business days through a real scheduler beside empty days of as many tasks, and what a DAG file costs to import.

The demo's site, its real scheduler (LocalExecutor, SQLite), its agency and its 42,157 residents, all seven extracts
made before; both DAGs run their seven days one after the other by catch-up. An empty task still starts a process and
imports Airflow.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.measure import MEBIBYTE, watching_children

ROOT = Path(__file__).resolve().parents[2]
DAGS = ROOT / "dags"
DAG, EMPTY_DAG = "municipal_notices", "empty_day"
IMPORTS = 5
FAST_ENOUGH = 0.3
PATIENCE = 600
EMPTY = """
from airflow.sdk import CronDataIntervalTimetable, dag, task
from pendulum import datetime

@dag(
    dag_id="empty_day",
    schedule=CronDataIntervalTimetable("0 0 * * *", timezone="Asia/Tokyo"),
    start_date=datetime({first}, tz="Asia/Tokyo"),
    end_date=datetime({last}, tz="Asia/Tokyo"),
    catchup=True,
    max_active_runs=1,
)
def empty_day():
    @task
    def nothing():
        return None

    before = nothing()
    for _ in range({tasks} - 1):
        after = nothing()
        before >> after
        before = after

empty_day()
"""
IMPORT = """
import runpy, sys, time
import airflow.sdk
started = time.perf_counter()
runpy.run_path(sys.argv[1])
print(time.perf_counter() - started)
"""


def run() -> None:
    """Print seconds per run of both DAGs, and of the import of their files."""
    sys.path[:0] = [str(ROOT / "docker" / "demo")]
    from demo_site import airflow_site
    from demo_site.place import Place

    with tempfile.TemporaryDirectory(prefix="rs-") as folder:
        dags, site = Path(folder, "dags"), Path(folder, "site")
        dags.mkdir()
        (dags / f"{DAG}.py").symlink_to(DAGS / f"{DAG}.py")
        _write_empty(dags / f"{EMPTY_DAG}.py", 4)
        configured = airflow_site.configuration

        def ours(place: Place, port: int) -> dict[str, str]:
            return configured(place, port) | {"AIRFLOW__CORE__DAGS_FOLDER": str(dags)}

        airflow_site.configuration = ours
        _days(Place(site))
        _imports(Place(site), dags / f"{EMPTY_DAG}.py")


def _write_empty(path: Path, tasks: int) -> None:
    from demo_site.place import FIRST_DAY, LAST_DAY

    first, last = (f"{day.year}, {day.month}, {day.day}" for day in (FIRST_DAY, LAST_DAY))
    path.write_text(EMPTY.format(first=first, last=last, tasks=tasks), encoding="utf-8")


def _days(site: Any) -> None:
    from demo_site import commands, living
    from demo_site.place import LAST_DAY

    with watching_children() as most, _environment(site), commands.running(site) as api:
        with living.registry(site) as registry:
            registry.extract(LAST_DAY)
        ours = _run(api, DAG)
        tasks = {task["task_id"] for run in ours for task in api.tasks(DAG, run["dag_run_id"])}
        assert len(tasks) == 4, "the empty DAG has another number of tasks"
        empty = _run(api, EMPTY_DAG)
        assert len(empty) == len(ours)
        private = most() / MEBIBYTE
    print(f"\n{len(ours)} days of {len(tasks)} tasks, one after the other")
    both = {DAG: _seconds(ours), "empty DAG": _seconds(empty)}
    for name, (each, total) in both.items():
        print(f"  {name:20} median run {each:6.1f} s   {total / len(ours):6.1f} s per day with the gaps between")
    (run, _), (empty_run, _) = both.values()
    what = "one business day through the scheduler"
    print(f"FIGURE {what}: seconds per run | {run:.1f}")
    print(f"FIGURE {what}: seconds per run of an empty DAG | {empty_run:.1f}")
    print(f"FIGURE {what}: ours / empty | {run / empty_run:.2f}")
    print(f"FIGURE {what}: MiB of private memory, Airflow's and the agency's too | {private:.0f}")


@contextmanager
def _environment(site: Any) -> Iterator[None]:
    os.environ["RENKEI_HOME"] = str(site.home)
    os.environ.pop("RENKEI_PORT", None)
    yield


def _run(api: Any, dag: str) -> list[dict[str, Any]]:
    """Let a DAG run all of its days; return its runs."""
    from demo_site.watching import DAYS

    api.unpause(dag)
    limit = time.monotonic() + PATIENCE
    while time.monotonic() < limit:
        runs: list[dict[str, Any]] = api.runs(dag)
        assert all(run["state"] != "failed" for run in runs), f"a run of {dag} failed"
        if sum(run["state"] == "success" for run in runs) == len(DAYS):
            return runs
        time.sleep(0.7)
    raise AssertionError(f"{dag} did not end")


def _seconds(runs: list[dict[str, Any]]) -> tuple[float, float]:
    """Return the median seconds of a run, and those from the first start to the last end."""
    ends = [[datetime.fromisoformat(run[name]) for name in ("start_date", "end_date")] for run in runs]
    each = median((end - start).total_seconds() for start, end in ends)
    return each, (max(end for _, end in ends) - min(start for start, _ in ends)).total_seconds()


def _imports(site: Any, empty: Path) -> None:
    from demo_site import airflow_site

    environment = airflow_site.configuration(site, 1) | {"PYTHONPATH": str(ROOT / "plugins")}
    taken: dict[Path, list[float]] = {path: [] for path in (empty, *sorted(DAGS.glob("*.py")))}
    for _ in range(IMPORTS):
        for path, each in taken.items():
            line = [sys.executable, "-c", IMPORT, str(path)]
            done = subprocess.run(line, env=environment, check=True, capture_output=True, text=True)
            each.append(float(done.stdout.splitlines()[-1]))
    first, *others = ((path.name, median(each)) for path, each in taken.items())
    print("  import of a DAG file after Airflow's SDK, medians:")
    for name, seconds in (first, *others):
        print(f"  {name:28} {seconds:.2f} s   {seconds - first[1]:5.2f} s beyond the empty DAG's")
    most = max(seconds for _, seconds in others) - first[1]
    print(f"TARGET import of the slowest DAG file beyond an empty DAG's: seconds | {most:.2f} | < | {FAST_ENOUGH}")
