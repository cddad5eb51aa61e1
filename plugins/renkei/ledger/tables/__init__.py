"""The ledger's tables.

A table marked *personal* holds registry numbers or contents of notices (design rule 8); every other one holds
references, digests and counts only. Nothing is ever deleted (contract §5). Instants are aware, in Asia/Tokyo.
Models show no value in their repr.
"""

from renkei.ledger.tables.agency import Acknowledgement, AgencyNotice, CardHistory, Worklist
from renkei.ledger.tables.base import Base
from renkei.ledger.tables.exchange import (
    Day,
    EventRead,
    Extract,
    File,
    Notice,
    NoticeAttempt,
    OpenItem,
    Person,
    Receipt,
)
from renkei.ledger.tables.records import AuditBundle, Decision, EffectRow, ReportRow, Server, Trail

__all__ = [
    "Acknowledgement",
    "AgencyNotice",
    "AuditBundle",
    "Base",
    "CardHistory",
    "Day",
    "Decision",
    "EffectRow",
    "EventRead",
    "Extract",
    "File",
    "Notice",
    "NoticeAttempt",
    "OpenItem",
    "Person",
    "Receipt",
    "ReportRow",
    "Server",
    "Trail",
    "Worklist",
]
