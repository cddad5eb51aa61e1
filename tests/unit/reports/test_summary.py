"""The table at the end of `make run`."""

from datetime import date
from pathlib import Path

import pytest

from renkei.reports.model import DaySummary, Label, Outcome
from renkei.reports.summary import summary_table, width
from tests.support import reports as samples

ISA = Label("isa", "出入国在留管理庁長官", "Commissioner of the Immigration Services Agency")
DAYS = (
    DaySummary(date(2019, 3, 31), 4, samples.MOJ, 0, 0, 0, 0, 0, 0, Outcome.ACCEPTED, Path("var/reports/a.html")),
    DaySummary(date(2019, 4, 1), 5, ISA, 1234, 91, 1, 1325, 1, 2, Outcome.PARTLY, Path("var/reports/b.html")),
    DaySummary(date(2019, 4, 2), None, None, 0, 0, 0, 0, 0, 3, None),
)


@pytest.mark.parametrize(
    ("text", "columns"),
    [("", 0), ("abc", 3), ("通番", 4), ("a 記載", 6), ("ｱ", 1), ("が", 2), ("か\u3099", 2)],
)
def test_a_wide_letter_takes_two_columns(text: str, columns: int) -> None:
    assert width(text) == columns


def test_a_day_says_everything_that_the_operator_asks() -> None:
    day = summary_table(DAYS).splitlines()[-2].split()

    assert day == [
        *("2019-04-01", "00000005", "出入国在留管理庁長官", "1,234", "91", "1", "1,325", "1", "2"),
        *("一部受領", "/", "accepted", "in", "part", "var/reports/b.html"),
    ]


def test_a_day_without_file_shows_dashes() -> None:
    assert summary_table(DAYS).splitlines()[-1].split() == [
        *("2019-04-02", "-", "-", "0", "0", "0", "0", "0", "3", "-", "-")
    ]


def test_columns_stand_under_their_headings_in_a_terminal() -> None:
    lines = summary_table(DAYS).splitlines()
    rule = next(line for line in lines if line.startswith("--"))
    serial_at = rule.index(" ") + 2
    last = rule.rindex(" ") + 1

    for line, expected in zip(lines[-3:-1], ("var/reports/a.html", "var/reports/b.html"), strict=True):
        report = line.index("var/")
        assert line[serial_at : serial_at + 8].isdigit()
        assert width(line[:report]) == last
        assert line[report:] == expected


def test_headings_are_japanese_first_and_english_under_them() -> None:
    title, _, japanese, english, *_ = summary_table(()).splitlines()

    assert title == "業務日ごとの結果 / Results by business day"
    assert japanese.split()[:3] == ["業務日", "通番", "結合の相手方"]
    assert english.split()[:3] == ["Day", "Serial", "Counterparty"]


def test_no_line_ends_in_blanks() -> None:
    assert all(line == line.rstrip() for line in summary_table(DAYS).splitlines())
