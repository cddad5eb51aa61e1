"""One hostile file in the making."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mock_agency.clock import Now
from mock_agency.errors import SiteError
from mock_agency.telling.package import GOOD, Spoilt
from mock_agency.telling.rows import Draft
from mock_agency.telling.scenarios.making import Maker
from mock_agency.telling.scenarios.names import HOSTILE
from mock_agency.telling.sending import Order, Sealing, Teller, name_of

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Case:
    """What a hostile file is made of; `number` is the size or count asked for, 0 for the fault's own."""

    teller: Teller
    maker: Maker
    now: Now
    number: int
    fault: str

    def strangers(self) -> list[Draft]:
        """Return two notices for people whom nobody knows: what carries a fault of the file."""
        return [self.maker.invented(self.fault, "not_found", days_ago=30) for _ in range(2)]

    def tell(
        self,
        drafts: Sequence[Draft],
        *,
        package: Spoilt = GOOD,
        shown: Callable[[Sealing], bytes] | None = None,
        hidden: bool = False,
        counterparty: str | None = None,
    ) -> int:
        """Seal a file under the next serial."""
        order = Order(HOSTILE, self.maker.day.isoformat(), self.fault, package, shown, hidden, counterparty)
        return self.teller.tell(drafts, self.now, order)

    def told(self, serial: int, *names: str, **expected: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
        """Return what is said of the file that was made; without names it stands under its own."""
        return {"serial": serial, "names": list(names) or [self.name(serial)], **expected}

    def name(self, serial: int) -> str:
        """Return the agreed name."""
        return name_of(self.teller.municipality, serial)

    def outbox(self, serial: int | None = None) -> Path:
        """Return the folder in which a serial stands, or the one in force."""
        known = self.teller.file(serial)["counterparty"] if serial else self.teller.counterparty(self.now)
        return self.teller.site.peer(known, self.teller.municipality, "outbox")

    def last(self) -> int:
        """Return the last serial; raises SiteError where there is none yet."""
        serial = self.teller.next_serial() - 1
        if not serial:
            raise SiteError("the agency has made no file yet")
        return serial
