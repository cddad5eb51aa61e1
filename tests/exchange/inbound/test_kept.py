"""What is kept of the agency's direction is proven by `renkei verify`; a ledger restored beside it doubles nothing."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from renkei.ledger import verify
from renkei.ledger.tables import Acknowledgement, AgencyNotice
from tests.support.outbox import Outbox, answer, classify, inbound, notice, take_in
from tests.support.site import Site


def lived(site: Site) -> Outbox:
    outbox = Outbox(site)
    outbox.send(1, [notice(1), notice(2)])
    take_in(site)
    classify(site)
    answer(site)
    return outbox


def found(site: Site) -> list[tuple[str, str]]:
    with site.house() as house:
        return [(each.where, each.rule) for each in verify(house.ledger, house.settings)]


def damaged(site: Site, *statements: str) -> None:
    with site.house() as house, house.ledger.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def folder(site: Site) -> Path:
    (path,) = site.settings.inbound_dir.iterdir()
    return path


class TestTheVerifier:
    def test_passes_what_lived_well(self, site: Site) -> None:
        lived(site)
        assert found(site) == []

    @pytest.mark.parametrize(
        ("damage", "where", "rule"),
        [
            (lambda path: (path / "131041-00000001.zip.pgp").write_bytes(b"x"), "sealed bytes", "differs"),
            (lambda path: (path / "131041-00000001.zip.signed").unlink(), "signed message", "missing"),
            (lambda path: next(path.glob("ack-1-*.pgp")).write_bytes(b"x"), "answer 00000001.1, sealed", "differs"),
            (lambda path: next(path.glob("ack-1-*.json")).write_bytes(b"x"), "answer 00000001.1, text", "differs"),
        ],
    )
    def test_sees_bytes_that_were_changed(
        self, site: Site, damage: Callable[[Path], object], where: str, rule: str
    ) -> None:
        lived(site)
        damage(folder(site))
        ((place, told),) = found(site)
        assert where in place
        assert rule in told

    @pytest.mark.parametrize(
        ("statement", "where", "rule"),
        [
            ("UPDATE files SET package_sha256 = NULL", "agency file 00000001", "another file"),
            ("UPDATE acknowledgements SET text_sha256 = 'x'", "answer 00000001.1", "another answer"),
            ("UPDATE agency_notices SET content = '{}' WHERE record_number = 2", "record 2", "content differs"),
            ("UPDATE files SET state = 'seen'", "agency file 00000001", "gone from the ledger"),
        ],
    )
    def test_sees_rows_that_were_changed(self, site: Site, statement: str, where: str, rule: str) -> None:
        lived(site)
        damaged(site, statement)
        ((place, told),) = found(site)
        assert where in place
        assert rule in told


class TestALedgerThatForgot:
    """Taken in again from what the agency still shows, and answered with the bytes that went out before."""

    def test_the_same_answer_goes_out_again_as_it_was(self, site: Site) -> None:
        ledger = site.home / "ledger"
        shutil.copytree(ledger, site.home / "ledger.old")
        mark = (site.settings.sealed_dir / "head.json").read_bytes()
        outbox = lived(site)
        before = outbox.answers()
        shutil.rmtree(ledger)
        (site.home / "ledger.old").rename(ledger)
        (site.settings.sealed_dir / "head.json").write_bytes(mark)
        assert take_in(site, "2019-03-29").ingested == (1,)
        classify(site)
        told = answer(site, "2019-03-29")
        assert (told.published, told.already) == ((), ("00000001.1",))
        assert outbox.answers() == before
        assert (len(site.rows(AgencyNotice)), len(site.rows(Acknowledgement))) == (2, 1)
        assert inbound(site)[0].state == "acknowledged"
        assert found(site) == []
