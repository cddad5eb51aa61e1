"""What every group of commands does alike: open the site, carry out a decision and tell what became of it."""

import contextlib
from argparse import Namespace
from datetime import date

from renkei.cli import showing
from renkei.cli.arguments import login
from renkei.cli.texts import say
from renkei.corridor import deciding
from renkei.corridor.house import House, open_house


def actor() -> str:
    """Return who acts, as the trail names a person at the command line."""
    return f"cli/{login()}"


def opened(day: date | None = None) -> contextlib.AbstractContextManager[House]:
    """Open the site, on a business date if one is given."""
    return open_house(business_date=day, actor=actor())


def decide(house: House, matter: deciding.Matter, given: Namespace) -> bool:
    """Record a decision with its reason, carry it out or leave it to a second person, and say so."""
    return decided(deciding.decide(house, matter, asker=given.asker, reason=given.reason))


def decided(result: deciding.Decided) -> bool:
    """Say what became of a decision."""
    say("decided" if result.done else "asked", decision=result.decision)
    if result.serials:
        say("serials", serials=showing.serials(result.serials))
    return True
