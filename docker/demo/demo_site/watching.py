"""Follows the DAG's runs until the last business day is done, one line per change; stops at the first failed day."""

import json
import time
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from demo_site import processes
from demo_site.api import Api
from demo_site.place import FIRST_DAY, LAST_DAY, Place
from demo_site.texts import DemoError, line, text

TOKYO = ZoneInfo("Asia/Tokyo")
PATIENCE = 900
SHOWN = {
    "success": "完了 / done",
    "failed": "失敗 / failed",
    "up_for_retry": "再試行待ち / waits to try again",
    "upstream_failed": "前の作業が失敗 / not started",
}
DAYS = tuple(FIRST_DAY + timedelta(days=number) for number in range((LAST_DAY - FIRST_DAY).days + 1))


class DayFailed(DemoError):
    """A run of a business day failed; the day whose report tells why."""

    def __init__(self, day: date, task: str, sentence: str) -> None:
        super().__init__("day-failed", day=day, task=task, sentence=sentence)
        self.day = day


def business_date(run: dict[str, Any]) -> date | None:
    """Return the Tokyo day of a run's logical date; None for a run by hand without one."""
    found = run["logical_date"]
    return datetime.fromisoformat(found).astimezone(TOKYO).date() if found else None


def clear_failed(api: Api) -> int:
    """Let the scheduler try failed days again; return how many."""
    failed = [run for run in api.runs() if run["state"] == "failed" and business_date(run) in DAYS]
    for run in failed:
        api.clear(run["dag_run_id"])
    return len(failed)


def follow(place: Place, api: Api) -> None:
    """Show what happens until every day has ended well; raises `DayFailed` or, after a long time, `DemoError`."""
    began = time.monotonic()
    shown: dict[tuple[str, str], str] = {}
    while time.monotonic() - began < PATIENCE:
        processes.check(place)
        runs = {run["dag_run_id"]: run for run in api.runs() if business_date(run) in DAYS}
        tasks = [task for task in api.tasks() if task["dag_run_id"] in runs]
        _show(tasks, runs, shown, began)
        for run in runs.values():
            if run["state"] == "failed":
                raise _failure(place, run, [task for task in tasks if task["dag_run_id"] == run["dag_run_id"]])
        if {business_date(run) for run in runs.values() if run["state"] == "success"} == set(DAYS):
            return
        time.sleep(0.7)
    raise DemoError("slow", seconds=PATIENCE, path=place.logs)


def _show(tasks: list[dict[str, Any]], runs: dict[str, Any], shown: dict[tuple[str, str], str], began: float) -> None:
    for task in sorted(tasks, key=lambda one: (one["dag_run_id"], one["end_date"] or "~")):
        key, state = (task["dag_run_id"], task["task_id"]), task["state"]
        if state in SHOWN and shown.get(key) != state:
            shown[key] = state
            day = business_date(runs[task["dag_run_id"]])
            line(f"{time.monotonic() - began:6.1f} s  {day}  {_name(task)}: {SHOWN[state]}")


def _name(task: dict[str, Any]) -> str:
    return str(task.get("task_display_name") or task["task_id"])


def _failure(place: Place, run: dict[str, Any], tasks: list[dict[str, Any]]) -> DayFailed:
    failed = [task for task in tasks if task["state"] == "failed"] or tasks
    first = min(failed, key=lambda task: task["end_date"] or "~")
    log = log_of(place, first)
    sentence = last_sentence(log) or text("log", path=log)
    return DayFailed(business_date(run) or FIRST_DAY, _name(first), sentence)


def log_of(place: Place, task: dict[str, Any]) -> Path:
    """Return where Airflow keeps the log of a task's last try."""
    folder = f"dag_id={task['dag_id']}/run_id={task['dag_run_id']}/task_id={task['task_id']}"
    return place.airflow / "logs" / folder / f"attempt={task['try_number']}.log"


def last_sentence(log: Path) -> str:
    """Return the text of the last exception in a task's log, which is JSON by the line."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    for words in reversed(lines):
        try:
            details = json.loads(words).get("error_detail") or []
        except (ValueError, AttributeError):
            continue
        if details:
            return f"{details[-1].get('exc_value') or details[-1].get('exc_type')}"
    return ""
