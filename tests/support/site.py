"""A ward's whole site in a temporary folder: real keys, real gpg, the mock agency over real SFTP, a ledger.

    def test_a_day(site):                    # fixture: seeded from a small registry, agency running
        site.run("2019-03-28")               # the four steps of a day, as the command line does them
        assert site.file(1).outcome == "accepted"

`make_site(builder=…)` has a baseline made by hand (tests/support/extracts.py), `make_site(registry=300)` one of the
synthetic registry. The fixture `site` is a copy of one made once: `site.tomorrow()` begins the next extract. Their
ledgers are SQLite's; `on_both("site")` of tests/support/databases.py runs a test on PostgreSQL too.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from renkei.corridor import steps
from renkei.corridor.baseline import accept_baseline
from renkei.corridor.house import House, open_house
from renkei.ledger import migrate
from renkei.ledger.states import Direction
from renkei.ledger.tables import Base, File
from renkei.settings import Settings
from tests.support.agency import ROOT, Agency, Ward, end_agents, import_keys, make_ward, new_agency
from tests.support.databases import Postgresql, database_of
from tests.support.extracts import ExtractBuilder

BASELINE = "2019-03-27"
REFERENCE_KEY = "k1:" + "5a" * 32
PEERS = """
[[peer]]
id = "{id}"
host = "127.0.0.1"
port = {port}
host_key = "{host_key}"
openpgp = [{{ fingerprint = "{fingerprint}" }}]
folder = "{folder}"
connection_id = "renkei_{id}"
username = "{login}"
key_file = "{key}"
"""


@dataclass
class Site:
    """One site; its steps run in this process."""

    home: Path
    agency: Agency
    ward: Ward
    municipality: str = "131041"
    ports: dict[str, int] = field(default_factory=dict)
    builder: ExtractBuilder | None = None
    """The last extract made by hand."""
    server: Postgresql | None = None
    database: str | None = None
    """The ledger's database on the server; without one the ledger is SQLite's."""

    @property
    def settings(self) -> Settings:
        """The settings as a command would read them."""
        return Settings.load(self.home, {})

    @property
    def extracts(self) -> Path:
        """Where the registry puts its extracts."""
        return self.home / "extracts"

    def write_settings(self, **more: object) -> None:
        """Write renkei.toml."""
        values: dict[str, object] = {
            "municipality": self.municipality,
            "ward_fingerprint": self.ward.fingerprint,
            "clock": "business-date@23:00",
            "poke_seconds": 1,
            **({"ledger_url": self.server.url(self.database)} if self.server and self.database else {}),
            **more,
        }
        lines = [f"{name} = {value if isinstance(value, int) else repr(str(value))}" for name, value in values.items()]
        (self.home / "renkei.toml").write_text("\n".join(lines).replace("'", '"') + "\n", encoding="utf-8")
        (self.home / "renkei.toml").chmod(0o600)

    def write_peers(self, **ports: int) -> None:
        """Write peers.toml: both counterparties, at the agency's ports or those given (a proxy's, an sshd's)."""
        text = ""
        for name in ("moj", "isa"):
            text += PEERS.format(
                id=name,
                port=ports.get(name) or self.agency.port(name),
                host_key=self.agency.host_key(name),
                fingerprint=self.agency.fingerprint(name),
                folder=".",
                login=self.agency.login,
                key=self.ward.ssh_private,
            )
        (self.home / "peers.toml").write_text(text, encoding="utf-8")
        (self.home / "peers.toml").chmod(0o600)

    def house(self, day: str | date | None = None) -> AbstractContextManager[House]:
        """Open the site on a business date."""
        when = date.fromisoformat(day) if isinstance(day, str) else day
        return open_house(self.settings, business_date=when, actor="test")

    def begin(self, baseline: str = BASELINE) -> None:
        """Make the ledger, accept the baseline, seed the agency from the same file."""
        with self.house(baseline) as house:
            migrate(house.ledger)
            accept_baseline(house, date.fromisoformat(baseline), reason="first extract", asker="chief")
        self.agency.seed(self.extracts / baseline, self.home / "keys" / "reference-keys")

    def tomorrow(self) -> ExtractBuilder:
        """Begin the extract of the day after the last one made by hand; `extract` writes it."""
        assert self.builder is not None
        self.builder = self.builder.next_day()
        return self.builder

    def extract(self, builder: ExtractBuilder | None = None) -> str:
        """Write an extract made by hand (the last one that was begun); return its business date."""
        made = builder or self.builder
        assert made is not None
        self.builder = made
        made.write(self.extracts)
        return str(made.day)

    def seal(self, day: str) -> steps.Sealing:
        """Request and seal a day."""
        with self.house(day) as house:
            return steps.seal_requested_days(house, date.fromisoformat(day))

    def publish(self, day: str) -> steps.Publishing:
        """Publish what is sealed."""
        with self.house(day) as house:
            return steps.publish_sealed_files(house)

    def receive(self, day: str) -> steps.Receipts:
        """Let the agency process, then look once for receipts."""
        self.agency.process()
        with self.house(day) as house:
            return steps.take_in_receipts(house, {date.fromisoformat(day)})

    def answered(self, day: str, seconds: float = 20) -> steps.Receipts:
        """Look for receipts, again and again, until the running agency has answered everything of a day."""
        deadline = time.monotonic() + seconds
        while True:
            with self.house(day) as house:
                found = steps.take_in_receipts(house, {date.fromisoformat(day)})
            if found.complete or time.monotonic() > deadline:
                return found
            time.sleep(0.05)

    def deliver(self, day: str) -> steps.Receipts:
        """Seal a day, publish it and take in its receipts."""
        self.seal(day)
        self.publish(day)
        return self.answered(day)

    def report(self, day: str) -> steps.Reported:
        """Write the day's report."""
        with self.house(day) as house:
            return steps.write_run_report(house, date.fromisoformat(day), "cli__test")

    def run(self, day: str) -> steps.Reported:
        """Run the four steps of a day."""
        self.seal(day)
        self.publish(day)
        self.receive(day)
        return self.report(day)

    def rows(self, model: type[Base], **where: Any) -> list[Any]:
        """Return rows of a table of the ledger."""
        with self.house() as house, house.ledger.reading() as tx:
            return list(tx.session.scalars(select(model).filter_by(**where)))

    def file(self, serial: int) -> Any:
        """Return an outbound file."""
        (found,) = self.rows(File, direction=Direction.OUT, serial=serial)
        return found

    def take_key(self, public: Path) -> None:
        """Import a public key into both of the ward's GnuPG homes."""
        for home in (self.settings.gnupg_seal_home, self.settings.gnupg_open_home):
            import_keys(home, public.read_bytes())

    def drop_key(self, fingerprint: str) -> None:
        """Remove a public key from both of the ward's GnuPG homes."""
        for home in (self.settings.gnupg_seal_home, self.settings.gnupg_open_home):
            line = ["gpg", "--homedir", str(home), "--batch", "--yes", "--delete-keys", fingerprint]
            subprocess.run(line, check=True, capture_output=True)
            end_agents(home)

    def end_agents(self) -> None:
        """End what a killed step left running."""
        for home in (self.settings.gnupg_seal_home, self.settings.gnupg_open_home, self.ward.home):
            end_agents(home)

    def remove(self) -> None:
        """Stop the agency and remove everything."""
        self.agency.remove()
        self.end_agents()
        self.drop_database()

    def drop_database(self) -> None:
        """Remove the ledger's database."""
        if self.server and self.database:
            self.server.drop_database(self.database)


