"""The command line of the mock agency: `python -m mock_agency COMMAND --home H …`."""

import argparse
import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

from mock_agency import commands
from mock_agency.errors import AgencyError
from mock_agency.faults import ALWAYS, NAMES
from mock_agency.telling.options import add_commands

Handler = Callable[[argparse.Namespace], int]


def whole_number(text: str) -> int:
    """Read a count; `always` is -1."""
    return ALWAYS if text == "always" else int(text)


def port(text: str) -> tuple[str, int]:
    """Read `moj=2022`."""
    name, _, number = text.partition("=")
    return name, int(number)


def comma(text: str) -> tuple[str, ...]:
    """Read a list with commas."""
    return tuple(filter(None, text.split(",")))


def numbers(text: str) -> tuple[int, ...]:
    """Read a list of record numbers."""
    return tuple(map(int, comma(text)))


def parser() -> argparse.ArgumentParser:  # noqa: PLR0915 - the list of all commands and arguments, in one place
    """Return the parser of all commands."""
    top = argparse.ArgumentParser(
        prog="mock_agency",
        description="模擬の出入国在留管理庁(相手方)/ a mock of the agency: takes in change files,"
        " answers with signed receipts, and tells the ward of its own notices."
        " Exit status: 0 done, 1 refused or failed, 2 wrong arguments.",
    )
    add = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, handler: Handler, text: str, *, municipality: bool = False) -> argparse.ArgumentParser:
        one = add.add_parser(name, help=text, description=text)
        one.add_argument("--home", type=Path, required=True, metavar="H", help="folder in which the agency lives")
        if municipality:
            one.add_argument("--municipality", required=True, metavar="M", help="code of six digits")
        one.set_defaults(handler=handler)
        return one

    init = command("init", commands.init, "make an agency: keys, folders, public/")
    init.add_argument("--schemas", type=Path, required=True, help="the schemas/ folder, read at each start")
    init.add_argument("--municipality", action="append", required=True, metavar="M", help="served; may be repeated")
    init.add_argument("--counterparty", action="append", metavar="ID", help="of counterparties.toml (default: all)")
    init.add_argument("--clock", default="real", metavar="CLOCK", help="real | message (replays) | file:PATH")
    init.add_argument("--keys-from", default="2019-03-01", metavar="DATE", help="when the keys are made, for gpg")
    init.add_argument("--keys-expire", default="0", metavar="WHEN", help="gpg's Expire-Date (default: never)")

    trust = command("trust", commands.trust, "pin a ward's OpenPGP and SSH key", municipality=True)
    trust.add_argument("--openpgp", type=Path, required=True, metavar="FILE", help="the ward's public OpenPGP key")
    trust.add_argument("--ssh", type=Path, required=True, metavar="FILE", help="SSH public key of login ward-M")

    seed = command("seed", commands.seed, "fill the register from a baseline extract", municipality=True)
    seed.add_argument("--extract", type=Path, required=True, metavar="FOLDER", help="the extract's folder")
    seed.add_argument("--reference-key", type=Path, required=True, metavar="FILE", help="line <key id>:<hex>")

    serve = command("serve", commands.serve, "SFTP servers and processing, until SIGTERM; writes run/ports.json")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    serve.add_argument("--port", type=port, action="append", default=[], metavar="ID=N", help="0: a free one")
    serve.add_argument("--every", type=float, default=0.5, metavar="SECONDS", help="between two passes")

    process = command("process", commands.process, "process the inboxes once (behind a server of one's own)")
    process.add_argument("--loop", type=float, metavar="SECONDS", help="again and again, until SIGTERM")

    register = command("register", commands.register, "write the register as CSV", municipality=True)
    register.add_argument("--out", type=Path, required=True, metavar="CSV", help="file to write")

    status = command("status", commands.status, "files, outcomes, what is held, what is stopped")
    status.add_argument("--json", action="store_true", help="as JSON")

    void = command("void", commands.void, "declare a serial void, by a person's decision", municipality=True)
    void.add_argument("--serial", type=int, required=True, metavar="N", help="the serial that will never come")
    void.add_argument("--reason", required=True, help="why")

    resume = command("resume", commands.resume, "go on after a stop, by a person's decision", municipality=True)
    resume.add_argument("--reason", required=True, help="why")
    resume.add_argument("--answer", action="store_true", help="publish the refusal (F23) in place of the receipt")

    answer = command("answer", commands.answer, "publish the original receipt of a serial again", municipality=True)
    answer.add_argument("--serial", type=int, required=True, metavar="N", help="serial of the file's name")

    fault = command("fault", commands.fault, "set, clear or list faults for the next files")
    fault.add_argument("action", choices=("set", "clear", "list"))
    fault.add_argument("name", nargs="?", choices=NAMES, help="which fault")
    fault.add_argument("--times", type=whole_number, default=1, metavar="N|always", help="files or connections")
    fault.add_argument("--municipality", metavar="M", help="only for this one (not for faults of the line)")
    fault.add_argument("--counterparty", metavar="ID", help="only at this one")
    fault.add_argument("--seconds", type=float, default=0.0, help="late, twice: how long after")
    fault.add_argument("--looks", type=int, default=0, help="late: after so many looks into receipts/")
    fault.add_argument("--bytes", type=int, default=0, help="no-space, cut-line: after so many bytes")
    fault.add_argument("--code", default="", help="refuse-file: F20…; refuse-records: R10…")
    fault.add_argument("--items", type=comma, default=(), metavar="A,B", help="refuse-records: the items concerned")
    fault.add_argument("--event-reason", default="", metavar="CODE", help="refuse-records: which events")
    fault.add_argument("--records", type=numbers, default=(), metavar="1,2", help="refuse-records: which records")
    fault.add_argument("--seed", type=int, default=0, help="settles the chance, the same each time")
    fault.add_argument("--chance", type=float, default=1.0, metavar="P", help="share of the files that it strikes")
    add_commands(command)
    return top


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    chosen = parser().parse_args(arguments)
    try:
        handler: Handler = chosen.handler
        return handler(chosen)
    except AgencyError as error:
        print(f"mock_agency: {error}", file=sys.stderr)
        return 1
    except asyncio.CancelledError:
        return 0
