"""Business days through a real scheduler beside empty days of as many tasks, and what the DAG file costs to import.

The demo's site, its real scheduler (LocalExecutor, SQLite), its agency and its 42,157 residents; both DAGs run their
seven days one after the other by catch-up. An empty task still starts a process and imports Airflow.
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

ROOT = Path(__file__).resolve().parents[2]
DAG_FILE = ROOT / "dags" / "municipal_notices.py"
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
        (dags / DAG_FILE.name).symlink_to(DAG_FILE)
        _write_empty(dags / "empty_day.py", 4)
        configured = airflow_site.configuration

        def ours(place: Place, port: int) -> dict[str, str]:
            return configured(place, port) | {"AIRFLOW__CORE__DAGS_FOLDER": str(dags)}

        airflow_site.configuration = ours
        _days(Place(site))
        _imports(Place(site), dags)


def _write_empty(path: Path, tasks: int) -> None:
    from demo_site.place import FIRST_DAY, LAST_DAY

    first, last = (f"{day.year}, {day.month}, {day.day}" for day in (FIRST_DAY, LAST_DAY))
    path.write_text(EMPTY.format(first=first, last=last, tasks=tasks), encoding="utf-8")


def _days(site: Any) -> None:
    from demo_site import commands, watching

    with _environment(site), commands.running(site) as api:
        api.unpause()
        watching.follow(site, api)
        ours = api.runs()
        tasks = {task["task_id"] for task in api.tasks()}
        assert len(tasks) == 4, "the empty DAG has another number of tasks"
        empty = _run_empty(api, len(ours))
    print(f"\n{len(ours)} days of {len(tasks)} tasks, one after the other")
    both = {"municipal_notices": _seconds(ours), "empty DAG": _seconds(empty)}
    for name, (each, total) in both.items():
        print(f"  {name:20} median run {each:6.1f} s   {total / len(ours):6.1f} s per day with the gaps between")
    ratio = both["municipal_notices"][1] / both["empty DAG"][1]
    print(f"FIGURE a day through the scheduler, of an empty one | {ratio:.2f}")


@contextmanager
def _environment(site: Any) -> Iterator[None]:
    os.environ["RENKEI_HOME"] = str(site.home)
    os.environ.pop("RENKEI_PORT", None)
    yield


def _run_empty(api: Any, days: int) -> list[dict[str, Any]]:
    api._ask("PATCH", "/api/v2/dags/empty_day", {"is_paused": False})
    limit = time.monotonic() + PATIENCE
    while time.monotonic() < limit:
        runs = list(api.get("/dags/empty_day/dagRuns?limit=100")["dag_runs"])
        assert all(run["state"] != "failed" for run in runs)
        if sum(run["state"] == "success" for run in runs) == days:
            return runs
        time.sleep(0.7)
    raise AssertionError("the empty DAG did not end")


def _seconds(runs: list[dict[str, Any]]) -> tuple[float, float]:
    """Return the median seconds of a run, and those from the first start to the last end."""
    ends = [[datetime.fromisoformat(run[name]) for name in ("start_date", "end_date")] for run in runs]
    each = median((end - start).total_seconds() for start, end in ends)
    return each, (max(end for _, end in ends) - min(start for start, _ in ends)).total_seconds()


def _imports(site: Any, dags: Path) -> None:
    from demo_site import airflow_site

    environment = airflow_site.configuration(site, 1) | {"PYTHONPATH": str(ROOT / "plugins")}
    taken: dict[str, list[float]] = {"municipal_notices.py": [], "empty_day.py": []}
    for _ in range(IMPORTS):
        for name, each in taken.items():
            line = [sys.executable, "-c", IMPORT, str(dags / name)]
            done = subprocess.run(line, env=environment, check=True, capture_output=True, text=True)
            each.append(float(done.stdout.splitlines()[-1]))
    ours, empty = (median(each) for each in taken.values())
    print(f"  import of the DAG file {ours:.2f} s, of an empty DAG's {empty:.2f} s, both after Airflow's SDK")
    print(f"TARGET import of the DAG file beyond Airflow's own, seconds | {ours - empty:.2f} | < | {FAST_ENOUGH}")
