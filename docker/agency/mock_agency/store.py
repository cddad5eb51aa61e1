"""The agency's SQLite: its register, the files it has seen, the notices it has taken in, the answers it owes.

One processing pass writes at a time; everything that one file changes stands in one transaction with its answer.
"""

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mock_agency.telling.tables import TABLES as TABLES_OF_ITS_OWN_FILES

TABLES = """
CREATE TABLE IF NOT EXISTS persons (
    municipality TEXT NOT NULL, person_reference TEXT NOT NULL, record_state TEXT NOT NULL,
    history_number INTEGER NOT NULL, resident_category TEXT NOT NULL, status_of_residence TEXT NOT NULL,
    items TEXT NOT NULL, PRIMARY KEY (municipality, person_reference)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files (
    municipality TEXT NOT NULL, serial INTEGER NOT NULL, state TEXT NOT NULL, package_sha256 TEXT,
    claimed_sha256 TEXT, reason TEXT NOT NULL DEFAULT '', at TEXT NOT NULL, PRIMARY KEY (municipality, serial));
CREATE TABLE IF NOT EXISTS answers (
    id INTEGER PRIMARY KEY, counterparty TEXT NOT NULL, municipality TEXT NOT NULL, serial INTEGER NOT NULL,
    sealed_sha256 TEXT NOT NULL, package_sha256 TEXT, outcome TEXT NOT NULL, code TEXT NOT NULL,
    original BLOB NOT NULL, shown BLOB NOT NULL,
    second BLOB, second_after REAL NOT NULL DEFAULT 0, state TEXT NOT NULL,
    not_before REAL NOT NULL DEFAULT 0, looks_left INTEGER NOT NULL DEFAULT 0, never INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS answers_by_serial ON answers (municipality, serial);
CREATE TABLE IF NOT EXISTS notices (
    municipality TEXT NOT NULL, notice_id TEXT NOT NULL, family TEXT NOT NULL, person_reference TEXT NOT NULL,
    history_number INTEGER, state TEXT NOT NULL, attempt INTEGER NOT NULL, serial INTEGER NOT NULL,
    record INTEGER NOT NULL, code TEXT NOT NULL, content TEXT NOT NULL,
    PRIMARY KEY (municipality, notice_id));
CREATE TABLE IF NOT EXISTS stops (
    municipality TEXT PRIMARY KEY, counterparty TEXT NOT NULL, serial INTEGER NOT NULL, name TEXT NOT NULL,
    sealed_sha256 TEXT NOT NULL, code TEXT NOT NULL, reason TEXT NOT NULL, receipt BLOB);
CREATE TABLE IF NOT EXISTS instants (at TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Person:
    """One row of the register; `items` are the register items by name."""

    reference: str
    record_state: str
    history_number: int
    items: dict[str, str]

    @property
    def living(self) -> bool:
        """Whether the person has a living record."""
        return self.record_state == "living"


class Store:
    """The database of one agency; `municipality` is always the first argument."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, timeout=60, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=60000"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.executescript(TABLES + TABLES_OF_ITS_OWN_FILES)

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit everything inside, or nothing."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """Return the rows of a query."""
        return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, *values: object) -> sqlite3.Row | None:
        """Return the first row of a query, if any."""
        found: sqlite3.Row | None = self._connection.execute(sql, values).fetchone()
        return found

    def run(self, sql: str, *values: object) -> None:
        """Run a statement."""
        self._connection.execute(sql, values)

    def insert(self, table: str, **values: object) -> None:
        """Insert a row, or put it in the place of the one with its key."""
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        self.run(f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})", *values.values())  # noqa: S608

    # --- register ------------------------------------------------------------------------------------------

    def person(self, municipality: str, reference: str) -> Person | None:
        """Return a person of the register."""
        found = self.row(
            "SELECT * FROM persons WHERE municipality = ? AND person_reference = ?", municipality, reference
        )
        return _person(found) if found else None

    def persons(self, municipality: str) -> Iterator[Person]:
        """Go through the register in the order of the references."""
        sql = "SELECT * FROM persons WHERE municipality = ? ORDER BY person_reference"
        return (_person(found) for found in self._connection.execute(sql, (municipality,)))

    def keep_person(self, municipality: str, person: Person) -> None:
        """Write a person into the register."""
        self.insert("persons", **_columns(municipality, person))

    def seed(self, municipality: str, persons: Iterator[Person]) -> int:
        """Fill an empty register; returns the number of persons."""
        marks = ", ".join("?" * 7)
        rows = (tuple(_columns(municipality, person).values()) for person in persons)
        return self._connection.executemany(f"INSERT INTO persons VALUES ({marks})", rows).rowcount  # noqa: S608

    def totals(self, municipality: str) -> dict[str, Any]:
        """Count the living records by category and status, as a package's `register_totals` does."""
        by_category = self._living(municipality, "resident_category")
        return {
            "residents": sum(by_category.values()),
            "by_category": by_category,
            "by_status": {k: n for k, n in self._living(municipality, "status_of_residence").items() if k},
        }

    def _living(self, municipality: str, column: str) -> dict[str, int]:
        sql = f"SELECT {column}, count(*) FROM persons WHERE municipality = ? AND record_state = 'living' GROUP BY 1"  # noqa: S608
        return {str(value): int(count) for value, count in self._connection.execute(sql, (municipality,))}

    # --- files and notices ---------------------------------------------------------------------------------

    def expected_serial(self, municipality: str) -> int:
        """Return the next serial without a gap."""
        found = self.row("SELECT max(serial) AS last FROM files WHERE municipality = ?", municipality)
        return int(found["last"] or 0) + 1 if found else 1

    def file(self, municipality: str, serial: int) -> sqlite3.Row | None:
        """Return what is known of a serial."""
        return self.row("SELECT * FROM files WHERE municipality = ? AND serial = ?", municipality, serial)

    def notice(self, municipality: str, notice_id: str) -> sqlite3.Row | None:
        """Return what is known of a notice."""
        sql = "SELECT * FROM notices WHERE municipality = ? AND notice_id = ?"
        return self.row(sql, municipality, notice_id)

    def last_instant(self) -> str | None:
        """Return the latest instant at which this agency has answered."""
        found = self.row("SELECT max(at) AS at FROM instants")
        return found["at"] if found else None


def _person(found: sqlite3.Row) -> Person:
    return Person(found["person_reference"], found["record_state"], found["history_number"], json.loads(found["items"]))


def _columns(municipality: str, person: Person) -> dict[str, object]:
    return {
        "municipality": municipality,
        "person_reference": person.reference,
        "record_state": person.record_state,
        "history_number": person.history_number,
        "resident_category": person.items.get("resident_category", ""),
        "status_of_residence": person.items.get("status_of_residence", ""),
        "items": json.dumps(person.items, ensure_ascii=False),
    }
