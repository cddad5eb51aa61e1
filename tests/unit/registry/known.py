"""A ledger made by hand, and a day proven beside it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from renkei.registry import (
    Event,
    Proof,
)

ONE, TWO, THREE, NEW = "0000000001", "0000000002", "0000000003", "0000000099"
DAY = date(2019, 3, 29)


@dataclass
class Known:
    """What the ledger would know; by default nothing."""

    histories: dict[str, int] = field(default_factory=dict)
    plans: dict[str, date] = field(default_factory=dict)
    waiting: dict[str, Sequence[Event]] = field(default_factory=dict)

    def last_history(self, registry_number: str) -> int | None:
        return self.histories.get(registry_number)

    def planned(self, registry_number: str) -> date | None:
        return self.plans.get(registry_number)

    def planned_due(self, business_date: date) -> Iterable[str]:
        return [number for number, due in self.plans.items() if due <= business_date]

    def waiting_events(self, registry_number: str) -> Sequence[Event]:
        return self.waiting.get(registry_number, ())


Prover = Callable[..., Proof]


def opened_by(proof: Proof) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(each.registry_number, each.rule, each.fields) for each in proof.opened]
