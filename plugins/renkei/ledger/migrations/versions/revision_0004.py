"""Bundles for auditors: written once, with the head of the trail that each one holds; a report's own bundle."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the table and the column; what is written is kept."""
    op.add_column("reports", sa.Column("path_zip", sa.Text(), nullable=True))
    op.create_table(
        "audit_bundles",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("head_number", sa.Integer(), nullable=False),
        sa.Column("head_hash", sa.String(64), nullable=False),
        sa.Column("written_at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_bundles")),
    )
    if op.get_context().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER audit_bundles_no_delete BEFORE DELETE ON audit_bundles "
            "BEGIN SELECT RAISE(ABORT, 'rows are never deleted'); END"
        )
        return
    op.execute(
        "CREATE TRIGGER audit_bundles_no_delete BEFORE DELETE ON audit_bundles "
        "FOR EACH ROW EXECUTE FUNCTION renkei_refuse()"
    )
    op.execute(
        "CREATE TRIGGER audit_bundles_no_truncate BEFORE TRUNCATE ON audit_bundles "
        "FOR EACH STATEMENT EXECUTE FUNCTION renkei_refuse()"
    )
