"""What a task takes from its run: business date, reference, and for how long it has waited."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import PokeReturnValue, get_current_context

from renkei.clock import SystemClock, business_date_of_run
from renkei.errors import RenkeiError
from renkei.settings import Settings

if TYPE_CHECKING:
    from renkei.corridor.house import House


@contextmanager
def opened_house() -> Iterator[tuple["House", date]]:
    """Open the site for the business date of the current task's run."""
    # What a step needs is imported when one runs, not each time Airflow reads the DAG file.
    from renkei.corridor.house import open_house
    from renkei_airflow.connections import connection_credentials

    context = get_current_context()
    # A member of an enumeration: its str() is its name in capitals, not its value.
    run_type = context["dag_run"].run_type.value
    day = business_date_of_run(context.get("logical_date"), run_type, context["params"].get("business_date"))
    actor = f"airflow/{context['dag'].dag_id}"
    with open_house(business_date=day, actor=actor, credentials=connection_credentials) as house:
        yield house, day


@contextmanager
def opened_site() -> Iterator["House"]:
    """Open the site for a task that belongs to no business date."""
    from renkei.corridor.house import open_house
    from renkei_airflow.connections import connection_credentials

    dag_id = get_current_context()["dag"].dag_id
    with open_house(actor=f"airflow/{dag_id}", credentials=connection_credentials) as house:
        yield house


def typed(name: str) -> str:
    """Return what was typed into a field of the trigger form."""
    return str(get_current_context()["params"].get(name) or "").strip()


def asked_by() -> str | None:
    """Return who triggered this run by hand, as Airflow's records have it."""
    from renkei_airflow.witness import Witness

    run = get_current_context()["dag_run"]
    return Witness.of(Settings.load()).asker_of_run(run.dag_id, run.run_id)


def answered_by(task_id: str) -> str | None:
    """Return who answered a task of this run, as Airflow's records have it."""
    from renkei_airflow.witness import Witness

    run = get_current_context()["dag_run"]
    return Witness.of(Settings.load()).answered_by(run.dag_id, run.run_id, task_id)


def poked(facts: dict[str, Any], *, done: bool, deadline: int, late: RenkeiError) -> PokeReturnValue:
    """Return what a waiting task gives back after one look, or raise `late` once the deadline (minutes) has passed."""
    if not done and _waited() > timedelta(minutes=deadline):
        raise late
    return PokeReturnValue(is_done=done, xcom_value=facts)


def report_reference() -> str:
    """Return the run's id, by which its reports are found."""
    return str(get_current_context()["dag_run"].run_id)


def _waited() -> timedelta:
    context = get_current_context()
    first = context["ti"].get_first_reschedule_date(context)
    return timedelta() if first is None else SystemClock().now() - first
