"""What is on record: trail, effects, decisions, reports, bundles, servers."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from renkei.ledger.columns import states
from renkei.ledger.states import EffectOutcome
from renkei.ledger.tables.base import Base, Code, Digest, Id


class Trail(Base):
    """One row of the audit trail, chained to the one before it (contract §10). It never changes."""

    __tablename__ = "trail"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    previous_hash: Mapped[Digest] = mapped_column(unique=True)
    hash: Mapped[Digest] = mapped_column(unique=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(128))
    action: Mapped[Code]
    subject: Mapped[str] = mapped_column(String(128))
    # Canonical JSON as it was hashed; kept as text so that reading it back changes nothing.
    facts: Mapped[str] = mapped_column(Text)


class EffectRow(Base):
    """An effect outside the ledger: intent first, outcome after; no outcome is *unknown* (contract §5)."""

    __tablename__ = "effects"

    id: Mapped[Id]
    effect: Mapped[Code]
    subject: Mapped[str] = mapped_column(String(128))
    intent_at: Mapped[datetime]
    outcome: Mapped[EffectOutcome | None] = mapped_column(states(EffectOutcome, "outcome"), index=True)
    outcome_at: Mapped[datetime | None]
    facts: Mapped[dict[str, Any]]


class Decision(Base):
    """What a person decided, on which contents (`digest`) and why; it counts once."""

    __tablename__ = "decisions"
    __table_args__ = (Index("ix_decisions_kind_subject", "kind", "subject"),)

    id: Mapped[Id]
    kind: Mapped[Code]
    subject: Mapped[str] = mapped_column(String(128))
    digest: Mapped[Digest]
    asker: Mapped[str] = mapped_column(String(128))
    approver: Mapped[str | None] = mapped_column(String(128))
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ReportRow(Base):
    """A report of one run and attempt, written once; `sha256` holds the digest of each file by its kind."""

    __tablename__ = "reports"
    __table_args__ = (UniqueConstraint("kind", "business_date", "run_id", "attempt"),)

    id: Mapped[Id]
    # The DAG whose run it tells.
    kind: Mapped[Code] = mapped_column(default="municipal_notices", server_default=text("'municipal_notices'"))
    business_date: Mapped[date] = mapped_column(index=True)
    run_id: Mapped[str] = mapped_column(String(250))
    attempt: Mapped[int]
    path_html: Mapped[str] = mapped_column(Text)
    path_csv: Mapped[str] = mapped_column(Text)
    path_json: Mapped[str] = mapped_column(Text)
    # The three in one signed ZIP; None where the site has no evidence key.
    path_zip: Mapped[str | None] = mapped_column(Text)
    sha256: Mapped[dict[str, Any]]
    written_at: Mapped[datetime]


class AuditBundle(Base):
    """A signed bundle for auditors, and the head of the trail that it holds (paths start at the home)."""

    __tablename__ = "audit_bundles"

    id: Mapped[Id]
    first: Mapped[date]
    last: Mapped[date]
    path: Mapped[str] = mapped_column(Text)
    sha256: Mapped[Digest]
    rows: Mapped[int]
    head_number: Mapped[int]
    head_hash: Mapped[Digest]
    written_at: Mapped[datetime]


class Server(Base):
    """A server whose plain rename was seen to refuse to replace."""

    __tablename__ = "servers"

    host: Mapped[str] = mapped_column(String(253), primary_key=True)
    port: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    host_key_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    probed_at: Mapped[datetime]
