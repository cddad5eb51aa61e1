"""The audit trail for the eyes: pages of it, and the analyses that the national standard asks for (10.2-10.3)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

from sqlalchemy import Select, select

from renkei.clock import TOKYO
from renkei.ledger import Tx
from renkei.ledger.tables import Trail

PER_PAGE: Final = 100
LOGGED_ON: Final = "session.logged_on"
FAILED: Final = "session.failed"
DOWNLOADED: Final = "report.downloaded"
LOOKED_UP: Final = "person.looked_up"
_NIGHT: Final = (time(22), time(6))
_MANY: Final = 50
_SATURDAY: Final = 5


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the trail is asked for; an empty member does not filter."""

    first: date | None = None
    last: date | None = None
    actor: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True)
class Analyses:
    """Counts by person: at night or on a closed day, failed log-ons, log-ons, days with mass downloads, look-ups."""

    at_odd_hours: tuple[tuple[str, int], ...]
    failed: tuple[tuple[str, int], ...]
    log_ons: tuple[tuple[str, int], ...]
    mass_downloads: tuple[tuple[str, int], ...]
    look_ups: tuple[tuple[str, int], ...]


def rows(tx: Tx, wanted: Wanted, before: int | None = None, limit: int = PER_PAGE) -> Sequence[Trail]:
    """Return rows of the trail, newest first; `before` is the number of the last row of the page before."""
    query = _query(wanted).order_by(Trail.number.desc()).limit(limit)
    return tx.session.scalars(query.where(Trail.number < before) if before else query).all()


def every_row(tx: Tx, wanted: Wanted) -> Sequence[Trail]:
    """Return all rows asked for, oldest first."""
    return tx.session.scalars(_query(wanted).order_by(Trail.number)).all()


def analyses(tx: Tx, wanted: Wanted) -> Analyses:
    """Return the standard's analyses over what people did in a period."""
    done = [row for row in every_row(tx, wanted) if row.actor.startswith("ui/")]
    downloads = Counter((row.actor, row.at.date()) for row in done if row.action == DOWNLOADED)
    return Analyses(
        at_odd_hours=_counted(row.actor for row in done if _odd(row.at)),
        failed=_counted(row.actor for row in done if row.action == FAILED),
        log_ons=_counted(row.actor for row in done if row.action == LOGGED_ON),
        mass_downloads=_counted(actor for (actor, _), number in downloads.items() if number >= _MANY),
        look_ups=_counted(row.actor for row in done if row.action == LOOKED_UP),
    )


def _query(wanted: Wanted) -> Select[Trail]:
    query = select(Trail)
    if wanted.first:
        query = query.where(Trail.at >= datetime.combine(wanted.first, time.min, TOKYO))
    if wanted.last:
        query = query.where(Trail.at <= datetime.combine(wanted.last, time.max, TOKYO))
    if wanted.actor:
        query = query.where(Trail.actor == wanted.actor)
    if wanted.action:
        query = query.where(Trail.action == wanted.action)
    return query


def _counted(actors: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple(Counter(actors).most_common())


def _odd(at: datetime) -> bool:
    return at.weekday() >= _SATURDAY or at.time() >= _NIGHT[0] or at.time() < _NIGHT[1]
