"""Sites of which several tests of a module look at one run."""

import shutil
from collections.abc import Iterator

import pytest

from tests.support.site import Site, copy_of


@pytest.fixture(scope="module")
def attacked(pattern_site: Site) -> Iterator[Site]:
    """A small ward for all tests of a module."""
    made = copy_of(pattern_site)
    yield made
    made.agency.remove()
    shutil.rmtree(made.home, ignore_errors=True)
