"""Every step started twice at the same instant, in two processes: one file, one receipt, nothing doubled."""

import pytest

from renkei.ledger import verify
from renkei.ledger.tables import Extract, File, Notice, NoticeAttempt, Receipt, ReportRow
from tests.support.databases import on_both
from tests.support.killed import together
from tests.support.registers import accepted_twice, answers_given, differing
from tests.support.site import Site

pytestmark = on_both("site")

STEPS = ("seal", "publish", "answered", "report")


@pytest.mark.parametrize("raced", STEPS)
def test_a_step_started_twice_at_once(site: Site, raced: str) -> None:
    site.tomorrow().event("0000000001", "move_within", address="東京都新宿区戸塚町一丁目2番3号")
    day = site.extract()
    for step in STEPS:
        run = getattr(site, step)
        if step == raced:
            errors = together(*[lambda run=run: run(day)] * 2)
            assert all(not error or "Retryable" in error for error in errors), errors
        run(day)
    assert [file.state for file in site.rows(File)] == ["receipted"]
    assert len(site.rows(Extract)) == 2
    assert len(site.rows(Receipt)) == 1
    assert [(row.attempt, row.code) for row in site.rows(NoticeAttempt)] == [(1, "R00")]
    assert [row.state for row in site.rows(Notice)] == ["accepted"]
    attempts = [row.attempt for row in site.rows(ReportRow)]
    assert attempts == list(range(1, len(attempts) + 1))
    assert len(answers_given(site)) == 1
    assert (accepted_twice(site), differing(site, day)) == ([], set())
    assert list(site.settings.work_dir.iterdir()) == []
    with site.house() as house:
        assert verify(house.ledger, house.settings) == []


def test_a_whole_day_run_twice_at_once(site: Site) -> None:
    site.tomorrow().event("0000000001", "move_within", address="東京都新宿区戸塚町一丁目2番3号")
    day = site.extract()
    errors = together(*[lambda: site.deliver(day)] * 3)
    assert all(not error or "Retryable" in error for error in errors), errors
    site.deliver(day)
    assert (len(site.rows(File)), len(site.rows(Receipt)), len(answers_given(site))) == (1, 1, 1)
    assert differing(site, day) == set()
