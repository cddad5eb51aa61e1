"""The agency's direction: a SIGKILL before and after every effect of the list, each step twice at once, no ledger."""

from collections.abc import Callable
from datetime import date

import pytest

from renkei.corridor import steps
from renkei.errors import LedgerRestored
from renkei.ledger import effects, verify
from renkei.ledger.effects import Effect
from renkei.ledger.tables import Acknowledgement, AgencyNotice
from tests.support.databases import on_both
from tests.support.killed import AGENCY_ALONE, dies_at, together
from tests.support.outbox import DAY, Outbox, answer, fetch, inbound, notice, sha256, take_in
from tests.support.registers import forget_the_server
from tests.support.site import Site

pytestmark = on_both("site")

EFFECTS = (*AGENCY_ALONE, Effect.PROBE_SERVER, Effect.PUT_TEMPORARY, Effect.PUBLISH, Effect.WRITE_HEAD)
LONG_AGO = "2019-01-01"


def sent(outbox: Outbox, serial: int = 1, previous: str | None = None) -> str:
    """A good file, and one that is refused with an answer; return the digest of the last package."""
    good = outbox.send(
        serial, [notice(each, event_date=LONG_AGO) for each in (2 * serial, 2 * serial + 1)], previous=previous
    )
    bad = outbox.package(serial + 1, [notice(99)], previous=sha256(good), change=miscounted)
    outbox.put(serial + 1, outbox.sealed(bad))
    return sha256(bad)


def miscounted(told: dict[str, dict[str, int]]) -> None:
    told["renkei"]["records"] = 9


def a_run(site: Site) -> Callable[[], None]:
    def run() -> None:
        take_in(site)
        match(site)
        answer(site)

    return run


def match(site: Site) -> None:
    day = date.fromisoformat(DAY)
    with site.house(DAY) as house:
        steps.match_agency_notices(house, day)
        steps.write_worklist(house, day)


def whole(site: Site, outbox: Outbox, rounds: int = 1) -> None:
    """Each notice once, each answer once, nothing in doubt, nothing lying about."""
    files = [(file.state, file.layer) for file in inbound(site)]
    assert files == [("acknowledged", None), ("acknowledged", "totals")] * rounds
    notices = [(row.serial, row.record_number, row.answer) for row in site.rows(AgencyNotice)]
    assert notices == [(2 * each + 1, record, 1) for each in range(rounds) for record in (1, 2)]
    told = [(each["serial"], each["code"]) for each in outbox.answers().values()]
    assert told == [(serial, "A00" if serial % 2 else "A22") for serial in range(1, 2 * rounds + 1)]
    answers = site.rows(Acknowledgement)
    assert {(row.answer, row.state) for row in answers} == {(1, "published")}
    acks = site.agency.folder("moj", "acks")
    assert {sha256(path.read_bytes()) for path in acks.glob("[0-9]*")} == {row.sealed_sha256 for row in answers}
    assert list(site.settings.work_dir.iterdir()) == []
    assert len(list(site.settings.quarantine_dir.glob("*.pgp"))) == rounds
    with site.house() as house:
        assert verify(house.ledger, house.settings) == []
        assert effects.unsettled(house.ledger) == []


@pytest.mark.parametrize("effect", EFFECTS)
def test_a_run_killed_at_an_effect_is_ended_by_a_rerun(site: Site, effect: Effect) -> None:
    outbox, previous = Outbox(site), None
    for rounds, moment in enumerate(("before", "after"), 1):
        previous = sent(outbox, 2 * rounds - 1, previous)
        if rounds > 1 and effect is Effect.PROBE_SERVER:
            forget_the_server(site)
        assert dies_at(a_run(site), effect, moment), f"a run does not perform {effect}"
        a_run(site)()
        whole(site, outbox, rounds)


@pytest.mark.parametrize("raced", ["fetch", "take_in", "match", "answer"])
def test_a_step_started_twice_at_once(site: Site, raced: str) -> None:
    outbox = Outbox(site)
    sent(outbox)
    for name, step in (("fetch", fetch), ("take_in", take_in), ("match", match), ("answer", answer)):
        if name == raced:
            errors = together(*[lambda step=step: step(site)] * 2)
            assert all(not error or "Retryable" in error for error in errors), errors
        step(site)
    whole(site, outbox)


def test_a_ledger_that_cannot_be_written_takes_and_answers_nothing(site: Site) -> None:
    outbox = Outbox(site)
    sent(outbox)
    mark = site.settings.sealed_dir / "head.json"
    for step in (fetch, take_in, match, answer):
        text = mark.read_bytes()
        mark.write_bytes(text.replace(b'"number": ', b'"number": 9'))
        with pytest.raises(LedgerRestored):
            step(site)
        assert outbox.answers() == {}
        mark.write_bytes(text)
        step(site)
    whole(site, outbox)
