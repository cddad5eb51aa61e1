"""The one list of effects outside the ledger, and who watches them (contract §5).

The kill test walks `Effect` and hangs a SIGKILL before and after each: a new effect goes into this list.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Final, Literal

Moment = Literal["before", "after"]
Observer = Callable[["Effect", Moment, str], None]

OBSERVERS: Final[list[Observer]] = []
"""Called just before an effect (its intent is committed) and just after it (its outcome is not yet)."""


class Effect(StrEnum):
    """What the product does outside its ledger.

    `WRITE_HEAD` alone has no rows of its own: it is the mark that tells what the ledger has reached, written
    after every commit.
    """

    SEAL_PACKAGE = "seal_package"
    STORE_SEALED = "store_sealed"
    RESEAL_PACKAGE = "reseal_package"
    STORE_RESEALED = "store_resealed"
    WRITE_HEAD = "write_head"
    PROBE_SERVER = "probe_server"
    PUT_TEMPORARY = "put_temporary"
    PUBLISH = "publish"
    FETCH_RECEIPT = "fetch_receipt"
    OPEN_RECEIPT = "open_receipt"
    STORE_RECEIPT = "store_receipt"
    WRITE_REPORT = "write_report"
    WRITE_WORKLIST = "write_worklist"
    EXPORT_MEDIA = "export_media"
    WRITE_BUNDLE = "write_bundle"
    FETCH_AGENCY_FILE = "fetch_agency_file"
    OPEN_AGENCY_FILE = "open_agency_file"
    STORE_AGENCY_FILE = "store_agency_file"
    QUARANTINE_AGENCY_FILE = "quarantine_agency_file"
    SEAL_ACKNOWLEDGEMENT = "seal_acknowledgement"
    STORE_ACKNOWLEDGEMENT = "store_acknowledgement"


def observe(effect: Effect, moment: Moment, subject: str) -> None:
    """Tell every observer."""
    for observer in OBSERVERS:
        observer(effect, moment, subject)
