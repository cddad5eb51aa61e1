"""What the web processes of one machine share about sessions: no name beyond the user's, no password, no cookie.

It is not the ledger: marks of activity are no evidence. Log-ons, failures and log-offs stand in the audit trail.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS sessions (
    key TEXT PRIMARY KEY, user TEXT NOT NULL, began REAL NOT NULL, active REAL NOT NULL,
    ended TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS failures (user TEXT PRIMARY KEY, number INTEGER NOT NULL, locked_until REAL NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Session:
    """One log-on: digest of its cookie, user, when it began and when a person last did something, why it ended."""

    key: str
    user: str
    began: float
    active: float
    ended: str


class Store:
    """Sessions and failed log-ons; instants are seconds since the epoch."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        self._path = path
        with self._open() as database:
            database.executescript(_TABLES)

    def session(self, key: str) -> Session | None:
        """Return a session."""
        with self._open() as database:
            row = database.execute("SELECT * FROM sessions WHERE key = ?", (key,)).fetchone()
        return Session(*row) if row else None

    def begin(self, key: str, user: str, now: float) -> None:
        """Begin a session with a log-on."""
        with self._open() as database:
            database.execute("INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?, '')", (key, user, now, now))

    def mark(self, key: str, now: float) -> None:
        """Note that a person did something."""
        with self._open() as database:
            database.execute("UPDATE sessions SET active = max(active, ?) WHERE key = ?", (now, key))

    def end(self, key: str, why: str) -> bool:
        """End a session; False where it had ended before, so that the end is told once."""
        with self._open() as database:
            done = database.execute("UPDATE sessions SET ended = ? WHERE key = ? AND ended = ''", (why, key))
        return done.rowcount > 0

    def locked_until(self, user: str) -> float:
        """Return until when a user is locked out; 0 for one who is not."""
        with self._open() as database:
            row = database.execute("SELECT locked_until FROM failures WHERE user = ?", (user,)).fetchone()
        return float(row[0]) if row else 0.0

    def failed(self, user: str, limit: int, until: float) -> bool:
        """Count a failed log-on; lock the user out with the last that is allowed, and tell so."""
        with self._open() as database:
            database.execute("INSERT OR IGNORE INTO failures VALUES (?, 0, 0)", (user,))
            database.execute("UPDATE failures SET number = number + 1 WHERE user = ?", (user,))
            (number,) = database.execute("SELECT number FROM failures WHERE user = ?", (user,)).fetchone()
            if number < limit:
                return False
            database.execute("UPDATE failures SET number = 0, locked_until = ? WHERE user = ?", (until, user))
        return True

    def forgive(self, user: str) -> None:
        """Forget the failures of a user who has logged on."""
        with self._open() as database:
            database.execute("UPDATE failures SET number = 0 WHERE user = ?", (user,))

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        database = sqlite3.connect(self._path, timeout=10, isolation_level=None)
        try:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("BEGIN IMMEDIATE")
            yield database
            if database.in_transaction:
                database.execute("COMMIT")
        finally:
            database.close()
