"""What goes out: extracts, days, persons, notices, files, receipts, what stays open."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from renkei.ledger.columns import states
from renkei.ledger.states import DayState, Direction, ExtractState, FileState, NoticeState, OpenState, Outcome
from renkei.ledger.tables.base import Base, Code, Digest, Id, NoticeId, RegistryNumber


class Extract(Base):
    """A day's extract as it was read; totals are residents by category and status."""

    __tablename__ = "extracts"

    id: Mapped[Id]
    business_date: Mapped[date] = mapped_column(index=True)
    correction: Mapped[int]
    manifest_sha256: Mapped[Digest] = mapped_column(unique=True)
    cut_off: Mapped[datetime]
    previous_cut_off: Mapped[datetime | None]
    layout_version: Mapped[str] = mapped_column(String(16))
    state: Mapped[ExtractState] = mapped_column(states(ExtractState, "state"))
    residents: Mapped[int]
    entries: Mapped[int] = mapped_column(default=0)
    deletions: Mapped[int] = mapped_column(default=0)
    events: Mapped[int] = mapped_column(default=0)
    totals: Mapped[dict[str, Any]]
    residents_sha256: Mapped[Digest]
    events_sha256: Mapped[Digest]
    # Counts for the report: persons compared, proven and open, subjects without a record, rows of each file.
    counts: Mapped[dict[str, Any] | None]
    refused_rule: Mapped[Code | None]


class Day(Base):
    """A business date on its way; `blocked_by` is an error's name with its references."""

    __tablename__ = "days"

    business_date: Mapped[date] = mapped_column(primary_key=True)
    state: Mapped[DayState] = mapped_column(states(DayState, "state"))
    requested_at: Mapped[datetime | None]
    extract_id: Mapped[int | None] = mapped_column(ForeignKey("extracts.id"))
    serial: Mapped[int | None]
    blocked_by: Mapped[str | None] = mapped_column(Text)
    supplement: Mapped[bool] = mapped_column(default=False)
    # The equation of the notices (contract §11): waiting, derived, planned_now_due, sealed, held, behind …
    balance: Mapped[dict[str, Any] | None]


class Person(Base):
    """Personal. What we last saw of a person who had an event or whose proof is open."""

    __tablename__ = "persons"

    registry_number: Mapped[RegistryNumber] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(64), unique=True)
    key_id: Mapped[str] = mapped_column(String(32))
    last_history_number: Mapped[int | None]
    state: Mapped[OpenState] = mapped_column(states(OpenState, "state"), index=True)


class EventRead(Base):
    """Personal. An event once read, which never changes (contract §6); its row only while held or planned."""

    __tablename__ = "events_read"

    registry_number: Mapped[RegistryNumber] = mapped_column(primary_key=True)
    history_number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    row_sha256: Mapped[Digest]
    business_date: Mapped[date] = mapped_column(index=True)
    cut_off: Mapped[datetime]
    row: Mapped[dict[str, Any] | None]


class Notice(Base):
    """Personal. A legal notice; its identity does not depend on a run (contract §4).

    `reason` is the rule for which it is held, silent or never told; `fields` are names of items, not values;
    `content` is the record as it goes out, without record number and attempt (None when taken back by adopt).
    """

    __tablename__ = "notices"
    __table_args__ = (Index("ix_notices_state_due_date", "state", "due_date"),)

    notice_id: Mapped[NoticeId] = mapped_column(primary_key=True)
    family: Mapped[Code]
    registry_number: Mapped[RegistryNumber | None] = mapped_column(index=True)
    history_number: Mapped[int | None]
    own_number: Mapped[str | None] = mapped_column(String(64))
    business_date: Mapped[date] = mapped_column(index=True)
    due_date: Mapped[date | None]
    state: Mapped[NoticeState] = mapped_column(states(NoticeState, "state"))
    reason: Mapped[Code | None]
    action: Mapped[Code | None]
    event_reason: Mapped[Code | None]
    article: Mapped[Code | None]
    legal_class: Mapped[Code | None]
    transmission: Mapped[Code | None]
    event_date: Mapped[str | None] = mapped_column(String(32))
    processing_date: Mapped[str | None] = mapped_column(String(32))
    fields: Mapped[list[Any] | None]
    content: Mapped[dict[str, Any] | None]
    content_sha256: Mapped[Digest | None]
    cancels: Mapped[NoticeId | None]
    told_by: Mapped[NoticeId | None]
    supplement: Mapped[bool] = mapped_column(default=False)
    attempt: Mapped[int] = mapped_column(default=1)
    released_by: Mapped[int | None] = mapped_column(ForeignKey("decisions.id"))


