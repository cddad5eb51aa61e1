"""What a person decides, at a whole site with a running agency: with a reason, once, and by two where it is set."""

import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import update

from renkei.corridor import matters, media
from renkei.corridor.rebuild import rebuild
from renkei.corridor.receipts import receipt_name
from renkei.errors import (
    ArrivedAlready,
    DayHeld,
    DayWaits,
    DecisionOfAnotherRequest,
    FileNotExportable,
    NothingToDecide,
    OutputExists,
    PackageRecordRefused,
    PeerStopped,
    ReasonMissing,
    RebuildDiffers,
    SecondPersonNeeded,
)
from renkei.ledger import verdict, verify
from renkei.ledger.tables import Day, Decision, File, Notice, NoticeAttempt, OpenItem, Trail
from tests.support.deciding import actions, approve, decide, only_item, states
from tests.support.extracts import ExtractBuilder
from tests.support.site import BASELINE, Site, make_site

PERSON = "0000000001"
DAY, NEXT, LAST = "2019-03-28", "2019-03-29", "2019-03-30"


@pytest.fixture
def builder() -> ExtractBuilder:
    """The baseline: three residents."""
    return ExtractBuilder(BASELINE, baseline=True).resident(PERSON).resident().resident()


@pytest.fixture
def site(builder: ExtractBuilder) -> Iterator[Site]:
    made = make_site(Path(tempfile.mkdtemp(prefix="s-")), builder=builder)
    yield made
    made.remove()


@pytest.fixture
def held(site: Site, builder: ExtractBuilder) -> ExtractBuilder:
    """A day on which one notice is held for a date to come, and the person's next one waits behind it."""
    day = builder.next_day()
    day.event(PERSON, "move_within", address="東京都新宿区戸塚町1番2号", event_date="2019-05-01")
    day.event(PERSON, "move_within", address="東京都新宿区若松町3番4号")
    day.event("0000000002", "move_within", address="東京都新宿区四谷1番1号")
    day.write(site.extracts)
    site.run(DAY)
    return day


class TestReleasing:
    """A held notice goes into the next file sealed; what waited behind it goes after it."""

    @pytest.mark.usefixtures("held")
    def test_the_notice_and_the_one_behind_it_become_due(self, site: Site) -> None:
        assert states(site) == {"held": 1, "behind": 1, "accepted": 1}
        result = decide(site, matters.Release(only_item(site).id))
        assert result.done
        assert states(site) == {"due": 2, "accepted": 1}

    def test_they_go_in_the_next_file_in_their_order(self, site: Site, held: ExtractBuilder) -> None:
        decide(site, matters.Release(only_item(site).id))
        held.next_day().write(site.extracts)
        site.run(NEXT)
        attempts = sorted(site.rows(NoticeAttempt, serial=2), key=lambda each: each.record_number)
        numbers = {notice.notice_id: notice.history_number for notice in site.rows(Notice)}
        assert [2, 3] == [numbers[each.notice_id] for each in attempts]

    @pytest.mark.usefixtures("held")
    def test_the_item_is_closed_by_the_decision(self, site: Site) -> None:
        item = only_item(site)
        result = decide(site, matters.Release(item.id))
        (closed,) = site.rows(OpenItem, id=item.id)
        assert (closed.state.value, closed.decision_id) == ("closed", result.decision)

    @pytest.mark.usefixtures("held")
    def test_the_trail_tells_who_and_not_why(self, site: Site) -> None:
        decide(site, matters.Release(only_item(site).id), reason="the secret reason")
        rows = site.rows(Trail)
        assert "clerk" in {row.actor for row in rows if row.action == "decision.asked"}
        assert "notice.released" in [row.action for row in rows]
        assert not any("secret" in row.facts for row in rows)

    @pytest.mark.usefixtures("held")
    def test_a_second_time_there_is_nothing_to_decide(self, site: Site) -> None:
        item = only_item(site).id
        decide(site, matters.Release(item))
        with pytest.raises(NothingToDecide):
            decide(site, matters.Release(item))

    @pytest.mark.usefixtures("held")
    def test_without_a_reason_nothing_happens(self, site: Site) -> None:
        with pytest.raises(ReasonMissing):
            decide(site, matters.Release(only_item(site).id), reason="  ")
        assert states(site)["held"] == 1

    @pytest.mark.usefixtures("held")
    def test_a_record_that_no_file_can_hold_stays(self, site: Site) -> None:
        item = only_item(site)
        with site.house(DAY) as house, house.ledger.transaction() as tx:
            notice = tx.session.get_one(Notice, item.notice_id)
            notice.content = {name: value for name, value in (notice.content or {}).items() if name != "sex"}
            tx.trail("test.broken", notice.notice_id)
        with pytest.raises(PackageRecordRefused):
            decide(site, matters.Release(item.id))
        assert states(site)["held"] == 1


