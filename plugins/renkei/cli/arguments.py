"""The commands and their arguments."""

import argparse
import getpass
import os
import re
from datetime import date, datetime
from pathlib import Path

from renkei.cli.texts import epilogue, helping
from renkei.clock import in_tokyo

DAY_COMMANDS = ("request", "seal", "publish", "receipts", "report", "run")
AGENCY_COMMANDS = ("agency-fetch", "agency-take-in", "agency-match", "worklist", "agency-acknowledge")


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; it imports no room of the library."""
    top = argparse.ArgumentParser(
        prog="renkei",
        description=helping("program"),
        epilog=epilogue(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in ("migrate", "status", "verify", "quarantine"):
        _command(commands, name)
    waiting = _command(commands, "waiting")
    waiting.add_argument("--persons", action="store_true", help=helping("persons"))
    for name in DAY_COMMANDS + AGENCY_COMMANDS:
        _command(commands, name).add_argument("day", metavar="DATE", type=_day, help=helping("date"))
    _serial(_command(commands, "rebuild"))
    previewing = _command(commands, "preview")
    previewing.add_argument("--from", metavar="DATE", type=_day, dest="first", required=True, help=helping("first"))
    previewing.add_argument("--to", metavar="DATE", type=_day, dest="last", required=True, help=helping("last"))
    exporting = _command(commands, "audit-export")
    exporting.add_argument("first", metavar="FROM", type=_day, help=helping("first"))
    exporting.add_argument("last", metavar="TO", type=_day, help=helping("last"))
    _command(commands, "month").add_argument("day", metavar="DATE", type=_day, help=helping("date"))
    _map_export(_command(commands, "map-export"))
    _decisions(commands)
    return top


def _map_export(command: argparse.ArgumentParser) -> None:
    command.add_argument("day", metavar="DATE", type=_day, help=helping("date"))
    command.add_argument("source", metavar="DIR", type=Path, help=helping("source"))
    command.add_argument("mapping", metavar="MAPPING", type=Path, help=helping("mapping"))
    command.add_argument("--cut-off", metavar="TIME", type=_instant, required=True, help=helping("cut_off"))
    command.add_argument("--previous-cut-off", metavar="TIME", type=_instant, help=helping("previous_cut_off"))
    command.add_argument("--correction", metavar="N", type=_number, default=0, help=helping("correction"))


def _decisions(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    for name in ("baseline", "waive", "supplement"):
        _reasoned(commands, name).add_argument("day", metavar="DATE", type=_day, help=helping("date"))
    _reasoned(commands, "release").add_argument("item", metavar="ITEM", type=_item_or_day, help=helping("item_or_day"))
    _reasoned(commands, "close").add_argument("item", metavar="ITEM", type=_number, help=helping("item"))
    for name in ("resend", "give-back", "resume"):
        _serial(_reasoned(commands, name))
    resealing = _serial(_reasoned(commands, "reseal"))
    resealing.add_argument("--gone", action="store_true", help=helping("gone"))
    closing = _reasoned(commands, "close-proposal")
    closing.add_argument("--notice", metavar="ID", type=_notice, required=True, help=helping("notice"))
    for name in ("replay", "void", "resume-agency"):
        command = _reasoned(commands, name)
        command.add_argument("--serial", metavar="SERIAL", type=_number, required=True, help=helping("agency_serial"))
    export = _serial(_reasoned(commands, "export"))
    export.add_argument("folder", metavar="DIR", type=Path, help=helping("folder"))
    entering = _serial(_reasoned(commands, "enter-receipt"))
    entering.add_argument("file", metavar="FILE", type=Path, help=helping("file"))
    adopting = _reasoned(commands, "adopt")
    adopting.add_argument("--approver", metavar="WHO", help=helping("approver"))
    adopting.add_argument("--void", metavar="SERIAL", type=_number, nargs="+", default=[], help=helping("voided"))
    adopting.add_argument("--offline", action="store_true", help=helping("offline"))
    approving = _command(commands, "approve")
    approving.add_argument("decision", metavar="DECISION", type=_number, help=helping("decision"))
    approving.add_argument("--approver", metavar="WHO", default=login(), help=helping("approver"))
    approving.add_argument("--to", metavar="DIR", type=Path, help=helping("to"))


def login() -> str:
    """Return the login name of whoever types, or the account's number where it has none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return str(os.getuid())


def _command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str) -> argparse.ArgumentParser:
    return commands.add_parser(
        name,
        help=helping(name),
        description=helping(name),
        epilog=epilogue(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def _reasoned(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str) -> argparse.ArgumentParser:
    command = _command(commands, name)
    command.add_argument("--reason", metavar="WHY", required=True, help=helping("reason"))
    command.add_argument("--asker", metavar="WHO", default=login(), help=helping("asker"))
    return command


def _serial(command: argparse.ArgumentParser) -> argparse.ArgumentParser:
    command.add_argument("serial", metavar="SERIAL", type=_number, help=helping("serial"))
    return command


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("YYYY-MM-DD") from None


def _instant(text: str) -> datetime:
    try:
        return in_tokyo(datetime.fromisoformat(text))
    except ValueError:
        raise argparse.ArgumentTypeError("YYYY-MM-DDTHH:MM:SS+09:00") from None


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError("1, 2, 3 …")
    return int(text)


def _notice(text: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{32}", text):
        raise argparse.ArgumentTypeError("32 × 0-9 a-f")
    return text


def _item_or_day(text: str) -> int | date:
    return _day(text) if "-" in text else _number(text)
