"""The audit trail: append-only, chained, one writer at a time, on both databases (contract §10)."""

import itertools
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import DBAPIError

from renkei.clock import SystemClock
from renkei.errors import LedgerMisuse
from renkei.ledger import Ledger, trail
from renkei.ledger.tables import Person, Trail
from renkei.settings import Settings

PLUGINS = Path(__file__).resolve().parents[3] / "plugins"
WRITERS, ROWS = 8, 20
WRITER = """
import os, sys, time
from pathlib import Path
from renkei.ledger import open_ledger
from renkei.settings import Settings
ledger = open_ledger(Settings.load())
with ledger.reading():
    pass
Path(sys.argv[1], sys.argv[2]).touch()
while not Path(sys.argv[1], "go").exists():
    time.sleep(0.005)
for number in range(int(sys.argv[3])):
    with ledger.transaction() as tx:
        tx.trail("test.row", sys.argv[2], number=number)
"""


def numbers(ledger: Ledger) -> list[int]:
    with ledger.reading() as tx:
        return list(tx.session.scalars(select(Trail.number).order_by(Trail.number)))


def breaks(ledger: Ledger) -> list[trail.Break]:
    with ledger.reading() as tx:
        return list(trail.breaks_in(trail.rows(tx.session)))


def append(ledger: Ledger, count: int = 3) -> None:
    for number in range(count):
        with ledger.transaction() as tx:
            tx.trail("test.row", "subject", number=number)


class TestAppend:
    def test_numbers_follow_and_each_row_bears_the_hash_before_it(self, ledger: Ledger) -> None:
        append(ledger)
        with ledger.reading() as tx:
            rows = list(tx.session.scalars(select(Trail).order_by(Trail.number)))
        assert [row.number for row in rows] == [1, 2, 3, 4]
        assert [row.previous_hash for row in rows] == [trail.GENESIS, *(row.hash for row in rows[:-1])]
        assert breaks(ledger) == []

    def test_a_row_keeps_actor_action_subject_time_and_facts(self, ledger: Ledger) -> None:
        with ledger.transaction(actor="clerk-7") as tx:
            head = tx.trail("file.sealed", "00000003", serial=3, 漢字="髙")
        with ledger.reading() as tx:
            row = tx.session.get_one(Trail, head.number)
        assert (row.actor, row.action, row.subject) == ("clerk-7", "file.sealed", "00000003")
        assert row.at == ledger.clock.now()
        assert json.loads(row.facts) == {"serial": 3, "漢字": "髙"}

    def test_personal_facts_are_refused(self, ledger: Ledger) -> None:
        with pytest.raises(LedgerMisuse), ledger.transaction() as tx:
            tx.trail("test.row", "subject", registry_number="0001")

    def test_an_aborted_transaction_leaves_no_row_and_no_gap(self, ledger: Ledger) -> None:
        with pytest.raises(ZeroDivisionError), ledger.transaction() as tx:  # noqa: PT012  its end raises
            tx.trail("test.row", "lost")
            raise ZeroDivisionError
        append(ledger, 1)
        assert numbers(ledger) == [1, 2]

    def test_a_change_without_a_trail_row_is_refused(self, ledger: Ledger) -> None:
        """What is done and what tells it stand in one transaction."""
        with pytest.raises(LedgerMisuse), ledger.transaction() as tx:
            tx.session.add(Person(registry_number="1", reference="r", key_id="k", state="open"))
        with ledger.reading() as tx:
            assert tx.session.scalar(select(func.count()).select_from(Person)) == 0

    def test_reading_writes_nothing(self, ledger: Ledger) -> None:
        with pytest.raises(LedgerMisuse), ledger.transaction(lock=False) as tx:
            tx.trail("test.row", "subject")


class TestTheDatabaseItselfRefuses:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE trail SET facts = '{}' WHERE number = 2",
            "DELETE FROM trail WHERE number = 4",
            "DELETE FROM trail",
            (
                "INSERT INTO trail SELECT number + 5, hash, 'h', at, actor, action, subject, facts FROM trail"
                " WHERE number = 4"
            ),
            (
                "INSERT INTO trail SELECT 5, previous_hash || 'x', 'h', at, actor, action, subject, facts FROM trail"
                " WHERE number = 4"
            ),
        ],
    )
    def test_change_deletion_gap_and_fork(self, ledger: Ledger, statement: str) -> None:
        append(ledger)
        with pytest.raises(DBAPIError), ledger.engine.begin() as line:
            line.execute(text(statement))
        assert numbers(ledger) == [1, 2, 3, 4]
        assert breaks(ledger) == []

    def test_replacing_a_row_and_emptying_the_table(self, ledger: Ledger) -> None:
        append(ledger)
        statement = {
            "sqlite": "INSERT OR REPLACE INTO trail SELECT number, previous_hash, hash, at, actor, action,"
            " subject, '{}' FROM trail WHERE number = 2",
            "postgresql": "TRUNCATE trail",
        }[ledger.engine.dialect.name]
        with pytest.raises(DBAPIError), ledger.engine.begin() as line:
            line.execute(text(statement))
        assert breaks(ledger) == []


