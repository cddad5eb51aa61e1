"""The site as the web process opens it, once per process: settings, schemas, peers, ledger; no key of any kind."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache

from airflow.api_fastapi.auth.managers.models.base_user import BaseUser

from renkei.clock import SystemClock
from renkei.ledger import Ledger, Tx, open_ledger
from renkei.peers import Peers
from renkei.schemas import Schemas
from renkei.settings import Settings


@dataclass(frozen=True, slots=True)
class Desk:
    """What the pages need. Instants are the machine's own: people act in real time, whatever day a demo plays."""

    settings: Settings
    schemas: Schemas
    peers: Peers
    ledger: Ledger

    @contextmanager
    def reading(self) -> Iterator[Tx]:
        """Read from the ledger."""
        with self.ledger.reading() as tx:
            yield tx

    def told(self, user: BaseUser, action: str, subject: str, **facts: object) -> None:
        """Put on record what a person did: in the trail, before the answer goes out."""
        with self.ledger.transaction(actor=actor_of(user)) as tx:
            tx.tell(action, subject, facts)

    @property
    def today(self) -> date:
        """Return the date in Tokyo."""
        return self.ledger.clock.now().date()


def actor_of(user: BaseUser) -> str:
    """Return how the trail names a person who works in the browser."""
    return f"ui/{user.get_name()}"


@cache
def desk() -> Desk:
    """Open the site of RENKEI_HOME for the pages."""
    settings = Settings.load()
    return Desk(
        settings=settings,
        schemas=Schemas(settings.schemas_dir),
        peers=Peers.load(settings.peers_file, settings.schemas_dir),
        ledger=open_ledger(settings, clock=SystemClock(), actor="ui"),
    )
