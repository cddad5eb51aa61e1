"""The comparison of two days: its laws on generated files, and what refuses a file."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from renkei.errors import (
    ColumnOrderWrong,
    ExtractFileEmpty,
    ExtractRefused,
    KeyDoubled,
    KeyMalformed,
    LastLineOpen,
    RowsOutOfOrder,
)
from renkei.registry import differences

Days = dict[bytes, bytes]
Writer = Callable[[Days], Path]

HEADER = b"registry_number,value\n"
KEYS = st.integers(0, 60).map(lambda number: b"%010d" % number)
VALUES = st.sampled_from([b"", b"a", b"b", b"aa", "戸塚町".encode(), b"x" * 300])
DAYS = st.dictionaries(KEYS, VALUES, max_size=40)
# Many equal lines around few that differ, so that slices are really skipped.
LONG = b"y" * 500


@pytest.fixture
def write(tmp_path: Path) -> Writer:
    count = iter(range(10**6))

    def writer(day: Days) -> Path:
        path = tmp_path / str(next(count)) / "residents.csv"
        path.parent.mkdir()
        path.write_bytes(HEADER + b"".join(key + b"," + day[key] + b"\n" for key in sorted(day)))
        return path

    return writer


def line(day: Days, key: bytes) -> bytes | None:
    return key + b"," + day[key] + b"\n" if key in day else None


def naive(before: Days, after: Days) -> list[tuple[bytes, bytes | None, bytes | None]]:
    keys = sorted(before.keys() | after.keys())
    triples = [(key, line(before, key), line(after, key)) for key in keys]
    return [triple for triple in triples if triple[1] != triple[2]]


def compared(before: Path, after: Path) -> list[tuple[bytes, bytes | None, bytes | None]]:
    return [(each.key, each.before, each.after) for each in differences(before, after)]


def applied(day: Days, before: Path, after: Path) -> Days:
    result = dict(day)
    for each in differences(before, after):
        result.pop(each.key, None)
        if each.after is not None:
            result[each.key] = each.after[11:-1]
    return result


generated = settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


class TestLaws:
    @generated
    @given(DAYS)
    def test_a_day_does_not_differ_from_itself(self, write: Writer, day: Days) -> None:
        assert compared(write(day), write(day)) == []

    @generated
    @given(DAYS, DAYS)
    def test_applied_to_the_first_day_the_differences_give_the_second(
        self, write: Writer, before: Days, after: Days
    ) -> None:
        assert applied(before, write(before), write(after)) == after

    @generated
    @given(st.lists(DAYS, min_size=2, max_size=5))
    def test_the_days_one_after_another_equal_the_comparison_of_the_ends(self, write: Writer, days: list[Days]) -> None:
        paths = [write(day) for day in days]
        walked = days[0]
        for before, after in pairwise(paths):
            walked = applied(walked, before, after)

        assert walked == applied(days[0], paths[0], paths[-1])

    @generated
    @given(DAYS, DAYS)
    def test_they_are_those_of_a_plain_dictionary(self, write: Writer, before: Days, after: Days) -> None:
        assert compared(write(before), write(after)) == naive(before, after)

    @settings(generated, max_examples=30)
    @given(st.data())
    def test_also_in_files_of_many_windows_with_few_differences(self, write: Writer, data: st.DataObject) -> None:
        before = {b"%010d" % (2 * number): LONG for number in range(3000)}
        after = dict(before)
        for number in data.draw(st.sets(st.integers(0, 6000), max_size=12)):
            key = b"%010d" % number
            match data.draw(st.sampled_from(["drop", "put", "change"])):
                case "drop":
                    after.pop(key, None)
                case "put":
                    after[key] = b"new" * data.draw(st.integers(0, 9))
                case _ if key in after:
                    after[key] = LONG[:-1] + b"z"

        assert compared(write(before), write(after)) == naive(before, after)


class TestOffsets:
    def test_a_difference_tells_where_its_line_stands_today(self, write: Writer) -> None:
        before = write({b"0000000001": b"a", b"0000000003": b"c"})
        after = write({b"0000000001": b"a", b"0000000002": b"b", b"0000000003": b"C"})
        data = after.read_bytes()

        for each in differences(before, after):
            assert each.after is not None
            assert data[each.offset :].startswith(each.after)


class TestRefusals:
    @pytest.mark.parametrize(
        ("lines", "error", "number"),
        [
            pytest.param([b"0000000001,a", b"0000000003,n", b"0000000002,n"], RowsOutOfOrder, 4, id="order"),
            pytest.param([b"0000000005,e", b"0000000001,a"], RowsOutOfOrder, 3, id="moved behind equal lines"),
            pytest.param([b"0000000001,n", b"0000000001,a"], KeyDoubled, 3, id="twice, one of them new"),
            pytest.param([b"0000000001,a", b"0000000001,a"], KeyDoubled, 3, id="twice the same"),
            pytest.param([b"000000001,a"], KeyMalformed, 2, id="nine digits"),
            pytest.param([b"00000000001,a"], KeyMalformed, 2, id="eleven digits"),
            pytest.param([b"000000000x,a"], KeyMalformed, 2, id="a letter"),
        ],
    )
    def test_a_line_whose_key_does_not_lie_between_its_neighbours(
        self, write: Writer, lines: list[bytes], error: type[ExtractRefused], number: int
    ) -> None:
        before = write({b"0000000001": b"a", b"0000000005": b"e"})
        after = write({})
        after.write_bytes(HEADER + b"\n".join(lines) + b"\n")

        with pytest.raises(error) as raised:
            list(differences(before, after))

        assert raised.value.refs["line"] == number

    def test_an_order_broken_where_equal_lines_begin_again(self, write: Writer) -> None:
        before = write({b"0000000001": b"a", b"0000000002": b"b"})
        after = write({})
        after.write_bytes(HEADER + b"0000000002,new\n0000000001,a\n0000000002,b\n")

        with pytest.raises(RowsOutOfOrder):
            list(differences(before, after))

    def test_a_last_line_without_its_end(self, write: Writer) -> None:
        before, after = write({b"0000000001": b"a"}), write({b"0000000001": b"a"})
        after.write_bytes(after.read_bytes()[:-1])

        with pytest.raises(LastLineOpen):
            list(differences(before, after))

    def test_a_file_without_a_byte(self, write: Writer) -> None:
        before, after = write({}), write({})
        after.write_bytes(b"")

        with pytest.raises(ExtractFileEmpty):
            list(differences(before, after))

    def test_two_days_of_another_layout(self, write: Writer) -> None:
        before, after = write({}), write({})
        after.write_bytes(b"registry_number,other\n")

        with pytest.raises(ColumnOrderWrong):
            list(differences(before, after))

    def test_what_differs_never_shows_its_content(self, write: Writer) -> None:
        [found] = differences(write({}), write({b"0000000001": b"SECRET"}))

        assert "SECRET" not in repr(found)
        assert "0000000001" not in repr(found)
