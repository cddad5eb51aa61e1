"""The agency's serials: without gaps, each once, whatever stands in the folder (contract §2)."""

import os
from datetime import date, timedelta

import pytest

from renkei.corridor import acknowledging, agency_intake, agency_matters, deciding, steps
from renkei.corridor.agency_answers import next_answer
from renkei.errors import AgencyFileMissing, AgencyFileReplaced, NothingToDecide, PeerStopped, SerialTaken
from renkei.ledger import verify
from renkei.ledger.tables import AgencyNotice
from tests.support.databases import on_both
from tests.support.outbox import DAY, Outbox, answer, classify, fetch, inbound, notice, sha256, take_in
from tests.support.site import Site

pytestmark = on_both("site")
NEXT = "2019-03-29"


def decide(site: Site, matter: deciding.Matter, day: str = DAY) -> None:
    with site.house(day) as house:
        deciding.decide(house, matter, asker="chief", reason="the agency was called")


class TestAGap:
    """What comes after a missing serial waits, and the gap has an age."""

    def test_the_later_file_waits_and_goes_in_once_the_gap_is_filled(self, site: Site) -> None:
        outbox = Outbox(site)
        first = outbox.package(1, [notice(1)])
        outbox.send(2, [notice(2)], previous=sha256(first))
        fetched, taken = fetch(site), take_in(site)
        assert (fetched.fetched, fetched.waiting, taken.ingested) == ((), 1, ())
        assert taken.gap is not None
        assert taken.facts()["gaps"] == [{"serial": 1, "since": "2019-03-28T23:00:00+09:00"}]
        outbox.put(1, outbox.sealed(first))
        taken = take_in(site, NEXT)
        assert (taken.ingested, taken.gap) == ((1, 2), None)

    def test_an_old_gap_is_an_alarm_after_the_rest_was_done(self, site: Site) -> None:
        outbox = Outbox(site)
        digest = outbox.series(1)
        outbox.send(3, previous=digest)
        assert take_in(site).ingested == (1,)
        with site.house(DAY) as house:
            steps.check_agency_gap(house)
        with site.house(NEXT) as house, pytest.raises(AgencyFileMissing) as caught:
            steps.check_agency_gap(house)
        assert caught.value.refs["serial"] == "00000002"

    def test_a_lost_serial_is_declared_void_and_the_next_goes_in(self, site: Site) -> None:
        outbox = Outbox(site)
        digest = outbox.series(1)
        outbox.send(3, [notice(3)], previous="ab" * 32)
        take_in(site)
        with pytest.raises(NothingToDecide):
            decide(site, agency_matters.VoidAgencySerial(3))
        decide(site, agency_matters.VoidAgencySerial(2))
        assert take_in(site).ingested == (3,)
        assert [file.state for file in inbound(site)] == ["ingested", "void", "ingested"]
        outbox.send(2, [notice(2)], previous=digest)
        assert take_in(site).ingested == ()
        assert [row.serial for row in site.rows(AgencyNotice)] == [1, 3]

    def test_nothing_is_declared_void_that_is_not_missing(self, site: Site) -> None:
        with pytest.raises(NothingToDecide):
            decide(site, agency_matters.VoidAgencySerial(1))
        Outbox(site).send(1)
        fetch(site)
        with pytest.raises(NothingToDecide):
            decide(site, agency_matters.VoidAgencySerial(1))


class TestBetterBytes:
    """What nobody could verify is looked at again, though it looks the same; it is told once."""

    def test_of_the_same_size_and_second_are_seen(self, site: Site) -> None:
        outbox = Outbox(site)
        good = outbox.sealed(outbox.package(1, [notice(1)]))
        outbox.put(1, good[:-1] + bytes([good[-1] ^ 1]), mtime=9)
        assert take_in(site).unverified == (1,)
        assert (fetch(site).fetched, take_in(site).unverified) == ((), ())
        outbox.put(1, good, mtime=9)
        assert take_in(site).ingested == (1,)


