"""What every DAG of the product shares: owner, retries by class of error, the peer's pool, the schedule's limits."""

from datetime import date, timedelta
from typing import Any, Final

import pendulum
from airflow.sdk import CronTriggerTimetable, ExceptionRetryPolicy, RetryAction, RetryRule

from renkei.settings import Settings

PEER_POOL: Final = "peer"
"""One slot: one task at a time talks to the peer, whatever runs and backfills are on their way."""

_FIRST_DAY: Final = date(2012, 7, 9)
_POLICY: Final = ExceptionRetryPolicy(
    rules=[
        RetryRule(exception="renkei.errors.Retryable", action=RetryAction.RETRY, reason="passing failure"),
        # The step begins with a look at the peer, so trying again is how a doubt is settled (contract §1).
        RetryRule(exception="renkei.errors.PublishUnknown", action=RetryAction.RETRY, reason="look first"),
        RetryRule(exception="renkei.errors.RenkeiError", action=RetryAction.FAIL, reason="a person has to act"),
    ]
)


def settings() -> Settings:
    """Return the site's settings."""
    return Settings.load()


def begin_of(site: Settings) -> pendulum.DateTime:
    """Return the first instant of a schedule that has no end."""
    return _midnight(site.schedule_start or _FIRST_DAY)


def polling_of(site: Settings) -> CronTriggerTimetable | None:
    """Return the schedule of the looks into the agency's outbox; None where a person or a program begins each."""
    if not site.agency_poll_minutes:
        return None
    return CronTriggerTimetable(f"*/{site.agency_poll_minutes} * * * *", timezone="Asia/Tokyo")


def schedule_of(site: Settings) -> dict[str, Any]:
    """Return start and end of a DAG's schedule: business dates of the site's settings, both included."""
    end = site.schedule_end
    return {"start_date": begin_of(site), "end_date": None if end is None else _midnight(end)}


def defaults(site: Settings) -> dict[str, Any]:
    """Return the default arguments of every task."""
    return {
        "owner": site.municipality,
        "retries": 3,
        "retry_delay": timedelta(seconds=max(site.poke_seconds, 5)),
        "retry_policy": _POLICY,
    }


def _midnight(day: date) -> pendulum.DateTime:
    return pendulum.datetime(day.year, day.month, day.day, tz="Asia/Tokyo")
