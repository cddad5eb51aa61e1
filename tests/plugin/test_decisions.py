"""A decision in the browser's forms: asked by one, answered by another, believed by nobody but the ledger."""

import json
import time
import urllib.parse
from collections.abc import Iterator

import pytest

from renkei.ledger.tables import Day, Decision
from tests.support import web as web_server
from tests.support.site import Site
from tests.support.web import Web, plain

FIRST = "2019-03-28"
DAG = "decisions"
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def office(site: Site) -> Iterator[Web]:
    """A small ward's web server and scheduler, the DAG of decisions unpaused."""
    site.write_settings(schedule_start="2030-01-01")
    started = web_server.start(site.home, DAG_PROCESSOR__PARSING_PROCESSES="2")
    started.start_scheduler()
    deadline = time.monotonic() + 60
    while (
        started.ask("PATCH", f"/api/v2/dags/{DAG}", role="admin", body='{"is_paused": false}', headers=JSON).status
        != 200
    ):
        assert time.monotonic() < deadline
        time.sleep(0.3)
    yield started
    started.stop()


def ask(office: Web, who: str, **conf: str) -> str:
    body = json.dumps({"logical_date": None, "conf": conf})
    found = office.ask("POST", f"/api/v2/dags/{DAG}/dagRuns", role=who, body=body, headers=JSON)
    assert found.status == 200, found.body
    return str(plain(found)["dag_run_id"])


def run_path(run: str) -> str:
    return f"/api/v2/dags/{DAG}/dagRuns/{urllib.parse.quote(run, safe='')}"


def states(office: Web, run: str) -> dict[str, str]:
    tasks = plain(office.get(f"{run_path(run)}/taskInstances", "admin"))["task_instances"]
    return {task["task_id"]: task["state"] for task in tasks}


def until(office: Web, run: str, task: str, *wanted: str) -> str:
    deadline = time.monotonic() + 60
    while (found := states(office, run).get(task)) not in wanted:
        assert time.monotonic() < deadline, states(office, run)
        time.sleep(0.3)
    return str(found)


def answer(office: Web, run: str, who: str, option: str = "Approve") -> int:
    body = json.dumps({"chosen_options": [option], "params_input": {}})
    path = f"{run_path(run)}/taskInstances/second/-1/hitlDetails"
    return office.ask("PATCH", path, role=who, body=body, headers=JSON).status


def state_of_day(site: Site) -> str:
    return str(site.rows(Day)[0].state) if site.rows(Day) else "-"


def test_four_eyes(office: Web, site: Site) -> None:
    """Asked and answered by one: refused. Marked as success: refused. Answered by another: done, once."""
    run = ask(office, "admin", kind="waive", subject=FIRST, reason="抽出が出せない")
    until(office, run, "second", "awaiting_input", "deferred")
    assert answer(office, run, "operator") == 403
    assert answer(office, run, "admin") == 200
    assert until(office, run, "carry_out", "failed", "success") == "failed"
    assert state_of_day(site) != "waived"

    marked = ask(office, "admin", kind="waive", subject=FIRST, reason="抽出が出せない")
    until(office, marked, "second", "awaiting_input", "deferred")
    body = '{"new_state": "success"}'
    office.ask("PATCH", f"{run_path(marked)}/taskInstances/second", role="admin", body=body, headers=JSON)
    assert until(office, marked, "carry_out", "failed", "success") == "failed"
    assert state_of_day(site) != "waived"

    good = ask(office, "admin", kind="waive", subject=FIRST, reason="抽出が出せない")
    until(office, good, "second", "awaiting_input", "deferred")
    assert answer(office, good, "chief") == 200
    assert until(office, good, "carry_out", "failed", "success") == "success"
    assert state_of_day(site) == "waived"
    (row,) = site.rows(Decision, kind="waive")
    assert (row.asker, row.approver) == ("admin", "chief")


def test_a_request_without_a_reason_or_about_nothing_fails_with_its_sentence(office: Web, site: Site) -> None:
    for conf in (
        {"kind": "waive", "subject": FIRST, "reason": ""},
        {"kind": "release", "subject": "99", "reason": "x"},
    ):
        run = ask(office, "admin", **conf)
        assert until(office, run, "ask", "failed", "success") == "failed"
    assert site.rows(Day) == []
