"""Opening the ledger: private files, durable modes, faults that are told and lose nothing."""

import os
import pwd
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from psycopg import sql
from sqlalchemy import event, text

from renkei.errors import (
    LedgerBusy,
    LedgerCommitUnknown,
    LedgerNotMigrated,
    LedgerUnavailable,
    LedgerUnreachable,
    Retryable,
)
from renkei.ledger import Ledger, Tx, engine, migrate, open_ledger, trail, verify
from renkei.ledger.effects import Effect, performing
from renkei.settings import Settings
from tests.support.databases import NOON, Postgresql


@pytest.fixture
def sqlite(settings: Settings) -> Iterator[Ledger]:
    found = open_ledger(settings, clock=NOON)
    migrate(found)
    yield found
    found.close()


@pytest.fixture
def postgres(postgresql: Postgresql) -> Iterator[Ledger]:
    found = open_ledger(postgresql.url(postgresql.new_database()), clock=NOON)
    migrate(found)
    yield found
    found.close()


def write(ledger: Ledger, size: int = 10) -> None:
    with ledger.transaction() as tx:
        tx.trail("test.row", "subject", filling="x" * size)


class TestPrivateFiles:
    def test_files_and_folders_are_the_owners_alone(self, sqlite: Ledger, settings: Settings) -> None:
        write(sqlite)
        folder = settings.home / "ledger"
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
        assert modes == {
            "ledger.sqlite": 0o600,
            "ledger.sqlite-shm": 0o600,
            "ledger.sqlite-wal": 0o600,
        }
        assert [stat.S_IMODE(each.stat().st_mode) for each in (folder, settings.home)] == [0o700, 0o700]
        assert stat.S_IMODE((settings.sealed_dir / "head.json").stat().st_mode) == 0o600

    def test_a_ledger_that_others_could_read_is_closed_to_them(self, settings: Settings) -> None:
        file = settings.home / "ledger" / "ledger.sqlite"
        file.parent.mkdir(parents=True)
        file.touch(mode=0o644)
        file.chmod(0o644)
        open_ledger(settings)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


class TestModes:
    def test_sqlite_writes_ahead_and_syncs_fully(self, sqlite: Ledger) -> None:
        with sqlite.reading() as tx:
            line = tx.session.connection()
            found = [
                line.execute(text(f"PRAGMA {name}")).scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers")
            ]
        assert found == ["wal", 2, 1, 1]

    def test_no_parameter_is_ever_printed(self, ledger: Ledger) -> None:
        assert ledger.engine.hide_parameters

    def test_the_url_hides_its_password(self) -> None:
        found = open_ledger("postgresql+psycopg://renkei:hidden@localhost/ledger")
        assert "hidden" not in repr(found.engine)


class TestNotMigrated:
    def test_neither_reading_nor_writing(self, ledger_site: Settings) -> None:
        found = open_ledger(ledger_site)
        for opened in (found.reading, found.transaction):
            with pytest.raises(LedgerNotMigrated), opened():
                pass
        found.close()


