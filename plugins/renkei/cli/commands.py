"""What each command does: one call into the library, one sentence about its outcome. False: try again later."""

import contextlib
import time
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Final

from sqlalchemy import func, select

from renkei.cli import showing
from renkei.cli.agency_commands import AGENCY_COMMANDS
from renkei.cli.arguments import login
from renkei.cli.evidence_commands import EVIDENCE_COMMANDS
from renkei.cli.shared import actor, decide, decided, opened
from renkei.cli.texts import say
from renkei.corridor import agency_matters, deciding, matters, media, resealing, steps, supplements
from renkei.corridor.adopting import adopt_restored
from renkei.corridor.baseline import accept_baseline
from renkei.corridor.house import House
from renkei.corridor.rereading import reread_lost_days
from renkei.errors import DayUndelivered, ReceiptLate
from renkei.ledger import migrate, open_ledger
from renkei.ledger.adopt import Request
from renkei.ledger.states import DecisionKind, Direction
from renkei.ledger.tables import Day, Decision, File
from renkei.registry.vendor import Cut, map_vendor_export
from renkei.schemas import Schemas
from renkei.settings import Settings

_RUN_ID: Final = "cli__{login}"


@contextlib.contextmanager
def _house_of(serial: int) -> Iterator[House]:
    """Open the site at the clock of a file's own business date: in a demo that is the day at 23:00."""
    with opened() as house:
        with house.ledger.reading() as tx:
            day = tx.session.scalar(
                select(File.business_date).where(File.direction == Direction.OUT, File.serial == serial)
            )
        yield house.on(day) if day else house


@contextlib.contextmanager
def _house_now() -> Iterator[House]:
    """Open the site at the clock of the last business date that was asked for: in a demo that is its today."""
    with opened() as house:
        with house.ledger.reading() as tx:
            day = tx.session.scalar(select(func.max(Day.business_date)))
        yield house.on(day) if day else house


def _migrate(given: Namespace) -> bool:
    del given
    ledger = open_ledger(Settings.load(), actor=actor())
    try:
        say("migrated", version=migrate(ledger))
    finally:
        ledger.close()
    return True


def _baseline(given: Namespace) -> bool:
    with opened(given.day) as house:
        residents = accept_baseline(house, given.day, reason=given.reason, asker=given.asker)
    say("baseline", day=given.day, residents=residents)
    return True


def _map_export(given: Namespace) -> bool:
    site = Settings.load()
    cut = Cut(site.municipality, given.day, given.cut_off, given.previous_cut_off, given.correction)
    schemas = Schemas(site.schemas_dir)
    folder = map_vendor_export(given.source, given.mapping, site.extracts, cut=cut, schemas=schemas)
    say("mapped", path=folder)
    return True


def _request(given: Namespace) -> bool:
    with opened(given.day) as house:
        say("requested", day=given.day, state=steps.request(house, given.day))
    return True


def _seal(given: Namespace) -> bool:
    with opened(given.day) as house:
        return _sealed(house, given.day)


def _sealed(house: House, day: date) -> bool:
    result = steps.seal_requested_days(house, day)
    for each, serial in zip(result.days, result.serials, strict=True):
        say("sealed", day=each, serial=f"{serial:08d}")
    if not result.sealed:
        say("no_extract", day=day)
    elif day not in result.days:
        say("sealed_before", day=day)
    return result.sealed


def _publish(given: Namespace) -> bool:
    with opened(given.day) as house:
        _published(house)
    return True


def _published(house: House) -> None:
    result = steps.publish_sealed_files(house)
    say("published", published=showing.serials(result.published), already=showing.serials(result.already))


def _receipts(given: Namespace) -> bool:
    with opened(given.day) as house:
        return _received(house, given.day).complete


def _received(house: House, day: date) -> steps.Receipts:
    result = steps.take_in_receipts(house, {day})
    say("receipts", taken_in=showing.serials(result.taken_in), waiting=showing.serials(result.waiting))
    return result


def _report(given: Namespace) -> bool:
    with opened(given.day) as house:
        say("reported", path=_reported(house, given.day).html)
    return True


def _reported(house: House, day: date) -> steps.Reported:
    return steps.write_run_report(house, day, _RUN_ID.format(login=login()))


def _run(given: Namespace) -> bool:
    """Run a day; whatever stops it, its report is written, as the DAG does it."""
    with opened(given.day) as house:
        try:
            if not _sealed(house, given.day):
                return False
            _published(house)
            _await_receipt(house, given.day)
        finally:
            reported = _reported(house, given.day)
            say("reported", path=reported.html)
    if not reported.delivered:
        raise DayUndelivered(day=given.day, report=reported.html)
    return True


