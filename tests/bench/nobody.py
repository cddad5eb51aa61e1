"""A ledger that knows nobody yet, for measuring a first day."""

from collections.abc import Iterable, Sequence
from datetime import date

from renkei.registry import Event


class Nobody:
    """No history, no plan, nothing waiting."""

    def last_history(self, registry_number: str) -> int | None:  # noqa: ARG002 - the protocol's
        return None

    def planned(self, registry_number: str) -> date | None:  # noqa: ARG002 - the protocol's
        return None

    def planned_due(self, business_date: date) -> Iterable[str]:  # noqa: ARG002 - the protocol's
        return ()

    def waiting_events(self, registry_number: str) -> Sequence[Event]:  # noqa: ARG002 - the protocol's
        return ()
