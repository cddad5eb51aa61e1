"""What the database itself refuses: a change of the trail, a fork of it, a deletion (contract §5 and §10)."""

from alembic import op

revision = "0002"
down_revision = "0001"

KEPT = ("trail", "files", "receipts", "decisions", "effects", "notice_attempts")


def upgrade() -> None:
    """Make the triggers."""
    if op.get_context().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgresql()


def _guard_sqlite() -> None:
    for table in KEPT:
        op.execute(
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} "
            "BEGIN SELECT RAISE(ABORT, 'rows are never deleted'); END"
        )
    op.execute(
        "CREATE TRIGGER trail_no_update BEFORE UPDATE ON trail "
        "BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END"
    )
    op.execute(
        "CREATE TRIGGER trail_continues BEFORE INSERT ON trail "
        "WHEN NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM trail) OR NEW.previous_hash <> "
        "coalesce((SELECT hash FROM trail ORDER BY number DESC LIMIT 1), printf('%064d', 0)) "
        "BEGIN SELECT RAISE(ABORT, 'the trail continues its head'); END"
    )


def _guard_postgresql() -> None:
    # Table and operation come from the trigger; 23514 is a violated check, as SQLite's RAISE(ABORT) is.
    op.execute(
        "CREATE FUNCTION renkei_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'rows are kept' USING ERRCODE = '23514'; END $$"
    )
    op.execute(
        "CREATE FUNCTION renkei_continue() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM trail) OR NEW.previous_hash <> "
        "coalesce((SELECT hash FROM trail ORDER BY number DESC LIMIT 1), repeat('0', 64)) THEN "
        "RAISE EXCEPTION 'the trail continues its head' USING ERRCODE = '23514'; END IF; RETURN NEW; END $$"
    )
    for table in KEPT:
        op.execute(
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION renkei_refuse()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION renkei_refuse()"
        )
    op.execute("CREATE TRIGGER trail_no_update BEFORE UPDATE ON trail FOR EACH ROW EXECUTE FUNCTION renkei_refuse()")
    op.execute("CREATE TRIGGER trail_continues BEFORE INSERT ON trail FOR EACH ROW EXECUTE FUNCTION renkei_continue()")
