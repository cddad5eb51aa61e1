"""The seven days of the demo with a small invented registry: over the counterparty's change and a weekend."""

import csv
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from renkei.corridor import steps
from renkei.ledger import verify
from renkei.ledger.states import NoticeState
from renkei.ledger.tables import Notice, OpenItem, ReportRow
from tests.support.databases import on_both
from tests.support.registers import accepted_twice, agency_register, agency_rows, differing, equations, listed_as_open
from tests.support.site import Site, days

pytestmark = on_both("week")

WEEK = days("2019-03-28", "2019-04-03")
HIGH_LADDER = "U+9AD9"  # 髙, which the agency's repertoire does not have


@pytest.fixture(scope="module")
def lived(week: Site) -> Site:
    """The same site after its week."""
    for day in WEEK:
        week.deliver(day)
        week.report(day)
    return week


def the_report(site: Site, day: str) -> dict[str, Any]:
    (row,) = [each for each in site.rows(ReportRow) if each.business_date.isoformat() == day and each.attempt == 1]
    found: dict[str, Any] = json.loads((site.home / row.path_json).read_text(encoding="utf-8"))
    return found


def test_every_day_has_its_receipted_file(lived: Site) -> None:
    files = [lived.file(serial) for serial in range(1, 8)]
    assert [(file.business_date.isoformat(), file.state, file.outcome) for file in files] == [
        (day, "receipted", "accepted") for day in WEEK
    ]
    assert [file.previous for file in files] == [None, *(file.package_sha256 for file in files[:-1])]


def test_the_counterparty_changes_with_april(lived: Site) -> None:
    assert [lived.file(serial).counterparty for serial in range(1, 8)] == ["moj"] * 4 + ["isa"] * 3


def test_the_agencys_register_is_the_wards(lived: Site) -> None:
    assert differing(lived, WEEK[-1]) == set()
    assert agency_register(lived) == agency_rows(lived)


def test_few_persons_are_open_and_each_has_an_item(lived: Site) -> None:
    items = {item.registry_number for item in lived.rows(OpenItem) if item.state == "open"}
    assert listed_as_open(lived) == items
    assert len(items) < 10


@pytest.mark.parametrize("day", WEEK)
def test_the_three_equations_close(lived: Site, day: str) -> None:
    report = the_report(lived, day)["equations"]
    assert [report[name]["closes"] for name in ("registry", "notices", "agency")] == [True, True, True]
    registry, notices = report["registry"], report["notices"]
    assert registry["yesterday"] + registry["entries"] - registry["deletions"] == registry["today"]
    came = notices["waiting"] + notices["derived"] + notices["planned_now_due"]
    assert came == sum(notices[name] for name in ("sealed", "held", "behind", "silent", "never_told"))


def test_a_sunday_without_events_has_an_empty_file(lived: Site) -> None:
    sunday = lived.file(4)
    assert (sunday.records, sunday.counts["resident_records"], sunday.outcome) == (0, {}, "accepted")


def test_a_character_outside_the_repertoire_is_held_and_told_by_the_correction(lived: Site) -> None:
    held = [item for item in lived.rows(OpenItem) if HIGH_LADDER in (item.fields or ())]
    assert held
    assert all(item.state == "closed" for item in held)
    told = [lived.rows(Notice, notice_id=item.notice_id)[0] for item in held]
    assert {notice.state for notice in told} == {NoticeState.ACCEPTED}
    silent = lived.rows(Notice, state=NoticeState.SILENT, reason="told_by_resend")
    assert {notice.told_by for notice in silent} <= {notice.notice_id for notice in told}
    assert silent


def test_no_notice_was_accepted_twice(lived: Site) -> None:
    assert accepted_twice(lived) == []


def test_a_second_pass_over_the_week_sends_nothing(lived: Site) -> None:
    before, archive = lived.agency.status(), sorted(lived.agency.home.glob("archive/**/*.pgp"))
    for day in WEEK:
        assert lived.seal(day).serials == ()
        assert lived.publish(day).published == ()
        assert lived.answered(day).taken_in == ()
    assert lived.agency.status() == before
    assert sorted(lived.agency.home.glob("archive/**/*.pgp")) == archive


