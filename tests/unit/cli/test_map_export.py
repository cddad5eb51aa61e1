"""`renkei map-export`: a vendor's export becomes the extract of a day, or is refused with file, line and column."""

from pathlib import Path

import pytest

from renkei.cli.main import Exit, main
from renkei.registry import open_extract
from renkei.schemas import Schemas
from tests.support.extracts import SCHEMAS
from tests.unit.registry.test_vendor import EVENT, MAPPING, PERSON, export

CUT_OFFS = ["--cut-off", "2019-03-28T19:00:00+09:00", "--previous-cut-off", "2019-03-27T19:00:00+09:00"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in {"HOME": tmp_path, "MUNICIPALITY": "131041", "WARD_FINGERPRINT": "A" * 40}.items():
        monkeypatch.setenv(f"RENKEI_{name}", str(value))
    return tmp_path


def test_the_extract_is_read_like_any_other(home: Path) -> None:
    source = export(home / "source", [PERSON], [EVENT])
    assert main(["map-export", "2019-03-28", str(source), str(MAPPING), *CUT_OFFS]) == Exit.DONE
    extract = open_extract(home / "extracts" / "2019-03-28", municipality="131041", schemas=Schemas(SCHEMAS))
    assert [event.registry_number for event in extract.events] == ["0000000042"]


def test_an_extract_that_is_there_is_never_overwritten(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = export(home / "source", [PERSON], [EVENT])
    (home / "extracts" / "2019-03-28").mkdir(parents=True)
    assert main(["map-export", "2019-03-28", str(source), str(MAPPING), *CUT_OFFS]) == Exit.REFUSED
    assert "extract_exists" in capsys.readouterr().err


def test_an_instant_needs_its_offset(home: Path) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["map-export", "2019-03-28", str(home), str(MAPPING), "--cut-off", "2019-03-28T19:00:00"])
    assert caught.value.code == Exit.USAGE
