"""What the README tells to type, set or open exists."""

import re
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

from renkei.cli.commands import COMMANDS
from renkei.ledger.tables import Base
from renkei.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SITE = {"RENKEI_HOME", "RENKEI_PORT", "RENKEI_SCHEMAS"}
"""Variables that are no keys of renkei.toml: the home itself, the demo's port, the folder's short name."""


def quoted() -> list[str]:
    """Return everything between backquotes, outside the fenced blocks."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", README, flags=re.DOTALL))


def test_each_make_target_is_one() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    told = set(re.findall(r"\bmake ([a-z]+)\b", re.sub(r"`(git|make|python3)`", "", README)))
    assert {"run", "test", "up", "down", "lint", "bench", "clean"} <= told
    assert {name for name in told if re.search(rf"`make {name}`|^make {name}", README, re.MULTILINE)} <= targets


def test_the_makefiles_help_names_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert [name for name in phony.split() if name != "help" and f"'  make {name} " not in makefile] == []


def test_each_command_is_offered() -> None:
    told = {found[1] for each in quoted() if (found := re.match(r"renkei ([a-z-]+)", each))}
    # `renkei release` · `close` · `waive` · `resend` … share one row of the table
    rows = [line for line in README.splitlines() if line.startswith("| `renkei ")]
    first_cells = " ".join(line.split("|")[1] for line in rows)
    told |= set(re.findall(r"`([a-z][a-z-]*)`", first_cells))
    assert told
    assert told <= set(COMMANDS)


def test_each_variable_is_a_setting() -> None:
    told = set(re.findall(r"RENKEI_[A-Z_]+", README))
    assert told <= SITE | {f"RENKEI_{name.upper()}" for name in Settings.__dataclass_fields__}


def test_each_place_in_the_repository_is_there() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README)
    folders = [each for each in quoted() if re.fullmatch(r"(dags|plugins|schemas|docker|tests|docs)/[\w/.-]*", each)]
    assert folders
    assert [place for place in links + folders if "://" not in place and not (ROOT / place).exists()] == []


def test_each_dag_is_one() -> None:
    dags = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "dags").glob("*.py"))
    for name in re.findall(r"DAG `([a-z_]+)`", README):
        assert f'dag_id="{name}"' in dags


def test_the_persons_tables_are_tables() -> None:
    (told,) = re.findall(r"台帳の個人テーブル\(([^)]*)\)", README)
    names = re.findall(r"`([a-z_]+)`", told)
    assert names
    assert set(names) <= set(Base.metadata.tables)


@pytest.mark.parametrize("lock", ["requirements", "tests/requirements"])
def test_each_direct_dependency_says_why(lock: str) -> None:
    lines = (ROOT / f"{lock}.in").read_text(encoding="utf-8").splitlines()
    lonely = [
        line
        for before, line in pairwise(lines)
        if line and line[0] not in "#-" and not before.startswith("#") and not before[:1].isalpha()
    ]
    assert lonely == []


def test_each_folder_of_the_tools_settings_is_there() -> None:
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    for pattern in tools["ruff"]["lint"]["per-file-ignores"]:
        assert list(ROOT.glob(pattern)), pattern
