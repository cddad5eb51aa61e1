"""What the commands about the agency's own files do; the arguments are those of `options.py`."""

import argparse
import contextlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from mock_agency import clock
from mock_agency.clock import Now
from mock_agency.commands import agents_ended, opened
from mock_agency.errors import SiteError
from mock_agency.site import locked
from mock_agency.store import Store
from mock_agency.telling.register import Finder
from mock_agency.telling.scenarios import hostile
from mock_agency.telling.scenarios.dice import Dice
from mock_agency.telling.scenarios.making import Maker
from mock_agency.telling.scenarios.names import HOSTILE, SYSTEM_MIGRATION
from mock_agency.telling.scenarios.people import People
from mock_agency.telling.scenarios.series import Series, migration
from mock_agency.telling.sending import Order, Teller


@contextlib.contextmanager
def telling(chosen: argparse.Namespace) -> Iterator[Teller]:
    """Open the agency for making files, alone; the gpg-agents end before anybody else may use them."""
    with opened(chosen) as (site, store), locked(site, "processing"), agents_ended(site):
        yield Teller(site, store, chosen.municipality)


def instant(teller: Teller, at: str | None, day: str = "") -> Now:
    """Return when a file is sealed; a day's own file at 22:00 unless somebody says otherwise. Raises SiteError."""
    try:
        if at is None and day and teller.site.clock != "real":
            at = f"{day}T22:00:00"
        if at is not None:
            return Now(clock.read_instant(at), faked=True)
    except ValueError:
        raise SiteError("no ISO date or instant") from None
    last = clock.read_instant(teller.store.last_instant() or teller.site.keys_from)
    return clock.now(teller.site.clock, None, last)


def send(chosen: argparse.Namespace) -> int:
    """Seal one file with given rows."""
    with telling(chosen) as teller:
        drafts = list(teller.form.read(chosen.rows, changes=not chosen.keep_register)) if chosen.rows else []
        finder = Finder(teller.store, teller.municipality)
        drafts = [replace(draft, person=finder.find(draft.row)) for draft in drafts]
        serial = teller.tell(drafts, instant(teller, chosen.at), Order("send"))
        print(f"serial {serial}: {len(drafts)} notices")
    return 0


def notices(chosen: argparse.Namespace) -> int:
    """Make the file of a day, or a hostile one; a day has one regular file."""
    try:
        day = date.fromisoformat(chosen.date)
    except ValueError:
        raise SiteError("--date is no date") from None
    with telling(chosen) as teller:
        known = None if chosen.scenario == HOSTILE else teller.file_of_day(chosen.date)
        if known:
            made = {"serial": known["serial"], "scenario": known["scenario"], "made": False}
        else:
            made = _made(teller, chosen, day)
        print(json.dumps({"date": chosen.date, **made}, ensure_ascii=False))
    return 0


def _made(teller: Teller, chosen: argparse.Namespace, day: date) -> dict[str, Any]:
    left_out = chosen.leave_out.read_text(encoding="ascii").split() if chosen.leave_out else ()
    people = People(teller.store, teller.schemas, teller.municipality, day, left_out)
    dice = Dice(chosen.seed, f"{teller.municipality}|{day}|{chosen.scenario}|{chosen.fault}")
    maker, now = Maker(teller.form, people, dice, day), instant(teller, chosen.at, chosen.date)
    if chosen.scenario == HOSTILE:
        if chosen.fault is None:
            raise SiteError("scenario hostile: which --fault?")
        return {"fault": chosen.fault, "made": True} | hostile.make(chosen.fault, teller, maker, now, chosen.number)
    if chosen.scenario == SYSTEM_MIGRATION:
        drafts = migration(maker, chosen.number)
    else:
        drafts = Series(teller, maker, chosen.scenario).drafts()
    serial = teller.tell(drafts, now, Order(chosen.scenario, chosen.date))
    kinds = dict(sorted(Counter(draft.kind for draft in drafts).items()))
    return {"serial": serial, "scenario": chosen.scenario, "made": True, "notices": len(drafts), "kinds": kinds}


def show(chosen: argparse.Namespace) -> int:
    """Show the good bytes of an own file."""
    with telling(chosen) as teller:
        teller.show_again(chosen.serial)
    return 0


def truth(chosen: argparse.Namespace) -> int:
    """Tell the right class of each notice."""
    with opened(chosen) as (site, store):
        _print(expected_classes(store, site.known(chosen.municipality)), as_json=chosen.json)
    return 0


def acks(chosen: argparse.Namespace) -> int:
    """Tell the class of each notice that was answered."""
    with opened(chosen) as (site, store):
        _print(answered_classes(store, site.known(chosen.municipality)), as_json=chosen.json)
    return 0


def expected_classes(store: Store, municipality: str) -> list[dict[str, Any]]:
    """Return serial, record, notice id, kind and right class of each notice; no personal data."""
    sql = """SELECT f.day, f.scenario, f.fault, r.serial, r.record, r.notice_id, r.kind, r.expected
             FROM own_records r JOIN own_files f USING (municipality, serial)
             WHERE municipality = ? ORDER BY r.serial, r.record"""
    return [dict(row) for row in store.rows(sql, municipality)]


def answered_classes(store: Store, municipality: str) -> list[dict[str, Any]]:
    """Return the last class that the ward's answers told of each notice; no personal data."""
    sql = """SELECT r.serial, r.record, r.notice_id, c.class, c.answer, c.final
             FROM own_records r JOIN ack_classes c USING (municipality, serial, record)
             WHERE municipality = ? AND c.answer = (
                 SELECT max(answer) FROM ack_classes l
                 WHERE (l.municipality, l.serial, l.record) = (c.municipality, c.serial, c.record))
             ORDER BY r.serial, r.record"""
    return [dict(row) | {"final": bool(row["final"])} for row in store.rows(sql, municipality)]


def _print(entries: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(entries, ensure_ascii=False, indent=2))
        return
    for entry in entries:
        print(" ".join(str(value) for value in entry.values()))
