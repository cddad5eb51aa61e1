"""Where Airflow and the library meet: a run's business date and actor, a peer's login, when to try again."""

from renkei_airflow.runs import opened_house, poked, report_reference
from renkei_airflow.wiring import PEER_POOL, defaults, schedule_of, settings

__all__ = [
    "PEER_POOL",
    "defaults",
    "opened_house",
    "poked",
    "report_reference",
    "schedule_of",
    "settings",
]
