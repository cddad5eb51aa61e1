"""What was sent, what the agency answered, and how long it took."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from renkei.reports.model.forms import Algorithm, Digest, FieldName, Fingerprint, checked
from renkei.reports.model.head import Label
from renkei.reports.model.notices import Family, ReasonCount


class FileState(StrEnum):
    """State of an outbound file (contract §5)."""

    PREPARED = "prepared"
    SEALED = "sealed"
    SENDING = "sending"
    PUBLISHED = "published"
    RECEIPTED = "receipted"
    UNKNOWN = "unknown"
    EXPORTED = "exported"


class Outcome(StrEnum):
    """Outcome that a verified receipt gives a file."""

    ACCEPTED = "accepted"
    PARTLY = "partly"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
@checked
class SentFile:
    """A file sealed for this business date; source: ledger files.

    Attributes:
        serial: 通番, from 1.
        counterparty: for whom it was sealed, by official name.
        state: its state when the report was made.
        package_sha256: digest of the package inside.
        previous_sha256: digest of the package with serial - 1; None for serial 1.
        sealed_sha256: digest of the sealed bytes.
        size: bytes of the sealed file.
        signer_fingerprint: primary key that signed.
        recipient_fingerprint: primary key of the one recipient.
        algorithms: algorithms of the sealed message: cipher, digest, public keys.
        records: records in the file.
        counts: records by family and action (a) or article (b, c).
        sealed_at: instant of sealing.
        published_at: instant at which it stood in the inbox; None before.
        exported_at: instant of a media export; None where there was none.
    """

    serial: int
    counterparty: Label
    state: FileState
    package_sha256: Digest
    previous_sha256: Digest | None
    sealed_sha256: Digest
    size: int
    signer_fingerprint: Fingerprint
    recipient_fingerprint: Fingerprint
    algorithms: tuple[Algorithm, ...]
    records: int
    counts: tuple[ReasonCount, ...]
    sealed_at: datetime
    published_at: datetime | None = None
    exported_at: datetime | None = None


@dataclass(frozen=True, slots=True)
@checked
class CodeCount:
    """Records that the agency answered with one code.

    Attributes:
        code: 処理結果 of the terminal (`schemas/codes/receipt_codes.csv`).
        count: records.
    """

    code: Label
    count: int


@dataclass(frozen=True, slots=True)
@checked
class RefusedRecord:
    """A record that the agency refused, by its number in the file.

    Attributes:
        record: record number in the file, from 1.
        code: why.
        items: names of the items concerned.
        open_item: number of the open item it became; None where it was closed since.
    """

    record: int
    code: Label
    items: tuple[FieldName, ...]
    open_item: int | None = None


@dataclass(frozen=True, slots=True)
@checked
class Answer:
    """The agency's verified receipt for one file; source: ledger receipts.

    Attributes:
        serial: 通番 of the file it answers.
        outcome: accepted, partly or refused.
        code: file-level code.
        receipt_sha256: digest of the receipt as it was fetched.
        received_at: instant at which the agency took the file in, by the receipt.
        verified_at: instant at which we verified the receipt.
        codes: record-level codes and their counts.
        refused: refused records, in the order of the file.
    """

    serial: int
    outcome: Outcome
    code: Label
    receipt_sha256: Digest
    received_at: datetime
    verified_at: datetime
    codes: tuple[CodeCount, ...]
    refused: tuple[RefusedRecord, ...] = ()


@dataclass(frozen=True, slots=True)
@checked
class LateNotice:
    """A notice that took more than one day from processing date to receipt, and why.

    Attributes:
        family: its family.
        serial: 通番 of the file that carried it; with the record number it names the notice.
        record: its record number in that file.
        processing_date: day on which the ward processed the event.
        receipted_on: day of the receipt; None while there is none.
        age_days: whole days from processing date to receipt, or to the report where there is none.
        reason: why (`held`, `behind`, `line_down`, `closed_days`, `planned`, ... with its texts).
    """

    family: Family
    serial: int
    record: int
    processing_date: date
    receipted_on: date | None
    age_days: int
    reason: Label


@dataclass(frozen=True, slots=True)
@checked
class Ages:
    """Age of the notices that the files of this report carry: processing date to receipt (直ちに is the law).

    Attributes:
        notices: notices measured; a planned one counts from the day it fell due.
        median_tenths: median age in tenths of a day; None where none was receipted.
        worst_days: worst age in whole days; None where none was receipted.
        late: each notice over one day, worst first.
    """

    notices: int = 0
    median_tenths: int | None = None
    worst_days: int | None = None
    late: tuple[LateNotice, ...] = ()
