"""Maps every exception of SQLAlchemy and its drivers to one of ours; none leaves the room with its text.

Their texts print statements, parameters and the keys of conflicting rows: personal values
(design rule 8).
"""

import re
import sqlite3
from typing import Final

import psycopg
from sqlalchemy import exc

from renkei.errors import (
    LedgerBusy,
    LedgerCommitUnknown,
    LedgerConflict,
    LedgerMisuse,
    LedgerUnavailable,
    LedgerUnreachable,
    RenkeiError,
)

# The low byte of SQLite's extended result codes.
_SQLITE_BUSY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_SQLITE_UNAVAILABLE: Final = {
    sqlite3.SQLITE_READONLY: "read-only",
    sqlite3.SQLITE_FULL: "disk full",
    sqlite3.SQLITE_IOERR: "disk error",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_NOTADB: "not a ledger",
    sqlite3.SQLITE_PERM: "no permission",
    sqlite3.SQLITE_AUTH: "no permission",
    sqlite3.SQLITE_NOMEM: "out of memory",
}
_SQLITE_UNIQUE: Final = frozenset({sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY})
_SQLITE_TABLE: Final = re.compile(r"constraint failed: ([a-z_]+)\.")

# SQLSTATE, whole or its class of two characters.
_PG_BUSY: Final = frozenset({"55P03", "40001", "40P01", "57014", "53300"})
_PG_UNAVAILABLE: Final = {
    "53100": "disk full",
    "25006": "read-only",
    "42501": "no permission",
    "28": "no permission",
    "3D": "no such database",
    "53": "out of resources",
    "58": "disk error",
    "XX": "damaged",
}
_PG_LINE: Final = frozenset({"08", "57"})
_PG_UNIQUE: Final = "23505"


def mapped(error: Exception, *, committing: bool = False) -> RenkeiError:
    """Return our error for one of SQLAlchemy's; to be raised `from None`.

    `committing`: the error came from COMMIT itself, after which a broken line leaves the outcome unknown.
    """
    if isinstance(error, RenkeiError):
        return error
    if isinstance(error, exc.DBAPIError):
        return _of_driver(error, committing=committing)
    if isinstance(error, exc.TimeoutError):
        return LedgerBusy()
    if isinstance(error, exc.DisconnectionError):
        return LedgerUnreachable()
    return LedgerMisuse(kind=type(error).__name__)


def _of_driver(error: exc.DBAPIError, *, committing: bool) -> RenkeiError:
    driver = error.orig
    if isinstance(driver, sqlite3.Error):
        return _of_sqlite(driver)
    if isinstance(driver, psycopg.Error):
        return _of_postgresql(driver, error, committing=committing)
    return LedgerMisuse(kind=type(error).__name__)


def _of_sqlite(driver: sqlite3.Error) -> RenkeiError:
    code = getattr(driver, "sqlite_errorcode", 0)
    primary = code & 0xFF
    if primary in _SQLITE_BUSY:
        return LedgerBusy()
    if primary in _SQLITE_UNAVAILABLE:
        return LedgerUnavailable(reason=_SQLITE_UNAVAILABLE[primary])
    if code in _SQLITE_UNIQUE:
        table = _SQLITE_TABLE.search(str(driver))
        return LedgerConflict(table=table[1] if table else "?")
    return LedgerMisuse(kind=getattr(driver, "sqlite_errorname", type(driver).__name__))


def _of_postgresql(driver: psycopg.Error, error: exc.DBAPIError, *, committing: bool) -> RenkeiError:
    state = driver.sqlstate or ""
    if state in _PG_BUSY:
        return LedgerBusy()
    reason = _PG_UNAVAILABLE.get(state) or _PG_UNAVAILABLE.get(state[:2])
    if reason:
        return LedgerUnavailable(reason=reason)
    if state == _PG_UNIQUE:
        return LedgerConflict(table=driver.diag.table_name or "?")
    line_lost = error.connection_invalidated or (not state and isinstance(driver, psycopg.OperationalError))
    if line_lost or state[:2] in _PG_LINE:
        return LedgerCommitUnknown() if committing else LedgerUnreachable()
    return LedgerMisuse(kind=state or type(driver).__name__)
