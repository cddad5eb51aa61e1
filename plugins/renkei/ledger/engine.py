"""Opens the ledger: SQLite (WAL, synchronous FULL) for one machine, PostgreSQL by URL.

Every writing transaction takes the chain's lock first: `BEGIN IMMEDIATE` on SQLite, `pg_advisory_xact_lock`
on PostgreSQL; without it two writers fork the chain unseen (contract §10). Nothing slow belongs inside one.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import local
from typing import Final

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import ORMExecuteState, Session

from renkei.clock import Clock, SystemClock, clock_for
from renkei.errors import LedgerMisuse, LedgerNotMigrated, LedgerUnavailable
from renkei.ledger.durable import PRIVATE_FILE, private_folder
from renkei.ledger.faults import mapped
from renkei.ledger.mark import HeadMark, Mark, assert_reached, last_serial
from renkei.ledger.observers import Effect, observe
from renkei.ledger.trail import Head, append
from renkei.settings import Settings

VERSION: Final = "0004"
"""The revision of the tables that this code works on."""

_LOCK_SECONDS: Final = 30
# Any fixed number will do: the lock is the database's own, and the ledger has its own database.
_CHAIN_LOCK: Final = 0x72656E6B6569
_WRITING: Final = "renkei_writing"
_PRAGMAS: Final = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "recursive_triggers = ON")


class Tx:
    """One transaction: `session` with the models of `tables`, and the trail row that tells what was done."""

    def __init__(self, session: Session, clock: Clock, actor: str, *, writing: bool) -> None:
        self.session = session
        self.clock = clock
        self.actor = actor
        self.head: Head | None = None
        """The head after the last trail row of this transaction, None before the first."""
        self.changed = False
        self._writing = writing

    def trail(self, action: str, subject: str, *, actor: str | None = None, **facts: object) -> Head:
        """Append a row to the audit trail: facts are references, digests and counts (contract §10)."""
        return self.tell(action, subject, facts, actor=actor)

    def tell(self, action: str, subject: str, facts: Mapping[str, object], *, actor: str | None = None) -> Head:
        """Append a row as `trail` does, with the facts in one mapping."""
        if not self._writing:
            raise LedgerMisuse(kind="trail row in a transaction that only reads")
        self.head = append(
            self.session,
            at=self.clock.now(),
            actor=actor or self.actor,
            action=action,
            subject=subject,
            facts=facts,
        )
        return self.head


class Ledger:
    """The open ledger. Rooms write through `transaction`, and read through `reading`."""

    def __init__(self, engine: Engine, clock: Clock, actor: str, mark: HeadMark | None) -> None:
        self.engine = engine
        self.clock = clock
        self.actor = actor
        self.mark = mark
        self._migrated = False
        self._here = local()

    @contextmanager
    def transaction(self, *, lock: bool = True, actor: str | None = None, adopting: bool = False) -> Iterator[Tx]:
        """Begin, take the chain's lock, run the block, commit, advance the head mark.

        `lock=False` is `reading()`. A block that changes rows and leaves no trail row is refused: an effect
        in the ledger stands in one transaction with what tells it. `adopting` is for `adopt` alone: it may
        write into a ledger that is behind its mark, and replaces the mark.
        Raises `LedgerBusy`, `LedgerUnreachable`, `LedgerUnavailable`, `LedgerRestored`, `LedgerNotMigrated`,
        `LedgerConflict`, `LedgerMisuse`, `LedgerCommitUnknown`, `HeadMarkUnwritten`.
        """
        if not lock:
            with self.reading(actor=actor) as tx:
                yield tx
            return
        with self._one_at_a_time(), self._session(writing=True) as session:
            tx = Tx(session, self.clock, actor or self.actor, writing=True)
            _watch(session, tx)
            self._admit(session, adopting=adopting)
            yield tx
            session.flush()
            if tx.changed and tx.head is None:
                raise LedgerMisuse(kind="change without a trail row")
            reached = None if tx.head is None else Mark(tx.head.number, tx.head.hash, last_serial(session))
            _commit(session)
        self._remember(reached, adopting=adopting)

    @contextmanager
    def reading(self, *, actor: str | None = None) -> Iterator[Tx]:
        """Read a consistent state without the chain's lock; the database refuses every write in it."""
        with self._session(writing=False) as session:
            self._check_version(session)
            yield Tx(session, self.clock, actor or self.actor, writing=False)

    def close(self) -> None:
        """Give the connections back; needed before a fork and at the end of a program."""
        self.engine.dispose()

    @contextmanager
    def _session(self, *, writing: bool) -> Iterator[Session]:
        try:
            with (
                self.engine.connect().execution_options(**{_WRITING: writing}) as connection,
                Session(connection, expire_on_commit=False) as session,
            ):
                _prepare(session, writing=writing)
                yield session
        except SQLAlchemyError as error:
            raise mapped(error) from None

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        # A second writing transaction of the same thread would wait for the first for ever.
        if getattr(self._here, "open", False):
            raise LedgerMisuse(kind="transaction inside a transaction")
        self._here.open = True
        try:
            yield
        finally:
            self._here.open = False

    def _admit(self, session: Session, *, adopting: bool) -> None:
        self._check_version(session)
        if self.mark is not None and not adopting:
            assert_reached(session, self.mark.read())

    def _check_version(self, session: Session) -> None:
        if not self._migrated:
            found = version_of(session.connection())
            if found != VERSION:
                raise LedgerNotMigrated(found=found or "-", wanted=VERSION)
            self._migrated = True

    def _remember(self, reached: Mark | None, *, adopting: bool) -> None:
        if self.mark is None or reached is None:
            return
        observe(Effect.WRITE_HEAD, "before", str(reached.number))
        if adopting:
            self.mark.replace(reached)
        else:
            self.mark.advance(reached)
        observe(Effect.WRITE_HEAD, "after", str(reached.number))


