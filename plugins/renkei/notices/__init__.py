"""Which events make which notice: the rules of schemas/ applied to events, handovers and reports."""

from renkei.notices.comparison import changed_items, is_echo, register_values
from renkei.notices.derive import derive, derive_handover, derive_report
from renkei.notices.derived import Derived, HasRow, Known
from renkei.notices.due import in_order, takes_effect
from renkei.notices.references import ReferenceKey, ReferenceKeys, notice_id, person_reference

__all__ = [
    "Derived",
    "HasRow",
    "Known",
    "ReferenceKey",
    "ReferenceKeys",
    "changed_items",
    "derive",
    "derive_handover",
    "derive_report",
    "in_order",
    "is_echo",
    "notice_id",
    "person_reference",
    "register_values",
    "takes_effect",
]
