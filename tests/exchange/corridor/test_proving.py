"""A backfill's preview, and the proof of a day that was sealed before: rebuilt byte-identical, nothing sent."""

import json
from datetime import date

import pytest

from renkei.corridor import steps
from renkei.corridor.proving import Expected, preview
from renkei.errors import RebuildDiffers
from renkei.ledger.tables import NoticeAttempt, Trail
from tests.support.site import Site

FIRST, SECOND = "2019-03-28", "2019-03-29"


@pytest.fixture
def delivered(site: Site) -> Site:
    """Two days are there, the first is delivered."""
    for day in (FIRST, SECOND):
        builder = site.tomorrow()
        builder.event("0000000001", "move_within", address="東京都新宿区若松町" + day[-2:])
        site.extract(builder)
        if day == FIRST:
            site.run(day)
    return site


def seen(site: Site) -> list[tuple[str, Expected, int | None]]:
    with site.house() as house:
        found = preview(house, date(2019, 3, 27), date(2019, 3, 30))
    return [(each.day.isoformat(), each.expected, each.serial) for each in found]


def test_the_preview_tells_each_day_and_changes_nothing(delivered: Site) -> None:
    before = len(delivered.rows(Trail))
    assert [
        ("2019-03-27", Expected.BEFORE_BASELINE, None),
        (FIRST, Expected.SEALED, 1),
        (SECOND, Expected.CREATED, None),
        ("2019-03-30", Expected.NO_EXTRACT, None),
    ] == seen(delivered)
    assert before == len(delivered.rows(Trail))


def test_a_sealed_day_is_rebuilt_and_nothing_is_sent(delivered: Site) -> None:
    file = delivered.file(1)
    with delivered.house(FIRST) as house:
        result = steps.seal_and_prove(house, date.fromisoformat(FIRST))
    assert (result.sealed, result.serials) == (True, ())
    (told,) = delivered.rows(Trail, action="file.rebuilt")
    assert {"proof": "bytes", "package": file.package_sha256} == json.loads(told.facts)
    assert delivered.file(1).sealed_sha256 == file.sealed_sha256


def test_a_day_whose_record_was_changed_in_the_ledger_is_not_proven(delivered: Site) -> None:
    with delivered.house(FIRST) as house, house.ledger.transaction() as tx:
        row = tx.session.query(NoticeAttempt).first()
        assert row is not None
        row.content = {**(row.content or {}), "sex": "3"}
        tx.trail("test.spoiled", "00000001")
    with delivered.house(FIRST) as house, pytest.raises(RebuildDiffers):
        steps.seal_and_prove(house, date.fromisoformat(FIRST))
