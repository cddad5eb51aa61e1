"""A step that dies: a child process that SIGKILLs itself at one effect, before or after it, as a power cut would.

assert dies_at(lambda: site.deliver(day), Effect.PUBLISH, "after")      # False: the effect was never reached
"""

import os
import signal
from collections.abc import Callable
from typing import Final

from renkei.ledger.effects import OBSERVERS, Effect

AGENCY_ALONE: Final = (
    Effect.FETCH_AGENCY_FILE,
    Effect.OPEN_AGENCY_FILE,
    Effect.STORE_AGENCY_FILE,
    Effect.QUARANTINE_AGENCY_FILE,
    Effect.WRITE_WORKLIST,
    Effect.SEAL_ACKNOWLEDGEMENT,
    Effect.STORE_ACKNOWLEDGEMENT,
)
"""The effects that a run of the agency's direction performs and a municipal day does not."""


def dies_at(steps: Callable[[], object], effect: Effect, moment: str, nth: int = 1) -> bool:
    """Run the steps in a child process that kills itself at the nth such effect; tell whether it died of it."""
    met = 0

    def observer(seen: Effect, when: str, subject: str) -> None:
        nonlocal met
        del subject
        met += (seen, when) == (effect, moment)
        if met == nth:
            os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if not child:
        status = 1
        try:
            OBSERVERS.append(observer)
            steps()
            status = 0
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def together(*steps: Callable[[], object]) -> list[str]:
    """Run each in a process of its own, begun at the same instant; return the names of the errors, `` for none."""
    gate, start = os.pipe()
    children: list[tuple[int, int]] = []
    for step in steps:
        told, tell = os.pipe()
        child = os.fork()
        if not child:
            error = "died"
            try:
                os.close(start)
                os.read(gate, 1)
                step()
                error = ""
            except Exception as failure:  # noqa: BLE001  # whatever it was, the test shall hear its name
                error = ",".join(each.__name__ for each in type(failure).__mro__[:-3])
            finally:
                os.write(tell, error.encode())
                os._exit(0)
        os.close(tell)
        children.append((child, told))
    os.close(gate)
    os.close(start)
    found = []
    for child, told in children:
        os.waitpid(child, 0)
        found.append(os.read(told, 4096).decode())
        os.close(told)
    return found
