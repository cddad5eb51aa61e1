"""The command line."""

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from synthetic_registry.agenda import PoolError
from synthetic_registry.build import SCENARIOS, BuildError, Plan, build
from synthetic_registry.extract import LayoutError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Exit status: 0 done, 1 it cannot be built as asked, 2 wrong arguments."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.command(options)
    except (BuildError, LayoutError, PoolError) as reason:
        print(f"synthetic_registry: {reason}", file=sys.stderr)
        return 1
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="synthetic_registry",
        description="住民の台帳を作り物で用意します / A ward's registry of invented residents, one extract a day.",
        epilog="Exit status: 0 done, 1 it cannot be built as asked, 2 wrong arguments.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _build_arguments(
        commands.add_parser("build", help="residents and one extract folder for each calendar day")
    )
    return parser


def _build_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Makes invented residents and their events, and writes one extract folder for each calendar day: the "
        "first is a baseline without events, closed days have none. The same arguments give the same bytes."
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of the extracts")
    parser.add_argument(
        "--schemas", type=Path, default=Path("schemas"), metavar="DIR", help="the layouts (./schemas)"
    )
    parser.add_argument(
        "--municipality", default="131041", metavar="CODE", help="six digits (131041 Shinjuku)"
    )
    parser.add_argument(
        "--residents", type=int, default=42_157, metavar="N", help="living residents on --on (42157)"
    )
    parser.add_argument(
        "--on", type=_day, metavar="DAY", help="the day on which there are N residents (2019-04-01)"
    )
    parser.add_argument(
        "--from",
        dest="baseline",
        type=_day,
        default=date(2019, 3, 27),
        metavar="DAY",
        help="baseline (2019-03-27)",
    )  # noqa: E501
    parser.add_argument(
        "--to", dest="last", type=_day, default=date(2019, 4, 3), metavar="DAY", help="last day (2019-04-03)"
    )  # noqa: E501
    parser.add_argument("--seed", type=int, default=7, metavar="N", help="another seed, other people (7)")
    parser.add_argument(
        "--scenario",
        choices=sorted(SCENARIOS),
        default="normal",
        help="normal, or over 600 notices on 1 April",
    )  # noqa: E501
    parser.add_argument(
        "--agency-origin",
        choices=("off", "on"),
        default="off",
        help="add events that claim an agency notice (off)",
    )  # noqa: E501
    parser.set_defaults(command=_build)


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _build(options: argparse.Namespace) -> int:
    on = options.on or min(max(date(2019, 4, 1), options.baseline), options.last)
    plan = Plan(
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
    for day, folder in build(plan, options.out):
        print(
            f"{day.business_date}  residents {len(day.residents)}  events {len(day.events)}  "
            f"certificates {len(day.certificates)}  reports {len(day.residence_reports)}  {folder}"
        )
    return 0
