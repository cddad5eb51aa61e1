"""All that a step needs, opened once: settings, clock, ledger, schemas, peers, keys."""

import contextlib
import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from renkei.clock import Clock, clock_for
from renkei.corridor.guarded import check_guarded, check_keys
from renkei.corridor.work import sweep
from renkei.ledger import Ledger, open_ledger
from renkei.notices import ReferenceKeys
from renkei.peers import Peer, Peers
from renkei.schemas import Schemas
from renkei.settings import Settings
from renkei.transfer import Credentials


@dataclass(frozen=True, slots=True)
class House:
    """One opened site. `credentials` gives the login for a peer: from peers.toml, or an Airflow Connection."""

    settings: Settings
    clock: Clock
    ledger: Ledger
    schemas: Schemas
    peers: Peers
    keys: ReferenceKeys = field(repr=False)
    actor: str
    credentials: Callable[[Peer], Credentials] = field(repr=False)

    def on(self, business_date: date) -> "House":
        """Return the same house with the clock of a business date: the machine's, or the demo's hour of that day."""
        clock = clock_for(self.settings, business_date)
        ledger = Ledger(self.ledger.engine, clock, self.ledger.actor, self.ledger.mark)
        return dataclasses.replace(self, clock=clock, ledger=ledger)

    def path(self, relative: str) -> Path:
        """Return the absolute path of something that the ledger names relative to the home."""
        return self.settings.home / relative

    def relative(self, path: Path) -> str:
        """Return a path as the ledger names it."""
        return path.relative_to(self.settings.home).as_posix()


@contextlib.contextmanager
def open_house(
    settings: Settings | None = None,
    *,
    business_date: date | None = None,
    actor: str = "renkei",
    credentials: Callable[[Peer], Credentials] | None = None,
) -> Iterator[House]:
    """Open the site of RENKEI_HOME, sweep what a killed step left, and close the ledger at the end.

    Raises `SettingInvalid` where another account could change or read what nobody else may, `ForeignKeyInHome` where a
    GnuPG home holds a key that is not pinned.
    """
    settings = settings or Settings.load()
    check_guarded(settings)
    sweep(settings.work_dir)
    clock = clock_for(settings, business_date)
    schemas = Schemas(settings.schemas_dir)
    peers = Peers.load(settings.peers_file, settings.schemas_dir)
    check_keys(settings, peers)
    ledger = open_ledger(settings, clock=clock, actor=actor)
    try:
        yield House(
            settings=settings,
            clock=clock,
            ledger=ledger,
            schemas=schemas,
            peers=peers,
            keys=ReferenceKeys.load(settings.reference_keys),
            actor=actor,
            credentials=credentials or site_credentials,
        )
    finally:
        ledger.close()


def site_credentials(peer: Peer) -> Credentials:
    """Return the login that peers.toml gives for a peer."""
    return Credentials(username=peer.username, key_file=peer.key_file)
