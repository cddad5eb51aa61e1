"""schemas/: every file parses, the lists hang together, and the library reads them by date."""

import csv
import json
import re
import tomllib
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest

from renkei.corridor import entering
from renkei.errors import LayoutUnknown, SchemasUnreadable
from renkei.notices import derived as derived_module
from renkei.registry import layout, proof
from renkei.schemas import Rule, Schemas, in_force

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "schemas"
FILES = [path for path in FOLDER.rglob("*") if path.is_file()]
NOTICES = Path(derived_module.__file__).parent
LIBRARY_TEXT = "".join(path.read_text(encoding="utf-8") for path in sorted(NOTICES.parent.rglob("*.py")))
NO_RULES = {"RECORDS", "PLAN_CANCELLED"}
"""Constants of the rooms that look like a rule's id and are none."""


def _rules_of(module: ModuleType) -> list[str]:
    """Return the rules that a module names by its public constants."""
    constants = {name: value for name, value in vars(module).items() if name.isupper() and name not in NO_RULES}
    return [value for name, value in constants.items() if isinstance(value, str) and name[0] != "_"]


def relative(path: Path) -> str:
    return path.relative_to(FOLDER).as_posix()


@pytest.fixture
def schemas() -> Schemas:
    return Schemas(FOLDER)


class TestFiles:
    """Whatever an operator edits must still parse."""

    @pytest.mark.parametrize("path", [path for path in FILES if path.suffix == ".toml"], ids=relative)
    def test_toml_parses(self, path: Path) -> None:
        assert tomllib.loads(path.read_text(encoding="utf-8"))

    @pytest.mark.parametrize("path", [path for path in FILES if path.suffix == ".json"], ids=relative)
    def test_json_parses(self, path: Path) -> None:
        assert json.loads(path.read_text(encoding="utf-8"))

    @pytest.mark.parametrize("path", [path for path in FILES if path.suffix == ".csv"], ids=relative)
    def test_code_lists_are_whole_and_unique(self, path: Path) -> None:
        content = path.read_bytes()
        assert b"\r" not in content
        assert content.endswith(b"\n")
        header, *rows = csv.reader(content.decode("utf-8").splitlines(), strict=True)
        assert {len(row) for row in rows} <= {len(header)}
        keys = [tuple(row[:1]) for row in rows]
        assert len(set(keys)) == len(keys)

    @pytest.mark.parametrize("path", [each for each in FILES if each.suffix != ".md"], ids=relative)
    def test_somebody_reads_it(self, path: Path, schemas: Schemas) -> None:
        """By its name in the library, or as a code list that rules/items.toml assigns to an item."""
        folder = path.parent.name
        if folder.startswith("layout-") or "vendors" in path.parts:
            assert path.stem in LIBRARY_TEXT or "vendors" in path.parts
        else:
            assert path.stem in LIBRARY_TEXT or path.stem in schemas.items.code_lists.values()

    def test_the_readme_names_every_folder(self) -> None:
        readme = (FOLDER / "README.md").read_text(encoding="utf-8")
        for name in ("registry/layout-1/", "exchange/layout-1/", "codes/", "rules/", "layouts.toml"):
            assert f"`{name}`" in readme


class TestDigest:
    """One digest over the whole folder stands in inputs.json and on each report."""

    def test_changes_with_any_byte_and_any_name(self, tmp_path: Path) -> None:
        (tmp_path / "rules").mkdir()
        (tmp_path / "rules" / "a.toml").write_text("x = 1\n", encoding="utf-8")
        digests = {Schemas(tmp_path).digest()}
        (tmp_path / "rules" / "a.toml").write_text("x = 2\n", encoding="utf-8")
        digests.add(Schemas(tmp_path).digest())
        (tmp_path / "rules" / "a.toml").rename(tmp_path / "rules" / "b.toml")
        digests.add(Schemas(tmp_path).digest())
        assert len(digests) == 3

    def test_is_the_same_for_a_copy_elsewhere(self, tmp_path: Path) -> None:
        for folder in ("one", "other"):
            (tmp_path / folder).mkdir()
            (tmp_path / folder / "a.toml").write_text("x = 1\n", encoding="utf-8")
        assert Schemas(tmp_path / "one").digest() == Schemas(tmp_path / "other").digest()

    def test_refuses_an_empty_folder(self, tmp_path: Path) -> None:
        with pytest.raises(SchemasUnreadable):
            Schemas(tmp_path).digest()


class TestDates:
    """From ≤ day < to."""

    @pytest.mark.parametrize(
        ("entry", "holds"),
        [
            ({}, True),
            ({"valid_from": "", "valid_to": ""}, True),
            ({"valid_from": date(2019, 4, 1)}, True),
            ({"valid_from": "2019-04-02"}, False),
            ({"valid_to": "2019-04-01"}, False),
            ({"valid_to": date(2019, 4, 2)}, True),
        ],
    )
    def test_in_force(self, entry: dict[str, object], holds: bool) -> None:
        assert in_force(entry, date(2019, 4, 1)) is holds

    def test_layout_of_a_business_date(self, schemas: Schemas) -> None:
        assert schemas.layout_on(date(2019, 4, 1)) == "1"
        assert schemas.layout_on(date(2019, 4, 1), "registry") == "1"
        with pytest.raises(LayoutUnknown):
            schemas.layout_on(date(2012, 7, 8))


