"""The model holds counts, dates, digests and codes, and nobody's data."""

import inspect
import re
from collections.abc import Iterator
from dataclasses import FrozenInstanceError, fields, is_dataclass, replace
from datetime import date, datetime
from typing import Any, get_type_hints

import pytest

from renkei.errors import ReportFieldRefused
from renkei.reports import model
from renkei.reports.model import (
    AgencyEquation,
    CategoryTotal,
    HistoryDay,
    Label,
    NoticeEquation,
    RegistryEquation,
)
from renkei.reports.model.forms import Text, shown_run
from tests.support import reconciliations as agency_samples
from tests.support import reports as samples

CLASSES = [cls for cls in vars(model).values() if is_dataclass(cls)]

# One invented person, as a registry would write her.
PERSONAL = {
    "name in Roman letters": "MARKER CANARY HANAKO",
    "name in kanji": "試験 花子",
    "name in kana": "シケン ハナコ",
    "address": "東京都新宿区歌舞伎町一丁目4番1号",
    "card number": "AB12345678CD",
    "birth date": "19900102",
    "birth date with signs": "1990-01-02",
    "registry number": "1234567890",
    "個人番号": "123456789018",
    "person reference": "k1-0123456789abcdef0123456789abcdef",
}

# The only fields that hold sentences; each takes them from schemas/ or the settings, never from a record.
FREE_TEXT = {
    "OpenClass.next_step_en",
    "OpenClass.next_step_ja",
    "StatusTotal.status",
    "Label.ja",
    "Label.en",
    "Municipality.ja",
    "Municipality.en",
    "LegalReference.ja",
    "LegalReference.law",
    "LegalReference.order",
    "Head.agency_notice",
    "Wait.next_step_ja",
    "Wait.next_step_en",
}


def parts(value: Any) -> Iterator[Any]:
    """Walk through every instance of the model inside a report."""
    if isinstance(value, tuple):
        for member in value:
            yield from parts(member)
    elif is_dataclass(value):
        yield value
        for field in fields(value):
            yield from parts(getattr(value, field.name))


def string_fields() -> dict[str, tuple[Any, str]]:
    """Return one filled instance for every field that holds a string or strings, by `Class.field`."""
    found: dict[str, tuple[Any, str]] = {}
    for report in (*samples.every_state().values(), *agency_samples.reconciliations().values()):
        for part in parts(report):
            for field in fields(part):
                value = getattr(part, field.name)
                if type(value) is str or (isinstance(value, tuple) and value and type(value[0]) is str):
                    found[f"{type(part).__name__}.{field.name}"] = (part, field.name)
    return found


STRINGS = string_fields()


def put(part: Any, name: str, value: str) -> Any:
    """Return the part with the value in one field, as one string or as a list of one."""
    return replace(part, **{name: (value,) if isinstance(getattr(part, name), tuple) else value})


class TestNobodysDataFits:
    def test_the_samples_fill_every_string_field_of_the_model(self) -> None:
        declared = {
            f"{cls.__name__}.{name}"
            for cls in CLASSES
            for name, hint in get_type_hints(cls).items()
            if re.search(r"\bstr\b", str(hint).replace("<class 'str'>", "str"))
        }

        assert declared == set(STRINGS)

    @pytest.mark.parametrize("field", sorted(set(STRINGS) - FREE_TEXT))
    @pytest.mark.parametrize("kind", PERSONAL)
    def test_a_personal_value_is_refused(self, field: str, kind: str) -> None:
        part, name = STRINGS[field]

        with pytest.raises(ReportFieldRefused) as refused:
            put(part, name, PERSONAL[kind])

        assert field == f"{refused.value.refs['part']}.{refused.value.refs['field']}"
        assert PERSONAL[kind] not in str(refused.value)
        assert PERSONAL[kind] not in repr(refused.value)

    @pytest.mark.parametrize("field", sorted(FREE_TEXT))
    @pytest.mark.parametrize("kind", ["card number", "registry number", "個人番号"])
    def test_a_sentence_cannot_carry_a_number_that_names_a_person(self, field: str, kind: str) -> None:
        part, name = STRINGS[field]

        with pytest.raises(ReportFieldRefused):
            put(part, name, f"確認 {PERSONAL[kind]} を見る")

    def test_free_text_is_only_where_the_list_says(self) -> None:
        declared = {
            f"{cls.__name__}.{name}"
            for cls in CLASSES
            for name, hint in get_type_hints(cls, include_extras=True).items()
            if hint in (Text, Text | None)
        }

        assert declared == FREE_TEXT

    def test_no_field_is_named_after_an_item_of_a_person(self) -> None:
        personal = re.compile(r"name_|_name$|address|birth|card|registry_number|reference$|nationality|sex")
        named = {f"{cls.__name__}.{field.name}" for cls in CLASSES for field in fields(cls)}

        assert {"Head.run_reference"} == {field for field in named if personal.search(field.split(".")[1])}


