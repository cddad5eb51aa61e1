"""A real PostgreSQL from Debian's programs, on a private socket, and a fresh ledger on each database.

PostgreSQL refuses to run as root: then its own account, `postgres`, runs it.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from renkei.clock import TOKYO, FixedClock
from renkei.ledger import Ledger, migrate, open_ledger
from renkei.settings import Settings

NOON = FixedClock(datetime(2019, 3, 28, 12, 0, tzinfo=TOKYO))
MUNICIPALITY = "131041"
DATABASES = ("sqlite", "postgresql")


@dataclass(frozen=True, slots=True)
class Postgresql:
    """A running server: its socket's folder, and how to stop and start it."""

    data: Path
    programs: Path
    account: str | None

    def url(self, database: str) -> str:
        """Return the ledger URL of a database."""
        return f"postgresql+psycopg://renkei@/{database}?host={self.data}"

    def run(self, program: str, *arguments: str) -> None:
        """Run one of the server's programs under the server's account."""
        command = [str(self.programs / program), *arguments]
        group = None if self.account is None else pwd.getpwnam(self.account).pw_gid
        done = subprocess.run(
            command,
            user=self.account,
            group=group,
            extra_groups=None if group is None else [group],
            cwd=self.data,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "LC_ALL": "C"},
        )
        assert done.returncode == 0, f"{program}: {done.stdout}{done.stderr}"

    def start(self) -> None:
        # fsync off: these tests end processes and lines, never the machine's power.
        options = f"-c listen_addresses= -c unix_socket_directories={self.data} -c max_connections=60 -c fsync=off"
        self.run("pg_ctl", "-D", "db", "-l", "log", "-w", "-o", options, "start")

    def stop(self, mode: str = "immediate") -> None:
        self.run("pg_ctl", "-D", "db", "-w", "-m", mode, "stop")

    def execute(self, statement: sql.Composable) -> None:
        """Run one statement as the administrator."""
        with psycopg.connect(host=str(self.data), user="renkei", dbname="postgres", autocommit=True) as line:
            line.execute(statement)

    def new_database(self, template: str = "template1") -> str:
        """Make a database, empty or a copy of another that nobody is using; return its name."""
        name = f"ledger_{uuid.uuid4().hex[:12]}"
        self.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        return name

    def drop_database(self, name: str) -> None:
        """Remove a database, whoever is still connected to it."""
        self.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def on_both(fixture: str) -> pytest.MarkDecorator:
    """Run a test on each of the two databases; `fixture` names the one that makes its site and takes their name."""
    return pytest.mark.parametrize(fixture, DATABASES, indirect=True)


def database_of(request: pytest.FixtureRequest) -> Postgresql | None:
    """Return the server on which a site's fixture is to make its ledger, None for SQLite."""
    if getattr(request, "param", DATABASES[0]) == DATABASES[0]:
        return None
    server: Postgresql = request.getfixturevalue("postgresql")
    return server


def _programs() -> Path:
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    assert versions, "PostgreSQL's programs are missing: scripts/setup --tests installs them"
    return versions[-1].parent


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Postgresql]:
    """A PostgreSQL of its own for the test session."""
    data = Path(tempfile.mkdtemp(prefix="pg-"))
    server = Postgresql(data, _programs(), "postgres" if os.geteuid() == 0 else None)
    try:
        if server.account is not None:
            shutil.chown(data, server.account)
        server.run("initdb", "-D", "db", "-U", "renkei", "--auth=trust", "--encoding=UTF8", "--locale=C", "-N")
        server.start()
        yield server
        server.stop()
    finally:
        shutil.rmtree(data, ignore_errors=True)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The settings of a site whose ledger is SQLite."""
    return Settings.load(tmp_path / "site", {"RENKEI_MUNICIPALITY": MUNICIPALITY, "RENKEI_WARD_FINGERPRINT": "A" * 40})


@pytest.fixture(params=DATABASES)
def ledger_site(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    """The settings of a site with an empty ledger, on each of the two databases."""
    server = database_of(request)
    return settings if server is None else replace(settings, ledger_url=server.url(server.new_database()))


@pytest.fixture
def ledger(ledger_site: Settings) -> Iterator[Ledger]:
    """A migrated ledger with its head mark, on each of the two databases, at noon of 2019-03-28."""
    found = open_ledger(ledger_site, clock=NOON, actor="tests")
    migrate(found)
    yield found
    found.close()