def test_a_later_report_stands_beside_the_first(lived: Site) -> None:
    first = the_report(lived, WEEK[0])
    again = lived.report(WEEK[0])
    assert Path(again.json).name != f"{first['head']['business_date']}.json"
    assert equations(lived, again.json) is not None
    assert the_report(lived, WEEK[0]) == first


def test_the_ledger_verifies_and_the_work_folder_is_empty(lived: Site) -> None:
    with lived.house() as house:
        assert verify(house.ledger, house.settings) == []
    assert list(lived.settings.work_dir.iterdir()) == []


def test_the_auditors_copy_of_each_receipt_verifies_with_the_agencys_public_key_alone(
    lived: Site, tmp_path: Path
) -> None:
    home = tmp_path / "g"
    home.mkdir(mode=0o700)
    gpg = ["gpg", "--homedir", str(home), "--batch", "--faked-system-time", "20190404T000000"]
    try:
        for name in ("moj", "isa"):
            subprocess.run([*gpg, "--import", lived.agency.openpgp(name)], check=True, capture_output=True)
        signed = sorted(lived.settings.sealed_dir.glob("*/receipt-*.signed"))
        assert len(signed) == 7
        for each in signed:
            subprocess.run([*gpg, "--output", tmp_path / each.name, "--decrypt", each], check=True, capture_output=True)
    finally:
        subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False)
        shutil.rmtree(home)


def test_what_took_more_than_a_day_is_told_with_its_reason(lived: Site) -> None:
    """The person with 髙: processed on 03-28 and 03-29, told with the correction of 04-02."""
    with (lived.extracts / "2019-03-28" / "events.csv").open(encoding="utf-8") as stream:
        waited = {row["registry_number"] for row in csv.DictReader(stream) if "髙" in row["name_kanji"]}
    expected = []
    for day, age in (("2019-03-28", 5), ("2019-03-29", 4)):
        with (lived.extracts / day / "events.csv").open(encoding="utf-8") as stream:
            events = [row for row in csv.DictReader(stream) if row["registry_number"] in waited]
        expected += [(day, age)] * sum(1 + (row["card_presented"] == "1") for row in events)
    ages = the_report(lived, "2019-04-02")["ages"]
    told = [each for each in ages["late"] if each["reason"]["code"] == "held"]
    assert sorted((each["processing_date"], each["age_days"]) for each in told) == sorted(expected)
    assert ages["worst_days"] == 5
    assert ages["median_tenths"] == 0


class TestReconciliation:
    """The month's report over the same week: what we sent closes per serial, and both registers agree."""

    @pytest.fixture(scope="class")
    def month(self, lived: Site) -> dict[str, Any]:
        with lived.house(WEEK[-1]) as house:
            written = steps.write_monthly_reconciliation(house, house.clock.now().date().replace(day=1), "cli__month")
        found: dict[str, Any] = json.loads((lived.home / written.json).read_text(encoding="utf-8"))
        return found

    def test_every_record_sent_was_accepted(self, month: dict[str, Any], lived: Site) -> None:
        april = [file for serial in range(1, 8) if (file := lived.file(serial)).business_date.month == 4]
        assert [(line["serial"], line["sent"], line["accepted"], line["closes"]) for line in month["sent"]] == [
            (file.serial, file.records, file.records, True) for file in april
        ]

    def test_both_registers_agree_by_category_and_status(self, month: dict[str, Any]) -> None:
        assert month["agreement"]["closes"]
        assert [(line["ours"], line["agency"]) for line in month["statuses"]]
        assert all(line["ours"] == line["agency"] for line in month["agreement"]["categories"])

    def test_a_report_of_the_month_stands_beside_the_days(self, month: dict[str, Any], lived: Site) -> None:
        assert ["2019-04-01", "2019-04-30"] == [month["period"]["first"], month["period"]["last"]]
        assert ["monthly_reconciliation"] == [row.kind for row in lived.rows(ReportRow) if row.run_id == "cli__month"]