class TestTheSameSerialAgain:
    """The same package is a duplicate, whatever its sealing; another one stops the peer."""

    def test_the_same_bytes_and_a_new_sealing_are_answered_with_first_seen(self, site: Site) -> None:
        outbox = Outbox(site)
        package = outbox.send(1, [notice(1)])
        take_in(site)
        classify(site)
        answer(site)
        path = outbox.folder / outbox.name(1)
        os.utime(path, (1, 1))
        assert fetch(site, NEXT).again == (1,)
        outbox.put(1, outbox.sealed(package), mtime=2)
        assert (fetch(site, NEXT).fetched, take_in(site, NEXT).ingested) == ((1,), ())
        assert answer(site, NEXT).published == ("00000001.2", "00000001.3")
        told = [told for told in outbox.answers().values() if told["answer"] > 1]
        assert {(each["code"], each["outcome"], each["first_seen"]) for each in told} == {
            ("A30", "duplicate", "2019-03-28T23:00:00+09:00")
        }
        assert sha256(path.read_bytes()) in {each["sealed_sha256"] for each in told}
        assert len(site.rows(AgencyNotice)) == 1
        assert (fetch(site, NEXT).again, answer(site, NEXT).sealed) == ((), ())

    def test_the_mock_agency_reads_the_answer_to_a_duplicate(self, site: Site) -> None:
        site.agency.send_notices(at="2019-03-28T22:00:00+09:00")
        take_in(site)
        answer(site)
        site.agency.hostile("sealed-anew")
        assert take_in(site).duplicates == (1,)
        answer(site)
        site.agency.process()
        acks = site.agency.status()["acks"]
        assert [(each["code"], each["fault"] or "") for each in acks] == [("A00", ""), ("A30", "")]

    def test_another_package_stops_the_peer_until_a_person_decides(self, site: Site) -> None:
        outbox = Outbox(site)
        first = outbox.send(1, [notice(1)])
        take_in(site)
        outbox.put(1, outbox.sealed(outbox.package(1, [notice(7)])), mtime=5)
        with pytest.raises(AgencyFileReplaced):
            take_in(site)
        outbox.send(2, previous=sha256(first))
        with pytest.raises(PeerStopped):
            take_in(site)
        site.tomorrow()
        site.seal(site.extract())
        with pytest.raises(PeerStopped):
            site.publish(DAY)
        decide(site, agency_matters.ResumeAgency(1))
        assert take_in(site).ingested == (2,)
        assert [row.serial for row in site.rows(AgencyNotice)] == [1]
        assert len(list(site.settings.quarantine_dir.glob("*.pgp"))) == 1

    def test_other_bytes_that_are_not_the_agencys_stop_nothing(self, site: Site) -> None:
        outbox = Outbox(site)
        first = outbox.send(1, [notice(1)])
        take_in(site)
        outbox.put(1, b"not even OpenPGP", mtime=5)
        outbox.send(2, previous=sha256(first))
        assert take_in(site).ingested == (2,)
        assert [file.state for file in inbound(site)] == ["ingested", "ingested"]


class TestManyFiles:
    """Only the serials that are due are opened, so many a run; the rest is counted."""

    def test_so_many_a_run(self, site: Site) -> None:
        site.write_settings(agency_files_per_run=2)
        Outbox(site).series(5)
        fetched = fetch(site)
        assert (fetched.fetched, fetched.listed, fetched.waiting) == ((1, 2), 5, 3)
        with site.house(DAY) as house:
            assert steps.take_in_agency_files(house, date.fromisoformat(DAY)).ingested == (1, 2)
        assert [take_in(site).ingested for _ in range(3)] == [(3, 4), (5,), ()]


def test_serials_run_on_across_counterparties(site: Site) -> None:
    moj = Outbox(site)
    digest = moj.series(1)
    isa = Outbox(site, "isa", sealed_at="2019-04-01T22:00:00+09:00")
    isa.send(2, [notice(2)], previous=digest)
    assert take_in(site, "2019-04-01").ingested == (1, 2)
    assert [(file.serial, file.counterparty) for file in inbound(site)] == [(1, "moj"), (2, "isa")]
    classify(site)
    answer(site, "2019-04-01")
    assert (len(moj.answers()), len(isa.answers())) == (1, 1)
    late = date.fromisoformat("2019-04-01") + timedelta(days=40)
    assert fetch(site, late.isoformat()).listed == 1


def test_the_ledger_tells_it_all(site: Site) -> None:
    Outbox(site).series(2)
    take_in(site)
    classify(site)
    answer(site)
    with site.house() as house:
        assert verify(house.ledger, house.settings) == []


def test_old_bytes_under_the_next_name_are_judged_and_do_not_stop_the_intake(site: Site) -> None:
    """Their digest is that of a file settled in an earlier run, whose copy is tidied away."""
    outbox = Outbox(site)
    sealed = outbox.sealed(outbox.package(1, [notice(1)]))
    outbox.put(1, sealed)
    assert take_in(site).ingested == (1,)
    classify(site)
    answer(site)
    outbox.put(2, sealed)
    assert take_in(site, NEXT).refused == (2,)
    assert inbound(site)[1].layer == "serial"


class TestAnotherMachine:
    """It holds no lock of this one; what it read before is judged again when it writes."""

    def test_that_was_slower_takes_nothing_in(self, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        Outbox(site).send(1, [notice(1)])
        fetch(site)
        (stale,) = inbound(site)
        take_in(site)
        stale.sealed_path = inbound(site)[0].sealed_path
        turns = iter([stale, None])
        monkeypatch.setattr(agency_intake, "_next", lambda _: next(turns))
        assert take_in(site).ingested == ()
        assert len(site.rows(AgencyNotice)) == 1

    def test_that_was_slower_answers_nothing(self, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        outbox = Outbox(site)
        outbox.send(1, [notice(1)])
        take_in(site)
        classify(site)
        with site.house(DAY) as house, house.ledger.reading() as tx:
            stale = next_answer(house, tx)
        answer(site)
        before = outbox.answers()
        turns = iter([stale, None])
        monkeypatch.setattr(acknowledging, "_due", lambda _: next(turns))
        with pytest.raises(SerialTaken):
            answer(site)
        assert outbox.answers() == before
        with site.house() as house:
            assert verify(house.ledger, house.settings) == []
