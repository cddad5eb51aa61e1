"""The product of this site, opened as a step opens it."""

from contextlib import AbstractContextManager

from demo_site.place import Place
from renkei.corridor.house import House, open_house
from renkei.settings import Settings


def opened(place: Place) -> AbstractContextManager[House]:
    """Open the site's settings, ledger, schemas, peers and keys."""
    return open_house(Settings.load(place.home, {}), actor="demo")
