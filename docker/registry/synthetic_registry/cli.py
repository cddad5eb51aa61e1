"""The command line."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from synthetic_registry.agenda import PoolError
from synthetic_registry.build import SCENARIOS, BuildError, Plan, build, live
from synthetic_registry.clerk import Clerk
from synthetic_registry.extract import ExtractError, LayoutError
from synthetic_registry.histories import Day
from synthetic_registry.stream import Big, stream
from synthetic_registry.tables import check_digit

FIRST, LAST = date(2019, 3, 27), date(2019, 4, 3)
SHOWN = date(2019, 4, 1)
SIX = 6


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Exit status: 0 done, 1 it cannot be built as asked, 2 wrong arguments."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.command(options)
    except (BuildError, ExtractError, LayoutError, PoolError) as reason:
        print(f"synthetic_registry: {reason}", file=sys.stderr)
        return 1
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="synthetic_registry",
        description="住民の台帳を作り物で用意します / invented residents and their daily extracts",
        epilog="Exit status: 0 done, 1 it cannot be built as asked, 2 wrong arguments.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _build_arguments(commands.add_parser("build", help="residents and one extract folder for each calendar day"))
    _live_arguments(commands.add_parser("live", help="one day after the other, with the clerk who enters worklists"))
    _stream_arguments(commands.add_parser("stream", help="two extracts of any size, for measurements"))
    return parser


def _common_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--out", type=Path, required=True, metavar="DIR", help="folder of the extracts")
    add("--schemas", type=Path, default=Path("schemas"), metavar="DIR", help="the layouts (./schemas)")
    add("--municipality", type=_municipality, default="131041", metavar="CODE", help="six digits (131041)")
    add("--seed", type=int, default=7, metavar="N", help="another seed, other people (7)")


def _build_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Makes invented residents and their events, and writes one extract folder for each calendar day: the "
        "first is a baseline without events, closed days have none. The same arguments give the same bytes."
    )
    _plan_arguments(parser)
    parser.add_argument(
        "--agency-origin",
        choices=("off", "on"),
        default="off",
        help="on: some events claim an agency notice that nobody sent, and will be held (off)",
    )
    parser.set_defaults(command=_build)


def _plan_arguments(parser: argparse.ArgumentParser) -> None:
    _common_arguments(parser)
    add = parser.add_argument
    add("--residents", type=int, default=42_157, metavar="N", help="living residents on --on (42157)")
    add(
        "--on",
        type=_day,
        metavar="DAY",
        help="day with N residents (2019-04-01 or the nearest day)",
    )
    add("--from", dest="baseline", type=_day, default=FIRST, metavar="DAY", help=f"the baseline ({FIRST})")
    add("--to", dest="last", type=_day, default=LAST, metavar="DAY", help=f"the last day ({LAST})")
    add(
        "--scenario",
        choices=sorted(SCENARIOS),
        default="normal",
        help="busy-april: over 600 at the peak",
    )


def _live_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Reads one business date a line from standard input, makes its extract and those of the days before it, and "
        "prints each folder. On each working day the clerk first enters the worklists since the last one."
    )
    _plan_arguments(parser)
    parser.add_argument("--worklists", type=Path, required=True, metavar="DIR", help="folder of the worklists")
    parser.set_defaults(command=_live, agency_origin="off")


def _stream_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Writes yesterday's and today's extract of any size for measurements, with the events that explain "
        "each differing line; the 30 columns of every extract. Memory does not grow with the size."
    )
    _common_arguments(parser)
    add = parser.add_argument
    add(
        "--residents",
        type=int,
        default=4_000_000,
        metavar="N",
        help="lines of a file, nearly (4000000)",
    )
    add("--day", type=_day, default=date(2019, 4, 2), metavar="DAY", help="today (2019-04-02)")
    add("--per-thousand", type=float, default=10.0, metavar="N", help="differing lines of a thousand (10)")
    parser.set_defaults(command=_stream)


def _municipality(text: str) -> str:
    if len(text) != SIX or not text.isdecimal() or check_digit(text[:5]) != text[5]:
        raise argparse.ArgumentTypeError("six digits, the last one the check digit")
    return text


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _plan(options: argparse.Namespace) -> Plan:
    on = options.on or min(max(SHOWN, options.baseline), options.last)
    return Plan(
        options.municipality,
        options.residents,
        on,
        options.baseline,
        options.last,
        options.seed,
        options.schemas,
        options.scenario,
        options.agency_origin == "on",
    )


def _build(options: argparse.Namespace) -> int:
    _show(build(_plan(options), options.out))
    return 0


def _live(options: argparse.Namespace) -> int:
    clerk = Clerk(options.worklists, options.schemas)
    asked = (_day(text.strip()) for text in iter(sys.stdin.readline, "") if text.strip())
    _show(live(_plan(options), options.out, clerk, asked))
    return 0


def _show(days: Iterable[tuple[Day, Path]]) -> None:
    for day, folder in days:
        print(
            f"{day.business_date}  residents {len(day.residents)}  events {len(day.events)}  "
            f"certificates {len(day.certificates)}  reports {len(day.residence_reports)}  {folder}",
            flush=True,
        )


def _stream(options: argparse.Namespace) -> int:
    big = Big(
        options.municipality,
        options.residents,
        options.day,
        options.seed,
        options.schemas,
        options.per_thousand,
    )
    for folder in stream(big, options.out):
        print(folder)
    return 0
