"""One ward for all; every test gets a copy of one fresh agency."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.exchange.agency import hand
from tests.support.agency import Agency, Ward, copy_agency, make_ward, new_agency


@pytest.fixture(scope="session")
def ward() -> Iterator[Ward]:
    made = make_ward()
    yield made
    made.remove()


@pytest.fixture(scope="session")
def original(ward: Ward) -> Iterator[Agency]:
    """An agency that lives five minutes after each message and trusts the ward; only ever copied."""
    made = new_agency(clock="message")
    made.trust(ward.openpgp, ward.ssh_public)
    yield made
    made.remove()


@pytest.fixture
def trusting(original: Agency) -> Iterator[Agency]:
    """A fresh copy of that agency."""
    made = copy_agency(original)
    yield made
    made.remove()


@pytest.fixture
def send(trusting: Agency, ward: Ward, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Send a draft and return the receipt."""
    count = iter(range(1000))

    def sending(draft: hand.Draft, counterparty: str = "moj") -> dict[str, Any]:
        package = draft.zipped(tmp_path / f"p{next(count)}")
        hand.put(trusting, hand.seal(package, ward, trusting, counterparty), draft.serial, counterparty)
        trusting.process()
        return hand.read_receipt(trusting, ward, draft.serial, counterparty)

    return sending
