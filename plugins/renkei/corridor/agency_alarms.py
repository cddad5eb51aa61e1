"""What of a run of the agency's direction a person has to hear, once everything that could be done was done."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from renkei.corridor.agency_intake import check_agency_gap
from renkei.corridor.house import House
from renkei.errors import AgencyFilesFailed, AgencyRunUnfinished
from renkei.ledger.inbound import agency_files
from renkei.ledger.states import FileState


def check_agency_run(house: House, day: date, report: str, done: Sequence[Mapping[str, Any] | None]) -> None:
    """Raise what of a run is not as it should be; called when its report (path from the home) is written.

    `done` holds the facts of the run's steps, None for one that did not come to its end. Raises `AgencyFilesFailed`
    where a file failed in this run and nobody has settled it since, `AgencyRunUnfinished` where a step did not end,
    `AgencyFileMissing` where a serial has been missing for too long.
    """
    failed = _failed(house, [facts for facts in done if facts is not None])
    if failed:
        raise AgencyFilesFailed(serials=", ".join(f"{serial:08d}" for serial in failed))
    if None in done:
        raise AgencyRunUnfinished(day=day, report=report)
    check_agency_gap(house)


def _failed(house: House, done: Sequence[Mapping[str, Any]]) -> list[int]:
    """Return the serials that these steps named as failed and that still are: neither taken in since nor void."""
    named = {serial for facts in done for name in ("refused", "unverified") for serial in facts.get(name, ())}
    with house.ledger.reading() as tx:
        files = agency_files(tx, house.settings.municipality)
    return [file.serial for file in files if file.serial in named and file.layer and file.state is not FileState.VOID]
