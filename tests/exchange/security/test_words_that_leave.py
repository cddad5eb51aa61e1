"""What leaves the house beside the records themselves: counts, by codes of ours and by nothing that was typed."""

from pathlib import Path

from renkei.registry import compare_extract, open_extract, totals
from renkei.schemas import Schemas
from tests.support.agency import ROOT
from tests.support.extracts import ExtractBuilder

PERSON = "山田太郎"


def test_a_name_in_a_column_of_codes_is_counted_without_a_word_of_it(tmp_path: Path) -> None:
    builder = ExtractBuilder("2019-03-28", baseline=True).resident().resident()
    builder.residents["0000000001"] |= {"resident_category": PERSON, "status_of_residence": PERSON}
    extract = open_extract(builder.write(tmp_path), municipality="131041", schemas=Schemas(ROOT / "schemas"))
    counted = totals(compare_extract(extract, None), extract.layout)
    assert counted.residents == sum(counted.by_category.values()) == 2
    assert counted.by_category["unknown"] == counted.by_status["unknown"] == 1
    assert PERSON not in repr(counted)