def open_ledger(where: Settings | str, *, clock: Clock | None = None, actor: str = "renkei") -> Ledger:
    """Open the ledger of a site, or the one at a URL (which then has no head mark: for tools and tests).

    Nothing is connected yet, but for the file and folder of a SQLite ledger, made for its owner only.
    Raises `LedgerUnavailable` if these cannot be made.
    """
    if isinstance(where, str):
        return Ledger(_engine(make_url(where)), clock or SystemClock(), actor, None)
    mark = HeadMark(where.sealed_dir)
    return Ledger(_engine(make_url(where.ledger_url)), clock or clock_for(where), actor, mark)


def version_of(connection: Connection) -> str | None:
    """Return the revision of the tables, None before the first migration."""
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def take_lock(connection: Connection) -> None:
    """Take the chain's lock on PostgreSQL to the end of the transaction; SQLite has it by BEGIN IMMEDIATE."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_SECONDS}s'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CHAIN_LOCK})


def _prepare(session: Session, *, writing: bool) -> None:
    connection = session.connection()
    if writing:
        take_lock(connection)
    elif connection.dialect.name == "postgresql":
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))


def _commit(session: Session) -> None:
    try:
        session.commit()
    except SQLAlchemyError as error:
        raise mapped(error, committing=True) from None


def _watch(session: Session, tx: Tx) -> None:
    def flushed(*_: object) -> None:
        tx.changed = True

    def executed(state: ORMExecuteState) -> None:
        if state.is_insert or state.is_update or state.is_delete:
            tx.changed = True

    event.listen(session, "after_flush", flushed)
    event.listen(session, "do_orm_execute", executed)


def _engine(url: URL) -> Engine:
    # hide_parameters: not even SQLAlchemy's own log may show what a row holds.
    if url.get_backend_name() != "sqlite":
        return create_engine(url, hide_parameters=True, pool_pre_ping=True, connect_args={"connect_timeout": 10})
    if url.database:
        _make_private(Path(url.database))
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": _LOCK_SECONDS})
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_private(file: Path) -> None:
    try:
        private_folder(file.parent)
        file.touch(mode=PRIVATE_FILE)
        if file.stat().st_mode & 0o077:
            file.chmod(PRIVATE_FILE)
    except OSError:
        raise LedgerUnavailable(reason="cannot be opened") from None


def _set_up_sqlite(connection: sqlite3.Connection, _: object) -> None:
    # The driver must not begin by itself: it would begin deferred, and the lock would come too late.
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get(_WRITING, True)
    connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if writing else 'ON'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
