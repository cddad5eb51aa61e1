"""One counterparty as the site and the law describe it. A period is from <= t < to, 00:00 Asia/Tokyo."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from renkei.clock import business_date_of
from renkei.errors import PeerNotInForce


@dataclass(frozen=True, slots=True)
class Period:
    """Days on which something holds: from `valid_from` up to, not including, `valid_to`; None is open."""

    valid_from: date | None = None
    valid_to: date | None = None

    def holds(self, instant: datetime) -> bool:
        """Tell whether the period holds at an aware instant."""
        day = business_date_of(instant)
        return (self.valid_from or date.min) <= day and (self.valid_to is None or day < self.valid_to)

    def overlaps(self, other: "Period") -> bool:
        """Tell whether some day lies in both."""
        start = max(self.valid_from or date.min, other.valid_from or date.min)
        return start < min(self.valid_to or date.max, other.valid_to or date.max)

    @property
    def is_empty(self) -> bool:
        """Whether no day lies in it."""
        return (self.valid_from or date.min) >= (self.valid_to or date.max)


@dataclass(frozen=True, slots=True)
class OpenPgpKey:
    """A pinned OpenPGP key: its primary fingerprint (40 capital hex digits) and when it holds."""

    fingerprint: str
    period: Period


@dataclass(frozen=True, slots=True)
class HostKey:
    """A pinned SSH host key: its type, the base64 of its public blob, and when it holds."""

    kind: str
    blob: str
    period: Period

    @property
    def line(self) -> str:
        """The key as OpenSSH writes it."""
        return f"{self.kind} {self.blob}"


@dataclass(frozen=True, slots=True)
class LegalReference:
    """The articles that a flow rests on, by date: shown at the head of a report."""

    flow: str
    name: str
    law: str
    order: str
    period: Period


@dataclass(frozen=True, slots=True)
class Peer:
    """A counterparty: its names, when it is in force, and where and by which keys it is reached."""

    id: str
    official_name: str
    english: str
    notice_name: str
    period: Period
    host: str
    port: int
    host_keys: tuple[HostKey, ...]
    openpgp: tuple[OpenPgpKey, ...]
    folder: str
    connection_id: str
    username: str
    key_file: Path

    def signers(self, instant: datetime) -> frozenset[str]:
        """Return the primary fingerprints whose signature counts at an instant; while keys overlap, both."""
        found = frozenset(key.fingerprint for key in self.openpgp if key.period.holds(instant))
        if not found:
            raise PeerNotInForce(instant=instant.isoformat(), peer=f"{self.id} openpgp")
        return found

    def recipient(self, instant: datetime) -> str:
        """Return the one primary fingerprint to encrypt to: while keys overlap, the one that began last."""
        candidates = [key for key in self.openpgp if key.period.holds(instant)]
        if not candidates:
            raise PeerNotInForce(instant=instant.isoformat(), peer=f"{self.id} openpgp")
        return max(candidates, key=lambda key: key.period.valid_from or date.min).fingerprint

    def host_keys_at(self, instant: datetime) -> tuple[HostKey, ...]:
        """Return the host keys that may be shown at an instant, the newest first; never none."""
        found = [key for key in self.host_keys if key.period.holds(instant)]
        if not found:
            raise PeerNotInForce(instant=instant.isoformat(), peer=f"{self.id} host_key")
        return tuple(sorted(found, key=lambda key: key.period.valid_from or date.min, reverse=True))