class NoticeAttempt(Base):
    """Personal. A notice as it stood in one file, and what the agency answered."""

    __tablename__ = "notice_attempts"
    __table_args__ = (UniqueConstraint("serial", "record_number"),)

    notice_id: Mapped[NoticeId] = mapped_column(ForeignKey("notices.notice_id"), primary_key=True)
    attempt: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    serial: Mapped[int]
    record_number: Mapped[int]
    content: Mapped[dict[str, Any] | None]
    content_sha256: Mapped[Digest | None]
    code: Mapped[Code | None]
    items: Mapped[list[Any] | None]
    answered_at: Mapped[datetime | None]


class File(Base):
    """A file of one direction and serial; serial and package digest are one to one for ever (contract §2)."""

    __tablename__ = "files"
    __table_args__ = (UniqueConstraint("direction", "package_sha256"),)

    direction: Mapped[Direction] = mapped_column(states(Direction, "direction"), primary_key=True)
    municipality: Mapped[str] = mapped_column(String(6), primary_key=True)
    serial: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    counterparty: Mapped[Code]
    state: Mapped[FileState] = mapped_column(states(FileState, "state"), index=True)
    outcome: Mapped[Outcome | None] = mapped_column(states(Outcome, "outcome"))
    package_sha256: Mapped[Digest | None]
    sealed_sha256: Mapped[Digest | None] = mapped_column(index=True)
    previous: Mapped[Digest | None]
    records: Mapped[int | None]
    counts: Mapped[dict[str, Any] | None]
    business_date: Mapped[date | None] = mapped_column(index=True)
    sealed_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    receipted_at: Mapped[datetime | None]
    sealed_path: Mapped[str | None] = mapped_column(Text)
    inputs_sha256: Mapped[Digest | None]
    signer_fingerprint: Mapped[str | None] = mapped_column(String(64))
    recipient_fingerprint: Mapped[str | None] = mapped_column(String(64))
    stopped_reason: Mapped[Code | None]
    # Inbound only: when the listing first showed it; how it looked there (`at`: size and mtime by counterparty), what
    # came again under its name (`again`: digests) and is to be judged (`judge`); the layer at which it failed and the
    # error by which; the agency's totals as its descriptor tells them.
    seen_at: Mapped[datetime | None]
    listed: Mapped[dict[str, Any] | None]
    layer: Mapped[Code | None]
    reason: Mapped[Code | None]
    totals: Mapped[dict[str, Any] | None]


class Receipt(Base):
    """A verified receipt; the first one of a serial is final (contract §1). Paths start at the home."""

    __tablename__ = "receipts"

    id: Mapped[Id]
    serial: Mapped[int | None] = mapped_column(index=True)
    sealed_sha256: Mapped[Digest] = mapped_column(index=True)
    receipt_sha256: Mapped[Digest] = mapped_column(unique=True)
    signed_sha256: Mapped[Digest | None]
    outcome: Mapped[Outcome] = mapped_column(states(Outcome, "outcome"))
    code: Mapped[Code]
    # The agency's living records of the municipality after the file, as the receipt tells them.
    totals: Mapped[dict[str, Any] | None]
    received_at: Mapped[datetime]
    verified_at: Mapped[datetime]
    path: Mapped[str] = mapped_column(Text)
    signed_path: Mapped[str | None] = mapped_column(Text)
    final: Mapped[bool]


class OpenItem(Base):
    """Personal. What waits for a person; `fields` are names of items, never values."""

    __tablename__ = "open_items"

    id: Mapped[Id]
    kind: Mapped[Code]
    registry_number: Mapped[RegistryNumber | None] = mapped_column(index=True)
    notice_id: Mapped[str | None] = mapped_column(ForeignKey("notices.notice_id"))
    business_date: Mapped[date]
    rule: Mapped[Code]
    fields: Mapped[list[Any] | None]
    since: Mapped[datetime]
    state: Mapped[OpenState] = mapped_column(states(OpenState, "state"), index=True)
    closed_at: Mapped[datetime | None]
    evidence: Mapped[str | None] = mapped_column(Text)
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decisions.id"))
