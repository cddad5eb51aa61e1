"""What a record may hold: items by category, dates, codes, check digits, characters (domain §4–6)."""

import unicodedata
from datetime import date
from pathlib import Path

import pytest

from renkei.notices import Derived
from renkei.notices.characters import carry
from renkei.notices.forms import calendar_date, municipality_code, possible_date
from renkei.schemas import Schemas
from tests.support.notices import DAY, Derive, append_row, before, event

NONE = dict.fromkeys(
    (
        "card_number",
        "status_of_residence",
        "period_of_stay",
        "expiry_date",
        "landing_period_expiry",
        "provisional_stay_expiry",
    ),
    "",
)


def entry(derived: Derive, **columns: str) -> Derived:
    (notice,) = derived(event("domestic_move_in", **columns))
    return notice


def outcome(notice: Derived) -> tuple[str, str, tuple[str, ...]]:
    return notice.state, notice.rule, notice.fields


class TestCategory:
    """Conditional items (rules/items.toml): newborns, refugees and others have no card number."""

    @pytest.mark.parametrize(
        "columns",
        [
            {"resident_category": "mid_to_long_term", "card_number": ""},
            {"resident_category": "special_permanent", **NONE, "card_number": "SP12345678AA"},
            {"resident_category": "special_permanent", **NONE},
            {"resident_category": "temporary_refuge", **NONE, "landing_period_expiry": "2019-09-01"},
            {"resident_category": "provisional_stay", **NONE, "provisional_stay_expiry": "2019-09-01"},
            {"resident_category": "birth_transitional", **NONE},
            {"resident_category": "nationality_loss_transitional", **NONE},
        ],
    )
    def test_valid_as_they_are(self, derived: Derive, columns: dict[str, str]) -> None:
        notice = entry(derived, **columns)
        assert outcome(notice) == ("due", "", ())
        assert notice.content["card_number"] == columns["card_number"]

    @pytest.mark.parametrize(
        ("category", "missing"),
        [
            ("mid_to_long_term", ("status_of_residence", "period_of_stay")),
            ("temporary_refuge", ("landing_period_expiry",)),
            ("provisional_stay", ("provisional_stay_expiry",)),
        ],
    )
    def test_required_items(self, derived: Derive, category: str, missing: tuple[str, ...]) -> None:
        state, rule, fields = outcome(entry(derived, **NONE, resident_category=category))
        assert (state, rule) == ("held", "required_missing")
        assert set(missing) <= set(fields)

    def test_what_a_category_never_carries_goes_out_empty(self, derived: Derive) -> None:
        notice = entry(derived, resident_category="special_permanent", landing_period_expiry="2019-09-01")
        never = ("status_of_residence", "period_of_stay", "expiry_date", "landing_period_expiry")
        assert (notice.state, [notice.content[name] for name in never]) == ("due", ["", "", "", ""])

    @pytest.mark.parametrize("status", ["永住者", "高度専門職2号"])
    def test_statuses_without_an_expiry_date(self, derived: Derive, status: str) -> None:
        unlimited = {"status_of_residence": status, "period_of_stay": "0000"}
        assert entry(derived, **unlimited, expiry_date="").state == "due"
        assert entry(derived, **unlimited).rule == "expiry_not_allowed"

    def test_every_other_status_has_one(self, derived: Derive) -> None:
        assert outcome(entry(derived, expiry_date="")) == ("held", "expiry_missing", ("expiry_date",))

    @pytest.mark.parametrize("period", ["0003", "0001", "090", "030"])
    def test_three_months_or_less_are_on_no_record(self, derived: Derive, period: str) -> None:
        assert entry(derived, period_of_stay=period).rule == "stay_too_short"

    @pytest.mark.parametrize("period", ["0500", "0403", "0006", "0004", "091", "180"])
    def test_longer_periods_set_individually(self, derived: Derive, period: str) -> None:
        assert entry(derived, period_of_stay=period).state == "due"

    @pytest.mark.parametrize("columns", [{"name_roman": ""}, {"birth_date": ""}, {"event_date": ""}, {"address": ""}])
    def test_what_nobody_may_lack(self, derived: Derive, columns: dict[str, str]) -> None:
        notice = entry(derived, **columns)
        assert (notice.state, notice.rule) == ("held", "required_missing")
        assert set(columns) <= set(notice.fields)

    def test_a_name_in_kanji_only(self, derived: Derive) -> None:
        assert entry(derived, name_roman="", name_kanji="金一").state == "due"

    def test_single_and_very_long_names(self, derived: Derive) -> None:
        for name in ("SUHARTO", "A" * 85 + " " + "B" * 60):
            assert entry(derived, name_roman=name).content["name_roman"] == name


