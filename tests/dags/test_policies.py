"""What every DAG file keeps: it imports without errors, is wiring, and tells who owns it and what to do."""

import ast
import re
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from renkei import errors
from renkei.clock import business_date_of_run
from renkei.errors import BusinessDateMissing, Doubt, PublishUnknown, RenkeiError, Retryable
from tests.support import airflow_home

if TYPE_CHECKING:
    from airflow.sdk import DAG

FILES = sorted((airflow_home.ROOT / "dags").glob("*.py"))
HEAVY = {"pandas", "numpy", "paramiko", "gnupg", "frictionless", "sqlalchemy", "alembic"}
TALKS_TO_PEER = {"municipal_notices": {"publish", "receipt"}, "agency_notices": {"fetch", "acknowledge"}}
LINES = 110


EVERY_DAG = {file.stem for file in FILES}


@pytest.fixture(scope="module")
def dags() -> "dict[str, DAG]":
    """Every DAG as it stands in the repository, by its id: the name of its file."""
    from airflow.dag_processing.dagbag import DagBag

    airflow_home.migrated()
    bag = DagBag(str(airflow_home.ROOT / "dags"), bundle_name="dags-folder")
    assert bag.import_errors == {}
    found: dict[str, DAG] = dict(bag.dags)
    assert set(found) == EVERY_DAG
    return found


@pytest.fixture(scope="module")
def dag(dags: "dict[str, DAG]") -> "DAG":
    """The DAG of a business day."""
    return dags[airflow_home.DAG]


@pytest.mark.parametrize("name", sorted(EVERY_DAG))
def test_every_dag_tells_owner_tags_and_what_to_do_in_japanese(dags: "dict[str, DAG]", name: str) -> None:
    dag = dags[name]
    assert dag.owner == "131041"
    assert "renkei" in dag.tags
    for text in (dag.doc_md, dag.description, dag.dag_display_name):
        assert re.search("[ぁ-んァ-ン一-龥]", text or "")
    assert "**正常" in (dag.doc_md or "")
    assert "**異常" in (dag.doc_md or "")


@pytest.mark.parametrize("name", sorted(EVERY_DAG))
def test_each_task_has_a_japanese_name_and_is_tried_again(dags: "dict[str, DAG]", name: str) -> None:
    for task in dags[name].tasks:
        assert re.search("[ぁ-んァ-ン一-龥]", task.task_display_name), task.task_id
        assert task.retries == 3, task.task_id
        assert task.retry_policy is not None, task.task_id


def test_a_month_is_told_once_and_none_is_skipped(dags: "dict[str, DAG]") -> None:
    dag = dags["monthly_reconciliation"]
    assert (dag.catchup, dag.max_active_runs) == (True, 1)
    assert dag.timetable.expression == "0 0 1 * *"  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", sorted(EVERY_DAG))
def test_tasks_that_talk_to_the_peer_share_one_slot(dags: "dict[str, DAG]", name: str) -> None:
    pooled = {task.task_id for task in dags[name].tasks if task.pool == "peer"}
    assert pooled == TALKS_TO_PEER.get(name, set())


def test_the_agencys_outbox_is_looked_at_every_half_hour_without_catching_up(dags: "dict[str, DAG]") -> None:
    dag = dags["agency_notices"]
    assert (dag.catchup, dag.max_active_runs, dag.end_date) == (False, 1, None)
    assert dag.timetable.expression == "*/30 * * * *"  # type: ignore[attr-defined]


def test_no_day_is_skipped_and_days_come_one_by_one(dag: "DAG") -> None:
    assert (dag.catchup, dag.max_active_runs) == (True, 1)


def test_waiting_frees_its_slot(dag: "DAG") -> None:
    modes = {task.task_id: getattr(task, "mode", None) for task in dag.tasks}
    assert {"seal": "reschedule", "receipt": "reschedule"} == {name: mode for name, mode in modes.items() if mode}


def test_a_logical_date_is_midnight_in_tokyo(dag: "DAG") -> None:
    timetable: Any = dag.timetable
    assert str(timetable.timezone) == "Asia/Tokyo"
    assert timetable.expression == "0 0 * * *"
    assert dag.start_date is not None
    assert dag.start_date.in_timezone("Asia/Tokyo").to_date_string() == "2019-03-28"
    assert dag.end_date is not None
    assert dag.end_date.in_timezone("Asia/Tokyo").to_date_string() == "2019-04-03"


