"""Follows the DAG's runs until the last business day is done, one line per change; stops at the first failed day."""

import contextlib
import json
import time
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from demo_site import agency_days, living, processes
from demo_site.api import Api
from demo_site.place import AGENCY_DAG, DAG, FIRST_DAY, LAST_DAY, Place
from demo_site.texts import DemoError, line, text

TOKYO = ZoneInfo("Asia/Tokyo")
PATIENCE = 900
SOON = 0.5
NAMED = "demo"
"""What the demo's own runs of the agency's DAG are called, before the business date."""
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
    """Return the Tokyo day of a run's logical date, or the one by which the demo named it; None for any other."""
    found = run["logical_date"]
    if found:
        return datetime.fromisoformat(found).astimezone(TOKYO).date()
    prefix, _, day = str(run["dag_run_id"]).partition("__")
    return date.fromisoformat(day) if prefix == NAMED else None


def clear_failed(api: Api) -> int:
    """Let the scheduler try failed days again; return how many."""
    failed = [
        (dag, run)
        for dag in (DAG, AGENCY_DAG)
        for run in api.runs(dag)
        if run["state"] == "failed" and business_date(run) in DAYS
    ]
    for dag, run in failed:
        api.clear(dag, run["dag_run_id"])
    return len(failed)


def follow(place: Place, api: Api) -> None:
    """Live through the days: extract, municipal notices, the agency's own file, its notices taken in.

    Shows what happens; raises `DayFailed` or, after a long time, `DemoError`.
    """
    watch = _Watch(place, api)
    try:
        with living.registry(place) as registry:
            for day in DAYS:
                registry.extract(day)
                api.unpause(DAG)
                watch.until_done(DAG, day)
                # The next day's run would look for its extract again and again; it is made when this day is over.
                api.pause(DAG)
                agency_days.tell(place, day)
                api.trigger(AGENCY_DAG, f"{NAMED}__{day.isoformat()}", {"business_date": day.isoformat()})
                watch.until_done(AGENCY_DAG, day)
    finally:
        with contextlib.suppress(OSError):
            api.unpause(DAG)


class _Watch:
    """Shows each task once in each state."""

    def __init__(self, place: Place, api: Api) -> None:
        self._place, self._api = place, api
        self._began = time.monotonic()
        self._shown: dict[tuple[str, str, str], str] = {}

    def until_done(self, dag: str, day: date) -> None:
        # A run that has failed before its turn ended for an earlier day, which is settled now: it goes again, once.
        for run in self._api.runs(dag):
            if business_date(run) == day and run["state"] == "failed":
                self._api.clear(dag, run["dag_run_id"])
        while time.monotonic() - self._began < PATIENCE:
            processes.check(self._place)
            for found in self._api.runs(dag):
                if business_date(found) != day:
                    continue
                tasks = self._api.tasks(dag, found["dag_run_id"])
                self._show(tasks, day)
                if found["state"] == "failed":
                    raise _failure(self._place, found, tasks)
                if found["state"] == "success":
                    return
            time.sleep(SOON)
        raise DemoError("slow", seconds=PATIENCE, path=self._place.logs)

    def _show(self, tasks: list[dict[str, Any]], day: date) -> None:
        for task in sorted(tasks, key=lambda one: one["end_date"] or "~"):
            key, state = (task["dag_id"], task["dag_run_id"], task["task_id"]), task["state"]
            if state in SHOWN and self._shown.get(key) != state:
                self._shown[key] = state
                line(f"{time.monotonic() - self._began:6.1f} s  {day}  {_name(task)}: {SHOWN[state]}")


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