def _await_receipt(house: House, day: date) -> None:
    deadline = time.monotonic() + 60 * house.settings.receipt_deadline
    while not (result := _received(house, day)).complete:
        if time.monotonic() >= deadline:
            raise ReceiptLate(serials=result.shown(), minutes=house.settings.receipt_deadline)
        time.sleep(house.settings.poke_seconds)


def _rebuild(given: Namespace) -> bool:
    with opened() as house:
        showing.show_rebuilt(house, given.serial)
    return True


def _status(given: Namespace) -> bool:
    del given
    with opened() as house:
        showing.show_status(house)
    return True


def _waiting(given: Namespace) -> bool:
    with opened() as house:
        showing.show_waiting(house, persons=given.persons)
    return True


def _verify(given: Namespace) -> bool:
    del given
    settings = Settings.load()
    ledger = open_ledger(settings, actor=actor())
    try:
        showing.show_verified(ledger, settings)
    finally:
        ledger.close()
    return True


def _release(given: Namespace) -> bool:
    held_day = isinstance(given.item, date)
    matter = matters.ReleaseDay(given.item) if held_day else matters.Release(given.item)
    with opened(given.item if held_day else None) as house:
        return decide(house, matter, given)


def _close(given: Namespace) -> bool:
    with opened() as house:
        return decide(house, matters.Close(given.item), given)


def _waive(given: Namespace) -> bool:
    with opened(given.day) as house:
        return decide(house, matters.Waive(given.day), given)


def _supplement(given: Namespace) -> bool:
    with opened() as house:
        return decide(house, supplements.supplement_of(house, given.day), given)


def _of_file(make: Callable[[Namespace], deciding.Matter]) -> Callable[[Namespace], bool]:
    def command(given: Namespace) -> bool:
        with _house_of(given.serial) as house:
            return decide(house, make(given), given)

    return command


def _reseal(given: Namespace) -> bool:
    with _house_now() as house:
        return decide(house, resealing.reseal_of(house, given.serial, gone=given.gone), given)


def _approve(given: Namespace) -> bool:
    with opened() as house:
        with house.ledger.reading() as tx:
            row = tx.session.get(Decision, given.decision)
        outbound = row is not None and not row.subject.startswith(agency_matters.INBOUND)
        by_file = outbound and row is not None and row.kind in {"resend", "export", "give_back", "resume"}
        serial = int(row.subject) if row is not None and by_file else 0
        resealed = row is not None and row.kind == DecisionKind.RESEAL
    with _house_now() if resealed else _house_of(serial) if serial else opened() as house:
        return decided(deciding.approve(house, given.decision, approver=given.approver, target=given.to))


def _enter_receipt(given: Namespace) -> bool:
    with _house_of(given.serial) as house:
        media.receipt_from_media(house, given.serial, given.file, asker=given.asker, reason=given.reason)
    say("entered", serial=f"{given.serial:08d}")
    return True


def _adopt(given: Namespace) -> bool:
    request = Request(given.asker, given.reason, given.approver, frozenset(given.void))
    with opened() as house:
        result = adopt_restored(house, request, offline=given.offline)
        store, receipts, void = map(showing.serials, (result.from_store, result.from_receipts, result.void))
        say("adopted", store=store, receipts=receipts, void=void)
        for each in reread_lost_days(house):
            say("reread", day=each.day, serial=f"{each.serial:08d}", notices=each.notices, differing=each.differing)
    return True


COMMANDS: Final[Mapping[str, Callable[[Namespace], bool]]] = {
    "migrate": _migrate,
    "baseline": _baseline,
    "map-export": _map_export,
    "request": _request,
    "seal": _seal,
    "publish": _publish,
    "receipts": _receipts,
    "report": _report,
    "run": _run,
    "status": _status,
    "waiting": _waiting,
    "verify": _verify,
    "rebuild": _rebuild,
    "release": _release,
    "close": _close,
    "waive": _waive,
    "supplement": _supplement,
    "reseal": _reseal,
    "resend": _of_file(lambda given: matters.Resend(given.serial)),
    "resume": _of_file(lambda given: matters.Resume(given.serial)),
    "give-back": _of_file(lambda given: media.GiveBack(given.serial)),
    "export": _of_file(lambda given: media.Export(given.serial, given.folder)),
    "enter-receipt": _enter_receipt,
    "adopt": _adopt,
    "approve": _approve,
    **AGENCY_COMMANDS,
    **EVIDENCE_COMMANDS,
}
