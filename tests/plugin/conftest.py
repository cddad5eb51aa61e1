"""One site with a week that was really exchanged, and Airflow's web server before it."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import web as web_server
from tests.support.site import Site, days, make_site
from tests.support.web import Web

WEEK = days("2019-03-28", "2019-04-03")


@pytest.fixture(scope="session")
def lived() -> Iterator[Site]:
    """A small ward after its week, with a report of each day and of a month."""
    made = make_site(Path(tempfile.mkdtemp(prefix="s-")), registry=300)
    for day in WEEK:
        made.deliver(day)
        made.report(day)
    yield made
    made.remove()
    made.ward.remove()
    shutil.rmtree(made.home, ignore_errors=True)


@pytest.fixture(scope="session")
def web(lived: Site) -> Iterator[Web]:
    """Airflow's web server of that ward."""
    started = web_server.start(lived.home)
    yield started
    started.stop()
