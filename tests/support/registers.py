"""Compares the agency's register with the ward's by readers of its own: no code of the product takes part.

assert not differing(site, "2019-03-28")     # registry numbers; persons listed as open may differ
"""

import contextlib
import csv
import hashlib
import hmac
import io
import json
import sqlite3
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

from renkei.corridor.report_data import open_persons
from renkei.ledger.tables import NoticeAttempt, Server
from tests.support.agency import ROOT
from tests.support.site import REFERENCE_KEY, Site

KEY_ID, _, KEY = REFERENCE_KEY.partition(":")


def register_items() -> list[str]:
    """Return the items over which both registers are compared."""
    rules = tomllib.loads((ROOT / "schemas" / "rules" / "items.toml").read_text(encoding="utf-8"))
    return list(rules["resident_records"]["register_items"])


def reference(registry_number: str, municipality: str = "131041") -> str:
    """Return a person's reference as schemas/README.md lays it down."""
    text = f"person|{municipality}|{registry_number}".encode()
    return f"{KEY_ID}-{hmac.new(bytes.fromhex(KEY), text, hashlib.sha256).digest()[:16].hex()}"


def notice_id(registry_number: str, history_number: int, family: str = "resident_records") -> str:
    """Return the id of an event's notice as schemas/README.md lays it down."""
    text = f"notice|131041|{family}|{registry_number}|{history_number}".encode()
    return hmac.new(bytes.fromhex(KEY), text, hashlib.sha256).digest()[:16].hex()


def ward_register(extract: Path) -> dict[str, tuple[str, ...]]:
    """Return the register items of each living person of an extract, by reference."""
    items = register_items()
    with (extract / "residents.csv").open(encoding="utf-8", newline="") as lines:
        return {reference(row["registry_number"]): tuple(map(row.get, items)) for row in csv.DictReader(lines)}  # type: ignore[misc]


def agency_register(site: Site) -> dict[str, tuple[str, ...]]:
    """Return the register items of each living person as the agency itself exports them, by reference."""
    items = register_items()
    rows = csv.DictReader(io.StringIO(site.agency.register()))
    return {
        row["person_reference"]: tuple(row[name] for name in items) for row in rows if row["record_state"] == "living"
    }


def agency_rows(site: Site) -> dict[str, tuple[str, ...]]:
    """Return the same from the agency's database: quicker where a test asks after each of many days."""
    items = register_items()
    rows = _asked(site, "SELECT person_reference, items FROM persons WHERE record_state = 'living'")
    told = {row["person_reference"]: json.loads(row["items"]) for row in rows}
    return {person: tuple(values.get(name, "") for name in items) for person, values in told.items()}


def listed_as_open(site: Site) -> frozenset[str]:
    """Return the registry numbers that the ward lists as open."""
    with site.house() as house, house.ledger.reading() as tx:
        return open_persons(tx)


def differing(site: Site, day: str, *, but_for_open: bool = True) -> set[str]:
    """Return the references of the persons about whom the two registers differ after a day's last extract."""
    folder = max(site.extracts.glob(f"{day}*"))
    ours, theirs = ward_register(folder), agency_rows(site)
    apart = {each for each in ours.keys() | theirs.keys() if ours.get(each) != theirs.get(each)}
    return apart - {reference(each) for each in listed_as_open(site)} if but_for_open else apart


def agency_notices(site: Site) -> list[dict[str, Any]]:
    """Return what the agency has stored of every notice."""
    return _asked(site, "SELECT * FROM notices ORDER BY serial, record")


def _asked(site: Site, query: str) -> list[dict[str, Any]]:
    with contextlib.closing(sqlite3.connect(site.agency.home / "agency.sqlite", timeout=10)) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute(query)]


def answers_given(site: Site) -> list[dict[str, Any]]:
    """Return every answer that the agency ever made: one per file unless something was sent twice."""
    return _asked(site, "SELECT counterparty, serial, sealed_sha256, code, state FROM answers ORDER BY id")


def sent_records(site: Site, serial: int) -> list[tuple[str, int, str]]:
    """Return id, attempt and code of each record of a file, in its order, as the ward's ledger has them."""
    rows = site.rows(NoticeAttempt, serial=serial)
    return [(row.notice_id, row.attempt, row.code) for row in sorted(rows, key=lambda row: row.record_number)]


def accepted_twice(site: Site) -> list[str]:
    """Return the notices that the ward's ledger says were accepted more than once."""
    counts = Counter(row.notice_id for row in site.rows(NoticeAttempt) if row.code == "R00")
    return [notice for notice, times in counts.items() if times > 1]


def equations(site: Site, report: str) -> dict[str, Any]:
    """Return the equations of a written report."""
    told: dict[str, Any] = json.loads((site.home / report).read_text(encoding="utf-8"))["equations"]
    return told


def forget_the_server(site: Site) -> None:
    """Let the ledger not know any more that the server was probed."""
    with site.house() as house, house.ledger.transaction(actor="test") as tx:
        for row in tx.session.query(Server):
            tx.session.delete(row)
        tx.trail("test.forgotten", "server")