class TestFields:
    @pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
    def test_each_is_described_in_its_class(self, cls: type) -> None:
        described = re.findall(r"^    (\w+): \S", (inspect.getdoc(cls) or "").split("Attributes:")[1], re.MULTILINE)

        assert [field.name for field in fields(cls)] == described

    @pytest.mark.parametrize(
        "wrong",
        [
            {"accepted": "7"},
            {"accepted": -1},
            {"accepted": True},
            {"accepted": None},
            {"day": datetime(2019, 3, 28, tzinfo=samples.at(0).tzinfo)},
            {"day": "2019-03-28"},
        ],
    )
    def test_another_type_is_refused(self, wrong: dict[str, Any]) -> None:
        with pytest.raises(ReportFieldRefused):
            replace(HistoryDay(date(2019, 3, 28), 1, 2, 3), **wrong)

    def test_an_instant_without_its_zone_is_refused(self) -> None:
        with pytest.raises(ReportFieldRefused):
            replace(samples.intake(), cut_off=samples.at(20).replace(tzinfo=None))

    def test_a_list_with_one_wrong_member_is_refused(self) -> None:
        with pytest.raises(ReportFieldRefused):
            replace(samples.good_day(), history=(*samples.history(2), "2019-03-28"))

    def test_a_report_does_not_change(self) -> None:
        with pytest.raises(FrozenInstanceError):
            samples.good_day().head.attempt = 3  # type: ignore[misc]

    def test_a_label_is_one_line(self) -> None:
        with pytest.raises(ReportFieldRefused):
            Label("rows", "一行目\n二行目", "one line")


class TestEquations:
    def test_the_registry_closes_when_the_numbers_do(self) -> None:
        assert RegistryEquation(42101, 62, 40, 42123).closes
        assert not RegistryEquation(42101, 62, 40, 42122).closes

    def test_the_notices_close_when_nothing_is_lost_or_doubled(self) -> None:
        assert NoticeEquation(3, 241, 1, 226, 1, 2, 14, 2).closes
        assert not NoticeEquation(3, 241, 1, 227, 1, 2, 14, 2).closes
        assert not NoticeEquation(3, 241, 1, 225, 1, 2, 14, 2).closes

    def test_the_registers_close_without_a_difference(self) -> None:
        assert AgencyEquation(10, 10, 0).closes
        assert not AgencyEquation(10, 9, 0).closes

    def test_an_open_person_explains_one_record(self) -> None:
        assert AgencyEquation(10, 9, 1).closes
        assert not AgencyEquation(10, 8, 1).closes

    def test_an_open_person_explains_one_move_between_categories(self) -> None:
        special = Label("special_permanent", "特別永住者", "special permanent resident")
        stay = Label("mid_to_long_term", "中長期在留者", "mid- to long-term resident")
        one = (CategoryTotal(stay, 7, 8), CategoryTotal(special, 3, 2))
        two = (CategoryTotal(stay, 7, 9), CategoryTotal(special, 3, 1))

        assert AgencyEquation(10, 10, 1, one).closes
        assert not AgencyEquation(10, 10, 1, two).closes


class TestShownRun:
    @pytest.mark.parametrize(
        "run_id",
        [
            "scheduled__2019-03-28T14:00:00+00:00",
            "manual__2026-01-02T03:04:05.678901+00:00_a1B2c3D4",
            "backfill__2019-03-28T14:00:00+00:00",
            "cli__2019-03-28T23:00:00+09:00",
        ],
    )
    def test_an_id_that_the_scheduler_made_is_shown(self, run_id: str) -> None:
        assert run_id == shown_run(run_id)

    @pytest.mark.parametrize("run_id", ["MARKER CANARY HANAKO", "manual__試験花子", "AB12345678CD", ""])
    def test_an_id_that_a_person_chose_is_shown_as_a_digest(self, run_id: str) -> None:
        shown = shown_run(run_id)

        assert re.fullmatch("other__[0-9a-f]{16}", shown)
        assert shown == shown_run(run_id)
        assert replace(samples.head(), run_reference=shown).run_reference == shown
