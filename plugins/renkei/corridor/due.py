"""What is due, read for sealing: thousands of rows of which nothing is changed one by one."""

import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Text, select, type_coerce

from renkei.ledger import Tx
from renkei.ledger.states import NoticeState
from renkei.ledger.tables import Notice
from renkei.notices.due import in_order


@dataclass(frozen=True, slots=True)
class DueNotice:
    """A notice that is due, as its file will tell it; `text` is its content as the ledger holds it."""

    notice_id: str
    family: str
    attempt: int
    supplement: bool
    business_date: date
    due_on: date | None
    history_number: int | None
    own_number: str | None
    content_sha256: str | None
    released_by: int | None
    text: str | None = field(repr=False)
    content: dict[str, str] = field(repr=False)

    @property
    def due_date(self) -> date:
        """The first business date whose file could carry it."""
        return self.due_on or self.business_date

    @property
    def person_reference(self) -> str:
        """The person's pseudonym, empty for who has no resident record."""
        return self.content.get("person_reference", "")

    def told(self) -> dict[str, Any]:
        """Return what `inputs.json` and the trail tell of it: references and digests."""
        return {
            "notice_id": self.notice_id,
            "family": self.family,
            "attempt": self.attempt,
            "supplement": self.supplement,
            "business_date": self.business_date.isoformat(),
            "due_date": self.due_on.isoformat() if self.due_on else None,
            "content_sha256": self.content_sha256,
            "decision": self.released_by,
        }


def due_notices(tx: Tx) -> list[DueNotice]:
    """Return all that is due, in the order in which the agency is to take it in."""
    found = tx.session.execute(
        select(
            Notice.notice_id,
            Notice.family,
            Notice.attempt,
            Notice.supplement,
            Notice.business_date,
            Notice.due_date,
            Notice.history_number,
            Notice.own_number,
            Notice.content_sha256,
            Notice.released_by,
            type_coerce(Notice.content, Text),
        ).where(Notice.state == NoticeState.DUE)
    )
    return in_order(DueNotice(*row, json.loads(str(row[-1])) if row[-1] else {}) for row in found)
