"""The three commands: `run` to the end, `up` and `down`."""

import argparse
import contextlib
import fcntl
import signal
import sys
import time
import urllib.error
from collections.abc import Iterator

from demo_site import airflow_site, processes, watching
from demo_site.api import Api
from demo_site.place import AGENCY_DAG, DAG, DAGS, FIRST_DAY, LAST_DAY, Place, place
from demo_site.ports import settle_ports
from demo_site.texts import DemoError, line, say

INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """Run one command. Exit status: 0 done, 1 it failed and a sentence says why, 130 interrupted."""
    parser = argparse.ArgumentParser(
        prog="docker/demo",
        description="見本の環境 / the demo site: run it to the end, keep it up, stop it",
        epilog="Exit status: 0 done, 1 failed, 2 wrong arguments, 130 interrupted.",
    )
    parser.add_argument("command", choices=sorted(COMMANDS))
    chosen = parser.parse_args(arguments).command
    # A stop by `kill` ends as Ctrl-C does, in the background too: what was started is stopped.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    site = place()
    try:
        with alone(site):
            return COMMANDS[chosen](site)
    except DemoError as error:
        print(error, file=sys.stderr)
        return 1
    except urllib.error.URLError as error:
        say("api", reason=error)
        return 1
    except KeyboardInterrupt:
        say("interrupted")
        return INTERRUPTED


@contextlib.contextmanager
def alone(site: Place) -> Iterator[None]:
    """Let one command at a time work on a site; raises `DemoError` for the second."""
    for folder in (site.home, site.state):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (site.state / "lock").open("a") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DemoError("busy") from None
        yield


def run(site: Place) -> int:
    """Run the business days through the scheduler, print the table and write run-summary.json."""
    began = time.monotonic()
    if (site.home / "ledger").exists() and "baseline" in (site.read("made") or ()) and _finished(site):
        say("nothing")
        return finish(site, began)
    with running(site) as api:
        number = watching.clear_failed(api)
        if number:
            say("again", number=number)
        api.unpause(DAG, AGENCY_DAG)
        say("running", first=FIRST_DAY, last=LAST_DAY)
        try:
            watching.follow(site, api)
        except watching.DayFailed as error:
            _show_report(site, error)
            raise
    return finish(site, began)


def up(site: Place) -> int:
    """Leave the site running and print URL and users."""
    with running(site, stay=True) as api:
        api.unpause(*DAGS)
    say("up", url=api.url)
    for user in airflow_site.access(site).values():
        say("user", **user)
    say("access", path=site.access)
    return 0


def down(site: Place) -> int:
    """Stop what `up` started."""
    say("down" if processes.stop(site) else "not-up")
    return 0


@contextlib.contextmanager
def running(site: Place, *, stay: bool = False) -> Iterator[Api]:
    """Give the API of the running site, and stop it at the end unless `up` (`stay`) has said that it stays."""
    found = processes.is_up(site)
    # What a killed `run` left running is used, and stopped at the end as that run would have.
    stays = found and bool(site.read("stays"))
    done = False
    try:
        api = _use(site) if found else _start(site, polls=stay)
        yield api
        done = True
    finally:
        keep = stays or (stay and done)
        site.remember("stays", keep)
        if not keep:
            processes.stop(site)


def _use(site: Place) -> Api:
    api = Api(site, int(site.read("ports")["ui"]))
    api.wait()
    say("using", url=api.url)
    return api


def _start(site: Place, *, polls: bool) -> Api:
    from demo_site import making

    processes.stop(site)
    ports = settle_ports(site)
    making.make(site, ports)
    say("starting")
    processes.start(site, ports, polls=polls)
    api = Api(site, ports["ui"])
    api.wait()
    say("started", url=api.url)
    return api


def finish(site: Place, began: float) -> int:
    """Print the table, compare the registers, write run-summary.json; 0 only if all is as it should be."""
    from demo_site import agency_summary, registers, summary
    from demo_site.house import opened

    with opened(site) as house:
        days = summary.results(house)
        agreement = registers.compare(site, house)
        told, done = agency_summary.pairs(site, house), summary.all_done(house)
        done = done and not agency_summary.weak_applied(house)
        by_day = [agency_summary.words(house, day) for day in agency_summary.days(house)]
    summary.write(site, days, agreement, told)
    line("")
    line(summary.table(days))
    line("")
    for facts in by_day:
        say("told", **facts)
    for pair in told:
        say("pair", expected=pair.expected, found=pair.found, count=pair.count, sign="✓" if pair.good else "≠")
    say(
        "agree" if agreement.agree else "disagree",
        persons=f"{agreement.persons:,}",
        different=agreement.different,
        open=agreement.open,
    )
    say("summary", path=site.summary, seconds=round(time.monotonic() - began))
    good = all(day.good for day in days) and done and all(pair.good for pair in told)
    if not good:
        say("incomplete")
    return 0 if good and agreement.agree else 1


def _finished(site: Place) -> bool:
    from demo_site import summary
    from demo_site.house import opened

    with opened(site) as house:
        return summary.all_done(house)


def _show_report(site: Place, error: watching.DayFailed) -> None:
    from demo_site import summary
    from demo_site.house import opened

    with opened(site) as house:
        report = summary.report_of(house, error.day)
    if report:
        say("report", path=site.home / report)


COMMANDS = {"run": run, "up": up, "down": down}
