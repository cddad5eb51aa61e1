"""Fetches what the agency put into `outbox/` into quarantine: agreed names, regular files, capped before reading.

Only the serials that are due come, in their order, and so many a run; what was fetched and has not changed at the
agency (size, mtime) stays there. Under a known serial the same bytes are a duplicate; others are judged by the step
that opens (contract §2). A line that breaks is an error, never an empty folder.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from renkei.corridor.house import House
from renkei.corridor.locks import AGENCY_FILES, one_at_a_time
from renkei.corridor.quarantine import put_in_quarantine, write_letter
from renkei.corridor.sending import refuse_stopped
from renkei.corridor.work import private_folder
from renkei.errors import NotARegularFile, PeerFileTooLarge, RenkeiError
from renkei.ledger import Tx
from renkei.ledger.effects import Effect, performing
from renkei.ledger.inbound import agency_files, settled
from renkei.ledger.states import Direction, FileState
from renkei.ledger.tables import File
from renkei.peers import Peer
from renkei.transfer import Line, Listed, connect

LARGEST: Final = 64 << 20
"""How many bytes a sealed agency file, and the package inside, may have: some 100,000 notices."""
TRANSPORT: Final = "transport"
_FETCHED, _AGAIN, _CHANGED, _REFUSED_BEFORE, _AFTER_VOID = "fetched", "again", "changed", "refused_before", "after_void"


@dataclass(frozen=True, slots=True)
class Fetched:
    """Serials fetched, come again with known bytes, refused at the transport; how many names stood in the folders.

    `listed` names of the agreed form, `waiting` of them neither fetched nor settled, `others` of no agreed form.
    """

    fetched: tuple[int, ...] = ()
    again: tuple[int, ...] = ()
    refused: tuple[int, ...] = ()
    listed: int = 0
    waiting: int = 0
    others: int = 0

    def facts(self) -> dict[str, Any]:
        """Return references and counts, fit for an XCom."""
        return {
            "fetched": list(self.fetched),
            "again": list(self.again),
            "refused": list(self.refused),
            "listed": self.listed,
            "waiting": self.waiting,
            "others": self.others,
        }


@dataclass(frozen=True, slots=True)
class _Offer:
    """A name as one counterparty's folder shows it."""

    serial: int
    peer: str
    listed: Listed

    @property
    def look(self) -> list[int]:
        """Return how it looks: another look is another file, perhaps."""
        return [self.listed.size if self.listed.regular else -1, self.listed.mtime]

    def changed(self, file: File) -> bool:
        """Tell whether it looks otherwise than when it was last fetched."""
        at: Mapping[str, object] = (file.listed or {}).get("at", {})
        return at.get(self.peer) != self.look


@dataclass(slots=True)
class _Look:
    """One look at every outbox: the open lines, what they show, what went wrong."""

    lines: dict[str, Line] = field(default_factory=dict)
    offers: defaultdict[int, list[_Offer]] = field(default_factory=lambda: defaultdict(list))
    others: int = 0
    troubles: list[RenkeiError] = field(default_factory=list)
    fetched: list[int] = field(default_factory=list)
    again: list[int] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)


def fetch_agency_files(house: House) -> Fetched:
    """Look once at every outbox and fetch what is due; the rest is counted.

    What one counterparty's line refuses stops its own files only, and is raised in the end: what `transfer` raises,
    `PeerStopped`.
    """
    with (
        one_at_a_time(house, "agency_files", AGENCY_FILES),
        ExitStack() as stack,
        private_folder(house.settings.work_dir) as work,
    ):
        look = _Look()
        for peer in house.peers.to_read_from(house.clock.now()):
            _list(house, stack, look, peer)
        for offer in _due(house, look):
            _fetch(house, look, offer, work)
        waiting = _waiting(house, look)
    if look.troubles:
        raise look.troubles[0]
    return Fetched(
        fetched=tuple(look.fetched),
        again=tuple(look.again),
        refused=tuple(look.refused),
        listed=sum(map(len, look.offers.values())),
        waiting=waiting,
        others=look.others,
    )


def is_held(file: File) -> bool:
    """Tell whether an inbound file's bytes lie in quarantine and wait to be opened."""
    return file.state is FileState.SEEN and file.sealed_sha256 is not None


def _list(house: House, stack: ExitStack, look: _Look, peer: Peer) -> None:
    try:
        refuse_stopped(house, peer.id)
        line = stack.enter_context(connect(peer, house.credentials(peer), at=house.clock.now()))
        outbox = line.list_outbox()
    except RenkeiError as trouble:
        look.troubles.append(trouble)
        return
    look.lines[peer.id] = line
    look.others += outbox.others
    ours = f"{house.settings.municipality}-"
    for listed in outbox.files:
        if listed.name.startswith(ours):
            serial = int(listed.name.removeprefix(ours)[:8])
            look.offers[serial].append(_Offer(serial, peer.id, listed))
        else:
            look.others += 1


