"""Days that a person has to look at first, and looking up single rows."""

from pathlib import Path

import pytest

from renkei.errors import DayHeld
from renkei.registry import (
    Residents,
)
from tests.support.extracts import ExtractBuilder
from tests.unit.registry.known import ONE, Prover


class TestVolume:
    def test_half_the_residents_gone_holds_the_day(self, yesterday: ExtractBuilder, proven: Prover) -> None:
        today = yesterday.next_day()
        for number in list(today.residents)[:6]:
            today.drop(number)

        with pytest.raises(DayHeld) as raised:
            proven(yesterday, today, volume=True)

        assert raised.value.refs == {
            "business_date": "2019-03-29",
            "rule": "half_gone",
            "count": 6,
            "before": 12,
        }

    def test_even_with_an_event_for_each(self, yesterday: ExtractBuilder, proven: Prover) -> None:
        today = yesterday.next_day()
        for number in list(today.residents)[:6]:
            today.event(number, "ex_officio_deletion")

        with pytest.raises(DayHeld):
            proven(yesterday, today, volume=True)

    def test_less_than_half_does_not(self, yesterday: ExtractBuilder, proven: Prover) -> None:
        today = yesterday.next_day()
        for number in list(today.residents)[:5]:
            today.drop(number)

        assert len(proven(yesterday, today, volume=True).opened) == 5

    def test_half_the_rows_changed_without_an_event_holds_the_day(
        self, yesterday: ExtractBuilder, proven: Prover
    ) -> None:
        today = yesterday.next_day()
        for number in list(today.residents):
            today.change(number, area_code="0020002")

        with pytest.raises(DayHeld) as raised:
            proven(yesterday, today, volume=True)

        assert raised.value.refs["rule"] == "half_unexplained"

    def test_in_a_registry_of_two_one_may_leave(self, proven: Prover) -> None:
        two = ExtractBuilder("2019-03-28", baseline=True).resident().resident()

        assert proven(two, two.next_day().event(ONE, "death"), volume=True).opened == ()


class TestLookingUp:
    def test_every_row_is_found_and_nobody_else(self, tmp_path: Path, yesterday: ExtractBuilder) -> None:
        path = yesterday.write(tmp_path) / "residents.csv"
        lines = path.read_bytes().splitlines(keepends=True)[1:]

        assert [Residents(path).find(line[:10].decode()) for line in lines] == lines
        assert [Residents(path).find(number) for number in ("0000000000", "0000000013", "9999999999")] == [None] * 3

    def test_also_in_a_large_file(self, tmp_path: Path) -> None:
        path = tmp_path / "residents.csv"
        path.write_bytes(b"h\n" + b"".join(b"%010d,%s\n" % (n, b"x" * (n % 700)) for n in range(0, 8000, 2)))
        residents = Residents(path)

        for number in (0, 2, 3998, 4000, 7998):
            found = residents.find(f"{number:010}")
            assert found is not None
            assert len(found) == 12 + number % 700
        assert residents.find("0000004001") is None