class TestCodes:
    """Codes by the event date (contract §8)."""

    @pytest.mark.parametrize("code", ["TWN", "PSE", "KOR", "XCH", "XSL", "XUN"])
    def test_nationalities(self, derived: Derive, code: str) -> None:
        assert entry(derived, nationality=code).content["nationality"] == code

    @pytest.mark.parametrize(
        ("columns", "rule"),
        [
            ({"nationality": "QQQ"}, "unknown_code"),
            ({"nationality": "vnm"}, "value_not_permitted"),
            ({"status_of_residence": "短期滞在"}, "unknown_code"),
            ({"status_of_residence": "外交"}, "unknown_code"),
            ({"sex": "4"}, "value_not_permitted"),
            ({"card_number": "A12345678BC"}, "value_not_permitted"),
            ({"card_number": "ab12345678cd"}, "value_not_permitted"),
            ({"period_of_stay": "5年"}, "value_not_permitted"),
            ({"history_number": "02"}, "value_not_permitted"),
            ({"former_municipality_code": "131042"}, "municipality_check_digit"),
            ({"next_municipality_code": "13104"}, "value_not_permitted"),
        ],
    )
    def test_held(self, derived: Derive, columns: dict[str, str], rule: str) -> None:
        notice = entry(derived, **columns)
        assert (notice.state, notice.rule, notice.fields[0]) == ("held", rule, next(iter(columns)))

    @pytest.mark.parametrize(("event_date", "state"), [("2019-03-31", "held"), ("2019-04-01", "due")])
    def test_a_status_counts_from_its_day(self, derived: Derive, event_date: str, state: str) -> None:
        assert entry(derived, status_of_residence="特定技能1号", event_date=event_date).state == state

    def test_ikusei_shuro_from_2027_beside_technical_training(self, schemas: Schemas) -> None:
        before_it = schemas.codes("statuses_of_residence", date(2027, 3, 31))
        after_it = schemas.codes("statuses_of_residence", date(2027, 4, 1))
        assert "育成就労" not in before_it
        assert {"育成就労", "技能実習1号イ"} <= after_it.keys()

    @pytest.mark.parametrize("sex", ["1", "2", "3"])
    def test_the_third_sex_value(self, derived: Derive, sex: str) -> None:
        assert entry(derived, sex=sex).content["sex"] == sex

    def test_check_digits_of_the_listed_municipalities(self, schemas: Schemas) -> None:
        listed = schemas.codes("municipalities")
        assert len(listed) == 27
        assert all(municipality_code(code) for code in listed)

    @pytest.mark.parametrize("code", ["131040", "131042", "13104", "1310411", "13104A", "", "13104\uff11"])
    def test_wrong_municipality_codes(self, code: str) -> None:
        assert not municipality_code(code)


