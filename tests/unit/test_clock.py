"""The clock: Tokyo's days, faked instants, the Japanese calendar."""

import ast
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from renkei import clock
from renkei.clock import (
    TOKYO,
    BusinessDateClock,
    FixedClock,
    SystemClock,
    business_date_of,
    clock_for,
    faked_hour,
    wareki,
)
from renkei.errors import SettingInvalid
from renkei.settings import Settings

LIBRARY = Path(clock.__file__).parent


def site(setting: str) -> Settings:
    given = {
        "RENKEI_MUNICIPALITY": "131041",
        "RENKEI_WARD_FINGERPRINT": "A" * 40,
        "RENKEI_CLOCK": setting,
    }
    return Settings.load(Path("site"), given)


class TestBusinessDate:
    @pytest.mark.parametrize(
        ("instant", "day"),
        [
            (datetime(2019, 3, 31, 14, 59, 59, tzinfo=UTC), date(2019, 3, 31)),
            (datetime(2019, 3, 31, 15, 0, tzinfo=UTC), date(2019, 4, 1)),
            (datetime(2019, 4, 1, 2, 0, tzinfo=TOKYO), date(2019, 4, 1)),
        ],
    )
    def test_it_is_the_day_in_tokyo(self, instant: datetime, day: date) -> None:
        assert business_date_of(instant) == day

    def test_an_instant_without_zone_has_none(self) -> None:
        naive = datetime(2019, 4, 1, tzinfo=UTC).replace(tzinfo=None)
        with pytest.raises(ValueError, match="time zone"):
            business_date_of(naive)


class TestClocks:
    def test_the_machines_clock_tells_tokyo_time(self) -> None:
        now = SystemClock().now()
        assert now.utcoffset() == timedelta(hours=9)
        assert abs(now - datetime.now(UTC)) < timedelta(minutes=1)
        assert not SystemClock().faked

    def test_a_fixed_clock_stands_still_and_says_that_it_is_faked(self) -> None:
        fixed = FixedClock(datetime(2019, 3, 31, 15, 0, tzinfo=UTC))
        assert fixed.now().isoformat() == "2019-04-01T00:00:00+09:00"
        assert fixed.faked

    def test_the_demo_stands_at_one_hour_of_the_business_date(self) -> None:
        found = clock_for(site("business-date@23:00"), date(2019, 3, 31))
        assert found == BusinessDateClock(date(2019, 3, 31), time(23, 0))
        assert found.now().isoformat() == "2019-03-31T23:00:00+09:00"
        assert found.faked

    @pytest.mark.parametrize(
        ("setting", "day"), [("real", date(2019, 3, 31)), ("real", None), ("business-date@23:00", None)]
    )
    def test_otherwise_the_machines(self, setting: str, day: date | None) -> None:
        assert clock_for(site(setting), day) == SystemClock()

    @pytest.mark.parametrize("setting", ["", "23:00", "business-date@24:00", "business-date@2300", "REAL"])
    def test_another_setting_is_refused(self, setting: str) -> None:
        with pytest.raises(SettingInvalid):
            faked_hour(setting)


class TestWareki:
    @pytest.mark.parametrize(
        ("day", "shown"),
        [
            (date(2019, 3, 28), "平成31年3月28日"),
            (date(2019, 4, 30), "平成31年4月30日"),
            (date(2019, 5, 1), "令和元年5月1日"),
            (date(2026, 6, 14), "令和8年6月14日"),
            (date(1989, 1, 7), "昭和64年1月7日"),
            (date(1989, 1, 8), "平成元年1月8日"),
            (date(1926, 12, 24), "大正15年12月24日"),
            (date(1926, 12, 25), "昭和元年12月25日"),
            (date(1912, 7, 29), "明治45年7月29日"),
            (date(1912, 7, 30), "大正元年7月30日"),
            (date(1873, 1, 1), "明治6年1月1日"),
            (date(1872, 12, 31), "1872年12月31日"),
        ],
    )
    def test_eras_begin_on_their_day(self, day: date, shown: str) -> None:
        assert wareki(day) == shown


def test_no_other_module_reads_the_machines_clock() -> None:
    """`make lint` bans it by ruff; this names the module."""
    read = {"now", "utcnow", "today", "time", "time_ns"}
    found = [
        f"{path.relative_to(LIBRARY)}:{node.lineno}"
        for path in LIBRARY.rglob("*.py")
        if path != LIBRARY / "clock.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in read
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in {"datetime", "date", "time", "Timestamp"}
    ]
    assert found == []