class TestParams:
    """What may be typed into the trigger form."""

    @pytest.mark.parametrize("value", [None, "2019-04-01"])
    def test_a_day_or_nothing(self, dag: "DAG", value: object) -> None:
        dag.params.get_param("business_date").resolve(value)

    @pytest.mark.parametrize("value", ["2019-02-31", "yesterday", "01.04.2019", "", 20190401])
    def test_nothing_else(self, dag: "DAG", value: object) -> None:
        with pytest.raises(Exception, match=r"business_date|is not"):
            dag.params.get_param("business_date").resolve(value)


class TestBusinessDate:
    """One function decides for which day a run is."""

    def test_a_scheduled_run_has_the_tokyo_day_of_its_logical_date(self) -> None:
        logical = datetime(2019, 3, 31, 15, 0, tzinfo=UTC)
        assert business_date_of_run(logical, "scheduled", None).isoformat() == "2019-04-01"

    @pytest.mark.parametrize("run_type", ["scheduled", "backfill"])
    def test_an_old_conf_counts_for_nothing(self, run_type: str) -> None:
        logical = datetime(2019, 3, 31, 15, 0, tzinfo=UTC)
        assert business_date_of_run(logical, run_type, "2019-03-01").isoformat() == "2019-04-01"

    def test_a_run_by_hand_has_the_day_it_says(self) -> None:
        assert business_date_of_run(None, "manual", "2019-03-30").isoformat() == "2019-03-30"

    @pytest.mark.parametrize("asked", [None, "", "nonsense"])
    def test_a_run_by_hand_without_one_is_refused(self, asked: str | None) -> None:
        with pytest.raises(BusinessDateMissing):
            business_date_of_run(datetime(2019, 3, 31, tzinfo=UTC), "manual", asked)


def named() -> list[type[RenkeiError]]:
    return [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, RenkeiError)]


@pytest.mark.parametrize("kind", named(), ids=lambda kind: kind.__name__)
def test_only_what_may_pass_by_itself_is_tried_again(dag: "DAG", kind: type[RenkeiError]) -> None:
    policy: Any = dag.get_task("publish").retry_policy
    decision = policy.evaluate(kind(), 1, 3, None)
    again = issubclass(kind, Retryable) or kind is PublishUnknown
    assert decision.action.value == ("retry" if again else "fail"), kind.__doc__
    assert not (issubclass(kind, Doubt) and again and kind is not PublishUnknown)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
class TestFiles:
    """A DAG file is wiring."""

    def test_it_fits_a_screen_or_two(self, file: Any) -> None:
        assert len(file.read_text(encoding="utf-8").splitlines()) <= LINES

    def test_it_imports_nothing_heavy(self, file: Any) -> None:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        found = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        found |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not {name.partition(".")[0] for name in found} & HEAVY

    def test_it_decides_nothing(self, file: Any) -> None:
        """An `if` may stand only before a `raise`: the library decided, the task fails."""
        tree = ast.parse(file.read_text(encoding="utf-8"))
        branches = [node for node in ast.walk(tree) if isinstance(node, (ast.If, ast.IfExp, ast.Match, ast.While))]
        for node in branches:
            assert isinstance(node, ast.If), ast.unparse(node)
            assert [type(each) for each in node.body] == [ast.Raise], ast.unparse(node)
            assert not node.orelse, ast.unparse(node)

    def test_reading_it_costs_little_beside_airflow(self, file: Any) -> None:
        """Printed for the record; the benchmark holds the figure against the promise of 0.3 s."""
        code = (
            "import time, airflow.sdk, airflow.providers.standard.decorators.sensor\n"
            "from importlib.util import module_from_spec as made, spec_from_file_location as spec\n"
            f"began = time.perf_counter(); found = spec('m', {str(file)!r}); found.loader.exec_module(made(found))\n"
            "import sys; print(f'{time.perf_counter() - began:.3f}', sorted(set(sys.modules) & "
            f"{HEAVY - {'sqlalchemy'}!r}))"
        )
        environment = {**__import__("os").environ, "PYTHONPATH": str(airflow_home.ROOT / "plugins")}
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True, env=environment
        )
        last = done.stdout.strip().splitlines()[-1]
        print(f"\n{file.name}: {last} s")
        assert last.endswith("[]")
        assert float(last.split()[0]) < 5
