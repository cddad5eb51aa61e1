"""The head mark: number, hash and last serial of the ledger, kept outside it, beside the sealed files.

It is written and fsynced after each commit. A ledger that does not reach it was restored from an older copy,
and may have forgotten what was sent (contract §10).
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from renkei.errors import HeadMarkUnwritten, LedgerRestored, LedgerUnavailable
from renkei.ledger import trail
from renkei.ledger.durable import PRIVATE_FILE, private_folder, write_durably
from renkei.ledger.states import Direction
from renkei.ledger.tables import File

NAME: Final = "head.json"


@dataclass(frozen=True, slots=True)
class Mark:
    """What the ledger had reached: the trail's head and the last serial claimed (0: none)."""

    number: int
    hash: str
    last_serial: int


class HeadMark:
    """The mark in one folder of sealed files."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME

    def read(self) -> Mark | None:
        """Return the mark, None if there is none.

        Raises `LedgerRestored` for one that is not whole: it is only ever replaced in one piece.
        """
        try:
            found = json.loads(self.path.read_bytes())
            return Mark(int(found["number"]), str(found["hash"]), int(found["last_serial"]))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise LedgerUnavailable(reason=f"head mark, {os.strerror(error.errno or 0)}") from None
        except (ValueError, KeyError, TypeError):
            raise LedgerRestored(ledger_number="?", mark_number="damaged") from None

    def advance(self, mark: Mark) -> None:
        """Write the mark unless another writer has already written a later one."""
        with self._locked():
            there = self.read()
            if there is None:
                self._write(mark)
            elif there.number < mark.number:
                self._write(Mark(mark.number, mark.hash, max(mark.last_serial, there.last_serial)))

    def replace(self, mark: Mark) -> None:
        """Write the mark whatever is there: after a restored ledger was adopted."""
        with self._locked():
            self._write(mark)

    def suspect(self, serial: int) -> None:
        """Note a serial that the other side knows and we never allotted: the ledger is *restored* now."""
        with self._locked():
            there = self.read() or Mark(0, trail.GENESIS, 0)
            self._write(Mark(there.number, there.hash, max(serial, there.last_serial)))

    def _write(self, mark: Mark) -> None:
        write_durably(self.path, (json.dumps(asdict(mark), sort_keys=True) + "\n").encode())

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            private_folder(self.path.parent)
            lock = os.open(self.path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
            finally:
                os.close(lock)
        except OSError as error:
            raise HeadMarkUnwritten(reason=os.strerror(error.errno or 0)) from None


def mark_of(session: Session) -> Mark:
    """Return what the ledger itself has reached."""
    last = trail.head(session)
    return Mark(last.number, last.hash, last_serial(session))


def last_serial(session: Session) -> int:
    """Return the highest outbound serial that the ledger has claimed, 0 before the first."""
    return session.scalar(select(func.max(File.serial)).where(File.direction == Direction.OUT)) or 0


def assert_reached(session: Session, there: Mark | None) -> None:
    """Raise `LedgerRestored` if the ledger does not reach its mark or continues another chain.

    The mark is read before the ledger's state: by then everything that it tells was committed.

    A mark that is gone although serials were claimed is the same: the sealed files beside it may be gone too.
    """
    here = mark_of(session)
    if there is None:
        if here.last_serial:
            raise LedgerRestored(ledger_number=here.number, mark_number="missing")
        return
    if trail.hash_at(session, there.number) != there.hash or here.last_serial < there.last_serial:
        raise LedgerRestored(ledger_number=here.number, mark_number=there.number)
