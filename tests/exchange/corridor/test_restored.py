"""A ledger put back from yesterday's copy beside a running agency: nothing goes until adopt, nothing twice after it."""

import shutil
from datetime import date
from typing import Any

import pytest
from sqlalchemy import inspect

from renkei.corridor import matters
from renkei.corridor.adopting import adopt_restored
from renkei.corridor.media import receipt_from_media
from renkei.corridor.rebuild import rebuild
from renkei.corridor.rereading import reread_lost_days
from renkei.errors import LedgerRestored, LostDayUnread
from renkei.ledger import verdict, verify
from renkei.ledger.adopt import Adopted, Request
from renkei.ledger.effects import Effect
from renkei.ledger.tables import (
    Base,
    CardHistory,
    Day,
    EventRead,
    Extract,
    File,
    Notice,
    NoticeAttempt,
    OpenItem,
    Person,
    Receipt,
)
from tests.support.backup import Backup
from tests.support.databases import on_both
from tests.support.deciding import approve, decide, only_item
from tests.support.killed import dies_at
from tests.support.lives import (
    FIRST,
    FOURTH,
    MOVED,
    NEWCOMER,
    ONE,
    OUTSIDE,
    SECOND,
    THIRD,
    THREE,
    TWO,
    half_gone,
    lives,
    open_items,
    quiet,
    release,
    state,
    taken_in_but_not_sealed,
)
from tests.support.registers import (
    accepted_twice,
    agency_notices,
    answers_given,
    differing,
    notice_id,
    sent_records,
)
from tests.support.site import Site

pytestmark = on_both("site")

FOUR, FIVE = "0000000004", "0000000005"
REQUEST = Request(asker="clerk", reason="the disk was changed")
# What a person or the clock adds: numbers of rows, instants, the words of evidence, and the decisions themselves.
NOT_COMPARED = {"id", "extract_id", "decision_id", "released_by", "since", "closed_at", "evidence", "requested_at"}
NOT_COMPARED |= {"answered_at", "verified_at", "sealed_at", "published_at", "blocked_by"}
KNOWN: tuple[type[Base], ...] = (Person, EventRead, Notice, NoticeAttempt, Extract, Day, File, Receipt)
KNOWN += (OpenItem, CardHistory)


def knowledge(site: Site) -> dict[str, list[dict[str, Any]]]:
    """Return all that the ledger knows of persons, notices, files and days."""
    found = {}
    for model in KNOWN:
        columns = [column.key for column in inspect(model).columns if column.key not in NOT_COMPARED]
        rows = [{name: getattr(row, name) for name in columns} for row in site.rows(model)]
        found[model.__name__] = sorted(rows, key=repr)
    return found


def adopted(site: Site, day: str, *, offline: bool = False) -> Adopted:
    with site.house(day) as house:
        found = adopt_restored(house, REQUEST, offline=offline)
        reread_lost_days(house)
    return found


def first_day(site: Site) -> None:
    """A name that the agency cannot take, a move-out to come, and somebody who moves: the copy knows them."""
    builder = site.tomorrow()
    builder.event(TWO, "move_within", **MOVED)
    builder.event(THREE, "domestic_move_out", event_date=THIRD, next_address="大阪府大阪市北区中之島一丁目3番20号")
    builder.event(NEWCOMER, "move_in_from_abroad", name_kanji=OUTSIDE)
    lives(site)


def second_day(site: Site) -> None:
    """One is refused by the agency, one presents a card, one's row differs without an event."""
    site.agency.fault("refuse-records", code="R10", items="sex", records="1")
    builder = site.tomorrow()
    builder.event(ONE, "move_within", **MOVED, card_presented="1")
    builder.event(FOUR, "move_within", **MOVED)
    builder.change(FIVE, birth_date="1990-01-02")
    lives(site)
    site.agency.heal()


def third_day(site: Site) -> None:
    """The held and the refused are corrected and go; the move-out falls due; a report without an event."""
    builder = site.tomorrow()
    builder.event(NEWCOMER, "error_correction", name_kanji="高橋")
    (refused,) = site.rows(Notice, state="refused")
    other = "2" if builder.residents[refused.registry_number]["sex"] == "1" else "1"
    builder.event(refused.registry_number, "error_correction", sex=other)
    builder.event(FIVE, "error_correction", birth_date="1990-01-02")
    builder.report("0000000001")
    lives(site)