class TestDates:
    """Unknown and non-calendar dates go unchanged where the standard allows them, else held (1.1.8)."""

    @pytest.mark.parametrize(
        "wording",
        [
            "令和2年頃",
            "令和2年1月頃",
            "推定令和元年5月1日",
            "令和2年春",
            "令和2年1月上旬",
            "年月日不詳",
            "令和2年 月日不詳",
            "昭和10年01月 日不詳",
            "昭和10年01月1日から01月5日頃までの間",
        ],
    )
    def test_an_unknown_birth_date_in_its_own_words(self, derived: Derive, wording: str) -> None:
        notice = entry(derived, birth_date="", birth_date_wording=wording)
        assert notice.state == "due"
        assert (notice.content["birth_date"], notice.content["birth_date_wording"]) == ("", wording)

    @pytest.mark.parametrize("item", ["birth_date", "became_foreign_resident_date"])
    def test_a_day_outside_the_calendar(self, derived: Derive, item: str) -> None:
        notice = entry(derived, **{item: "2018-02-29"})
        assert (notice.state, notice.content[item]) == ("due", "2018-02-29")

    @pytest.mark.parametrize("reason", ["death", "ex_officio_deletion"])
    @pytest.mark.parametrize(
        "columns", [{"event_date": "2019-02-29"}, {"event_date": "", "event_date_wording": "平成31年3月頃"}]
    )
    def test_event_dates_of_death_and_disappearance(
        self, derived: Derive, reason: str, columns: dict[str, str]
    ) -> None:
        (notice,) = derived(event(reason, record_state="deleted", **columns), before())
        assert notice.state == "due"
        assert {name: notice.content[name] for name in columns} == columns

    @pytest.mark.parametrize(
        ("columns", "rule"),
        [
            ({"event_date": "2019-02-29"}, "impossible_date"),
            ({"event_date": "2019-13-01"}, "impossible_date"),
            ({"event_date": "", "event_date_wording": "平成31年3月頃"}, "wording_not_allowed"),
            ({"birth_date": "1990-00-00"}, "impossible_date"),
            ({"birth_date": "1990-01-99"}, "impossible_date"),
            ({"birth_date": "1990-01-01", "birth_date_wording": "平成2年 月日不詳"}, "date_and_wording"),
            ({"birth_date": "2019-04-03"}, "birth_in_future"),
            ({"expiry_date": "2021-02-29"}, "impossible_date"),
            ({"processing_date": "2019-02-29"}, "impossible_date"),
            ({"filing_date": "2019-02-29"}, "impossible_date"),
            ({"arrival_notice_date": "2019-04-01"}, "arrival_notice_not_allowed"),
            ({"became_foreign_resident_date": "2017-00-01"}, "impossible_date"),
        ],
    )
    def test_held(self, derived: Derive, columns: dict[str, str], rule: str) -> None:
        notice = entry(derived, **columns)
        assert (notice.state, notice.rule) == ("held", rule)

    def test_events_years_late(self, derived: Derive) -> None:
        notice = entry(derived, event_date="2014-01-31")
        assert (notice.state, notice.due_date) == ("due", DAY)

    @pytest.mark.parametrize(
        ("value", "calendar", "possible"),
        [
            ("2020-02-29", True, True),
            ("2019-02-29", False, True),
            ("2019-00-10", False, False),
            ("20190401", False, False),
            ("2019-4-1", False, False),
            ("", False, False),
        ],
    )
    def test_forms(self, value: str, calendar: bool, possible: bool) -> None:
        assert (calendar_date(value) is not None, possible_date(value)) == (calendar, possible)