class TestVerifyChain:
    @pytest.mark.parametrize(
        "forgery",
        [
            "UPDATE trail SET facts = '{}' WHERE number = 3",
            "UPDATE trail SET actor = 'somebody else' WHERE number = 2",
            "DELETE FROM trail WHERE number = 3",
            "DELETE FROM trail WHERE number = 1",
            "UPDATE trail SET at = '2019-03-28T12:00:01.000000+09:00' WHERE number = 4",
        ],
    )
    def test_it_sees_what_was_forged_behind_the_triggers(self, ledger: Ledger, forgery: str) -> None:
        append(ledger)
        with ledger.engine.begin() as line:
            if line.dialect.name == "sqlite":
                line.execute(text("DROP TRIGGER trail_no_update"))
                line.execute(text("DROP TRIGGER trail_no_delete"))
            else:
                line.execute(text("ALTER TABLE trail DISABLE TRIGGER USER"))
            line.execute(text(forgery))
        assert breaks(ledger) != []


class TestTheLockComesFirst:
    def test_the_first_statement_of_a_writing_transaction_takes_it(self, ledger: Ledger) -> None:
        append(ledger, 1)
        seen: list[str] = []
        event.listen(
            ledger.engine,
            "before_cursor_execute",
            lambda _c, _cursor, statement, *_: seen.append(statement),
        )
        append(ledger, 1)
        first = next(each for each in seen if not each.startswith(("PRAGMA", "SET LOCAL lock_timeout")))
        expected = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "SELECT pg_advisory_xact_lock"}
        assert first.startswith(expected[ledger.engine.dialect.name])

    def test_a_transaction_inside_another_is_refused_at_once(self, ledger: Ledger) -> None:
        started = time.monotonic()
        with ledger.transaction() as tx:
            tx.trail("test.row", "outer")
            with pytest.raises(LedgerMisuse), ledger.transaction():
                pass
        assert time.monotonic() - started < 5

    def test_eight_processes_at_once_make_one_chain(
        self, ledger: Ledger, ledger_site: Settings, tmp_path: Path
    ) -> None:
        before = len(numbers(ledger))
        environment = {
            **os.environ,
            "PYTHONPATH": str(PLUGINS),
            "RENKEI_HOME": str(ledger_site.home),
            "RENKEI_LEDGER_URL": ledger_site.ledger_url,
            "RENKEI_MUNICIPALITY": ledger_site.municipality,
            "RENKEI_WARD_FINGERPRINT": ledger_site.ward_fingerprint,
        }
        ledger.close()
        names = [f"writer-{number}" for number in range(WRITERS)]
        writers = [
            subprocess.Popen(
                [sys.executable, "-c", WRITER, str(tmp_path), name, str(ROWS)],
                env=environment,
                stderr=subprocess.PIPE,
                text=True,
            )
            for name in names
        ]
        while not all((tmp_path / name).exists() for name in names):
            assert all(writer.poll() in {None, 0} for writer in writers), "a writer could not start"
            time.sleep(0.02)
        (tmp_path / "go").touch()
        ends = [(writer.communicate()[1], writer.returncode) for writer in writers]
        assert ends == [("", 0)] * WRITERS
        assert numbers(ledger) == list(range(1, before + WRITERS * ROWS + 1))
        assert breaks(ledger) == []
        with ledger.reading() as tx:
            turns = list(tx.session.scalars(select(Trail.subject).order_by(Trail.number)))[before:]
        assert {name: turns.count(name) for name in names} == dict.fromkeys(names, ROWS)
        assert sum(one != other for one, other in itertools.pairwise(turns)) >= WRITERS
        assert ledger.mark is not None
        mark = ledger.mark.read()
        assert mark is not None
        assert mark.number == before + WRITERS * ROWS


def test_the_machine_clock_is_the_default_of_a_real_site(settings: Settings) -> None:
    from renkei.ledger import open_ledger

    assert open_ledger(settings).clock == SystemClock()
