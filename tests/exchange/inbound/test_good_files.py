"""What the agency sends is fetched, opened, taken in and answered, once and in order."""

from datetime import date

from sqlalchemy import update

from renkei.corridor import steps
from renkei.ledger.states import AgencyNoticeClass, Direction
from renkei.ledger.tables import Acknowledgement, AgencyNotice, File
from tests.support.outbox import Outbox, notice, sha256
from tests.support.site import Site

DAY = "2019-03-28"


def take_in(site: Site) -> tuple[steps.Fetched, steps.TakenIn]:
    with site.house(DAY) as house:
        return steps.fetch_agency_files(house), steps.take_in_agency_files(house, date.fromisoformat(DAY))


def classed(site: Site, found: AgencyNoticeClass) -> None:
    with site.house(DAY) as house, house.ledger.transaction(actor="test") as tx:
        tx.session.execute(update(AgencyNotice).where(AgencyNotice.notice_class.is_(None)).values(notice_class=found))
        tx.trail("test.classed", "notices")


def answer(site: Site) -> steps.Acknowledged:
    with site.house(DAY) as house:
        return steps.acknowledge_agency_files(house)


def test_a_file_from_outbox_to_answer(site: Site) -> None:
    outbox = Outbox(site)
    package = outbox.send(1, [notice(1), notice(2, action="loss", reason="status_loss")])
    fetched, taken = take_in(site)
    assert fetched.facts() == {"fetched": [1], "again": [], "refused": [], "listed": 1, "waiting": 0, "others": 0}
    assert (taken.ingested, taken.records, taken.gap) == ((1,), 2, None)
    (file,) = site.rows(File, direction=Direction.IN)
    assert (file.state, file.package_sha256, file.records) == ("ingested", sha256(package), 2)
    assert file.counts == {"change": 1, "loss": 1}
    assert [row.content["record_number"] for row in site.rows(AgencyNotice)] == ["1", "2"]
    assert answer(site).sealed == ()
    classed(site, AgencyNoticeClass.TO_APPLY)
    assert answer(site).facts() == {"sealed": ["00000001.1"], "published": ["00000001.1"], "already": []}
    assert site.rows(File, direction=Direction.IN)[0].state == "acknowledged"
    (name, told) = outbox.answers().popitem()
    assert name == "131041-00000001.ack.json.pgp"
    assert (told["outcome"], told["code"], told["package_sha256"]) == ("accepted", "A00", sha256(package))
    assert [each["class"] for each in told["records"]] == ["to_apply", "to_apply"]
    assert answer(site).facts() == {"sealed": [], "published": [], "already": []}
    assert list(site.settings.quarantine_dir.iterdir()) == []


def test_a_known_file_that_looks_the_same_is_not_fetched_again(site: Site) -> None:
    Outbox(site).send(1)
    take_in(site)
    assert take_in(site)[0].facts() == {
        "fetched": [],
        "again": [],
        "refused": [],
        "listed": 1,
        "waiting": 0,
        "others": 0,
    }


def test_a_file_without_notices_is_answered_too(site: Site) -> None:
    outbox = Outbox(site)
    outbox.send(1)
    take_in(site)
    answer(site)
    assert [(each["code"], each["records"]) for each in outbox.answers().values()] == [("A00", [])]


def test_what_waits_is_answered_later(site: Site) -> None:
    outbox = Outbox(site)
    outbox.send(1, [notice(1), notice(2)])
    take_in(site)
    with site.house(DAY) as house, house.ledger.transaction(actor="test") as tx:
        tx.session.execute(
            update(AgencyNotice).where(AgencyNotice.record_number == 1).values(notice_class="waits_for_us")
        )
        tx.trail("test.classed", "notices")
    classed(site, AgencyNoticeClass.CONFLICT)
    answer(site)
    with site.house(DAY) as house, house.ledger.transaction(actor="test") as tx:
        tx.session.execute(
            update(AgencyNotice)
            .where(AgencyNotice.record_number == 1)
            .values(notice_class="already_so", final_at=tx.clock.now(), fields=["expiry_date", "no column"])
        )
        tx.trail("test.classed", "notices")

    assert answer(site).published == ("00000001.2",)
    first, second = outbox.answers().values()
    first, second = (first, second) if first["answer"] == 1 else (second, first)
    assert (first["outcome"], first["code"]) == ("pending", "A01")
    assert (second["outcome"], second["code"]) == ("accepted", "A00")
    assert [(each["record"], each["class"], each["items"]) for each in second["records"]] == [
        (1, "already_so", ["expiry_date"])
    ]
    assert [row.answer for row in site.rows(Acknowledgement)] == [1, 2]
