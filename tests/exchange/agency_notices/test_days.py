"""Days on which both sides live: the agency seals, the ward matches and lists, the clerk enters: equal registers.

Nobody of the product reads the list for the clerk: the test opens the CSV by the contract's titles alone.
"""

import csv
import io
import json
from datetime import date

from renkei.corridor import steps
from renkei.ledger.tables import AgencyNotice, Notice
from tests.support.agency import ROOT
from tests.support.agency_notices import told
from tests.support.databases import on_both
from tests.support.extracts import ExtractBuilder
from tests.support.registers import accepted_twice, agency_notices, agency_register, reference, ward_register
from tests.support.site import Site

pytestmark = on_both("site")

TITLES = {
    field["title"]: field["name"]
    for field in json.loads((ROOT / "schemas/worklist/worklist-1.json").read_text(encoding="utf-8"))["fields"]
}
ONE, TWO, THREE, FOUR = (f"{number:010}" for number in range(1, 5))


def a_day(site: Site, builder: ExtractBuilder) -> str:
    """The ward's half of a day: extract, change file, receipt."""
    day = site.extract(builder)
    site.deliver(day)
    return day


def evening(site: Site, day: str) -> steps.Matching:
    """The other half: what the agency sent is taken in, matched, listed and answered."""
    when = date.fromisoformat(day)
    with site.house(day) as house:
        steps.fetch_agency_files(house)
        steps.take_in_agency_files(house, when)
        found = steps.match_agency_notices(house, when)
        steps.write_worklist(house, when)
        steps.acknowledge_agency_files(house)
    return found


def worklist(site: Site, day: str) -> list[dict[str, str]]:
    """The list as a spreadsheet opens it."""
    text = (site.home / "worklists" / f"worklist-{day}.csv").read_text(encoding="utf-8-sig")
    return [{TITLES[title]: value for title, value in row.items()} for row in csv.DictReader(io.StringIO(text))]


def entered(builder: ExtractBuilder, line: dict[str, str]) -> None:
    """The clerk enters a line as it stands there."""
    values = dict(zip(line["items"].split("|"), line["told"].split("|"), strict=True))
    lost = line["reason_code"] in {"status_loss", "departure"}
    builder.event(
        line["registry_number"],
        "ex_officio_deletion" if lost else "ex_officio_correction",
        origin="agency_notice",
        origin_notice_id=line["notice_id"],
        **({} if lost else values),
    )


def unlike(site: Site, day: str) -> set[str]:
    """The persons about whom the two registers differ, whatever stands open."""
    ward, agency = ward_register(site.extracts / day), agency_register(site)
    return {who for who in ward.keys() | agency.keys() if ward.get(who) != agency.get(who)}


def test_what_the_agency_tells_is_entered_and_the_registers_are_equal_without_an_echo(site: Site) -> None:
    first = a_day(site, site.tomorrow())
    assert site.builder is not None
    rows = site.builder.residents
    site.agency.send_notices(
        [
            told(rows[ONE], expiry_date="2024-06-30", card_number="ZZ00000001ZZ", period_of_stay="0503"),
            told(rows[TWO], "name_change", name_roman="INVENTED OTHER NAME", card_number="ZZ00000002ZZ"),
            told(rows[THREE], "status_loss"),
        ],
        at=f"{first}T22:00:00+09:00",
    )
    assert evening(site, first).facts()["classes"] == {"to_apply": 3}
    assert unlike(site, first) == {reference(number) for number in (ONE, TWO, THREE)}

    builder = site.tomorrow()
    for line in worklist(site, first):
        assert line["prepared"] == "可"
        entered(builder, line)
    second = a_day(site, builder)

    assert unlike(site, second) == set()
    assert agency_notices(site) == []
    assert [(row.state, row.reason) for row in site.rows(Notice)] == 3 * [("silent", "echo")]
    assert evening(site, second).closed == 3
    assert worklist(site, second) == []

    third = a_day(site, site.tomorrow())
    assert evening(site, third).facts()["classes"] == {}
    assert unlike(site, third) == set()
    assert accepted_twice(site) == []


def test_one_item_more_goes_to_the_agency_and_the_registers_are_equal(site: Site) -> None:
    first = a_day(site, site.tomorrow())
    assert site.builder is not None
    site.agency.send_notices(
        [told(site.builder.residents[ONE], expiry_date="2024-06-30")], at=f"{first}T22:00:00+09:00"
    )
    evening(site, first)
    (line,) = worklist(site, first)

    builder = site.tomorrow()
    builder.event(
        ONE,
        "ex_officio_correction",
        origin="agency_notice",
        origin_notice_id=line["notice_id"],
        expiry_date=line["told"],
        address="東京都新宿区戸塚町一丁目2番3号",
    )
    second = a_day(site, builder)

    assert [row["code"] for row in agency_notices(site)] == ["R00"]
    assert unlike(site, second) == set()
    assert evening(site, second).closed == 1


def test_a_renewal_twice_before_the_clerk_comes_ends_equal(site: Site) -> None:
    first = a_day(site, site.tomorrow())
    assert site.builder is not None
    old = site.builder.residents[ONE]
    new = {"card_number": "ZZ00000001ZZ"}
    site.agency.send_notices([told(old, "card_reissue", **new)], at=f"{first}T22:00:00+09:00")
    evening(site, first)
    second = a_day(site, site.tomorrow())
    again = told(
        {**old, **new}, expiry_date="2024-06-30", card_number="ZZ00000002ZZ", more={"event_date": "2019-03-28"}
    )
    site.agency.send_notices([again], at=f"{second}T22:00:00+09:00")
    assert evening(site, second).facts()["classes"] == {"to_apply": 1}

    builder = site.tomorrow()
    for line in worklist(site, second):
        entered(builder, line)
    third = a_day(site, builder)

    assert evening(site, third).closed == 2
    assert unlike(site, third) == set()
    assert agency_notices(site) == []


def test_every_answer_has_the_class_that_the_ledger_has(site: Site) -> None:
    first = a_day(site, site.tomorrow())
    assert site.builder is not None
    rows = site.builder.residents
    gone = {**rows[FOUR], "name_roman": "NOBODY HERE", "card_number": "YY00000001YY"}
    site.agency.send_notices(
        [told(rows[ONE], expiry_date="2024-06-30"), told(rows[TWO]), told(gone, expiry_date="2024-06-30")],
        at=f"{first}T22:00:00+09:00",
        register=False,
    )
    evening(site, first)
    ours = {(row.serial, row.record_number): str(row.notice_class) for row in site.rows(AgencyNotice)}
    site.agency.process()
    answered = {(each["serial"], each["record"]): each["class"] for each in site.agency.answered()}
    assert answered == ours
    assert set(ours.values()) == {"to_apply", "already_so", "waits_for_us"}
