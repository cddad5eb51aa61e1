"""What the notices of one person say to each other: one that comes too late, two that contradict (domain §7)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from renkei.matching.notice import ToldNotice


@dataclass(frozen=True, slots=True)
class Told:
    """What a notice told of a person: item → the value before and after. Personal."""

    place: tuple[int, int]
    event_date: str
    items: Mapping[str, tuple[str, str]] = field(repr=False)

    @classmethod
    def of(cls, notice: ToldNotice) -> "Told":
        """Return what a notice tells, without the rest of it."""
        return cls(
            notice.place, notice.event_date, {item: (notice.was(item), notice.after[item]) for item in notice.told}
        )


def later_one(notice: ToldNotice, others: Iterable[Told]) -> bool:
    """Tell whether a notice taken in before told one of the same items as of a later day."""
    return any(
        other.place < notice.place
        and other.event_date > notice.event_date
        and not other.items.keys().isdisjoint(notice.told)
        for other in others
    )


def contradicted(notice: ToldNotice, others: Iterable[Told]) -> tuple[str, ...]:
    """Return the items of which another notice of the same file and event date tells another value.

    One that goes on where the other ended (A to B, then B to C) is no contradiction.
    """
    return tuple(item for item in notice.told if any(_against(notice, other, item) for other in others))


def _against(notice: ToldNotice, other: Told, item: str) -> bool:
    if other.place == notice.place or other.place[0] != notice.place[0] or other.event_date != notice.event_date:
        return False
    if item not in other.items:
        return False
    before, after = other.items[item]
    goes_on = before == notice.after[item] or after == notice.was(item)
    return after != notice.after[item] and not goes_on
