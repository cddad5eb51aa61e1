"""What each command does; the arguments are those of `cli.py`."""

import argparse
import asyncio
import contextlib
import json
import signal
import sqlite3
import threading
import traceback
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from mock_agency import clock, faults, keys
from mock_agency import seed as seeding
from mock_agency.errors import AgencyError, SiteError
from mock_agency.gpg import Keyring
from mock_agency.inbox import arrivals, take_away
from mock_agency.outgoing import owe_again, show
from mock_agency.processing import Processor
from mock_agency.schemas import Schemas
from mock_agency.site import Site, load_site, locked
from mock_agency.store import Store
from mock_agency.telling.acks import waiting


@contextlib.contextmanager
def opened(home: argparse.Namespace) -> Iterator[tuple[Site, Store]]:
    """Open site and database of the command's home."""
    site = load_site(home.home)
    store = Store(site.database)
    try:
        yield site, store
    finally:
        store.close()


@contextlib.contextmanager
def agents_ended(site: Site) -> Iterator[None]:
    """End the gpg-agents of all counterparties afterwards."""
    try:
        yield
    finally:
        for counterparty in site.counterparties:
            Keyring(site.gnupg(counterparty)).stop_agent()


def init(chosen: argparse.Namespace) -> int:
    """Make a new agency."""
    schemas = Schemas(chosen.schemas.resolve())
    names = {entry["id"]: entry["en"] for entry in schemas.counterparties}
    wanted = [name for name in names if name in (chosen.counterparty or names)]
    if set(chosen.counterparty or ()) - set(names):
        raise SiteError(f"counterparties are {', '.join(names)}")
    if not clock.CLOCK.fullmatch(chosen.clock):
        raise SiteError("the clock is real, message or file:PATH")
    if not all(len(code) == 6 and code.isdecimal() for code in chosen.municipality):  # noqa: PLR2004 - six digits
        raise SiteError("a municipality is a code of six digits")
    site = Site(
        home=chosen.home.resolve(), schemas=schemas.folder, municipalities=tuple(chosen.municipality),
        counterparties=tuple(wanted), clock=chosen.clock, keys_from=chosen.keys_from,
    )  # fmt: skip
    if (site.home / "site.json").exists():
        raise SiteError("there is an agency already")
    site.save()
    Store(site.database).close()
    with agents_ended(site):
        for name in wanted:
            keys.make_counterparty(site, name, names[name], chosen.keys_expire)
            print(f"{name}: {keys.own_fingerprint(site, name)}")
    return 0


def trust(chosen: argparse.Namespace) -> int:
    """Pin a ward's keys."""
    site = load_site(chosen.home)
    with locked(site, "processing"), agents_ended(site):
        pinned = keys.trust_ward(site, chosen.municipality, chosen.openpgp, chosen.ssh)
    print(f"{pinned.login}: {pinned.fingerprint}")
    return 0


def seed(chosen: argparse.Namespace) -> int:
    """Fill the register."""
    with opened(chosen) as (site, store):
        key = seeding.read_key(chosen.reference_key)
        print(seeding.seed(site, store, chosen.municipality, chosen.extract, key))
    return 0


def serve(chosen: argparse.Namespace) -> int:
    """Serve SFTP and process until told to stop."""
    from mock_agency.server import serve as listen

    with opened(chosen) as (site, store), agents_ended(site):
        processor = Processor(site, store)

        def one_pass() -> None:
            # A pass that fails is repeated; the frames are shown, never the values in them.
            try:
                processor.one_pass()
            except AgencyError as error:
                print(f"mock_agency: {error}", flush=True)
            except (OSError, sqlite3.Error) as error:
                traceback.print_tb(error.__traceback__)
                print(type(error).__name__, flush=True)

        def look(counterparty: str, municipality: str) -> None:
            processor.looks[counterparty, municipality] += 1

        asyncio.run(listen(site, chosen.host, dict(chosen.port), chosen.every, one_pass, look))
    return 0


def process(chosen: argparse.Namespace) -> int:
    """Process once, or until told to stop."""
    stop = threading.Event()
    if chosen.loop is not None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
    with opened(chosen) as (site, store), agents_ended(site):
        processor = Processor(site, store)
        processor.one_pass()
        while chosen.loop is not None and not stop.wait(chosen.loop):
            processor.one_pass()
    return 0


def register(chosen: argparse.Namespace) -> int:
    """Write the register."""
    with opened(chosen) as (site, store):
        print(seeding.write_register(site, store, chosen.municipality, chosen.out))
    return 0


