"""Runs one command and turns what happened into a sentence and an exit code."""

import sys
import traceback
from collections.abc import Sequence
from enum import IntEnum

from renkei.cli.arguments import parser
from renkei.cli.texts import complain
from renkei.errors import Doubt, RenkeiError, Retryable


class Exit(IntEnum):
    """The exit codes: argparse itself ends wrong usage with 2."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    TRY_AGAIN = 3
    UNKNOWN = 4


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code. A foreign exception is shown by its kind and place, never its text."""
    given = parser().parse_args(arguments)
    # The rooms are heavy; `renkei --help` needs none of them.
    from renkei.cli.commands import COMMANDS

    try:
        return Exit.DONE if COMMANDS[given.command](given) else Exit.TRY_AGAIN
    except RenkeiError as error:
        print(error, file=sys.stderr)
        return _code(error)
    except Exception as error:  # noqa: BLE001  its text may quote personal data
        last = traceback.extract_tb(error.__traceback__)[-1]
        complain("unexpected", kind=type(error).__name__, place=f"{last.filename}:{last.lineno}")
        return Exit.UNKNOWN


def _code(error: RenkeiError) -> Exit:
    if isinstance(error, Doubt):
        return Exit.UNKNOWN
    return Exit.TRY_AGAIN if isinstance(error, Retryable) else Exit.REFUSED
