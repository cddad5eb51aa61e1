"""The first tables of the ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table."""
    _decisions()
    _effects()
    _events_read()
    _extracts()
    _files()
    _persons()
    _receipts()
    _reports()
    _servers()
    _trail()
    _days()
    _notices()
    _notice_attempts()
    _open_items()


def _states(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=16)


def _decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(128), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("asker", sa.String(128), nullable=False),
        sa.Column("approver", sa.String(128), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("used_at", sa.String(32), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
    )
    op.create_index("ix_decisions_kind_subject", "decisions", ["kind", "subject"], unique=False)


def _effects() -> None:
    op.create_table(
        "effects",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("effect", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(128), nullable=False),
        sa.Column("intent_at", sa.String(32), nullable=False),
        sa.Column("outcome", _states("outcome", "done", "failed"), nullable=True),
        sa.Column("outcome_at", sa.String(32), nullable=True),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_effects")),
    )
    op.create_index(op.f("ix_effects_outcome"), "effects", ["outcome"], unique=False)


def _events_read() -> None:
    op.create_table(
        "events_read",
        sa.Column("registry_number", sa.String(32), nullable=False),
        sa.Column("history_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("row_sha256", sa.String(64), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("cut_off", sa.String(32), nullable=False),
        sa.Column("row", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("registry_number", "history_number", name=op.f("pk_events_read")),
    )
    op.create_index(op.f("ix_events_read_business_date"), "events_read", ["business_date"], unique=False)


def _extracts() -> None:
    op.create_table(
        "extracts",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("correction", sa.Integer(), nullable=False),
        sa.Column("manifest_sha256", sa.String(64), nullable=False),
        sa.Column("cut_off", sa.String(32), nullable=False),
        sa.Column("previous_cut_off", sa.String(32), nullable=True),
        sa.Column("layout_version", sa.String(16), nullable=False),
        sa.Column("state", _states("state", "baseline", "proven", "refused"), nullable=False),
        sa.Column("residents", sa.Integer(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("deletions", sa.Integer(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("totals", sa.Text(), nullable=False),
        sa.Column("residents_sha256", sa.String(64), nullable=False),
        sa.Column("events_sha256", sa.String(64), nullable=False),
        sa.Column("counts", sa.Text(), nullable=True),
        sa.Column("refused_rule", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extracts")),
        sa.UniqueConstraint("manifest_sha256", name=op.f("uq_extracts_manifest_sha256")),
    )
    op.create_index(op.f("ix_extracts_business_date"), "extracts", ["business_date"], unique=False)


def _files() -> None:
    op.create_table(
        "files",
        sa.Column("direction", _states("direction", "out", "in"), nullable=False),
        sa.Column("municipality", sa.String(6), nullable=False),
        sa.Column("serial", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("counterparty", sa.String(64), nullable=False),
        sa.Column(
            "state",
            _states(
                "state",
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
            ),
            nullable=False,
        ),
        sa.Column("outcome", _states("outcome", "accepted", "partly", "refused"), nullable=True),
        sa.Column("package_sha256", sa.String(64), nullable=True),
        sa.Column("sealed_sha256", sa.String(64), nullable=True),
        sa.Column("previous", sa.String(64), nullable=True),
        sa.Column("records", sa.Integer(), nullable=True),
        sa.Column("counts", sa.Text(), nullable=True),
        sa.Column("business_date", sa.Date(), nullable=True),
        sa.Column("sealed_at", sa.String(32), nullable=True),
        sa.Column("published_at", sa.String(32), nullable=True),
        sa.Column("receipted_at", sa.String(32), nullable=True),
        sa.Column("sealed_path", sa.Text(), nullable=True),
        sa.Column("inputs_sha256", sa.String(64), nullable=True),
        sa.Column("signer_fingerprint", sa.String(64), nullable=True),
        sa.Column("recipient_fingerprint", sa.String(64), nullable=True),
        sa.Column("stopped_reason", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("direction", "municipality", "serial", name=op.f("pk_files")),
        sa.UniqueConstraint("direction", "package_sha256", name=op.f("uq_files_direction_package_sha256")),
    )
    op.create_index(op.f("ix_files_business_date"), "files", ["business_date"], unique=False)
    op.create_index(op.f("ix_files_sealed_sha256"), "files", ["sealed_sha256"], unique=False)
    op.create_index(op.f("ix_files_state"), "files", ["state"], unique=False)


def _persons() -> None:
    op.create_table(
        "persons",
        sa.Column("registry_number", sa.String(32), nullable=False),
        sa.Column("reference", sa.String(64), nullable=False),
        sa.Column("key_id", sa.String(32), nullable=False),
        sa.Column("last_history_number", sa.Integer(), nullable=True),
        sa.Column("state", _states("state", "open", "closed"), nullable=False),
        sa.PrimaryKeyConstraint("registry_number", name=op.f("pk_persons")),
        sa.UniqueConstraint("reference", name=op.f("uq_persons_reference")),
    )
    op.create_index(op.f("ix_persons_state"), "persons", ["state"], unique=False)


def _receipts() -> None:
    op.create_table(
        "receipts",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("serial", sa.Integer(), nullable=True),
        sa.Column("sealed_sha256", sa.String(64), nullable=False),
        sa.Column("receipt_sha256", sa.String(64), nullable=False),
        sa.Column("signed_sha256", sa.String(64), nullable=True),
        sa.Column("outcome", _states("outcome", "accepted", "partly", "refused"), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("totals", sa.Text(), nullable=True),
        sa.Column("received_at", sa.String(32), nullable=False),
        sa.Column("verified_at", sa.String(32), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("signed_path", sa.Text(), nullable=True),
        sa.Column("final", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipts")),
        sa.UniqueConstraint("receipt_sha256", name=op.f("uq_receipts_receipt_sha256")),
    )
    op.create_index(op.f("ix_receipts_sealed_sha256"), "receipts", ["sealed_sha256"], unique=False)
    op.create_index(op.f("ix_receipts_serial"), "receipts", ["serial"], unique=False)


def _reports() -> None:
    op.create_table(
        "reports",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("run_id", sa.String(250), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("path_html", sa.Text(), nullable=False),
        sa.Column("path_csv", sa.Text(), nullable=False),
        sa.Column("path_json", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("written_at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint("business_date", "run_id", "attempt", name=op.f("uq_reports_business_date_run_id_attempt")),
    )
    op.create_index(op.f("ix_reports_business_date"), "reports", ["business_date"], unique=False)


def _servers() -> None:
    op.create_table(
        "servers",
        sa.Column("host", sa.String(253), nullable=False),
        sa.Column("port", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("host_key_sha256", sa.String(64), nullable=False),
        sa.Column("probed_at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("host", "port", "host_key_sha256", name=op.f("pk_servers")),
    )


def _trail() -> None:
    op.create_table(
        "trail",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("actor", sa.String(128), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(128), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_trail")),
        sa.UniqueConstraint("hash", name=op.f("uq_trail_hash")),
        sa.UniqueConstraint("previous_hash", name=op.f("uq_trail_previous_hash")),
    )


def _days() -> None:
    op.create_table(
        "days",
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("state", _states("state", "open", "requested", "sealed", "waived"), nullable=False),
        sa.Column("requested_at", sa.String(32), nullable=True),
        sa.Column("extract_id", sa.Integer(), nullable=True),
        sa.Column("serial", sa.Integer(), nullable=True),
        sa.Column("blocked_by", sa.Text(), nullable=True),
        sa.Column("supplement", sa.Boolean(), nullable=False),
        sa.Column("balance", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["extract_id"], ["extracts.id"], name=op.f("fk_days_extract_id")),
        sa.PrimaryKeyConstraint("business_date", name=op.f("pk_days")),
    )


def _notices() -> None:
    op.create_table(
        "notices",
        sa.Column("notice_id", sa.String(32), nullable=False),
        sa.Column("family", sa.String(64), nullable=False),
        sa.Column("registry_number", sa.String(32), nullable=True),
        sa.Column("history_number", sa.Integer(), nullable=True),
        sa.Column("own_number", sa.String(64), nullable=True),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("due_date", sa.Date(), nullable=True),
        sa.Column(
            "state",
            _states(
                "state",
                "derived",
                "planned",
                "held",
                "behind",
                "due",
                "sealed",
                "accepted",
                "refused",
                "silent",
                "never_told",
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(64), nullable=True),
        sa.Column("action", sa.String(64), nullable=True),
        sa.Column("event_reason", sa.String(64), nullable=True),
        sa.Column("article", sa.String(64), nullable=True),
        sa.Column("legal_class", sa.String(64), nullable=True),
        sa.Column("transmission", sa.String(64), nullable=True),
        sa.Column("event_date", sa.String(32), nullable=True),
        sa.Column("processing_date", sa.String(32), nullable=True),
        sa.Column("fields", sa.Text(), nullable=True),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("content_sha256", sa.String(64), nullable=True),
        sa.Column("cancels", sa.String(32), nullable=True),
        sa.Column("told_by", sa.String(32), nullable=True),
        sa.Column("supplement", sa.Boolean(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("released_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["released_by"], ["decisions.id"], name=op.f("fk_notices_released_by")),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("pk_notices")),
    )
    op.create_index(op.f("ix_notices_business_date"), "notices", ["business_date"], unique=False)
    op.create_index(op.f("ix_notices_registry_number"), "notices", ["registry_number"], unique=False)
    op.create_index("ix_notices_state_due_date", "notices", ["state", "due_date"], unique=False)


def _notice_attempts() -> None:
    op.create_table(
        "notice_attempts",
        sa.Column("notice_id", sa.String(32), nullable=False),
        sa.Column("attempt", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("record_number", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("content_sha256", sa.String(64), nullable=True),
        sa.Column("code", sa.String(64), nullable=True),
        sa.Column("items", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.String(32), nullable=True),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.notice_id"], name=op.f("fk_notice_attempts_notice_id")),
        sa.PrimaryKeyConstraint("notice_id", "attempt", name=op.f("pk_notice_attempts")),
        sa.UniqueConstraint("serial", "record_number", name=op.f("uq_notice_attempts_serial_record_number")),
    )


def _open_items() -> None:
    op.create_table(
        "open_items",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("registry_number", sa.String(32), nullable=True),
        sa.Column("notice_id", sa.String(32), nullable=True),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("rule", sa.String(64), nullable=False),
        sa.Column("fields", sa.Text(), nullable=True),
        sa.Column("since", sa.String(32), nullable=False),
        sa.Column("state", _states("state", "open", "closed"), nullable=False),
        sa.Column("closed_at", sa.String(32), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("decision_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name=op.f("fk_open_items_decision_id")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.notice_id"], name=op.f("fk_open_items_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_open_items")),
    )
    op.create_index(op.f("ix_open_items_registry_number"), "open_items", ["registry_number"], unique=False)
    op.create_index(op.f("ix_open_items_state"), "open_items", ["state"], unique=False)
