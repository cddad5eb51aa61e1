"""What an extract shows applied is closed with its evidence; matching needs the extract that was proven."""

from datetime import date

import pytest

from renkei.corridor import steps
from renkei.corridor.agency_closing import CloseProposal
from renkei.errors import NoBaseline, NothingToDecide, ProvenExtractChanged, ReasonMissing
from renkei.ledger import migrate
from tests.support.agency_notices import put, told
from tests.support.deciding import decide
from tests.support.matched import FIRST, NEW_CARD, ONE, RENEWED, a_day, matched, only, row
from tests.support.site import Site


class TestClosing:
    def test_a_proposal_stays_open_until_everything_stands_in_the_row(self, site: Site) -> None:
        put(site, told(row(site), **RENEWED))
        matched(site)
        site.tomorrow().event(ONE, "ex_officio_correction", expiry_date=RENEWED["expiry_date"])
        day = a_day(site)
        assert matched(site, day).closed == 0
        site.tomorrow().event(ONE, "ex_officio_correction", **NEW_CARD)
        day = a_day(site)
        assert matched(site, day).closed == 1
        assert str(only(site).closed_by).split()[:2] == ["applied", day]

    def test_a_proposal_for_somebody_who_left_is_closed_as_such(self, site: Site) -> None:
        put(site, told(row(site), **RENEWED))
        matched(site)
        site.tomorrow().event(ONE, "death")
        assert matched(site, a_day(site)).closed == 1
        assert str(only(site).closed_by).startswith("record_gone ")

    @pytest.mark.parametrize("state", ["to_apply", "conflict", "not_found"])
    def test_a_person_closes_what_is_open_with_a_reason(self, site: Site, state: str) -> None:
        was = row(site)
        contents = {
            "to_apply": told(was, **RENEWED),
            "conflict": told({**was, "expiry_date": "2020-01-01"}, expiry_date="2024-06-30"),
            "not_found": told({**was, "sex": "3", "card_number": "YY00000001YY"}, more={"event_date": "2019-01-01"}),
        }
        put(site, contents[state])
        matched(site)
        assert only(site).notice_class == state
        with pytest.raises(ReasonMissing):
            decide(site, CloseProposal(only(site).notice_id), reason=" ")
        found = decide(site, CloseProposal(only(site).notice_id))
        assert (only(site).state, only(site).closed_by, only(site).decision_id) == (
            "closed",
            f"decision {found.decision}",
            found.decision,
        )
        with pytest.raises(NothingToDecide):
            decide(site, CloseProposal(only(site).notice_id))

    def test_what_waits_cannot_be_closed_by_a_person(self, site: Site) -> None:
        put(site, told({**row(site), "name_roman": "NOBODY HERE", "card_number": "YY00000001YY"}))
        matched(site)
        with pytest.raises(NothingToDecide):
            decide(site, CloseProposal(only(site).notice_id))


class TestTheProvenExtract:
    def test_another_file_in_its_place_is_refused(self, site: Site) -> None:
        put(site, told(row(site), **RENEWED))
        file = site.extracts / "2019-03-27" / "residents.csv"
        file.write_bytes(file.read_bytes().replace(b"INVENTED PERSON B", b"INVENTED PERSON X"))
        with pytest.raises(ProvenExtractChanged) as refused:
            matched(site)
        assert refused.value.refs == {"extract": "2019-03-27"}
        assert only(site).notice_class is None

    def test_a_file_that_is_gone_is_refused(self, site: Site) -> None:
        put(site, told(row(site), **RENEWED))
        (site.extracts / "2019-03-27" / "residents.csv").unlink()
        with pytest.raises(ProvenExtractChanged):
            matched(site)
        assert only(site).notice_class is None

    def test_there_must_be_one(self, site: Site) -> None:
        with site.house() as house:
            (house.settings.home / "ledger" / "ledger.sqlite").unlink()
            (house.settings.sealed_dir / "head").unlink(missing_ok=True)
        with site.house(FIRST) as house:
            migrate(house.ledger)
            with pytest.raises(NoBaseline):
                steps.match_agency_notices(house, date.fromisoformat(FIRST))

    def test_a_day_that_is_not_proven_does_not_count(self, site: Site) -> None:
        put(site, told(row(site), **RENEWED))
        site.tomorrow().event(ONE, "ex_officio_correction", **RENEWED)
        site.extract()
        assert matched(site).extract == "2019-03-27"
        assert only(site).notice_class == "to_apply"
