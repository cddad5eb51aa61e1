"""The closed lists of states of contract §5, and the kinds of things a person decides."""

from enum import StrEnum


class Direction(StrEnum):
    """Which way a file goes, seen from the ward."""

    OUT = "out"
    IN = "in"


class FileState(StrEnum):
    """Where a file stands: the first seven outbound, the rest inbound."""

    PREPARED = "prepared"
    SEALED = "sealed"
    SENDING = "sending"
    PUBLISHED = "published"
    RECEIPTED = "receipted"
    UNKNOWN = "unknown"
    EXPORTED = "exported"
    SEEN = "seen"
    QUARANTINED = "quarantined"
    OPENED = "opened"
    INGESTED = "ingested"
    ACKNOWLEDGED = "acknowledged"
    VOID = "void"


class Outcome(StrEnum):
    """What a receipt says of a file."""

    ACCEPTED = "accepted"
    PARTLY = "partly"
    REFUSED = "refused"


class NoticeState(StrEnum):
    """Where a notice stands."""

    DERIVED = "derived"
    PLANNED = "planned"
    HELD = "held"
    BEHIND = "behind"
    DUE = "due"
    SEALED = "sealed"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    SILENT = "silent"
    NEVER_TOLD = "never_told"


class DayState(StrEnum):
    """Where a business date stands."""

    OPEN = "open"
    REQUESTED = "requested"
    SEALED = "sealed"
    WAIVED = "waived"


class ExtractState(StrEnum):
    """What became of an extract."""

    BASELINE = "baseline"
    PROVEN = "proven"
    REFUSED = "refused"


class OpenState(StrEnum):
    """Whether something still waits: a person's proof, an open item."""

    OPEN = "open"
    CLOSED = "closed"


class EffectOutcome(StrEnum):
    """How an outside effect ended; none at all is *unknown*."""

    DONE = "done"
    FAILED = "failed"


class OpenItemKind(StrEnum):
    """What waits for a person."""

    DIFFERENCE = "difference"
    HOLD = "hold"
    REFUSED = "refused"
    DAY = "day"


class AgencyNoticeClass(StrEnum):
    """What the matching found of an agency notice (domain §7); `schemas/codes/agency_notice_classes.csv`."""

    ALREADY_SO = "already_so"
    TO_APPLY = "to_apply"
    CONFLICT = "conflict"
    NOT_FOUND = "not_found"
    MOVED_AWAY = "moved_away"
    DUPLICATE = "duplicate"
    OUT_OF_ORDER = "out_of_order"
    NOT_OURS = "not_ours"
    NOT_ACCEPTABLE = "not_acceptable"
    WAITS_FOR_US = "waits_for_us"


class DecisionKind(StrEnum):
    """What a person decides, with a reason."""

    BASELINE = "baseline"
    RELEASE = "release"
    RELEASE_DAY = "release_day"
    WAIVE = "waive"
    RESEND = "resend"
    RESEAL = "reseal"
    CLOSE = "close"
    EXPORT = "export"
    GIVE_BACK = "give_back"
    SUPPLEMENT = "supplement"
    ADOPT = "adopt"
    VOID = "void"
    RESUME = "resume"
    ENTER_RECEIPT = "enter_receipt"
    REPLAY = "replay"
    CLOSE_PROPOSAL = "close_proposal"