def make_site(
    home: Path,
    *,
    builder: ExtractBuilder | None = None,
    registry: int = 0,
    until: str = "2019-04-03",
    server: Postgresql | None = None,
) -> Site:
    """Make a site whose baseline is `builder`'s day, or `registry` invented residents; the agency runs."""
    agency, ward = new_agency(clock="message"), make_ward()
    site = Site(home, agency, ward, server=server, database=server.new_database() if server else None)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    (home / "keys").mkdir(mode=0o700)
    (home / "keys" / "reference-keys").write_text(REFERENCE_KEY + "\n", encoding="ascii")
    agency.trust(ward.openpgp, ward.ssh_public)
    ward.homes(home / "keys", agency.openpgp("moj"), agency.openpgp("isa"))
    for name in ("moj", "isa"):
        ward.gpg("--import", agency.openpgp(name), day="2026-01-01T00:00:00")
    agency.start()
    site.write_settings()
    site.write_peers()
    site.extracts.mkdir()
    if builder is not None:
        site.extract(builder)
    else:
        build_registry(site.extracts, registry, until)
    site.begin()
    return site


def build_registry(out: Path, residents: int, until: str) -> None:
    """Run the synthetic registry."""
    line = [sys.executable, "-m", "synthetic_registry", "build", "--out", str(out), "--residents", str(residents)]
    line += ["--schemas", str(ROOT / "schemas"), "--to", until]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "docker" / "registry")}
    subprocess.run(line, check=True, capture_output=True, env=environment)


