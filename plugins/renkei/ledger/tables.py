"""The ledger's tables.

A table marked *personal* holds registry numbers or contents of notices (design rule 8); every other one holds
references, digests and counts only. Nothing is ever deleted (contract §5). Instants are aware, in Asia/Tokyo.
Models show no value in their repr.
"""

from datetime import date, datetime
from typing import Annotated, Any

from sqlalchemy import ForeignKey, Index, Integer, MetaData, String, Text, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from renkei.ledger.columns import SHA256, Instant, Json, states
from renkei.ledger.states import (
    AgencyNoticeClass,
    DayState,
    Direction,
    EffectOutcome,
    ExtractState,
    FileState,
    NoticeState,
    OpenState,
    Outcome,
)

Id = Annotated[int, mapped_column(Integer, primary_key=True, autoincrement=True)]
Digest = Annotated[str, mapped_column(SHA256)]
Code = Annotated[str, mapped_column(String(64))]
RegistryNumber = Annotated[str, mapped_column(String(32))]
NoticeId = Annotated[str, mapped_column(String(32))]


class Base(DeclarativeBase):
    """Names every constraint, so that SQLite and PostgreSQL have the same ones."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Instant(), dict[str, Any]: Json(), list[Any]: Json()}  # noqa: RUF012  SQLAlchemy's own form


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


class AgencyNotice(Base):
    """Personal. One record of an agency file, its class and what became of it (flow d, domain §7).

    `content` is the row as it came; `notice_class` is None until it was matched, `rule` says why this class, `fields`
    are the items it hangs on. `evidence`: the rule that found the person (or the candidates), then the items that
    agreed, never values; `candidates` are registry numbers offered to a clerk; `prepared` is false where a person must
    prepare the correction; `since` is the business date on which it was taken in, `matched_on` that of the extract.
    `final_at` is when its class became final and `answer` the number of our answer that told it; `state` is open while
    a proposal waits to be seen applied or closed by a person, `closed_by` the extract, decision or rule that closed it.
    """

    __tablename__ = "agency_notices"

    id: Mapped[Id]
    serial: Mapped[int]
    record_number: Mapped[int]
    notice_id: Mapped[NoticeId] = mapped_column(index=True)
    attempt: Mapped[int]
    action: Mapped[Code]
    reason: Mapped[Code]
    event_date: Mapped[str] = mapped_column(String(32))
    content: Mapped[dict[str, Any]]
    content_sha256: Mapped[Digest] = mapped_column(index=True)
    notice_class: Mapped[AgencyNoticeClass | None] = mapped_column(
        states(AgencyNoticeClass, "notice_class"), index=True
    )
    rule: Mapped[Code | None]
    fields: Mapped[list[Any] | None]
    evidence: Mapped[list[Any] | None]
    candidates: Mapped[list[Any] | None]
    registry_number: Mapped[RegistryNumber | None] = mapped_column(index=True)
    prepared: Mapped[bool] = mapped_column(default=False)
    since: Mapped[date]
    matched_on: Mapped[date | None]
    final_at: Mapped[datetime | None]
    answer: Mapped[int | None]
    state: Mapped[OpenState] = mapped_column(states(OpenState, "state"), index=True)
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(Text)
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decisions.id"))

    __table_args__ = (UniqueConstraint("serial", "record_number"),)


class Acknowledgement(Base):
    """An answer of ours to an agency file: built and sealed once, published exactly once (design rule 3)."""

    __tablename__ = "acknowledgements"
    __table_args__ = (UniqueConstraint("serial", "answer"),)

    id: Mapped[Id]
    serial: Mapped[int]
    answer: Mapped[int]
    counterparty: Mapped[Code]
    outcome: Mapped[Code]
    code: Mapped[Code]
    state: Mapped[FileState] = mapped_column(states(FileState, "state"), index=True)
    text_sha256: Mapped[Digest]
    sealed_sha256: Mapped[Digest]
    sealed_path: Mapped[str] = mapped_column(Text)
    counts: Mapped[dict[str, Any]]
    sealed_at: Mapped[datetime]
    published_at: Mapped[datetime | None]


class CardHistory(Base):
    """Personal. A card number that a person bore, kept as it passed through extracts and notices (domain §7)."""

    __tablename__ = "card_history"

    card_number: Mapped[str] = mapped_column(String(32), primary_key=True)
    registry_number: Mapped[RegistryNumber] = mapped_column(primary_key=True, index=True)
    last_seen: Mapped[date]


class Worklist(Base):
    """A day's worklist, written once; an amendment is a new file that names the old (paths start at the home)."""

    __tablename__ = "worklists"
    __table_args__ = (UniqueConstraint("business_date", "amendment"),)

    id: Mapped[Id]
    business_date: Mapped[date]
    amendment: Mapped[int]
    amends: Mapped[int | None] = mapped_column(ForeignKey("worklists.id"))
    lines: Mapped[int]
    folder: Mapped[str] = mapped_column(Text)
    sha256: Mapped[dict[str, Any]]
    written_at: Mapped[datetime]


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
