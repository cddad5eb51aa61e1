"""The rows of an extract as the registry holds them, and their CSV lines."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

Category = Literal[
    "mid_to_long_term",
    "special_permanent",
    "temporary_refuge",
    "provisional_stay",
    "birth_transitional",
    "nationality_loss_transitional",
]
State = Literal["living", "deleted"]


class Record(NamedTuple):
    """One resident record after one event: the first 29 columns of `residents.csv`, in its order."""

    registry_number: str
    history_number: int
    resident_category: Category
    name_roman: str = ""
    name_kanji: str = ""
    common_name: str = ""
    birth_date: str = ""
    birth_date_wording: str = ""
    sex: str = "3"
    nationality: str = "XUN"
    status_of_residence: str = ""
    period_of_stay: str = ""
    expiry_date: str = ""
    card_number: str = ""
    landing_period_expiry: str = ""
    provisional_stay_expiry: str = ""
    became_foreign_resident_date: str = ""
    became_foreign_resident_wording: str = ""
    became_resident_date: str = ""
    address_fixed_date: str = ""
    area_code: str = ""
    address: str = ""
    postal_code: str = ""
    former_municipality_code: str = ""
    former_address: str = ""
    residence_reported: str = "0"
    landing_permit_entry: str = "0"
    old_registration_date: str = ""
    protected: str = "0"


@dataclass(frozen=True, slots=True)
class Filing:
    """How an event came to the counter; the default is an event made ex officio."""

    origin: Literal["filing", "ex_officio", "agency_notice"] = "ex_officio"
    filed_on: date | None = None
    article: str = ""
    acquired_by: str = ""
    card_presented: bool = False
    origin_notice_id: str = ""


EX_OFFICIO = Filing()


@dataclass(frozen=True, slots=True)
class Departure:
    """Where a person leaves to; `arrival` is the date in the arrival notice, once known."""

    municipality: str = ""
    address: str = ""
    arrival: date | None = None


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The event that a cancellation undoes."""

    history_number: int
    reason: str
    event_date: str


class EventRow(NamedTuple):
    """What `events.csv` says beside the record, in its order."""

    event_reason: str
    record_state: State
    event_date: str
    event_date_wording: str
    processing_date: str
    filing_date: str
    filing_article: str
    status_acquired_by: str
    origin: str
    origin_notice_id: str
    card_presented: str
    arrival_notice_date: str
    next_municipality_code: str
    next_address: str
    cancels_history_number: str
    cancelled_reason: str
    cancelled_event_date: str
    kept_registry_number: str


class HandoverRow(NamedTuple):
    """One line of `certificates.csv`."""

    handover_number: str
    registry_number: str
    article: str
    issue_date: str
    certificate_number: str
    processing_date: str


class ReportRow(NamedTuple):
    """One line of `residence_reports.csv`."""

    report_number: str
    registry_number: str
    history_number: str
    report_date: str
    processing_date: str
    filing_article: str
    status_acquired_by: str
    resident_category: str
    name_roman: str
    name_kanji: str
    birth_date: str
    birth_date_wording: str
    sex: str
    nationality: str
    card_number: str
    address: str
    former_address: str


COLUMNS = {
    "residents": (*Record._fields, "last_event_reason"),
    "events": ("event_sequence", *Record._fields, *EventRow._fields),
    "certificates": HandoverRow._fields,
    "residence_reports": ReportRow._fields,
}


def line(values: Iterable[object]) -> str:
    """One CSV line with its line feed; quoted only where a value holds a comma or a quotation mark."""
    cells = [str(value) for value in values]
    joined = ",".join(cells)
    if '"' not in joined and joined.count(",") == len(cells) - 1:
        return joined + "\n"
    return ",".join('"' + c.replace('"', '""') + '"' if "," in c or '"' in c else c for c in cells) + "\n"