def days(first: str, last: str) -> list[str]:
    """Return the business dates from first to last."""
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return [(start + timedelta(days=n)).isoformat() for n in range((end - start).days + 1)]


def copy_of(site: Site) -> Site:
    """Copy a site whose agency is stopped, and start the copy's agency; the ward's keys are shared."""
    home, agency = (Path(tempfile.mkdtemp(prefix=prefix)) for prefix in ("s-", "a-"))
    sockets = shutil.ignore_patterns("S.*", "*.lock")
    shutil.copytree(site.home, home, dirs_exist_ok=True, ignore=sockets)
    shutil.copytree(site.agency.home, agency, dirs_exist_ok=True, ignore=sockets)
    database = site.server.new_database(template=site.database) if site.server and site.database else None
    copied = Agency(agency, clock=site.agency.clock)
    made = Site(home, copied, site.ward, builder=site.builder, server=site.server, database=database)
    made.agency.start(every=0.05)
    if database:
        made.write_settings()
    made.write_peers()
    return made


def small_ward() -> ExtractBuilder:
    """The baseline of most tests: twenty invented residents, 0000000001 to 0000000020."""
    builder = ExtractBuilder(BASELINE, baseline=True)
    for _ in range(20):
        builder.resident()
    return builder


@pytest.fixture(scope="session")
def pattern_sites() -> Iterator[dict[Postgresql | None, Site]]:
    """Small wards, baseline accepted, agency seeded and stopped: for copies, made when asked for."""
    made: dict[Postgresql | None, Site] = {}
    yield made
    for each in made.values():
        # Its server was stopped before, and took the database with it.
        each.database = None
        each.remove()
        each.ward.remove()
        shutil.rmtree(each.home, ignore_errors=True)


def pattern_of(patterns: dict[Postgresql | None, Site], server: Postgresql | None) -> Site:
    """Return the pattern whose ledger is on this server, SQLite's without one; made at the first call."""
    if server not in patterns:
        made = make_site(Path(tempfile.mkdtemp(prefix="s-")), builder=small_ward(), server=server)
        made.agency.stop()
        patterns[server] = made
    return patterns[server]


@pytest.fixture(scope="session")
def pattern_site(pattern_sites: dict[Postgresql | None, Site]) -> Site:
    """The pattern on SQLite."""
    return pattern_of(pattern_sites, None)


@pytest.fixture
def site(request: pytest.FixtureRequest, pattern_sites: dict[Postgresql | None, Site]) -> Iterator[Site]:
    """A small ward of this test alone, its agency running; yesterday was the baseline."""
    made = copy_of(pattern_of(pattern_sites, database_of(request)))
    yield made
    made.agency.remove()
    made.end_agents()
    made.drop_database()
    shutil.rmtree(made.home, ignore_errors=True)


@pytest.fixture(scope="module")
def week(request: pytest.FixtureRequest) -> Iterator[Site]:
    """A site with a week of a small synthetic registry; nothing has run yet."""
    made = make_site(Path(tempfile.mkdtemp(prefix="s-")), registry=400, server=database_of(request))
    yield made
    made.remove()
    made.ward.remove()
    shutil.rmtree(made.home, ignore_errors=True)
