"""No exception of SQLAlchemy or a driver leaves the room with its text: it may quote anyone's record (rule 8)."""

import sqlite3
import traceback
from collections.abc import Callable, Iterator

import psycopg
import pytest
from sqlalchemy import exc, select, text
from sqlalchemy.orm import exc as orm_exc

from renkei.errors import (
    LedgerBusy,
    LedgerCommitUnknown,
    LedgerConflict,
    LedgerMisuse,
    LedgerUnavailable,
    LedgerUnreachable,
    RenkeiError,
)
from renkei.ledger import Ledger, Tx
from renkei.ledger.faults import mapped
from renkei.ledger.tables import EventRead, File, Notice, Person

MARKED = "個人の値" + "4711"


def classes_below(base: type[Exception]) -> Iterator[type[Exception]]:
    for each in base.__subclasses__():
        yield each
        yield from classes_below(each)


FOREIGN = sorted({*classes_below(exc.SQLAlchemyError), orm_exc.StaleDataError}, key=lambda each: each.__qualname__)


def raised(kind: type[Exception], driver: Exception) -> Exception:
    if issubclass(kind, exc.DBAPIError):
        return kind(f"INSERT {MARKED}", {"name": MARKED}, driver)
    found = kind.__new__(kind)
    found.args = (MARKED,)
    return found


class TestEveryForeignException:
    @pytest.mark.parametrize("kind", FOREIGN, ids=lambda each: each.__qualname__)
    def test_becomes_ours_without_its_text(self, kind: type[Exception]) -> None:
        for driver in (sqlite3.OperationalError(MARKED), psycopg.OperationalError(MARKED), ValueError(MARKED)):
            found = mapped(raised(kind, driver))
            assert isinstance(found, RenkeiError)
            assert MARKED not in f"{found} {found!r}"

    @pytest.mark.parametrize(
        ("driver", "expected"),
        [
            (psycopg.errors.DiskFull(), LedgerUnavailable),
            (psycopg.errors.ReadOnlySqlTransaction(), LedgerUnavailable),
            (psycopg.errors.InsufficientPrivilege(), LedgerUnavailable),
            (psycopg.errors.InvalidCatalogName(), LedgerUnavailable),
            (psycopg.errors.DataCorrupted(), LedgerUnavailable),
            (psycopg.errors.LockNotAvailable(), LedgerBusy),
            (psycopg.errors.DeadlockDetected(), LedgerBusy),
            (psycopg.errors.SerializationFailure(), LedgerBusy),
            (psycopg.errors.TooManyConnections(), LedgerBusy),
            (psycopg.errors.AdminShutdown(), LedgerUnreachable),
            (psycopg.errors.CannotConnectNow(), LedgerUnreachable),
            (psycopg.OperationalError(), LedgerUnreachable),
            (psycopg.errors.UniqueViolation(), LedgerConflict),
            (psycopg.errors.CheckViolation(), LedgerMisuse),
            (psycopg.errors.UndefinedTable(), LedgerMisuse),
        ],
    )
    def test_of_postgresql_by_its_state(self, driver: psycopg.Error, expected: type[RenkeiError]) -> None:
        assert type(mapped(exc.DBAPIError("", {}, driver))) is expected

    def test_a_line_that_breaks_in_commit_leaves_a_doubt(self) -> None:
        lost = exc.OperationalError("", {}, psycopg.OperationalError())
        assert type(mapped(lost, committing=True)) is LedgerCommitUnknown

    def test_the_pool_and_the_line(self) -> None:
        assert type(mapped(exc.TimeoutError())) is LedgerBusy
        assert type(mapped(exc.DisconnectionError())) is LedgerUnreachable


def person(**changes: object) -> Person:
    row = {"registry_number": MARKED, "reference": MARKED, "key_id": "k", "state": "open", **changes}
    return Person(**row)


def twice(tx: Tx) -> None:
    tx.session.add_all([person(), person(reference="other")])


def without_a_required_value(tx: Tx) -> None:
    tx.session.add(person(key_id=None))


def an_unknown_state(tx: Tx) -> None:
    tx.session.add(person(state=MARKED))


def a_value_of_another_kind(tx: Tx) -> None:
    tx.session.add(person(last_history_number={"name": MARKED}))


def no_canonical_json(tx: Tx) -> None:
    now = tx.clock.now()
    tx.session.add(
        EventRead(
            registry_number=MARKED,
            history_number=1,
            row_sha256="a" * 64,
            business_date=now.date(),
            cut_off=now,
            row={"name": MARKED, "height": 1.5},
        )
    )


def a_foreign_key(tx: Tx) -> None:
    now = tx.clock.now().date()
    tx.session.add(Notice(notice_id=MARKED, family="a", business_date=now, state="due", released_by=99))


def sql_of_its_own(tx: Tx) -> None:
    tx.session.execute(text("SELECT * FROM nowhere WHERE name = :name"), {"name": MARKED})


def no_row(tx: Tx) -> None:
    tx.session.scalars(select(Person).where(Person.registry_number == MARKED)).one()


def no_row_by_its_key(tx: Tx) -> None:
    tx.session.get_one(File, ("out", MARKED, 1))


WAYS: dict[Callable[[Tx], None], type[RenkeiError]] = {
    twice: LedgerConflict,
    without_a_required_value: LedgerMisuse,
    an_unknown_state: LedgerMisuse,
    a_value_of_another_kind: LedgerMisuse,
    no_canonical_json: LedgerMisuse,
    a_foreign_key: LedgerMisuse,
    sql_of_its_own: LedgerMisuse,
    no_row: LedgerMisuse,
    no_row_by_its_key: LedgerMisuse,
}


class TestFromTheDatabase:
    @pytest.mark.parametrize("way", WAYS, ids=lambda each: each.__name__)
    def test_nothing_of_the_record_shows(self, ledger: Ledger, way: Callable[[Tx], None]) -> None:
        with pytest.raises(RenkeiError) as caught, ledger.transaction() as tx:  # noqa: PT012  its end raises
            tx.trail("test.row", "subject")
            way(tx)
            tx.session.flush()
        assert type(caught.value) is WAYS[way]
        shown = "".join(traceback.format_exception(caught.value))
        assert MARKED not in shown
        assert caught.value.__suppress_context__
        with ledger.reading() as tx:
            assert tx.session.scalars(select(Person)).all() == []

    def test_models_show_no_value(self) -> None:
        assert MARKED not in repr(person())
