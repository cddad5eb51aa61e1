"""All counterparties of a site: the law's part from schemas/counterparties.toml, its own from peers.toml."""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from renkei.clock import in_tokyo
from renkei.errors import PeerNotInForce, PeersInvalid, PeerUnknown
from renkei.peers.parsing import REQUIRED, folder, host_keys, key_file, openpgp_keys, period, port, text
from renkei.peers.peer import LegalReference, Peer

KEPT_DAYS: Final = 35
"""How long nobody removes a receipt or an agency file."""
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Peers:
    """The counterparties, in the order in which they come into force, and the legal references."""

    peers: tuple[Peer, ...]
    references: tuple[LegalReference, ...]

    @classmethod
    def load(cls, peers_file: Path, schemas: Path) -> Self:
        """Read the site's list and the law's (`schemas` is the folder schemas/).

        Raises `PeersInvalid` with the rule that is broken: an unknown or doubled id, a missing pin, a value
        that cannot be, two counterparties in force on one day.
        """
        law = _read(schemas / "counterparties.toml")
        named = {entry["id"]: entry for entry in law.get("counterparty", [])}
        entries = _entries(_read(peers_file))
        peers = tuple(sorted((_peer(entry, named, peers_file.parent) for entry in entries), key=_begin))
        _check_apart(peers)
        return cls(peers, tuple(_reference(entry) for entry in law.get("reference", [])))

    def in_force(self, instant: datetime) -> Peer:
        """Return the one counterparty in force at an aware instant; `PeerNotInForce` when there is none."""
        for peer in self.peers:
            if peer.period.holds(instant):
                return peer
        raise PeerNotInForce(instant=in_tokyo(instant).isoformat(), peer="-")

    def by_id(self, peer_id: str) -> Peer:
        """Return a counterparty by its id, in force or not: a file stays with the one it was sealed for."""
        for peer in self.peers:
            if peer.id == peer_id:
                return peer
        raise PeerUnknown(peer=peer_id)

    def to_read_from(self, instant: datetime) -> tuple[Peer, ...]:
        """Return whose outbox is looked at: the counterparty in force, and before it the one that lately was.

        What a predecessor left stays for 35 days (contract §1). One whose host key no longer holds is gone.
        """
        since = instant - timedelta(days=KEPT_DAYS)
        return tuple(
            peer
            for peer in self.peers
            if (peer.period.holds(instant) or peer.period.holds(since))
            and any(key.period.holds(instant) for key in peer.host_keys)
        )

    def references_on(self, instant: datetime) -> tuple[LegalReference, ...]:
        """Return the legal references that hold at an instant, in the order of the schemas."""
        return tuple(reference for reference in self.references if reference.period.holds(instant))


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise PeersInvalid(peer=path.name, rule="cannot be read") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise PeersInvalid(peer=path.name, rule="no valid TOML") from None


def _entries(site: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    entries = site.get("peer", [])
    if not isinstance(entries, list) or not entries:
        raise PeersInvalid(peer="-", rule="no [[peer]]")
    ids = [entry.get("id", "-") for entry in entries]
    for peer_id in ids:
        if ids.count(peer_id) > 1:
            raise PeersInvalid(peer=peer_id, rule="id twice")
    return entries


def _peer(entry: Mapping[str, Any], named: Mapping[str, Mapping[str, Any]], base: Path) -> Peer:
    peer_id = str(entry.get("id", "-"))
    law = named.get(peer_id)
    if law is None:
        raise PeersInvalid(peer=peer_id, rule="id is not in schemas/counterparties.toml")
    for name in REQUIRED:
        if entry.get(name) in (None, "", []):
            raise PeersInvalid(peer=peer_id, rule=f"{name} is missing")
    unknown = sorted(set(entry) - set(REQUIRED) - {"id"})
    if unknown:
        raise PeersInvalid(peer=peer_id, rule=f"{unknown[0]} is unknown")

    def field(name: str, parse: Callable[[Any], _T]) -> _T:
        try:
            return parse(entry[name])
        except (ValueError, TypeError, KeyError):
            raise PeersInvalid(peer=peer_id, rule=f"{name} cannot be") from None

    return Peer(
        id=peer_id,
        official_name=law["ja"],
        english=law["en"],
        notice_name=law["agency_notice_ja"],
        period=period(law),
        host=field("host", text),
        port=field("port", port),
        host_keys=field("host_key", host_keys),
        openpgp=field("openpgp", openpgp_keys),
        folder=field("folder", folder),
        connection_id=field("connection_id", text),
        username=field("username", text),
        key_file=field("key_file", lambda value: key_file(value, base)),
    )


def _check_apart(peers: Sequence[Peer]) -> None:
    for one, other in combinations(peers, 2):
        if one.period.overlaps(other.period):
            raise PeersInvalid(peer=f"{one.id}, {other.id}", rule="both in force on one day")


def _reference(entry: Mapping[str, Any]) -> LegalReference:
    return LegalReference(entry["flow"], entry["ja"], entry["law"], entry.get("order", ""), period(entry))


def _begin(peer: Peer) -> date:
    return peer.period.valid_from or date.min