def status(chosen: argparse.Namespace) -> int:
    """Show files, answers, what is held and what is stopped; the agency's own files and the ward's answers."""
    with opened(chosen) as (site, store):
        facts = status_of(site, store)
    if chosen.json:
        print(json.dumps(facts, ensure_ascii=False, indent=2))
        return 0
    for name in ("files", "answers", "held", "stopped", "own_files", "acks"):
        print(f"{name}: {len(facts[name])}")
        for entry in facts[name]:
            print("  " + " ".join(str(value) for value in entry.values()))
    return 0


def status_of(site: Site, store: Store) -> dict[str, Any]:
    """Return the state of the agency: no personal data in it."""
    held: list[dict[str, object]] = []
    for municipality in site.municipalities:
        expected = store.expected_serial(municipality)
        held += [
            {"counterparty": one.counterparty, "municipality": municipality, "serial": one.serial}
            for one in arrivals(site, municipality)
            if one.serial > expected
        ]
    wanted = "counterparty, municipality, serial, sealed_sha256, package_sha256, outcome, code, state"
    own = "municipality, serial, counterparty, scenario, fault, day, records, package_sha256, state"
    queries = {
        "files": "SELECT municipality, serial, state, reason, package_sha256, at FROM files ORDER BY 1, 2",
        "answers": f"SELECT {wanted} FROM answers ORDER BY id",  # noqa: S608 - our own column names
        "stopped": "SELECT counterparty, municipality, serial, sealed_sha256, code, reason FROM stops",
        "own_files": f"SELECT {own} FROM own_files ORDER BY municipality, serial",  # noqa: S608 - our own column names
        "acks": "SELECT municipality, serial, answer, outcome, code, fault FROM acks ORDER BY 1, 2, 3",
        "notices": "SELECT municipality, family, state, code, count(*) AS number FROM notices GROUP BY 1, 2, 3, 4",
    }
    facts: dict[str, Any] = {name: [dict(row) for row in store.rows(sql)] for name, sql in queries.items()}
    totals = {municipality: store.totals(municipality) for municipality in site.municipalities}
    return facts | {
        "held": held,
        "acks_waiting": waiting(site, store),
        "register_totals": totals,
        "faults": [asdict(one) for one in faults.read(site)],
    }


def void(chosen: argparse.Namespace) -> int:
    """Declare a serial void: what is held behind it goes on."""
    with opened(chosen) as (site, store), locked(site, "processing"):
        site.known(chosen.municipality)
        if store.expected_serial(chosen.municipality) != chosen.serial:
            raise SiteError(f"the serial that is missing is {store.expected_serial(chosen.municipality)}")
        store.insert(
            "files", municipality=chosen.municipality, serial=chosen.serial, state="void", reason=chosen.reason,
            at=datetime.now(UTC).isoformat(timespec="seconds"),
        )  # fmt: skip
    return 0


def resume(chosen: argparse.Namespace) -> int:
    """End a stop: the file that caused it is archived; with --answer its refusal is shown in place of the receipt."""
    with opened(chosen) as (site, store), locked(site, "processing"):
        stop = store.row("SELECT * FROM stops WHERE municipality = ?", site.known(chosen.municipality))
        if stop is None:
            raise SiteError("nothing is stopped")
        counterparty = stop["counterparty"]
        if chosen.answer and stop["receipt"]:
            show(site, counterparty, chosen.municipality, stop["serial"], stop["receipt"])
        # Without a refusal that could be sealed the file itself was never judged: it is looked at again.
        if stop["receipt"]:
            inbox = site.peer(counterparty, chosen.municipality, "inbox")
            take_away(site, counterparty, inbox / stop["name"], stop["sealed_sha256"])
        store.run("DELETE FROM stops WHERE municipality = ?", chosen.municipality)
        print(f"serial {stop['serial']}: {chosen.reason}")
    return 0


def answer(chosen: argparse.Namespace) -> int:
    """Show the original receipt of a serial again, now and without any fault."""
    with opened(chosen) as (site, store), locked(site, "processing"):
        sql = "SELECT * FROM answers WHERE municipality = ? AND serial = ? ORDER BY id DESC"
        found = store.row(sql, site.known(chosen.municipality), chosen.serial)
        if found is None:
            raise SiteError(f"serial {chosen.serial} has no answer yet")
        owe_again(store, found["id"])
        show(site, found["counterparty"], chosen.municipality, chosen.serial, found["original"])
    return 0


def fault(chosen: argparse.Namespace) -> int:
    """Set, clear or list faults."""
    site = load_site(chosen.home)
    if chosen.action == "set":
        if chosen.name is None:
            raise SiteError("which fault?")
        names = [name for name in faults.Fault.__slots__ if hasattr(chosen, name)]
        faults.add(site, faults.Fault(**{name: getattr(chosen, name) for name in names}))
    elif chosen.action == "clear":
        faults.clear(site, chosen.name)
    for one in faults.read(site):
        print(json.dumps(asdict(one)))
    return 0
