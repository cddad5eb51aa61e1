"""Who may see what: each page asks Airflow's auth manager, by the same permissions as Airflow's own pages."""

from typing import Annotated, Any, Final

from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.api_fastapi.core_api.security import get_user, requires_access_dag
from fastapi import Depends

_DAG: Final = "municipal_notices"
_AGENCY_DAG: Final = "agency_notices"

RUNS: Final[Any] = Depends(requires_access_dag("GET", DagAccessEntity.RUN, _DAG))
"""Run reports and the calendar: Auditor, Operator, Admin."""
WAITS: Final[Any] = Depends(requires_access_dag("GET", DagAccessEntity.TASK_INSTANCE, _DAG))
"""What waits for a person: Auditor, Operator, Admin."""
PERSONS: Final[Any] = Depends(requires_access_dag("GET", DagAccessEntity.TASK_LOGS, _AGENCY_DAG))
"""Worklists and the look-up of a person: Operator, Admin."""
TRAIL: Final[Any] = Depends(requires_access_dag("GET", DagAccessEntity.AUDIT_LOG, _DAG))
"""Audit trail, its export, log-ons: Auditor, Admin."""
SIGNED_IN: Final[Any] = Depends(get_user)
"""Anybody who has logged on: style sheet and script."""

User = Annotated[BaseUser, Depends(get_user)]
