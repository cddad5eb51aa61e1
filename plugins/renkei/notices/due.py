"""When a notice falls due, and in which order notices go (contract §3 and §7)."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Protocol, TypeVar

from renkei.notices.forms import calendar_date

_FAMILY_ORDER = {"resident_records": 0, "residence_reports": 1, "certificates": 2}
_AFTER_EVERY_EVENT = 2**63


class Orderable(Protocol):
    """What the order needs of a notice."""

    @property
    def due_date(self) -> date: ...  # noqa: D102

    @property
    def person_reference(self) -> str: ...  # noqa: D102

    @property
    def own_number(self) -> str | None: ...  # noqa: D102

    @property
    def history_number(self) -> int | None: ...  # noqa: D102

    @property
    def family(self) -> str: ...  # noqa: D102


T = TypeVar("T", bound=Orderable)


def takes_effect(row: Mapping[str, str]) -> date | None:
    """Return the day on which a move-out takes effect: the planned day or the arrival notice's, the earlier.

    Standard 1.1.5. None where neither is a calendar day.
    """
    days = [calendar_date(row.get(name, "")) for name in ("event_date", "arrival_notice_date")]
    return min((day for day in days if day is not None), default=None)


def order_key(notice: Orderable) -> tuple[date, str, int, int, str]:
    """Return the key by which the records of a file are sorted.

    Day it fell due, person, history number, then a before b before c. What has no event follows the person's
    events of that day; who has no reference stands under the notice's own number.
    """
    history = _AFTER_EVERY_EVENT if notice.history_number is None else notice.history_number
    own = notice.own_number or ""
    return notice.due_date, notice.person_reference or own, history, _FAMILY_ORDER[notice.family], own


def in_order(notices: Iterable[T]) -> list[T]:
    """Return notices in the order in which the agency is to take them in."""
    return sorted(notices, key=order_key)
