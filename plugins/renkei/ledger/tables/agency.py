"""What comes in: the agency's notices, our answers, card numbers, worklists."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from renkei.ledger.columns import states
from renkei.ledger.states import AgencyNoticeClass, FileState, OpenState
from renkei.ledger.tables.base import Base, Code, Digest, Id, NoticeId, RegistryNumber


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
