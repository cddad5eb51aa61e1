"""What a task takes from its run: business date, reference, and for how long it has waited."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import PokeReturnValue, get_current_context

from renkei.clock import SystemClock, business_date_of_run
from renkei.errors import RenkeiError

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
