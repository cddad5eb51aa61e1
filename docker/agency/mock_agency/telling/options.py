"""The commands about the agency's own files, and their arguments."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from mock_agency.telling import commands
from mock_agency.telling.scenarios.hostile import FAULTS
from mock_agency.telling.scenarios.names import SCENARIOS


class Add(Protocol):
    """Makes the parser of one command."""

    def __call__(
        self, name: str, handler: Callable[[argparse.Namespace], int], text: str, *, municipality: bool = False
    ) -> argparse.ArgumentParser:
        """Return the parser, which has `--home` and, if asked for, `--municipality`."""
        ...


def add_commands(command: Add) -> None:
    """Add the commands."""
    send = command("send", commands.send, "seal one file with the notices of a CSV file", municipality=True)
    send.add_argument("--rows", type=Path, metavar="CSV", help="columns of agency_notices without record_number;"
                      " left out: notice_id, attempt, municipality, action. `expected` may name the right class."
                      " Without --rows the file has no notices")  # fmt: skip
    send.add_argument("--keep-register", action="store_true", help="the agency's own register does not change")
    _at(send)

    notices = command("notices", commands.notices, "make the day's file of a scenario, once a day", municipality=True)
    notices.add_argument("--date", required=True, metavar="D", help="the day, YYYY-MM-DD")
    notices.add_argument("--scenario", choices=SCENARIOS, default="normal", help="default: %(default)s")
    notices.add_argument("--fault", choices=sorted(FAULTS), metavar="NAME", help="scenario hostile: what is wrong,"
                         f" one of {', '.join(sorted(FAULTS))}")  # fmt: skip
    notices.add_argument("--seed", type=int, default=1, metavar="N", help="settles every choice (default: %(default)s)")
    notices.add_argument("--number", type=int, default=0, metavar="N", help="system_migration: notices; many: files;"
                         " bombs and sparse: MiB")  # fmt: skip
    notices.add_argument("--leave-out", type=Path, metavar="FILE", help="person references, one a line, whom the"
                         " scenario does not choose: what the ward holds back the agency cannot know")  # fmt: skip
    _at(notices)

    show = command("show", commands.show, "show the good bytes of an own file again in outbox/", municipality=True)
    show.add_argument("--serial", type=int, required=True, metavar="N", help="serial of the agency's file")

    truth = command("truth", commands.truth, "the right class of each notice, by its scenario", municipality=True)
    truth.add_argument("--json", action="store_true", help="as JSON")

    acks = command("acks", commands.acks, "the class of each notice that the ward's answers told", municipality=True)
    acks.add_argument("--json", action="store_true", help="as JSON")


def _at(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--at", metavar="INSTANT", help="when it is sealed, for gpg too (default: the site's clock;"
                        " for the file of a day 22:00 unless the clock is real)")  # fmt: skip
