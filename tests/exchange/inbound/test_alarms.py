"""What a run of the agency's direction tells a person, when all else of it is done."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from renkei.corridor import agency_matters, deciding, steps
from renkei.errors import AgencyFileMissing, AgencyFilesFailed, AgencyRunUnfinished
from tests.support.outbox import DAY, Outbox, answer, fetch, inbound, notice, sha256
from tests.support.site import Site

NEXT = "2019-03-29"
REPORT = "reports/one.html"


def run(site: Site, day: str = DAY) -> list[Mapping[str, Any]]:
    """Fetch, take in, answer; return the facts of each."""
    fetched = fetch(site, day)
    with site.house(day) as house:
        taken = steps.take_in_agency_files(house, date.fromisoformat(day))
    return [fetched.facts(), taken.facts(), answer(site, day).facts()]


def check(site: Site, *done: Mapping[str, Any] | None, day: str = DAY) -> None:
    with site.house(day) as house:
        steps.check_agency_run(house, date.fromisoformat(day), REPORT, done)


def damaged(outbox: Outbox, serial: int) -> None:
    """Put a file of which one bit is flipped."""
    sealed = bytearray(outbox.sealed(outbox.package(serial, [notice(serial)])))
    sealed[len(sealed) // 2] ^= 1
    outbox.put(serial, bytes(sealed))


def test_a_run_without_trouble_tells_nothing(site: Site) -> None:
    Outbox(site).send(1)
    check(site, *run(site))


def test_a_step_that_did_not_end_is_told_with_the_report(site: Site) -> None:
    with pytest.raises(AgencyRunUnfinished) as caught:
        check(site, None, *run(site))
    assert caught.value.refs["report"] == REPORT


def test_a_file_that_nobody_can_verify_is_told_by_its_serial_until_it_is_replaced(site: Site) -> None:
    outbox = Outbox(site)
    digest = sha256(outbox.send(1))
    damaged(outbox, 2)
    done = run(site)
    for _ in range(2):
        with pytest.raises(AgencyFilesFailed) as caught:
            check(site, *done)
        assert caught.value.refs["serials"] == "00000002"
    assert inbound(site)[0].state == "acknowledged"
    outbox.put(2, outbox.sealed(outbox.package(2, previous=digest)))
    check(site, *run(site, NEXT), day=NEXT)
    check(site, *done, day=NEXT)


def test_a_serial_that_was_declared_void_is_told_no_more(site: Site) -> None:
    outbox = Outbox(site)
    damaged(outbox, 1)
    done = run(site)
    with site.house(DAY) as house:
        deciding.decide(house, agency_matters.VoidAgencySerial(1), asker="chief", reason="the agency was called")
    check(site, *done)


def test_a_file_that_was_refused_and_answered_is_told_by_the_run_that_did_so(site: Site) -> None:
    outbox = Outbox(site)
    outbox.put(1, outbox.sealed(outbox.package(1, change=lambda told: told["renkei"].update(records=7))))
    done = run(site)
    with pytest.raises(AgencyFilesFailed):
        check(site, *done)
    assert inbound(site)[0].state == "acknowledged"
    check(site, *run(site))


def test_a_folder_in_the_place_of_a_file_is_told(site: Site) -> None:
    outbox = Outbox(site)
    (outbox.folder / outbox.name(1)).mkdir()
    with pytest.raises(AgencyFilesFailed):
        check(site, *run(site))


def test_a_serial_that_is_missing_too_long_is_told_when_all_else_is_well(site: Site) -> None:
    outbox = Outbox(site)
    outbox.send(3, previous=outbox.series(1))
    check(site, *run(site))
    with pytest.raises(AgencyFileMissing):
        check(site, *run(site, NEXT), day=NEXT)