def _due(house: House, look: _Look) -> Sequence[_Offer]:
    """Return what this run fetches: known serials that look otherwise now, and the ones after the last in order."""
    with house.ledger.reading() as tx:
        known = {file.serial: file for file in agency_files(tx, house.settings.municipality)}
    due = [
        offer
        for serial in sorted(look.offers.keys() & known.keys())
        for offer in look.offers[serial]
        if offer.changed(known[serial])
    ]
    serial, limit = 1, house.settings.agency_files_per_run
    while len(due) < limit:
        file, offers = known.get(serial), look.offers.get(serial)
        if file is None or _is_witness(file):
            if not offers:
                break
            due += [offers[0]] if offers[0] not in due else []
        elif not settled(file) and not is_held(file):
            # Nobody could verify it and the rest waits for it: better bytes can look the same (size, second).
            again = offers[:1] if offers and file.sealed_sha256 is not None else []
            due += [offer for offer in again if offer not in due]
            break
        serial += 1
    return sorted(due, key=lambda offer: offer.serial)[:limit]


def _is_witness(file: File) -> bool:
    """Tell whether a file was only seen, as the one behind a gap."""
    return file.state is FileState.SEEN and file.sealed_sha256 is None


def _fetch(house: House, look: _Look, offer: _Offer, work: Path) -> None:
    line = look.lines.get(offer.peer)
    if line is None:
        return
    name, target = offer.listed.name, work / f"{offer.peer}-{offer.serial:08d}.pgp"
    try:
        with performing(house.ledger, Effect.FETCH_AGENCY_FILE, name, house.actor, peer=offer.peer) as done:
            there, sha256 = line.fetch_agency_file(name, target, LARGEST)
            done(sealed=sha256, bytes=there.size)
            kept = put_in_quarantine(house, target)
    except (NotARegularFile, PeerFileTooLarge) as error:
        _refuse(house, offer, error)
        look.refused.append(offer.serial)
    except RenkeiError as trouble:
        look.troubles.append(trouble)
        del look.lines[offer.peer]
    else:
        found = _enter(house, _Offer(offer.serial, offer.peer, there), kept, sha256)
        if found != _REFUSED_BEFORE:
            (look.again if found == _AGAIN else look.fetched).append(offer.serial)
    target.unlink(missing_ok=True)


def _enter(house: House, offer: _Offer, kept: Path, sha256: str) -> str:
    """Write what was fetched; return what it is to the serial that stands in its name."""
    with house.ledger.transaction(actor=house.actor) as tx:
        file = _row(house, tx, offer)
        told = _seen(file, offer)
        found = _kind(file, sha256)
        if found == _AGAIN:
            told["again"] = [*told.get("again", []), sha256]
        elif found == _CHANGED:
            told["judge"] = {"sealed": sha256, "path": house.relative(kept), "peer": offer.peer}
        elif found == _FETCHED:
            file.state, file.layer, file.reason = FileState.SEEN, None, None
            file.sealed_sha256, file.sealed_path, file.counterparty = sha256, house.relative(kept), offer.peer
        file.listed = told
        tx.trail(f"agency_file.{found}", f"{file.serial:08d}", sealed=sha256, peer=offer.peer)
    return found


def _kind(file: File, sha256: str) -> str:
    if file.state is FileState.VOID:
        return _AFTER_VOID
    if settled(file):
        return _AGAIN if file.sealed_sha256 == sha256 else _CHANGED
    refused = file.state is FileState.QUARANTINED and file.sealed_sha256 == sha256
    return _REFUSED_BEFORE if refused else _FETCHED


def _refuse(house: House, offer: _Offer, error: RenkeiError) -> None:
    """Note a name under which no file can be fetched; what was taken in before stays."""
    with house.ledger.transaction(actor=house.actor) as tx:
        file = _row(house, tx, offer)
        file.listed = _seen(file, offer)
        if not settled(file):
            file.state, file.layer, file.reason = FileState.QUARANTINED, TRANSPORT, type(error).__name__
            file.sealed_sha256 = file.sealed_path = None
        tx.trail("agency_file.refused", f"{file.serial:08d}", layer=TRANSPORT, reason=type(error).__name__)
    write_letter(house, file, TRANSPORT, error)


def _row(house: House, tx: Tx, offer: _Offer) -> File:
    key = (Direction.IN, house.settings.municipality, offer.serial)
    file = tx.session.get(File, key)
    if file is None:
        direction, municipality, serial = key
        file = File(direction=direction, municipality=municipality, serial=serial, state=FileState.SEEN)
        file.counterparty, file.seen_at = offer.peer, tx.clock.now()
        tx.session.add(file)
    return file


def _seen(file: File, offer: _Offer) -> dict[str, Any]:
    told = dict(file.listed or {})
    told["at"] = {**told.get("at", {}), offer.peer: offer.look}
    return told


def _waiting(house: House, look: _Look) -> int:
    """Count what stays at the agency; the first file behind a gap is noted, so that the gap has an age."""
    with house.ledger.reading() as tx:
        known = {file.serial: file for file in agency_files(tx, house.settings.municipality)}
    left = sorted(serial for serial in look.offers if serial not in known or _is_witness(known[serial]))
    first = next((serial for serial in range(1, len(known) + 2) if not _past(known.get(serial))), 1)
    if left and first not in look.offers and left[0] not in known:
        with house.ledger.transaction(actor=house.actor) as tx:
            _row(house, tx, look.offers[left[0]][0])
            tx.trail("agency_file.behind_gap", f"{left[0]:08d}", missing=first)
    return len(left)


def _past(file: File | None) -> bool:
    return file is not None and (settled(file) or is_held(file))