def after_adoption(site: Site, serials: int, named: str = "PASS with 1 named break") -> None:
    """Everything of the days so far was told exactly once, and the verifier names the one break."""
    assert [row["serial"] for row in answers_given(site)] == list(range(1, serials + 1))
    assert accepted_twice(site) == []
    accepted = [row["notice_id"] for row in agency_notices(site) if row["code"] == "R00"]
    assert len(accepted) == len(set(accepted))
    with site.house() as house:
        assert verdict(verify(house.ledger, house.settings)) == named


def test_nothing_is_sealed_or_sent_until_adopt_and_nothing_twice_after_it(site: Site) -> None:
    first_day(site)
    copy = Backup(site)
    second_day(site)
    third_day(site)
    before = knowledge(site)
    copy.restore()
    site.tomorrow().event(TWO, "move_within", address="東京都新宿区若松町2番3号")
    site.extract()
    with pytest.raises(LedgerRestored):
        site.seal(FOURTH)
    assert site.publish(FOURTH).published == ()
    assert [row["serial"] for row in answers_given(site)] == [1, 2, 3]
    found = adopted(site, THIRD)
    assert (found.from_store, found.from_receipts, found.void) == ((2, 3), (), ())
    assert knowledge(site) == before
    assert site.publish(THIRD).published == ()
    assert site.answered(THIRD).taken_in == ()
    with site.house() as house:
        # The contents came out of the extracts again, byte for byte what was sealed.
        assert [rebuild(house, serial).serial for serial in (1, 2, 3)] == [1, 2, 3]
    assert site.deliver(FOURTH).complete
    assert differing(site, FOURTH) == set()
    quiet(site)
    after_adoption(site, 5)
    assert open_items(site) == []


def test_receipts_that_came_after_the_loss_are_taken_in_from_the_agency(site: Site) -> None:
    site.tomorrow()
    site.extract()
    site.seal(FIRST)
    copy = Backup(site)
    site.publish(FIRST)
    site.agency.process()
    site.agency.fault("refuse-records", code="R10", items="sex", records="1")
    site.tomorrow().event(ONE, "move_within", **MOVED).event(TWO, "move_within", **MOVED)
    site.extract()
    site.seal(SECOND)
    site.publish(SECOND)
    site.agency.process()
    copy.restore()
    for step in (site.publish, site.answered):
        with pytest.raises(LedgerRestored):
            step(SECOND)
    adopted(site, SECOND)
    assert (site.file(1).state, site.file(2).state) == ("sealed", "unknown")
    assert site.publish(SECOND).published == ()
    assert site.answered(SECOND).taken_in == (1, 2)
    assert sorted(code for _, _, code in sent_records(site, 2)) == ["R00", "R10"]
    assert [item[0] for item in open_items(site)] == ["refused"]
    assert differing(site, SECOND) == set()
    quiet(site)
    after_adoption(site, 3)


def test_a_file_that_never_arrived_goes_with_its_stored_bytes(site: Site) -> None:
    quiet(site)
    copy = Backup(site)
    site.tomorrow().event(ONE, "move_within", **MOVED)
    site.extract()
    site.seal(SECOND)
    sealed = site.file(2).sealed_sha256
    copy.restore()
    adopted(site, SECOND)
    assert site.publish(SECOND).published == (2,)
    assert site.answered(SECOND).complete
    assert site.file(2).sealed_sha256 == sealed
    assert state(site, ONE, 2) == ("accepted", None)
    quiet(site)
    after_adoption(site, 3)


def test_a_copy_made_between_intake_and_sealing(site: Site) -> None:
    day = taken_in_but_not_sealed(site)
    copy = Backup(site)
    assert site.deliver(day).complete
    site.report(day)
    before = knowledge(site)
    copy.restore()
    adopted(site, day)
    assert knowledge(site) == before
    quiet(site)
    after_adoption(site, 2)


def test_a_release_that_was_lost_is_proven_by_what_was_sent(site: Site) -> None:
    """The held day's extract, and the held notice that a person let go, stand in sealed files."""
    site.tomorrow().event(ONE, "move_within", address="東京都新宿区戸塚町1番2号", event_date="2019-05-01")
    lives(site)
    copy = Backup(site)
    decide(site, matters.Release(only_item(site).id))
    day = half_gone(site)
    release(site, day, (site.extracts / day / "manifest.json").read_bytes())
    assert site.deliver(day).complete
    site.report(day)
    before = knowledge(site)
    copy.restore()
    adopted(site, day)
    assert knowledge(site) == before
    quiet(site)
    after_adoption(site, 3)


