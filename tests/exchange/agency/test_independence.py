"""The agency is a second implementation: it shares no code with the ward's library."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.support.agency import ROOT

AGENCY = ROOT / "docker" / "agency"


def imported(folder: Path) -> Iterator[tuple[Path, str]]:
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "import_module":
                names = [str(argument.value) for argument in node.args if isinstance(argument, ast.Constant)]
            yield from ((path, name.split(".")[0]) for name in names)


def test_the_agency_imports_itself_asyncssh_and_the_standard_library_only() -> None:
    allowed = {"mock_agency", "asyncssh", *sys.stdlib_module_names}
    assert [(path.name, name) for path, name in imported(AGENCY) if name not in allowed] == []


def test_the_ward_imports_nothing_of_the_agency() -> None:
    for folder in ("plugins", "dags"):
        assert [path for path, name in imported(ROOT / folder) if name == "mock_agency"] == []
