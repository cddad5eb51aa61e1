"""Who did it, by Airflow's own records: read over its REST API by an account that may read these and nothing else.

A task cannot be believed about this: a run that is run again still shows who ran it first, and whoever may edit an
XCom may put another name into it.
"""

import json
import urllib.parse
import urllib.request
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from renkei.clock import business_date_of
from renkei.errors import WitnessUnreachable
from renkei.settings import Settings

_SECONDS: Final = 20
_ROWS: Final = 100


@dataclass(frozen=True, slots=True)
class Witness:
    """The REST API, as the account of `witness.json` sees it."""

    url: str
    token: str

    @classmethod
    def of(cls, settings: Settings) -> "Witness":
        """Log on with the account that the site's `witness_file` names; raises `WitnessUnreachable`."""
        try:
            found: dict[str, str] = json.loads(settings.witness_file.read_text(encoding="utf-8"))
            body = {"username": found["username"], "password": found["password"]}
            answered = _ask(f"{found['url']}/auth/token", "", body)
        except (OSError, ValueError, KeyError):
            raise WitnessUnreachable(file=settings.witness_file.name) from None
        return cls(found["url"], str(answered["access_token"]))

    def answered_by(self, dag_id: str, run_id: str, task_id: str) -> str | None:
        """Return the user name of whoever answered a task that asks a person; None where nobody did."""
        run = urllib.parse.quote(run_id, safe="")
        path = f"/dags/{dag_id}/dagRuns/{run}/taskInstances/{task_id}/-1/hitlDetails"
        user = self._get(path).get("responded_by_user") or {}
        return str(user["name"]) if user.get("name") else None

    def asker_of_backfill(self, dag_id: str, day: date) -> str | None:
        """Return who created the newest backfill whose range covers a business date; None where none does."""
        query = urllib.parse.urlencode({"event": "create_backfill", "order_by": "-when", "limit": _ROWS})
        for row in self._get(f"/eventLogs?{query}").get("event_logs", []):
            told = _object(row.get("extra"))
            if told.get("dag_id") == dag_id and _covers(told, day):
                return str(row["owner"]) if row.get("owner") else None
        return None

    def asker_of_run(self, dag_id: str, run_id: str) -> str | None:
        """Return who triggered a run by hand; None for a run that was cleared since: its record names the first."""
        run = self._get(f"/dags/{dag_id}/dagRuns/{urllib.parse.quote(run_id, safe='')}")
        by_hand = run.get("run_type") == "manual" and not run.get("clear_number")
        return str(run["triggering_user_name"]) if by_hand and run.get("triggering_user_name") else None

    def _get(self, path: str) -> dict[str, Any]:
        try:
            return _ask(f"{self.url}/api/v2{path}", self.token)
        except (OSError, ValueError):
            raise WitnessUnreachable(file=path.partition("?")[0]) from None


def _ask(url: str, token: str, body: object = None) -> dict[str, Any]:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(url, data, headers)  # noqa: S310 - the site's own address
    with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
        found: dict[str, Any] = json.load(answer)
        return found


def _object(text: object) -> dict[str, Any]:
    try:
        found = json.loads(str(text))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _covers(told: dict[str, Any], day: date) -> bool:
    try:
        first, last = (business_date_of(datetime.fromisoformat(str(told[name]))) for name in ("from_date", "to_date"))
    except (KeyError, ValueError):
        return False
    return first <= day <= last
