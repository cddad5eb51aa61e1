"""Where Airflow and the library meet: a run's business date and actor, a peer's login, when to try again."""

from renkei_airflow.runs import (
    answered_by,
    asked_by,
    opened_house,
    opened_site,
    poked,
    report_reference,
    typed,
)
from renkei_airflow.wiring import PEER_POOL, begin_of, defaults, polling_of, schedule_of, settings

__all__ = [
    "PEER_POOL",
    "answered_by",
    "asked_by",
    "begin_of",
    "defaults",
    "opened_house",
    "opened_site",
    "poked",
    "polling_of",
    "report_reference",
    "schedule_of",
    "settings",
    "typed",
]
