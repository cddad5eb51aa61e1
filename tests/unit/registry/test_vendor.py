"""A vendor's own export, with Japanese headers, codes and dates, becomes our extract by a mapping file."""

import csv
import io
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest

from renkei.errors import VendorExportRefused
from renkei.registry import Extract, compare_extract
from renkei.registry.vendor import Cut, map_vendor_export
from renkei.registry.vendor_dates import iso_date
from renkei.schemas import Schemas
from tests.support.extracts import SCHEMAS

MAPPING = SCHEMAS / "registry" / "vendors" / "example" / "mapping.toml"
CUT = Cut(
    municipality="131041",
    business_date=date(2019, 3, 28),
    cut_off=datetime.fromisoformat("2019-03-28T21:00:00+09:00"),
    previous_cut_off=None,
)
PERSON = {
    "宛名番号": "42",
    "世帯番号": "7",
    "続柄": "世帯主",
    "履歴番号": "3",
    "30条45区分": "中長期在留者",
    "氏名ローマ字": "INVENTED PERSON",
    "氏名漢字": "",
    "通称": "",
    "生年月日": "19900704",
    "性別": "男",
    "国籍地域": "ベトナム",
    "在留資格": "留学",
    "在留期間": "4年3月",
    "満了日": "2021/6/30",
    "在留カード等番号": "AB12345678CD",
    "外国人住民年月日": "平成24年7月9日",
    "住民となった日": "H24.7.9",
    "住定日": "平成30年12月1日",
    "町字コード": "10001",
    "住所": "東京都新宿区大久保一丁目1番1号",
    "郵便番号": "169-0072",
    "前住所コード": "",
    "前住所": "ベトナム ハノイ",
    "住居地届出": "有",
    "上陸許可証": "",
    "支援措置": "",
    "異動事由": "転居",
}
EVENT = PERSON | {
    "処理順": "1",
    "記録状態": "現存",
    "異動日": "平成31年3月28日",
    "処理日": "平成31年3月28日",
    "届出日": "H31.3.28",
    "根拠条文": "第23条",
    "在留資格取得": "",
    "起因": "届出",
    "入管通知番号": "",
    "カード提出": "有",
    "転入通知日": "",
    "転出先コード": "",
    "転出先": "",
}


def export(folder: Path, residents: list[dict[str, str]], events: list[dict[str, str]]) -> Path:
    folder.mkdir()
    for name, rows in (("外国人住民一覧.csv", residents), ("異動一覧.csv", events)):
        buffer = io.StringIO(newline="")
        writer = csv.DictWriter(buffer, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
        (folder / name).write_bytes(buffer.getvalue().encode("cp932"))
    return folder


Mapped = Callable[..., Extract]


@pytest.fixture
def mapped(tmp_path: Path, schemas: Schemas, opened: Callable[[Path], Extract]) -> Mapped:
    def run(residents: list[dict[str, str]], events: list[dict[str, str]]) -> Extract:
        source = export(tmp_path / "source", residents, events)
        return opened(map_vendor_export(source, MAPPING, tmp_path / "extracts", cut=CUT, schemas=schemas))

    return run


class TestMapping:
    def test_what_it_writes_is_the_owners_alone(self, mapped: Mapped) -> None:
        folder = mapped([PERSON], [EVENT]).folder

        assert [path.name for path in [folder, *folder.iterdir()] if path.stat().st_mode & 0o077] == []

    def test_the_example_export_becomes_an_extract_that_is_read_like_any_other(self, mapped: Mapped) -> None:
        extract = mapped([PERSON | {"宛名番号": "99"}, PERSON], [EVENT])

        comparison = compare_extract(extract, None)
        [event] = extract.events
        assert (comparison.rows_after, comparison.holds, extract.holds) == (2, (), ())
        assert event.registry_number == "0000000042"
        assert event.event_date == date(2019, 3, 28)
        wanted = {
            "birth_date": "1990-07-04",
            "expiry_date": "2021-06-30",
            "became_foreign_resident_date": "2012-07-09",
            "area_code": "0010001",
            "postal_code": "1690072",
            "sex": "1",
            "period_of_stay": "0403",
            "protected": "0",
        }
        assert wanted.items() <= event.row.items()

    def test_a_birth_date_in_words_goes_to_its_wording_unchanged(self, mapped: Mapped) -> None:
        [event] = mapped([PERSON], [EVENT | {"生年月日": "昭和36年頃"}]).events

        assert (event.row["birth_date"], event.row["birth_date_wording"]) == ("", "昭和36年頃")

    @pytest.mark.parametrize(
        ("change", "column", "rule"),
        [
            ({"性別": "MARKED"}, "性別", "value_without_code"),
            ({"満了日": "MARKED"}, "満了日", "date_form"),
            ({"個人番号": "MARKED"}, "28", "header_unknown"),
        ],
    )
    def test_what_the_mapping_does_not_cover_is_refused_without_its_value(
        self, mapped: Mapped, change: dict[str, str], column: str, rule: str
    ) -> None:
        with pytest.raises(VendorExportRefused) as raised:
            mapped([PERSON | change], [EVENT])

        assert (raised.value.refs["column"], raised.value.refs["rule"]) == (column, rule)
        assert raised.value.refs["file"] == "外国人住民一覧.csv"
        assert "MARKED" not in str(raised.value)

    def test_a_header_that_the_mapping_needs(self, mapped: Mapped) -> None:
        with pytest.raises(VendorExportRefused) as raised:
            mapped([{name: value for name, value in PERSON.items() if name != "性別"}], [EVENT])

        assert (raised.value.refs["column"], raised.value.refs["rule"]) == ("性別", "header_missing")

    def test_an_export_that_is_not_there(self, tmp_path: Path, schemas: Schemas) -> None:
        with pytest.raises(VendorExportRefused) as raised:
            map_vendor_export(tmp_path, MAPPING, tmp_path / "extracts", cut=CUT, schemas=schemas)

        assert raised.value.refs["rule"] == "file_missing"
        assert not (tmp_path / "extracts").exists()

    def test_a_mapping_that_is_no_toml(self, tmp_path: Path, schemas: Schemas) -> None:
        (tmp_path / "mapping.toml").write_text("[", encoding="utf-8")

        with pytest.raises(VendorExportRefused) as raised:
            map_vendor_export(tmp_path, tmp_path / "mapping.toml", tmp_path, cut=CUT, schemas=schemas)

        assert raised.value.refs["rule"] == "mapping_unreadable"


class TestDates:
    @pytest.mark.parametrize(
        ("text", "form", "day"),
        [
            ("19900704", "western", "1990-07-04"),
            ("1990/7/4", "western", "1990-07-04"),
            ("1990-07-04", "western", "1990-07-04"),
            ("1990年7月4日", "western", "1990-07-04"),
            ("平成31年3月28日", "wareki", "2019-03-28"),
            ("平成３１年３月２８日", "wareki", "2019-03-28"),
            ("令和元年5月1日", "wareki", "2019-05-01"),
            ("R1.5.1", "wareki", "2019-05-01"),
            ("S36.2.29", "wareki", "1961-02-29"),
            ("19900704", "wareki", None),
            ("平成31年3月28日", "western", None),
            ("H24.7.9", "either", "2012-07-09"),
            ("昭和36年頃", "either", None),
            ("不詳", "either", None),
        ],
    )
    def test_each_form(self, text: str, form: str, day: str | None) -> None:
        assert iso_date(text, form) == day