class TestBusy:
    def test_a_writer_that_waits_too_long_says_so_and_may_come_again(
        self, ledger: Ledger, ledger_site: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(engine, "_LOCK_SECONDS", 1)
        other = open_ledger(ledger_site, clock=NOON)
        with ledger.transaction() as tx:
            tx.trail("test.row", "subject")
            with pytest.raises(LedgerBusy) as caught:
                write(other)
        assert isinstance(caught.value, Retryable)
        write(other)
        other.close()

    def test_a_reader_does_not_wait(self, ledger: Ledger, ledger_site: Settings) -> None:
        other = open_ledger(ledger_site, clock=NOON)
        with ledger.transaction() as tx:
            tx.trail("test.row", "subject")
            with other.reading() as seen:
                assert trail.head(seen.session).number == 1
        other.close()


@contextmanager
def nobody() -> Iterator[str]:
    """Run as an account without rights where the tests run as root, whom no permission stops."""
    name = pwd.getpwuid(os.geteuid()).pw_name
    if os.geteuid() != 0:
        yield name
        return
    os.seteuid(pwd.getpwnam("nobody").pw_uid)
    try:
        yield "nobody"
    finally:
        os.seteuid(0)


class TestCannotBeWritten:
    """Where the trail cannot be written, nothing is sent (design rule 10)."""

    def test_disk_full(self, sqlite: Ledger, settings: Settings) -> None:
        sqlite.close()
        with sqlite.engine.connect() as line:
            pages = line.execute(text("PRAGMA page_count")).scalar()
        sqlite.close()
        event.listen(
            sqlite.engine,
            "connect",
            lambda line, _: line.execute(f"PRAGMA max_page_count = {pages}"),
        )
        sent: list[str] = []
        with pytest.raises(LedgerUnavailable) as caught:  # noqa: PT012  its end raises
            for _ in range(100):
                with performing(sqlite, Effect.PUBLISH, "name", filling="x" * 4000):
                    sent.append("sent")
        assert caught.value.refs == {"reason": "disk full"}
        with sqlite.reading() as tx:
            rows = [row.action for row in trail.rows(tx.session)]
        assert rows.count("effect.intent") in {len(sent), len(sent) + 1}
        assert verify(sqlite, settings) == []

    def test_a_read_only_file(self) -> None:
        folder = Path(tempfile.mkdtemp())
        file = folder / "ledger.sqlite"
        try:
            first = open_ledger(f"sqlite:///{file}")
            migrate(first)
            first.close()
            file.chmod(0o400)
            folder.chmod(0o500)
            with nobody() as name:
                pass
            if os.geteuid() == 0:
                shutil.chown(file, name)
                shutil.chown(folder, name)
            with nobody(), pytest.raises(LedgerUnavailable):
                write(open_ledger(f"sqlite:///{file}"))
        finally:
            folder.chmod(0o700)
            shutil.rmtree(folder)

    def test_a_folder_that_cannot_be_made(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(LedgerUnavailable):
            open_ledger(f"sqlite:///{tmp_path / 'file' / 'ledger.sqlite'}")

    @pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 8000])
    def test_a_damaged_file(self, tmp_path: Path, content: bytes) -> None:
        file = tmp_path / "ledger.sqlite"
        file.write_bytes(content)
        with pytest.raises(LedgerUnavailable):
            write(open_ledger(f"sqlite:///{file}"))

    def test_a_postgresql_that_only_reads(self, postgres: Ledger, postgresql: Postgresql) -> None:
        name = sql.Identifier(str(postgres.engine.url.database))
        postgresql.execute(sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(name))
        postgres.close()
        with pytest.raises(LedgerUnavailable) as caught:
            write(postgres)
        assert caught.value.refs == {"reason": "read-only"}


class TestTheLineBreaks:
    def test_no_server(self, tmp_path: Path) -> None:
        with pytest.raises(LedgerUnreachable):
            write(open_ledger(f"postgresql+psycopg://renkei@/ledger?host={tmp_path}"))

    def test_before_the_commit_nothing_was_written(self, postgres: Ledger, postgresql: Postgresql) -> None:
        with pytest.raises(LedgerUnreachable), postgres.transaction() as tx:  # noqa: PT012  its end raises
            tx.trail("test.row", "subject")
            terminate(postgresql, tx)
            tx.trail("test.row", "subject")
        with postgres.reading() as tx:
            assert trail.head(tx.session).number == 1

    def test_during_the_commit_nobody_knows(self, postgres: Ledger, postgresql: Postgresql) -> None:
        with pytest.raises(LedgerCommitUnknown), postgres.transaction() as tx:  # noqa: PT012  its end raises
            tx.trail("test.row", "subject")
            event.listen(tx.session, "before_commit", lambda _: terminate(postgresql, tx))


def terminate(postgresql: Postgresql, tx: Tx) -> None:
    """End the server's process that serves a transaction."""
    process = tx.session.connection().execute(text("SELECT pg_backend_pid()")).scalar_one()
    postgresql.execute(sql.SQL("SELECT pg_terminate_backend({}, 5000)").format(sql.Literal(process)))
