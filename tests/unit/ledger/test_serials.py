"""Serials: gap-free, claimed once, one to one with the package (contract §2 and §5)."""

import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from renkei.errors import LedgerConflict, LedgerMisuse, SerialTaken
from renkei.ledger import Ledger, open_ledger
from renkei.ledger.serials import claim_serial, next_serial, package_before
from renkei.settings import Settings
from tests.support.databases import MUNICIPALITY
from tests.unit.ledger.sealed import a_file, digest_of


def claim(ledger: Ledger, serial: int, salt: str = "", previous: str | None = None) -> None:
    with ledger.transaction() as tx:
        claim_serial(tx, a_file(serial, previous, salt))
        tx.trail("file.sealed", f"{serial:08d}", serial=serial)


class TestClaim:
    def test_serials_run_from_one_and_name_the_package_before(self, ledger: Ledger) -> None:
        claim(ledger, 1)
        claim(ledger, 2, previous=digest_of("package 1"))
        with ledger.reading() as tx:
            assert next_serial(tx, MUNICIPALITY) == 3
            assert package_before(tx, MUNICIPALITY, 3) == digest_of("package 2")

    @pytest.mark.parametrize("serial", [1, 3, 0])
    def test_any_other_than_the_next_one_is_taken(self, ledger: Ledger, serial: int) -> None:
        claim(ledger, 1)
        with pytest.raises(SerialTaken):
            claim(ledger, serial, salt="other", previous=digest_of("package 1"))

    def test_a_package_bears_one_serial(self, ledger: Ledger) -> None:
        claim(ledger, 1)
        again = a_file(1, None).package_sha256
        with pytest.raises(LedgerConflict), ledger.transaction() as tx:  # noqa: PT012  its end raises
            file = a_file(2, digest_of("package 1"))
            file.package_sha256 = again
            claim_serial(tx, file)

    def test_another_predecessor_is_refused(self, ledger: Ledger) -> None:
        claim(ledger, 1)
        with pytest.raises(LedgerMisuse):
            claim(ledger, 2, previous=digest_of("something else"))

    def test_of_two_claimers_at_once_one_wins(self, ledger: Ledger, ledger_site: Settings) -> None:
        """Both built a file with serial 1; the ledger gives it to one of them."""
        start = threading.Barrier(2)
        ends: list[str] = []

        def sealing(salt: str) -> None:
            own = open_ledger(ledger_site, clock=ledger.clock)
            with own.reading() as tx:
                serial = next_serial(tx, MUNICIPALITY)
            start.wait()
            try:
                claim(own, serial, salt)
                ends.append("claimed")
            except SerialTaken:
                ends.append("taken")
            finally:
                own.close()

        both = [threading.Thread(target=sealing, args=(salt,)) for salt in ("one", "two")]
        for each in both:
            each.start()
        for each in both:
            each.join()
        assert sorted(ends) == ["claimed", "taken"]
        with ledger.reading() as tx:
            assert next_serial(tx, MUNICIPALITY) == 2


class TestTheDatabaseItselfRefuses:
    @pytest.mark.parametrize(
        "statement",
        [
            (
                "INSERT INTO files (direction, municipality, serial, counterparty, state)"
                " VALUES ('out', '131041', 1, 'moj', 'sealed')"
            ),
            "UPDATE files SET state = 'somewhere'",
            "DELETE FROM files",
        ],
    )
    def test_a_second_file_an_unknown_state_and_a_deletion(self, ledger: Ledger, statement: str) -> None:
        claim(ledger, 1)
        with pytest.raises(DBAPIError), ledger.engine.begin() as line:
            line.execute(text(statement))