class TestClosing:
    """A closed item's notice is never told; those behind it go."""

    @pytest.mark.usefixtures("held")
    def test_the_notice_is_never_told(self, site: Site) -> None:
        decide(site, matters.Close(only_item(site).id))
        assert states(site) == {"never_told": 1, "due": 1, "accepted": 1}

    def test_a_difference_goes_on_from_the_last_event_read(self, site: Site, builder: ExtractBuilder) -> None:
        gap = builder.next_day().event(PERSON, "move_within", address="東京都新宿区戸塚町1番2号")
        gap.events[0]["history_number"] = "4"
        gap.residents[PERSON]["history_number"] = "4"
        gap.write(site.extracts)
        site.run(DAY)
        items = {item.kind: item for item in site.rows(OpenItem) if item.state == "open"}
        decide(site, matters.Release(items["hold"].id))
        if "difference" in items:
            decide(site, matters.Close(items["difference"].id))
        gap.next_day().event(PERSON, "move_within", address="東京都新宿区四谷1番1号").write(site.extracts)
        site.run(NEXT)
        assert states(site) == {"accepted": 2}


class TestWaiving:
    """A waived day takes no serial; whoever waives it seals the requested days behind it."""

    def test_the_day_behind_is_sealed(self, site: Site, builder: ExtractBuilder) -> None:
        second = builder.next_day(2)
        second.previous_cut_off = f"{BASELINE}T21:00:00+09:00"
        second.event(PERSON, "move_within", address="東京都新宿区四谷1番1号").write(site.extracts)
        assert not site.seal(DAY).sealed
        with pytest.raises(DayWaits):
            site.seal(NEXT)
        result = approve(site, decide(site, matters.Waive(date.fromisoformat(DAY))).decision)
        assert (1,) == result.serials
        assert {DAY: "waived", NEXT: "sealed"} == {
            day.business_date.isoformat(): day.state.value for day in site.rows(Day)
        }

    def test_only_the_first_day_that_is_not_settled(self, site: Site) -> None:
        with pytest.raises(DayWaits):
            decide(site, matters.Waive(date.fromisoformat(NEXT)), day=NEXT)

    @pytest.mark.usefixtures("held")
    def test_not_a_sealed_day(self, site: Site) -> None:
        with pytest.raises(NothingToDecide):
            decide(site, matters.Waive(date.fromisoformat(DAY)))


class TestHeldDays:
    """A day that cannot be true goes on with the very extract that the person saw."""

    def test_released_it_is_sealed(self, site: Site, builder: ExtractBuilder) -> None:
        builder.next_day().drop("0000000001").drop("0000000002").write(site.extracts)
        with pytest.raises(DayHeld):
            site.seal(DAY)
        result = approve(site, decide(site, matters.ReleaseDay(date.fromisoformat(DAY))).decision)
        assert (1,) == result.serials
        assert "day" not in {item.kind for item in site.rows(OpenItem) if item.state == "open"}

    def test_another_extract_needs_another_decision(self, site: Site, builder: ExtractBuilder) -> None:
        many = builder.next_day().drop("0000000001").drop("0000000002")
        many.write(site.extracts)
        with pytest.raises(DayHeld):
            site.seal(DAY)
        many.corrected().write(site.extracts)
        asked = decide(site, matters.ReleaseDay(date.fromisoformat(DAY)))
        assert () == approve(site, asked.decision).serials
        (day,) = site.rows(Day)
        assert (day.state, day.blocked_by) == ("requested", "DayHeld")


class TestFourEyes:
    """A resend is asked for by one person and approved by another."""

    @pytest.fixture
    def lost(self, site: Site, builder: ExtractBuilder) -> Site:
        """A file that was published, and that the agency has lost."""
        builder.next_day().event(PERSON, "move_within", address="東京都新宿区四谷1番1号").write(site.extracts)
        site.agency.fault("late", looks=99)
        site.seal(DAY)
        site.publish(DAY)
        for file in site.agency.folder("moj", "inbox").iterdir():
            file.unlink()
        return site

    def test_it_waits_for_the_second_person(self, lost: Site) -> None:
        result = decide(lost, matters.Resend(1))
        assert not result.done
        assert not list(lost.agency.folder("moj", "inbox").iterdir())

    def test_the_same_bytes_go_once_approved(self, lost: Site) -> None:
        asked = decide(lost, matters.Resend(1))
        assert (1,) == approve(lost, asked.decision).serials
        (there,) = lost.agency.folder("moj", "inbox").iterdir()
        file = lost.file(1)
        assert there.read_bytes() == (lost.home / file.sealed_path).read_bytes()
        assert file.state == "published"

    def test_not_by_the_one_who_asked(self, lost: Site) -> None:
        asked = decide(lost, matters.Resend(1))
        with pytest.raises(SecondPersonNeeded):
            approve(lost, asked.decision, who="clerk")

    def test_asked_twice_is_one_decision(self, lost: Site) -> None:
        assert decide(lost, matters.Resend(1)).decision == decide(lost, matters.Resend(1)).decision

    @pytest.mark.usefixtures("held")
    def test_what_has_arrived_is_not_sent_again(self, site: Site) -> None:
        asked = decide(site, matters.Resend(1))
        with pytest.raises(ArrivedAlready):
            approve(site, asked.decision)
        (row,) = site.rows(Decision, id=asked.decision)
        assert row.used_at is None

    @pytest.mark.usefixtures("held")
    def test_an_approval_is_bound_to_what_was_seen(self, site: Site) -> None:
        site.write_settings()
        with (site.home / "renkei.toml").open("a") as stream:
            stream.write('four_eyes = ["close"]\n')
        item = only_item(site)
        asked = decide(site, matters.Close(item.id))
        with site.house(DAY) as house, house.ledger.transaction() as tx:
            tx.session.get_one(Notice, item.notice_id).content_sha256 = "0" * 64
            tx.trail("test.changed", item.notice_id)
        with pytest.raises(DecisionOfAnotherRequest):
            approve(site, asked.decision)


