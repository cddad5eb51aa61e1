"""Hostile files on demand: each one thing of the issue's list that a ward must withstand.

A fault of the sealing or of the folder spoils only what stands in `outbox/`: `show --serial N` puts the good bytes
there. A fault of the package is signed well: the serial is spent, and a good ward refuses the file with a code.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from mock_agency.clock import Now
from mock_agency.telling.scenarios.hostile import folders, packages, records, seals, serials
from mock_agency.telling.scenarios.hostile.case import Case
from mock_agency.telling.scenarios.making import Maker
from mock_agency.telling.sending import Teller

FAULTS: Final[Mapping[str, Callable[[Case], dict[str, Any]]]] = {
    **seals.FAULTS,
    **packages.FAULTS,
    **folders.FAULTS,
    **serials.FAULTS,
    **records.FAULTS,
}


def make(fault: str, teller: Teller, maker: Maker, now: Now, number: int) -> dict[str, Any]:
    """Make one hostile file; returns serial, names in `outbox/` and what a good ward finds: layer, code or classes."""
    return FAULTS[fault](Case(teller, maker, now, number, fault))
