"""Three change files made by hand, read by the agency; what it must answer was written down by hand too.

`tests/exchange/golden/<case>/` holds the four entries as they are zipped, and `expected_receipt.json`.
"""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.exchange.agency import hand
from tests.support.agency import Agency, Ward

CASES = ("empty", "families", "errors")


def answered(case: str, agency: Agency, ward: Ward, folder: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """Zip and seal a golden folder, let the agency read it; returns the receipt and the digests to expect in it."""
    work = folder / case
    work.mkdir()
    for name in hand.ENTRIES:
        shutil.copyfile(hand.GOLDEN / case / name, work / name)
    package = hand.zip_folder(work)
    sealed = hand.seal(package, ward, agency)
    digests = {"sealed_sha256": hand.sha256(sealed), "package_sha256": hand.sha256(package)}
    hand.put(agency, sealed, 1)
    agency.process()
    return hand.read_receipt(agency, ward, 1), digests


@pytest.mark.parametrize("case", CASES)
def test_the_receipt_is_the_one_written_by_hand(trusting: Agency, ward: Ward, tmp_path: Path, case: str) -> None:
    receipt, digests = answered(case, trusting, ward, tmp_path)
    expected = json.loads((hand.GOLDEN / case / "expected_receipt.json").read_text(encoding="utf-8"))
    assert receipt == expected | digests


def test_the_register_is_the_one_written_by_hand(trusting: Agency, ward: Ward, tmp_path: Path) -> None:
    answered("families", trusting, ward, tmp_path)
    expected = (hand.GOLDEN / "families" / "expected_register.csv").read_text(encoding="utf-8")
    assert trusting.register() == expected


@pytest.mark.parametrize("case", CASES)
def test_the_receipt_fits_its_schema(case: str) -> None:
    """The expected receipts are held against `exchange/layout-1/receipt.json` as far as it names members and codes."""
    schema = json.loads((hand.ROOT / "schemas/exchange/layout-1/receipt.json").read_text(encoding="utf-8"))
    codes = (hand.ROOT / "schemas/codes/receipt_codes.csv").read_text(encoding="utf-8")
    receipt = json.loads((hand.GOLDEN / case / "expected_receipt.json").read_text(encoding="utf-8"))
    assert set(receipt) == set(schema["required"])
    for code in (receipt["code"], *(record["code"] for record in receipt["records"])):
        assert re.search(rf"^{code},", codes, re.MULTILINE)


@pytest.mark.parametrize("case", CASES)
def test_the_embedded_schemas_are_those_of_the_layout(case: str) -> None:
    """When a layout changes on purpose, the golden descriptors are brought up to date by hand."""
    document = json.loads((hand.GOLDEN / case / "datapackage.json").read_text(encoding="utf-8"))
    for resource in document["resources"]:
        assert resource["schema"]["fields"] == hand.schema(resource["name"])["fields"]
