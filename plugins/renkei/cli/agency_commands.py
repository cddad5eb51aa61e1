"""The commands of the agency's direction: each step by hand, what failed, what a person decides about a file."""

from argparse import Namespace
from collections.abc import Callable, Mapping
from typing import Final

from renkei.cli import showing
from renkei.cli.shared import decide, opened
from renkei.cli.texts import say
from renkei.corridor import agency_closing, agency_matters, deciding, steps


def _agency_fetch(given: Namespace) -> bool:
    with opened(given.day) as house:
        result = steps.fetch_agency_files(house)
    again, refused = showing.serials(result.again), showing.serials(result.refused)
    say("agency_fetched", fetched=showing.serials(result.fetched), again=again, refused=refused, waiting=result.waiting)
    return True


def _agency_take_in(given: Namespace) -> bool:
    """Take in what is due; a gap that is too old ends the command as an error, when all else is done."""
    with opened(given.day) as house:
        result = steps.take_in_agency_files(house, given.day)
        ingested, refused = showing.serials(result.ingested), showing.serials((*result.refused, *result.unverified))
        say("agency_taken_in", ingested=ingested, records=result.records, refused=refused)
        if result.gap is not None:
            since = result.gap.since.isoformat(timespec="minutes")
            say("agency_gap", serial=showing.serials([result.gap.serial]), since=since)
        steps.check_agency_gap(house)
    return True


def _agency_match(given: Namespace) -> bool:
    with opened(given.day) as house:
        result = steps.match_agency_notices(house, given.day)
    say("agency_matched", extract=result.extract, classes=showing.counts(result.classes), closed=result.closed)
    return True


def _worklist(given: Namespace) -> bool:
    with opened(given.day) as house:
        result = steps.write_worklist(house, given.day)
    say("worklist_written" if result.written else "worklist_same", path=result.csv, lines=result.lines)
    return True


def _close_proposal(given: Namespace) -> bool:
    with opened() as house:
        return decide(house, agency_closing.CloseProposal(given.notice), given)


def _agency_acknowledge(given: Namespace) -> bool:
    with opened(given.day) as house:
        result = steps.acknowledge_agency_files(house)
    say("acknowledged", published=", ".join(result.published) or "-", already=", ".join(result.already) or "-")
    return True


def _quarantine(given: Namespace) -> bool:
    del given
    with opened() as house:
        showing.show_quarantine(house)
    return True


def _of_agency(make: Callable[[int], deciding.Matter]) -> Callable[[Namespace], bool]:
    def command(given: Namespace) -> bool:
        with opened() as house:
            return decide(house, make(given.serial), given)

    return command


AGENCY_COMMANDS: Final[Mapping[str, Callable[[Namespace], bool]]] = {
    "agency-fetch": _agency_fetch,
    "agency-take-in": _agency_take_in,
    "agency-match": _agency_match,
    "worklist": _worklist,
    "agency-acknowledge": _agency_acknowledge,
    "close-proposal": _close_proposal,
    "quarantine": _quarantine,
    "replay": _of_agency(agency_matters.Replay),
    "void": _of_agency(agency_matters.VoidAgencySerial),
    "resume-agency": _of_agency(agency_matters.ResumeAgency),
}