class TestUnreadable:
    """The file is named, its content never."""

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("rules/items.toml", "marked ="),
            ("rules/hold_rules.csv", 'id,ja\n"marked\n'),
            ("rules/x.json", "{"),
        ],
    )
    def test_malformed(self, tmp_path: Path, name: str, content: str) -> None:
        (tmp_path / "rules").mkdir()
        (tmp_path / name).write_text(content, encoding="utf-8")
        read = {"toml": Schemas.toml, "csv": Schemas.csv, "json": Schemas.json}[name.rpartition(".")[2]]
        with pytest.raises(SchemasUnreadable) as refused:
            read(Schemas(tmp_path), name)
        assert refused.value.refs == {"file": name}
        assert "marked" not in str(refused.value)

    def test_ragged_code_list(self, tmp_path: Path) -> None:
        (tmp_path / "codes").mkdir()
        (tmp_path / "codes" / "list.csv").write_text("code,ja\nA\n", encoding="utf-8")
        with pytest.raises(SchemasUnreadable):
            Schemas(tmp_path).codes("list")

    def test_missing(self, tmp_path: Path) -> None:
        with pytest.raises(SchemasUnreadable):
            Schemas(tmp_path).table("exchange", "1", "package")


class TestRulesInWords:
    """Each rule of holding or silence has its sentence and, if held, its next step."""

    def test_every_rule_that_notices_hold_by_is_told(self, schemas: Schemas) -> None:
        source = "".join(path.read_text(encoding="utf-8") for path in sorted(NOTICES.glob("*.py")))
        used = set(re.findall(r'Finding\("([a-z_]+)"', source)) | set(re.findall(r'rule="([a-z_]+)"', source))
        assert used
        for rule in used:
            told = schemas.hold_rule(rule)
            assert all((told.ja, told.en, told.next_step_ja, told.next_step_en)), rule
            assert told.ja != rule

    def test_every_reason_for_silence_is_told(self, schemas: Schemas) -> None:
        reasons = {entry.get("silent_because") for entry in schemas.toml("rules/event_reasons.toml")["reason"]}
        for rule in (reasons - {None}) | {"nothing_changed", "echo", "original_silent", "already_deleted"}:
            assert schemas.silent_rule(str(rule)).ja != rule

    @pytest.mark.parametrize("name", ["hold_rules", "silent_rules", "late_reasons"])
    def test_no_sentence_is_left_of_a_rule_that_is_gone(self, schemas: Schemas, name: str) -> None:
        used = set(re.findall(r'"([a-z_]+)"', LIBRARY_TEXT))
        used |= {entry.get("silent_because") for entry in schemas.toml("rules/event_reasons.toml")["reason"]}
        assert [row["id"] for row in schemas.csv(f"rules/{name}.csv") if row["id"] not in used] == []

    def test_every_rule_that_holds_a_day_or_a_person_is_told(self, schemas: Schemas) -> None:
        named = {value for module in (proof, layout, entering) for value in _rules_of(module)}
        assert {"half_gone", "history_gap", "impossible_date", "difference_open"} <= named
        assert [rule for rule in sorted(named) if not schemas.hold_rule(rule).next_step_en] == []

    def test_an_unknown_id_stays_visible(self, schemas: Schemas) -> None:
        assert schemas.hold_rule("no_such") == Rule("no_such", "no_such", "no_such")


class TestCoherence:
    """The lists refer to each other correctly."""

    def test_items_name_columns_of_the_layout(self, schemas: Schemas) -> None:
        columns = set(schemas.fields("exchange", "1", "resident_records"))
        items = schemas.items
        by_category = {item for rules in items.by_category.values() for item in rules}
        assert {*items.noticed_items, *items.register_items, *by_category, *items.code_lists} <= columns
        assert items.text_items <= columns

    def test_every_category_has_its_items(self, schemas: Schemas) -> None:
        assert set(schemas.items.by_category) == set(schemas.codes("resident_categories"))

    def test_no_layout_names_a_forbidden_item(self, schemas: Schemas) -> None:
        for family in ("resident_records", "residence_reports", "certificates"):
            assert not schemas.items.forbidden & set(schemas.fields("exchange", "1", family))

    def test_nationalities(self, schemas: Schemas) -> None:
        codes = schemas.codes("nationalities")
        assert len(codes) == 249 + 3
        assert {"TWN", "PSE", "KOR", "PRK", "XCH", "XSL", "XUN"} <= codes.keys()
        assert [codes[code]["ja"] for code in ("KOR", "TWN", "XCH", "XSL", "XUN")] == [
            "韓国",
            "台湾",
            "朝鮮",
            "無国籍",
            "不詳",
        ]

    def test_never_on_a_resident_record(self, schemas: Schemas) -> None:
        assert not {"外交", "公用", "短期滞在"} & schemas.codes("statuses_of_residence").keys()
