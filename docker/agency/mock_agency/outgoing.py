"""Shows the answers that are owed: the receipt under its name first, and only then the file leaves the inbox."""

import sqlite3
import time
from collections import Counter

from mock_agency import faults
from mock_agency.answering import Letter
from mock_agency.inbox import take_away
from mock_agency.site import Site, write_whole
from mock_agency.store import Store

DUE = """SELECT * FROM answers WHERE municipality = ? AND state = 'stored' AND never = 0 AND looks_left = 0
         AND not_before <= ? ORDER BY id"""


def show_due(site: Site, store: Store, municipality: str) -> None:
    """Show what is due, and finish what a crash left between the showing and the taking away."""
    if not any(fault.name == "never" for fault in faults.read(site)):
        store.run("UPDATE answers SET never = 0 WHERE municipality = ? AND never = 1", municipality)
    for answer in store.rows(DUE, municipality, time.time()):
        show(site, answer["counterparty"], municipality, answer["serial"], answer["shown"])
        after = time.time() + answer["second_after"]
        store.run("UPDATE answers SET state = 'shown', not_before = ? WHERE id = ?", after, answer["id"])
    for answer in store.rows("SELECT * FROM answers WHERE municipality = ? AND state = 'shown'", municipality):
        _finish(site, store, answer)


def _finish(site: Site, store: Store, answer: sqlite3.Row) -> None:
    counterparty, municipality, serial = answer["counterparty"], answer["municipality"], answer["serial"]
    stem = Letter(counterparty, municipality, serial, "").stem
    inbox = site.peer(counterparty, municipality, "inbox")
    take_away(site, counterparty, inbox / f"{stem}.zip.pgp", answer["sealed_sha256"])
    if answer["second"] is None:
        store.run("UPDATE answers SET state = 'taken' WHERE id = ?", answer["id"])
    elif answer["not_before"] <= time.time():
        show(site, counterparty, municipality, serial, answer["second"])
        store.run("UPDATE answers SET state = 'taken', second = NULL WHERE id = ?", answer["id"])


def show(site: Site, counterparty: str, municipality: str, serial: int, sealed: bytes) -> None:
    """Put a sealed receipt under its name."""
    stem = Letter(counterparty, municipality, serial, "").stem
    write_whole(site.peer(counterparty, municipality, "receipts") / f"{stem}.receipt.json.pgp", sealed)


def owe_again(store: Store, answer_id: int) -> None:
    """Owe the original receipt of an answer once more (a duplicate, or a person's wish); no fault spoils it."""
    sql = """UPDATE answers SET state = 'stored', shown = original, second = NULL, second_after = 0,
             not_before = 0, looks_left = 0, never = 0 WHERE id = ?"""
    store.run(sql, answer_id)


def count_looks(store: Store, looks: Counter[tuple[str, str]]) -> None:
    """Bring the looks into `receipts/` since the last pass to the answers that wait for them."""
    while looks:
        (counterparty, municipality), number = looks.popitem()
        sql = """UPDATE answers SET looks_left = max(0, looks_left - ?)
                 WHERE counterparty = ? AND municipality = ? AND state = 'stored' AND looks_left > 0"""
        store.run(sql, number, counterparty, municipality)
