"""What Alembic runs: the connection and its transaction come from `migrate`."""

from alembic import context

from renkei.ledger.tables import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
