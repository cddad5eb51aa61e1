"""What a person whose proof is open brings to the desk waits; a row held without an event is told by name."""

import json

from renkei.corridor import matters
from renkei.ledger.tables import Notice, OpenItem
from tests.support.databases import on_both
from tests.support.deciding import decide
from tests.support.extracts import ExtractBuilder
from tests.support.lives import FIRST, MOVED, ONE, SECOND, TWO, lives, open_items, quiet, state
from tests.support.registers import differing, sent_records
from tests.support.site import BASELINE, Site, make_site, small_ward

pytestmark = on_both("site")


def brings(builder: ExtractBuilder, number: str) -> None:
    """The person comes to the desk: a card brought later, and a certificate handed over."""
    row = builder.residents[number]
    told = {name: row[name] for name in ("resident_category", "name_roman", "birth_date", "sex", "nationality")}
    told |= {name: row[name] for name in ("card_number", "address", "former_address")}
    builder.report("0000000001", registry_number=number, history_number="1", filing_article="22", **told).handover(
        "0000000002", registry_number=number
    )


def families(site: Site) -> dict[str, tuple[str, str | None]]:
    return {row.family: (str(row.state), row.reason) for row in site.rows(Notice, own_number=None)} | {
        row.family: (str(row.state), row.reason) for row in site.rows(Notice) if row.own_number
    }


WAITS = {"residence_reports": ("held", "difference_open"), "certificates": ("held", "difference_open")}
WENT = {"residence_reports": ("accepted", None), "certificates": ("accepted", None)}


def test_on_the_day_on_which_the_proof_opens_they_wait_and_go_once_it_closes(site: Site) -> None:
    builder = site.tomorrow().change(ONE, birth_date="1990-01-02")
    brings(builder, ONE)
    lives(site)
    assert families(site) == WAITS
    assert sent_records(site, 1) == []
    site.tomorrow().event(ONE, "error_correction", birth_date="1990-01-02")
    lives(site)
    assert families(site) == WENT | {"resident_records": ("accepted", None)}
    # In the order of history numbers: the report is about the first event, a certificate about none.
    assert [each.family for each in sorted(site.rows(Notice), key=lambda each: _place(site, each))] == [
        "residence_reports",
        "resident_records",
        "certificates",
    ]
    assert open_items(site) == []


def _place(site: Site, notice: Notice) -> int:
    return [each[0] for each in sent_records(site, 2)].index(notice.notice_id)


def test_on_a_later_day_on_which_nothing_of_the_person_changed_they_wait_too(site: Site) -> None:
    site.tomorrow().change(ONE, birth_date="1990-01-02")
    lives(site)
    brings(site.tomorrow(), ONE)
    lives(site)
    assert families(site) == WAITS
    site.tomorrow().event(ONE, "error_correction", birth_date="1990-01-02")
    lives(site)
    assert families(site) == WENT | {"resident_records": ("accepted", None)}
    assert open_items(site) == []


def test_those_of_another_person_go(site: Site) -> None:
    brings(site.tomorrow().change(ONE, birth_date="1990-01-02"), TWO)
    lives(site)
    assert families(site) == WENT


def waits(site: Site, day: str) -> list[tuple[str, list[str], bool]]:
    """Return what a day's report says waits for a person: rule, fields, whether a next step stands there."""
    told = json.loads((site.home / site.report(day).json).read_text(encoding="utf-8"))["waits"]
    return [(each["rule"]["code"], each["fields"], bool(each["next_step_ja"])) for each in told]


def test_a_row_held_without_an_event_is_told_in_the_report_and_closes_with_the_row(site: Site) -> None:
    site.tomorrow().change(ONE, expiry_date="2021-02-30")
    day = lives(site)
    assert sorted(open_items(site)) == [("difference", "change_without_event"), ("hold", "impossible_date")]
    assert ("impossible_date", ["expiry_date"], True) in waits(site, day)
    quiet(site)
    assert len(open_items(site)) == 2
    site.tomorrow().event(ONE, "error_correction", expiry_date="2021-02-28")
    lives(site)
    assert open_items(site) == []
    assert differing(site, "2019-03-30", but_for_open=False) == set()


def test_a_row_that_its_events_held_notice_tells_is_not_told_twice(site: Site) -> None:
    site.tomorrow().event(ONE, "error_correction", expiry_date="2021-02-30")
    lives(site)
    (item,) = site.rows(OpenItem, state="open")
    assert (item.rule, item.fields, bool(item.notice_id)) == ("impossible_date", ["expiry_date"], True)


def test_a_row_held_is_closed_by_a_person_with_a_reason(site: Site) -> None:
    site.tomorrow().change(ONE, expiry_date="2021-02-30")
    lives(site)
    for item in site.rows(OpenItem, state="open"):
        decide(site, matters.Close(item.id))
    assert open_items(site) == []
    site.tomorrow()
    assert site.deliver(site.extract()).complete
    assert open_items(site) == []


def test_a_row_held_that_is_gone_closes(site: Site) -> None:
    site.tomorrow().change(ONE, expiry_date="2021-02-30")
    lives(site)
    site.tomorrow().event(ONE, "death", expiry_date="2021-06-30")
    lives(site)
    assert ("hold", "impossible_date") not in open_items(site)
    assert state(site, ONE, 2)[0] in {"accepted", "held"}


class TestBaseline:
    """On the first extract there are no events at all."""

    def test_a_row_held_there_waits_by_name_and_closes_with_its_correction(self, site: Site) -> None:
        builder = small_ward()
        assert str(builder.day) == BASELINE
        other = make_site(site.home / "b", builder=builder.change(ONE, expiry_date="2021-02-30"), server=site.server)
        try:
            assert open_items(other) == [("hold", "impossible_date")]
            other.tomorrow().event(TWO, "move_within", **MOVED).event(ONE, "household_change")
            lives(other)
            assert open_items(other) == [("hold", "impossible_date")]
            assert ("impossible_date", ["expiry_date"], True) in waits(other, FIRST)
            other.tomorrow().event(ONE, "error_correction", expiry_date="2021-02-28")
            assert lives(other) == SECOND
            assert open_items(other) == []
        finally:
            other.remove()