class TestMedia:
    """While the line is down a sealed file may go onto media; the line then leaves it alone."""

    @pytest.fixture
    def down(self, site: Site, builder: ExtractBuilder) -> Site:
        """A sealed file, and an agency that cannot be reached."""
        builder.next_day().event(PERSON, "move_within", address="東京都新宿区四谷1番1号").write(site.extracts)
        site.seal(DAY)
        site.agency.stop()
        return site

    def test_the_same_bytes_stand_on_the_medium(self, down: Site, tmp_path: Path) -> None:
        decide(down, media.Export(1, tmp_path))
        (copy,) = tmp_path.iterdir()
        file = down.file(1)
        assert copy.read_bytes() == (down.home / file.sealed_path).read_bytes()
        assert file.state == "exported"
        assert "file.exported" in actions(down)

    def test_not_while_the_line_answers(self, site: Site, builder: ExtractBuilder, tmp_path: Path) -> None:
        builder.next_day().write(site.extracts)
        site.seal(DAY)
        with pytest.raises(FileNotExportable):
            decide(site, media.Export(1, tmp_path))
        assert not list(tmp_path.iterdir())
        assert not site.rows(Decision, kind="export")

    def test_nothing_on_the_medium_is_replaced(self, down: Site, tmp_path: Path) -> None:
        decide(down, media.Export(1, tmp_path))
        with pytest.raises(OutputExists):
            decide(down, media.Export(1, tmp_path))

    def test_its_receipt_is_entered_by_hand(self, down: Site, tmp_path: Path) -> None:
        decide(down, media.Export(1, tmp_path))
        (copy,) = tmp_path.iterdir()
        inbox = down.agency.folder("moj", "inbox")
        (inbox / copy.name).write_bytes(copy.read_bytes())
        down.agency.process()
        receipt = down.agency.folder("moj", "receipts") / receipt_name(down.file(1))
        with down.house(DAY) as house:
            media.receipt_from_media(house, 1, receipt, asker="clerk", reason="came by courier")
        assert (down.file(1).state, down.file(1).outcome) == ("receipted", "accepted")

    def test_given_back_it_goes_by_the_line(self, down: Site, tmp_path: Path) -> None:
        decide(down, media.Export(1, tmp_path))
        down.agency.start()
        down.write_peers()
        assert () == down.publish(DAY).published
        decide(down, media.GiveBack(1))
        assert down.file(1).state == "unknown"
        assert (1,) == down.publish(DAY).published


class TestResuming:
    """A stopped counterparty gets nothing until a person decides."""

    def test_nothing_goes_until_then(self, site: Site, held: ExtractBuilder) -> None:
        with site.house(DAY) as house, house.ledger.transaction() as tx:
            tx.session.execute(update(File).values(stopped_reason="SecondReceipt"))
            tx.trail("test.stopped", "1")
        held.next_day().write(site.extracts)
        site.seal(NEXT)
        with pytest.raises(PeerStopped):
            site.publish(NEXT)
        decide(site, matters.Resume(1))
        assert (2,) == site.publish(NEXT).published


class TestRebuilding:
    """A package is a function of its recorded inputs."""

    @pytest.mark.usefixtures("held")
    def test_it_comes_out_byte_for_byte(self, site: Site) -> None:
        with site.house() as house:
            assert rebuild(house, 1).package_sha256 == site.file(1).package_sha256

    @pytest.mark.usefixtures("held")
    def test_another_content_is_named_by_its_record(self, site: Site) -> None:
        with site.house() as house, house.ledger.transaction() as tx:
            (attempt,) = tx.session.query(NoticeAttempt).all()
            attempt.content = {**(attempt.content or {}), "address": "elsewhere"}
            tx.trail("test.changed", "1")
        with site.house() as house, pytest.raises(RebuildDiffers) as caught:
            rebuild(house, 1)
        assert caught.value.refs["rule"] == "record 1"

    def test_a_serial_never_sealed(self, site: Site) -> None:
        with site.house() as house, pytest.raises(NothingToDecide):
            rebuild(house, 7)


@pytest.mark.usefixtures("held")
def test_the_verifier_passes_after_decisions(site: Site) -> None:
    decide(site, matters.Release(only_item(site).id))
    with site.house() as house:
        assert verdict(verify(house.ledger, house.settings)) == "PASS"
