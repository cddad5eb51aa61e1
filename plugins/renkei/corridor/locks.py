"""One step of a kind at a time on this machine: a second one waits; what a killed one left open is settled.

Across machines the ledger guards: serials, receipts and attempts are unique there.
"""

import contextlib
import fcntl
import os
from collections.abc import Collection, Iterator
from typing import Final

from renkei.corridor.house import House
from renkei.ledger import effects
from renkei.ledger.effects import Effect
from renkei.ledger.states import EffectOutcome

SEALING: Final = frozenset({Effect.SEAL_PACKAGE, Effect.STORE_SEALED, Effect.RESEAL_PACKAGE, Effect.STORE_RESEALED})
RECEIPTS: Final = frozenset({Effect.PROBE_SERVER, Effect.FETCH_RECEIPT, Effect.OPEN_RECEIPT, Effect.STORE_RECEIPT})
AGENCY_FILES: Final = frozenset(
    {
        Effect.FETCH_AGENCY_FILE,
        Effect.OPEN_AGENCY_FILE,
        Effect.STORE_AGENCY_FILE,
        Effect.QUARANTINE_AGENCY_FILE,
    }
)
ACKNOWLEDGEMENTS: Final = frozenset({Effect.SEAL_ACKNOWLEDGEMENT, Effect.STORE_ACKNOWLEDGEMENT})
REPORTS: Final = frozenset({Effect.WRITE_REPORT})
WORKLISTS: Final = frozenset({Effect.WRITE_WORKLIST})


@contextlib.contextmanager
def one_at_a_time(house: House, name: str, left: Collection[Effect]) -> Iterator[None]:
    """Hold the lock of a kind of step; the effects `left` open by a step that died count as failed from now on.

    They are those whose repetition harms nobody; what may have reached the peer is settled by a look alone.
    """
    folder = house.settings.sealed_dir
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / f".{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        for row in effects.unsettled(house.ledger):
            if row.effect in left:
                effects.settle(house.ledger, row.id, EffectOutcome.FAILED, actor=house.actor, by="rerun")
        yield
    finally:
        os.close(descriptor)
