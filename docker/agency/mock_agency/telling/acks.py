"""Reads the ward's answers in `acks/`, in their order, verifies and keeps them; a wrong one is kept with its fault."""

import json
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from mock_agency import clock, gpg
from mock_agency.acceptance import Pinned, judge
from mock_agency.errors import AckWrong, Unreadable
from mock_agency.inbox import Arrival, copy_to_quarantine, digest, sweep_quarantine
from mock_agency.keys import encryption_keys, keyring, own_fingerprint
from mock_agency.schemas import Schemas
from mock_agency.site import Site, Trust
from mock_agency.store import Store
from mock_agency.telling.ack_rules import AckRules, Answer, Asked

NAME: Final = re.compile(r"([0-9]{6})-([0-9]{8})(?:\.([2-9]|[1-9][0-9]{1,2}))?\.ack\.json\.pgp")
LARGEST: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class Letter:
    """An answer as it lies in `acks/`: which file its name answers, and its number among the answers to that file."""

    arrival: Arrival
    answer: int

    @property
    def name(self) -> str:
        """Its name in `acks/`."""
        return self.arrival.path.name


def letters(site: Site, municipality: str) -> Iterator[Letter]:
    """Yield the regular files with an agreed name, by serial and answer."""
    found = []
    for counterparty in site.counterparties:
        with os.scandir(site.peer(counterparty, municipality, "acks")) as entries:
            for entry in entries:
                name, facts = NAME.fullmatch(entry.name), entry.stat(follow_symlinks=False)
                if name and name[1] == municipality and stat.S_ISREG(facts.st_mode):
                    identity = (facts.st_ino, facts.st_size, facts.st_mtime_ns)
                    arrival = Arrival(counterparty, municipality, int(name[2]), Path(entry.path), identity)
                    found.append(Letter(arrival, int(name[3] or 1)))
    yield from sorted(found, key=lambda one: (one.arrival.serial, one.answer, one.arrival.counterparty))


