"""The program as such: the same bytes for the same arguments, its own code, its command line, its layout."""

import ast
import hashlib
import json
import sys
from pathlib import Path

import pytest

from tests.exchange.registry_program.conftest import ROOT, Run
from tests.exchange.registry_program.replay import read, replay

PROGRAM = ROOT / "docker" / "registry" / "synthetic_registry"
FORBIDDEN = ("個人番号", "住民票コード", "続柄", "世帯", "my_number", "resident_code")


def digests(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def imported(source: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").split(".")[0])
    return found


class TestIndependence:
    @pytest.mark.parametrize("source", sorted(PROGRAM.glob("*.py")), ids=lambda source: source.name)
    def test_it_imports_the_standard_library_and_itself(self, source: Path) -> None:
        assert imported(source) <= sys.stdlib_module_names | {"synthetic_registry"}

    @pytest.mark.parametrize("source", sorted(PROGRAM.glob("*.py")), ids=lambda source: source.name)
    def test_it_uses_nothing_that_differs_between_python_versions(self, source: Path) -> None:
        called = {
            node.func.id
            for node in ast.walk(ast.parse(source.read_text("utf-8")))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert "hash" not in called
        assert source.name == "dice.py" or "random" not in imported(source)


class TestDeterminism:
    def test_the_same_arguments_give_the_same_bytes(self, run_registry: Run, tmp_path: Path) -> None:
        for name in ("a", "b"):
            assert run_registry("build", "--out", tmp_path / name, "--residents", 500).returncode == 0
        assert digests(tmp_path / "a") == digests(tmp_path / "b")

    def test_another_seed_gives_other_people(self, run_registry: Run, tmp_path: Path) -> None:
        for seed in (1, 2):
            arguments = ("--residents", 300, "--seed", seed)
            assert run_registry("build", "--out", tmp_path / str(seed), *arguments).returncode == 0
        one, two = ({row["name_roman"] for row in read(tmp_path / s / "2019-03-27", "residents")} for s in "12")
        assert len(one & two) < 100

    def test_building_again_into_the_same_folder_changes_nothing(self, run_registry: Run, tmp_path: Path) -> None:
        for _ in range(2):
            assert run_registry("build", "--out", tmp_path / "x", "--residents", 300).returncode == 0
        again = digests(tmp_path / "x")
        assert run_registry("build", "--out", tmp_path / "x", "--residents", 300).returncode == 0
        assert digests(tmp_path / "x") == again


class TestTheExtract:
    def test_no_forbidden_column_is_written(self, week: Path) -> None:
        for file in week.rglob("*.csv"):
            header = file.open(encoding="utf-8").readline()
            assert not any(word in header for word in FORBIDDEN), file.name

    def test_the_columns_are_the_layouts(self, week: Path) -> None:
        for file in week.rglob("*.csv"):
            schema = json.loads((ROOT / "schemas/registry/layout-1" / f"{file.stem}.json").read_text("utf-8"))
            assert file.open(encoding="utf-8").readline() == ",".join(f["name"] for f in schema["fields"]) + "\n"

    def test_only_the_owner_reads_it(self, week: Path) -> None:
        assert {file.stat().st_mode & 0o077 for file in week.rglob("*.csv")} == {0}

    def test_the_manifest_is_the_last_file(self, week: Path) -> None:
        for folder in week.iterdir():
            times = {file.name: file.stat().st_mtime_ns for file in folder.iterdir()}
            assert max(times, key=lambda name: times[name]) == "manifest.json"
            assert len(times) == 5


class TestTheCommandLine:
    @pytest.mark.parametrize("command", ["build", "stream"])
    def test_every_option_is_explained(self, run_registry: Run, command: str) -> None:
        shown = run_registry(command, "--help")
        assert shown.returncode == 0
        assert "--residents N" in shown.stdout

    def test_a_wrong_check_digit_is_refused(self, run_registry: Run, tmp_path: Path) -> None:
        done = run_registry("build", "--out", tmp_path / "x", "--municipality", "131042")
        assert (done.returncode, (tmp_path / "x").exists()) == (2, False)

    @pytest.mark.parametrize(
        "arguments",
        [("--residents", 20), ("--on", "2019-05-01"), ("--from", "2019-04-02", "--on", "2019-04-01")],
    )
    def test_what_cannot_be_built_ends_with_a_sentence(
        self, run_registry: Run, tmp_path: Path, arguments: tuple[object, ...]
    ) -> None:
        done = run_registry("build", "--out", tmp_path / "x", *arguments)
        assert done.returncode == 1
        assert done.stderr.startswith("synthetic_registry: ")
        assert "Traceback" not in done.stderr

    @pytest.mark.parametrize("on", ["2019-03-27", "2019-03-31", "2019-04-03"])
    def test_the_number_of_residents_holds_on_any_day(self, run_registry: Run, tmp_path: Path, on: str) -> None:
        done = run_registry("build", "--out", tmp_path / "x", "--residents", 400, "--on", on)
        assert done.returncode == 0, done.stderr
        assert len(read(tmp_path / "x" / on, "residents")) == 400


class TestStreaming:
    def test_two_large_extracts_close_like_any_other(self, run_registry: Run, tmp_path: Path) -> None:
        done = run_registry("stream", "--out", tmp_path / "x", "--residents", 20_000)
        assert done.returncode == 0, done.stderr
        found = replay(tmp_path / "x")
        assert found.faults == []
        assert 150 < sum(found.totals["2019-04-02"].values()) < 250

    def test_the_share_of_differing_lines_can_be_chosen(self, run_registry: Run, tmp_path: Path) -> None:
        arguments = ("--residents", 5_000, "--per-thousand", 0)
        assert run_registry("stream", "--out", tmp_path / "x", *arguments).returncode == 0
        files = [tmp_path / "x" / day / "residents.csv" for day in ("2019-04-01", "2019-04-02")]
        assert files[0].read_bytes() == files[1].read_bytes()
