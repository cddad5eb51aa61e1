"""Agency notices in: their files, notices, answers, worklists, and the card numbers that passed through."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

KEPT = ("agency_notices", "acknowledgements", "worklists")
FILE_STATES = (
    "prepared",
    "sealed",
    "sending",
    "published",
    "receipted",
    "unknown",
    "exported",
    "seen",
    "quarantined",
    "opened",
    "ingested",
    "acknowledged",
    "void",
)
CLASSES = (
    "already_so",
    "to_apply",
    "conflict",
    "not_found",
    "moved_away",
    "duplicate",
    "out_of_order",
    "not_ours",
    "not_acceptable",
    "waits_for_us",
)


def upgrade() -> None:
    """Add the tables and columns, and let nothing of them be deleted."""
    for column in (
        sa.Column("seen_at", sa.String(32), nullable=True),
        sa.Column("listed", sa.Text(), nullable=True),
        sa.Column("layer", sa.String(64), nullable=True),
        sa.Column("reason", sa.String(64), nullable=True),
        sa.Column("totals", sa.Text(), nullable=True),
    ):
        op.add_column("files", column)
    with op.batch_alter_table("reports") as reports:
        reports.add_column(
            sa.Column("kind", sa.String(64), nullable=False, server_default=sa.text("'municipal_notices'"))
        )
        reports.drop_constraint("uq_reports_business_date_run_id_attempt", type_="unique")
        reports.create_unique_constraint(
            "uq_reports_kind_business_date_run_id_attempt", ["kind", "business_date", "run_id", "attempt"]
        )
    _agency_notices()
    _acknowledgements()
    _card_history()
    _worklists()
    _guard()


def _states(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=16)


def _agency_notices() -> None:
    op.create_table(
        "agency_notices",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("record_number", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.String(32), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("event_date", sa.String(32), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("content_sha256", sa.String(64), nullable=False),
        sa.Column("notice_class", _states("notice_class", *CLASSES), nullable=True),
        sa.Column("rule", sa.String(64), nullable=True),
        sa.Column("fields", sa.Text(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("candidates", sa.Text(), nullable=True),
        sa.Column("registry_number", sa.String(32), nullable=True),
        sa.Column("prepared", sa.Boolean(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("matched_on", sa.Date(), nullable=True),
        sa.Column("final_at", sa.String(32), nullable=True),
        sa.Column("answer", sa.Integer(), nullable=True),
        sa.Column("state", _states("state", "open", "closed"), nullable=False),
        sa.Column("closed_at", sa.String(32), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("decision_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name=op.f("fk_agency_notices_decision_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_notices")),
        sa.UniqueConstraint("serial", "record_number", name=op.f("uq_agency_notices_serial_record_number")),
    )
    for column in ("notice_id", "content_sha256", "notice_class", "registry_number", "state"):
        op.create_index(op.f(f"ix_agency_notices_{column}"), "agency_notices", [column], unique=False)


def _acknowledgements() -> None:
    op.create_table(
        "acknowledgements",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Integer(), nullable=False),
        sa.Column("counterparty", sa.String(64), nullable=False),
        sa.Column("outcome", sa.String(64), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("state", _states("state", *FILE_STATES), nullable=False),
        sa.Column("text_sha256", sa.String(64), nullable=False),
        sa.Column("sealed_sha256", sa.String(64), nullable=False),
        sa.Column("sealed_path", sa.Text(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("sealed_at", sa.String(32), nullable=False),
        sa.Column("published_at", sa.String(32), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acknowledgements")),
        sa.UniqueConstraint("serial", "answer", name=op.f("uq_acknowledgements_serial_answer")),
    )
    op.create_index(op.f("ix_acknowledgements_state"), "acknowledgements", ["state"], unique=False)


def _card_history() -> None:
    op.create_table(
        "card_history",
        sa.Column("card_number", sa.String(32), nullable=False),
        sa.Column("registry_number", sa.String(32), nullable=False),
        sa.Column("last_seen", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("card_number", "registry_number", name=op.f("pk_card_history")),
    )
    op.create_index(op.f("ix_card_history_registry_number"), "card_history", ["registry_number"], unique=False)


def _worklists() -> None:
    op.create_table(
        "worklists",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("amendment", sa.Integer(), nullable=False),
        sa.Column("amends", sa.Integer(), nullable=True),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("written_at", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(["amends"], ["worklists.id"], name=op.f("fk_worklists_amends")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worklists")),
        sa.UniqueConstraint("business_date", "amendment", name=op.f("uq_worklists_business_date_amendment")),
    )


def _guard() -> None:
    for table in KEPT:
        if op.get_context().dialect.name == "sqlite":
            op.execute(
                f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'rows are never deleted'); END"
            )
            continue
        for name, when in (
            ("no_delete", "DELETE ON {} FOR EACH ROW"),
            ("no_truncate", "TRUNCATE ON {} FOR EACH STATEMENT"),
        ):
            op.execute(f"CREATE TRIGGER {table}_{name} BEFORE {when.format(table)} EXECUTE FUNCTION renkei_refuse()")
