"""The ledger's migrations, run by Alembic inside one transaction."""

from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from renkei.ledger import trail
from renkei.ledger.engine import Ledger, take_lock, version_of
from renkei.ledger.faults import mapped
from renkei.ledger.mark import Mark


def migrate(ledger: Ledger) -> str:
    """Bring the ledger's tables to this product's version and return it; the trail tells of it.

    Started twice at once, the second waits and finds nothing to do. Raises what `Ledger.transaction` raises.
    """
    # Alembic takes a while to import and is needed here alone.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    try:
        with ledger.engine.begin() as connection:
            take_lock(connection)
            before = version_of(connection)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            after = version_of(connection) or ""
            head = _tell(ledger, connection, before, after) if after != before else None
    except SQLAlchemyError as error:
        raise mapped(error) from None
    # From its first row on a ledger has a mark: one that is missing later was taken away.
    if before is None and head is not None and ledger.mark is not None:
        ledger.mark.advance(Mark(head.number, head.hash, 0))
    return after


def _tell(ledger: Ledger, connection: Connection, before: str | None, after: str) -> trail.Head:
    with Session(connection) as session:
        return trail.append(
            session,
            at=ledger.clock.now(),
            actor=ledger.actor,
            action="ledger.migrated",
            subject=after,
            facts={"before": before, "after": after},
        )
