"""What the agency sends is fetched, opened, taken in and answered, once and in order."""

from sqlalchemy import update

from renkei.ledger.tables import Acknowledgement, AgencyNotice
from tests.support.databases import on_both
from tests.support.outbox import DAY, Outbox, answer, classify, fetch, inbound, notice, sha256, take_in
from tests.support.site import Site

pytestmark = on_both("site")


def test_a_file_from_outbox_to_answer(site: Site) -> None:
    outbox = Outbox(site)
    package = outbox.send(1, [notice(1), notice(2, action="loss", reason="status_loss")])
    fetched = fetch(site)
    assert fetched.facts() == {"fetched": [1], "again": [], "refused": [], "listed": 1, "waiting": 0, "others": 0}
    taken = take_in(site)
    assert (taken.ingested, taken.records, taken.gap) == ((1,), 2, None)
    (file,) = inbound(site)
    assert (file.state, file.package_sha256, file.records) == ("ingested", sha256(package), 2)
    assert (file.counts, file.totals["residents"]) == ({"change": 1, "loss": 1}, 2)
    assert [row.content["record_number"] for row in site.rows(AgencyNotice)] == ["1", "2"]
    assert answer(site).sealed == ()
    classify(site)
    assert answer(site).facts() == {"sealed": ["00000001.1"], "published": ["00000001.1"], "already": []}
    assert inbound(site)[0].state == "acknowledged"
    ((name, told),) = outbox.answers().items()
    assert name == "131041-00000001.ack.json.pgp"
    assert (told["outcome"], told["code"], told["package_sha256"]) == ("accepted", "A00", sha256(package))
    assert [each["class"] for each in told["records"]] == ["to_apply", "to_apply"]
    assert answer(site).facts() == {"sealed": [], "published": [], "already": []}
    assert list(site.settings.quarantine_dir.iterdir()) == []


def test_what_is_kept_is_the_owners_alone_and_an_auditor_can_verify_it(site: Site) -> None:
    Outbox(site).send(1, [notice(1)])
    take_in(site)
    (folder,) = site.settings.inbound_dir.iterdir()
    assert sorted(path.name for path in folder.iterdir()) == ["131041-00000001.zip.pgp", "131041-00000001.zip.signed"]
    assert [path.name for path in folder.rglob("*") if path.stat().st_mode & 0o077] == []
    site.ward.gpg("--verify", str(folder / "131041-00000001.zip.signed"))


def test_a_known_file_that_looks_the_same_is_not_fetched_again(site: Site) -> None:
    Outbox(site).send(1)
    take_in(site)
    assert fetch(site).facts() == {"fetched": [], "again": [], "refused": [], "listed": 1, "waiting": 0, "others": 0}


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
    classify(site, "waits_for_us", record_number=1)
    classify(site, "conflict")
    answer(site)
    assert answer(site).sealed == ()
    with site.house(DAY) as house, house.ledger.transaction(actor="test") as tx:
        first = update(AgencyNotice).where(AgencyNotice.record_number == 1)
        found = {"notice_class": "already_so", "final_at": tx.clock.now(), "fields": ["expiry_date", "no column"]}
        tx.session.execute(first.values(**found))
        tx.trail("test.classed", "notices")
    assert answer(site).published == ("00000001.2",)
    told = outbox.answers()
    earlier, later = told["131041-00000001.ack.json.pgp"], told["131041-00000001.2.ack.json.pgp"]
    assert (earlier["outcome"], earlier["code"]) == ("pending", "A01")
    assert [each["class"] for each in earlier["records"]] == ["waits_for_us", "conflict"]
    assert (later["outcome"], later["code"]) == ("accepted", "A00")
    assert [(each["record"], each["class"], each["items"]) for each in later["records"]] == [
        (1, "already_so", ["expiry_date"])
    ]
    assert [row.answer for row in site.rows(Acknowledgement)] == [1, 2]
