"""Migrations: from nothing, twice, at once; the migrated tables are the models' (both databases)."""

import threading

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect

from renkei.ledger import Ledger, migrate, migrations, open_ledger, trail
from renkei.ledger.engine import VERSION
from renkei.ledger.tables import Base
from renkei.settings import Settings
from tests.support.databases import NOON, Postgresql


def checks(engine: Engine) -> dict[str, set[str]]:
    """Return the named check constraints of each table with their words, which Alembic does not compare."""
    found = inspect(engine)
    return {
        table: {
            f"{check['name']} {sorted(word for word in check['sqltext'].split(chr(39))[1::2])}"
            for check in found.get_check_constraints(table)
        }
        for table in found.get_table_names()
        if table != "alembic_version"
    }


def test_the_migrated_tables_equal_the_models(ledger: Ledger) -> None:
    with ledger.engine.connect() as line:
        context = MigrationContext.configure(line, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


def test_the_migrated_checks_equal_the_models(ledger: Ledger, postgresql: Postgresql) -> None:
    if ledger.engine.dialect.name == "sqlite":
        fresh = create_engine("sqlite://")
    else:
        fresh = create_engine(postgresql.url(postgresql.new_database()))
    Base.metadata.create_all(fresh)
    assert checks(ledger.engine) == checks(fresh)
    fresh.dispose()


def test_the_code_works_on_the_newest_revision() -> None:
    config = Config()
    config.set_main_option("script_location", str(next(iter(migrations.__path__))))
    assert ScriptDirectory.from_config(config).get_heads() == [VERSION]


def test_a_second_time_changes_nothing(ledger: Ledger) -> None:
    assert migrate(ledger) == VERSION
    with ledger.reading() as tx:
        assert [row.action for row in trail.rows(tx.session)] == ["ledger.migrated"]


def test_started_twice_at_once(ledger_site: Settings) -> None:
    ends: list[str] = []

    def run() -> None:
        own = open_ledger(ledger_site, clock=NOON)
        ends.append(migrate(own))
        own.close()

    both = [threading.Thread(target=run) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert ends == [VERSION, VERSION]
    found = open_ledger(ledger_site)
    with found.reading() as tx:
        assert trail.head(tx.session).number == 1
        assert list(trail.breaks_in(trail.rows(tx.session))) == []
    found.close()


def test_the_first_row_has_its_mark(ledger: Ledger) -> None:
    assert ledger.mark is not None
    mark = ledger.mark.read()
    assert mark is not None
    assert (mark.number, mark.last_serial) == (1, 0)