class AckReader:
    """Takes in the answers; each is read once, and again only if its bytes have changed."""

    def __init__(self, site: Site, store: Store, schemas: Schemas) -> None:
        self._site, self._store, self._rules = site, store, AckRules(schemas)
        self._seen: set[tuple[Path, tuple[int, int, int]]] = set()

    def one_pass(self, municipality: str, trust: Trust) -> None:
        """Take in what lies there and was not taken in yet; an answer waits for the one before it."""
        for letter in letters(self._site, municipality):
            key = (letter.arrival.path, letter.arrival.identity)
            if key in self._seen:
                continue
            sealed = digest(letter.arrival.path)
            if not self._known(letter, sealed):
                if not in_turn(self._store, municipality, letter.arrival.serial, letter.answer):
                    continue
                self._take(letter, sealed, trust)
            self._seen.add(key)

    def _known(self, letter: Letter, sealed_sha256: str) -> bool:
        sql = """SELECT 1 FROM acks WHERE municipality = ? AND counterparty = ? AND name = ? AND sealed_sha256 = ?"""
        arrival = letter.arrival
        found = self._store.row(sql, arrival.municipality, arrival.counterparty, letter.name, sealed_sha256)
        return found is not None

    def _take(self, letter: Letter, sealed_sha256: str, trust: Trust) -> None:
        arrival, fault = letter.arrival, ""
        answer = Answer({})
        try:
            answer = self._judged(letter, trust)
        except AckWrong as wrong:
            fault = str(wrong)
        finally:
            sweep_quarantine(self._site)
        with self._store.transaction():
            self._store.insert(
                "acks", municipality=arrival.municipality, counterparty=arrival.counterparty, name=letter.name,
                sealed_sha256=sealed_sha256, serial=arrival.serial, answer=letter.answer, fault=fault,
                outcome=answer.content.get("outcome", ""), code=answer.content.get("code", ""),
                content=json.dumps(answer.content, ensure_ascii=False),
            )  # fmt: skip
            for record, (name, final) in answer.classes.items():
                values = {"municipality": arrival.municipality, "serial": arrival.serial, "record": record}
                self._store.insert("ack_classes", **values, answer=letter.answer, final=int(final), **{"class": name})

    def _judged(self, letter: Letter, trust: Trust) -> Answer:
        arrival = letter.arrival
        content = self._rules.read(self._opened(arrival, trust))
        told = (content["municipality"], content["serial"], content["answer"])
        if told != (arrival.municipality, arrival.serial, letter.answer):
            raise AckWrong("municipality, serial or answer is not that of the name")
        if content["counterparty"] != arrival.counterparty:
            raise AckWrong("it lies with another counterparty than it names")
        sql = "SELECT 1 FROM acks WHERE municipality = ? AND serial = ? AND answer = ? AND fault = ''"
        if self._store.row(sql, *told):
            raise AckWrong("another answer came under this number before")
        return self._rules.judge(content, self._asked(arrival))

    def _opened(self, arrival: Arrival, trust: Trust) -> bytes:
        """Return the text of an answer that meets the acceptance rule."""
        ring = keyring(self._site, arrival.counterparty, arrival.municipality)
        own = own_fingerprint(self._site, arrival.counterparty)
        pinned = Pinned(trust.fingerprint, encryption_keys(ring, own))
        sealed = copy_to_quarantine(self._site, arrival)
        if sealed.stat().st_size > LARGEST:
            raise AckWrong("larger than 1 GiB")
        signed_at = gpg.signed_at(ring, sealed) if self._site.clock == "message" else None
        last = clock.read_instant(self._store.last_instant() or self._site.keys_from) + timedelta(days=1)
        now = clock.now(self._site.clock, signed_at, last)
        plain = sealed.with_name("answer.json")
        try:
            judge(gpg.decrypt(ring, sealed, plain, cap=sealed.stat().st_size, clock=now.gpg_options), pinned)
        except Unreadable as unreadable:
            raise AckWrong(unreadable.clause) from None
        return plain.read_bytes()

    def _asked(self, arrival: Arrival) -> Asked:
        where = (arrival.municipality, arrival.serial)
        file = self._store.row("SELECT * FROM own_files WHERE municipality = ? AND serial = ?", *where)
        if file is None:
            raise AckWrong("the agency has made no file with this serial")
        records = "SELECT record, notice_id FROM own_records WHERE municipality = ? AND serial = ? ORDER BY record"
        sealings = "SELECT sealed_sha256 FROM own_sealings WHERE municipality = ? AND serial = ?"
        classes = "SELECT record, final FROM ack_classes WHERE municipality = ? AND serial = ?"
        told = self._store.rows(classes, *where)
        earlier = """SELECT 1 FROM acks WHERE municipality = ? AND serial = ? AND fault = ''
                     AND outcome IN ('accepted', 'pending')"""
        return Asked(
            file=file,
            records=self._store.rows(records, *where),
            sealings={row["sealed_sha256"] for row in self._store.rows(sealings, *where)},
            final={row["record"] for row in told if row["final"]},
            answered=self._store.row(earlier, *where) is not None,
        )


def in_turn(store: Store, municipality: str, serial: int, answer: int) -> bool:
    """Tell whether the answer before this one was taken in."""
    sql = "SELECT 1 FROM acks WHERE municipality = ? AND serial = ? AND answer = ? AND fault = ''"
    return answer == 1 or store.row(sql, municipality, serial, answer - 1) is not None


def waiting(site: Site, store: Store) -> list[dict[str, Any]]:
    """Return the answers that lie there and wait for the one before them."""
    return [
        {"municipality": municipality, "name": letter.name}
        for municipality in site.municipalities
        for letter in letters(site, municipality)
        if not in_turn(store, municipality, letter.arrival.serial, letter.answer)
    ]
