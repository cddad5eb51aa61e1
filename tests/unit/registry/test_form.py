"""The form of the files: each fault refuses the extract whole, by a rule of its own."""

from pathlib import Path

import pytest

from renkei import errors
from renkei.registry import (
    compare_extract,
)
from tests.support.extracts import ExtractBuilder, reseal
from tests.unit.registry.days import FILES, MARKED, Day, Opened, edit


class TestForm:
    @FILES
    def test_a_byte_order_mark(self, day: Day, file: str) -> None:
        path = day.folder / file
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
        reseal(day.folder)

        day.refused(errors.ByteOrderMarkFound)

    @FILES
    def test_cp932(self, day: Day, file: str) -> None:
        path = day.folder / file
        path.write_bytes(path.read_bytes().decode("utf-8").encode("cp932"))
        reseal(day.folder)

        assert day.refused(errors.NotUtf8).refs["line"] == 2

    @FILES
    def test_carriage_returns(self, day: Day, file: str) -> None:
        path = day.folder / file
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n").replace(b"\r\n", b"\n", 1))
        reseal(day.folder)

        assert day.refused(errors.ControlCharacterFound).refs["line"] == 2

    @FILES
    def test_a_control_character(self, day: Day, file: str) -> None:
        edit(day.folder, file, "戸塚町1-2".encode(), "戸塚町\t1-2".encode())

        assert day.refused(errors.ControlCharacterFound).refs["line"] == 2

    @FILES
    def test_a_line_break_in_a_value(self, day: Day, file: str) -> None:
        edit(day.folder, file, "東京都新宿区戸塚町1-2".encode(), '"東京都\n新宿区,戸塚町1-2"'.encode())

        error = errors.KeyMalformed if file == "residents.csv" else errors.LineBreakInValue
        with pytest.raises((error, errors.LineBreakInValue)) as raised:
            day.take_in()
        assert raised.value.refs["line"] in {2, 3}

    @FILES
    def test_a_quotation_where_none_is_needed(self, day: Day, file: str) -> None:
        edit(day.folder, file, "東京都新宿区戸塚町1-2".encode(), '"東京都新宿区戸塚町1-2"'.encode())

        assert day.refused(errors.QuotationWrong).refs["line"] == 2

    @FILES
    def test_a_line_with_a_column_too_many(self, day: Day, file: str) -> None:
        edit(day.folder, file, "戸塚町1-2".encode(), "戸塚町,1-2".encode())

        assert day.refused(errors.FieldCountWrong).refs["line"] == 2

    @FILES
    def test_a_last_line_without_its_end(self, day: Day, file: str) -> None:
        path = day.folder / file
        path.write_bytes(path.read_bytes()[:-1])
        reseal(day.folder)

        with pytest.raises((errors.LastLineOpen, errors.RowCountDiffers)):
            day.take_in()

    @FILES
    def test_an_unknown_column(self, day: Day, file: str) -> None:
        edit(day.folder, file, b"name_kanji", b"name_" + MARKED.encode())

        day.refused(errors.ColumnUnknown)

    @FILES
    def test_a_missing_column(self, day: Day, file: str) -> None:
        edit(day.folder, file, b",name_kanji", b"")

        assert day.refused(errors.ColumnMissing).refs["column"] == "name_kanji"

    @FILES
    def test_columns_in_another_order(self, day: Day, file: str) -> None:
        edit(day.folder, file, b"name_roman,name_kanji", b"name_kanji,name_roman")

        assert day.refused(errors.ColumnOrderWrong).refs["column"] == "name_roman"

    @FILES
    @pytest.mark.parametrize("name", ["個人番号", "住民票コード", "my_number", "マイナンバー", "resident_code"])
    def test_a_forbidden_column(self, day: Day, file: str, name: str) -> None:
        edit(day.folder, file, b"name_kanji", name.encode())

        day.refused(errors.ColumnForbidden)

    @FILES
    @pytest.mark.parametrize(
        "number",
        ["123456789018", "１２３４５６７８９０１８", "1234-5678-9018", "12345678903"],
        ids=["個人番号", "full width", "in groups", "住民票コード"],
    )
    def test_a_forbidden_number_in_a_text(self, day: Day, file: str, number: str) -> None:
        edit(day.folder, file, "戸塚町1-2".encode(), f"戸塚町 {number}".encode())

        refused = day.refused(errors.ForbiddenNumberFound)
        assert (refused.refs["line"], refused.refs["column"]) == (2, "address")
        assert number not in str(refused)

    @pytest.mark.parametrize("number", ["123456789017", "12345678902", "1234567890", "1234567890123"])
    def test_digits_that_are_neither_number_pass(self, day: Day, number: str) -> None:
        edit(day.folder, "events.csv", "戸塚町1-2".encode(), f"戸塚町 {number}".encode())

        assert day.opened(day.folder).holds == ()


class TestKeys:
    def test_a_registry_number_twice(self, day: Day) -> None:
        path = day.folder / "residents.csv"
        lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join([*lines[:5], lines[4], *lines[5:]]))
        reseal(day.folder)

        assert day.refused(errors.KeyDoubled).refs["line"] == 6

    def test_residents_in_another_order(self, day: Day) -> None:
        path = day.folder / "residents.csv"
        lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join([*lines[:5], lines[6], lines[5], *lines[7:]]))
        reseal(day.folder)

        assert day.refused(errors.RowsOutOfOrder).refs["line"] == 7

    @pytest.mark.parametrize("error", [errors.KeyDoubled, errors.RowsOutOfOrder])
    def test_the_baseline_is_held_to_the_same(self, day: Day, error: type[errors.ExtractRefused]) -> None:
        path = day.before / "residents.csv"
        lines = path.read_bytes().splitlines(keepends=True)
        second = lines[5] if error is errors.RowsOutOfOrder else lines[4]
        path.write_bytes(b"".join([*lines[:4], lines[4], second, lines[4], *lines[6:]]))
        reseal(day.before)

        with pytest.raises((errors.KeyDoubled, errors.RowsOutOfOrder)):
            compare_extract(day.opened(day.before), None)

    def test_an_event_twice(self, day: Day) -> None:
        path = day.folder / "events.csv"
        header, row = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(header + row + row.replace(b"1", b"2", 1))
        reseal(day.folder)

        assert day.refused(errors.KeyDoubled).refs["line"] == 3

    def test_events_out_of_their_order_of_processing(
        self, tmp_path: Path, today: ExtractBuilder, opened: Opened
    ) -> None:
        today.event("0000000002", "minor_correction")
        today.events.reverse()

        with pytest.raises(errors.RowsOutOfOrder):
            opened(today.write(tmp_path))

    @pytest.mark.parametrize("column", ["registry_number", "history_number", "event_sequence"])
    def test_an_event_whose_key_has_no_form(
        self, tmp_path: Path, today: ExtractBuilder, opened: Opened, column: str
    ) -> None:
        today.events[0] = today.events[0] | {column: "X" + MARKED}

        with pytest.raises(errors.KeyMalformed) as raised:
            opened(today.write(tmp_path))

        assert raised.value.refs["column"] == column
        assert MARKED not in str(raised.value)