class TestCharacters:
    """What cannot be carried stops its record; nothing is normalised, guessed or replaced by 〓."""

    @pytest.mark.parametrize("character", "㐂佘刘吴堃雯冼塚海")
    def test_inside(self, derived: Derive, character: str) -> None:
        notice = entry(derived, name_kanji=f"{character}一")
        assert (notice.state, notice.content["name_kanji"]) == ("due", f"{character}一")

    @pytest.mark.parametrize("character", "髙𠮷张陈赵杨")
    def test_outside(self, derived: Derive, character: str) -> None:
        notice = entry(derived, name_kanji=f"{character}一")
        expected = ("held", "outside_repertoire", ("name_kanji", f"U+{ord(character):04X}"))
        assert outcome(notice) == expected
        assert character not in repr(notice)

    @pytest.mark.parametrize("mark", ["?", "\uff1f", "\u3013", "\ufffd"])
    def test_a_mark_for_a_lost_character_is_held(self, derived: Derive, mark: str) -> None:
        notice = entry(derived, name_roman=f"LI {mark}")
        assert (notice.state, notice.rule) == ("held", "outside_repertoire")

    def test_compatibility_ideographs_are_not_normalised(self, derived: Derive) -> None:
        notice = entry(derived, name_kanji="\ufa10\ufa45")
        assert [ord(character) for character in notice.content["name_kanji"]] == [0xFA10, 0xFA45]

    def test_the_codec_knows_the_13109_kanji_of_the_gazette(self, schemas: Schemas) -> None:
        kanji = [
            character
            for point in (*range(0x3400, 0xFB00), *range(0x20000, 0x32000))
            if "IDEOGRAPH" in unicodedata.name(character := chr(point), "")
            and unicodedata.name(character).startswith("CJK ")
        ]
        assert sum(not carry(character, schemas, DAY).outside for character in kanji) == 13_109

    @pytest.mark.parametrize("item", ["address", "former_address", "next_address", "name_roman"])
    def test_every_free_text_is_checked(self, derived: Derive, item: str) -> None:
        notice = entry(derived, **{item: "陈"})
        assert outcome(notice) == ("held", "outside_repertoire", (item, "U+9648"))

    @pytest.mark.parametrize("mark", ["\n", "\r", "\t", "\x00", "\x85", "\u2028"])
    def test_control_characters(self, derived: Derive, mark: str) -> None:
        assert outcome(entry(derived, address=f"東京都{mark}新宿区")) == (
            "held",
            "control_character",
            ("address",),
        )

    @pytest.mark.parametrize("text", ["葛\U000e0100", "\ue000", "\u200b"], ids=["IVS", "private", "zero width"])
    def test_selectors_and_private_characters_are_held(self, derived: Derive, text: str) -> None:
        notice = entry(derived, name_kanji=text)
        assert (notice.state, notice.rule) == ("held", "outside_repertoire")

    def test_only_the_explicit_table_replaces_and_it_is_told(self, derived: Derive, own_schemas: Path) -> None:
        table = own_schemas / "codes" / "kanji_replacements.csv"
        append_row(table, "U+9AD9", "U+9AD8", "2019-04-01", "", "test")
        append_row(table, "U+845B U+E0100", "U+845B", "", "", "test")
        (notice,) = derived(event("domestic_move_in", name_kanji="髙葛\U000e0100"), rules=Schemas(own_schemas))
        assert (notice.state, notice.content["name_kanji"]) == ("due", "高葛")
        assert notice.replaced == (
            "name_kanji U+845B U+E0100>U+845B",
            "name_kanji U+9AD9>U+9AD8",
        )

    def test_a_replacement_not_in_force_does_nothing(self, derived: Derive, own_schemas: Path) -> None:
        append_row(own_schemas / "codes" / "kanji_replacements.csv", "U+9AD9", "U+9AD8", "2019-04-03", "", "test")
        (notice,) = derived(event("domestic_move_in", name_kanji="髙"), rules=Schemas(own_schemas))
        assert notice.rule == "outside_repertoire"

    def test_the_operators_extra_characters(self, derived: Derive, own_schemas: Path) -> None:
        append_row(own_schemas / "codes" / "kanji_extra.csv", "U+9AD9", "test")
        (notice,) = derived(event("domestic_move_in", name_kanji="髙"), rules=Schemas(own_schemas))
        assert (notice.state, notice.content["name_kanji"]) == ("due", "髙")

    def test_both_tables_ship_empty(self, schemas: Schemas) -> None:
        assert schemas.csv("codes/kanji_replacements.csv") == []
        assert schemas.csv("codes/kanji_extra.csv") == []