def test_a_lost_day_whose_extract_is_not_there_stops_everything_until_it_is(site: Site) -> None:
    quiet(site)
    copy = Backup(site)
    site.tomorrow().event(ONE, "move_within", **MOVED)
    lives(site)
    copy.restore()
    away = site.home / "away"
    (site.extracts / SECOND).rename(away)
    with pytest.raises(LostDayUnread) as unread:
        adopted(site, SECOND)
    assert unread.value.refs["day"] == date.fromisoformat(SECOND)
    site.tomorrow()
    site.extract()
    for step in (site.seal, site.answered):
        with pytest.raises(LostDayUnread):
            step(THIRD)
    (receipt,) = site.settings.sealed_dir.glob("00000002-*/receipt-*.json.pgp")
    with site.house(THIRD) as house, pytest.raises(LostDayUnread):
        receipt_from_media(house, 2, receipt, asker="clerk", reason="it came on media")
    assert site.rows(NoticeAttempt) == []
    away.rename(site.extracts / SECOND)
    assert site.deliver(THIRD).complete
    assert state(site, ONE, 2) == ("accepted", None)
    assert differing(site, THIRD) == set()
    after_adoption(site, 3)


def test_a_day_that_was_waived_in_the_lost_time_stays_waived(site: Site) -> None:
    quiet(site)
    site.seal(SECOND)
    copy = Backup(site)
    asked = decide(site, matters.Waive(date.fromisoformat(SECOND)), day=SECOND)
    assert approve(site, asked.decision).done
    assert site.builder
    site.builder = site.builder.next_day(2)
    site.builder.previous_cut_off = f"{FIRST}T21:00:00+09:00"
    site.builder.event(ONE, "move_within", **MOVED)
    lives(site)
    before = knowledge(site)
    copy.restore()
    adopted(site, THIRD)
    assert knowledge(site) == before
    quiet(site)
    after_adoption(site, 3)


def test_rereading_that_dies_is_ended_by_the_next_sealing(site: Site) -> None:
    first_day(site)
    copy = Backup(site)
    second_day(site)
    third_day(site)
    before = knowledge(site)
    copy.restore()
    with site.house(THIRD) as house:
        adopt_restored(house, REQUEST)
    commits = 1
    while dies_at(lambda: site.seal(THIRD), Effect.WRITE_HEAD, "after", commits):
        commits += 1
        assert commits < 30
    assert commits > 5
    assert knowledge(site) == before


def test_a_file_of_which_the_store_lost_everything_is_proven_by_its_receipt(site: Site) -> None:
    quiet(site)
    copy = Backup(site)
    site.tomorrow().event(ONE, "move_within", **MOVED).event(TWO, "move_within", **MOVED)
    lives(site)
    copy.restore()
    (folder,) = site.settings.sealed_dir.glob("00000002-*")
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    assert adopted(site, SECOND).from_receipts == (2,)
    assert site.answered(SECOND).taken_in == (2,)
    # The day is sealed again, and tells nobody what the agency accepted before.
    assert site.deliver(SECOND).complete
    assert (site.file(3).business_date.isoformat(), site.file(3).records) == (SECOND, 0)
    assert differing(site, SECOND) == set()
    assert len([row for row in agency_notices(site) if row["code"] == "R00"]) == 2


def test_with_the_store_lost_too_only_the_agencys_receipts_tell(site: Site) -> None:
    site.tomorrow()
    site.extract()
    site.seal(FIRST)
    copy = Backup(site)
    sealed = site.home / "sealed-copy"
    shutil.copytree(site.settings.sealed_dir, sealed)
    site.publish(FIRST)
    site.tomorrow().event(ONE, "move_within", **MOVED)
    lives(site)
    copy.restore()
    shutil.rmtree(site.settings.sealed_dir)
    sealed.rename(site.settings.sealed_dir)
    # Ledger and head mark agree; the agency answers a serial that was never allotted.
    for _ in range(2):
        with pytest.raises(LedgerRestored):
            site.answered(FIRST)
    with pytest.raises(LedgerRestored):
        site.seal(SECOND)
    assert adopted(site, SECOND).from_receipts == (2,)
    assert site.answered(FIRST).taken_in == (1, 2)
    assert site.deliver(SECOND).complete
    assert (site.file(3).business_date.isoformat(), site.file(3).records) == (SECOND, 0)
    assert differing(site, SECOND) == set()
    quiet(site)
    assert [row["notice_id"] for row in agency_notices(site) if row["code"] == "R00"] == [notice_id(ONE, 2)]
