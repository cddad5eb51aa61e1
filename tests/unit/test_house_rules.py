"""The house keeps its plan: who imports whom, and nothing is named that nobody uses (design §2, style rule 10)."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from renkei import errors
from renkei.errors import RenkeiError
from renkei.ledger.observers import Effect
from renkei.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = ROOT / "plugins" / "renkei"

# From the ground up: a room imports those on the lines above its own, and none beside it.
STOREYS = (
    ("errors",),
    ("clock", "csv_form", "dates", "forbidden", "schemas", "strict_json"),
    ("settings", "peers"),
    (
        "ledger",
        "registry",
        "notices",
        "change_file",
        "agency_file",
        "envelope",
        "transfer",
        "reports",
        "matching",
        "worklist",
    ),
    ("evidence",),
    ("corridor",),
    ("cli", "desk"),
)
STOREY = {room: number for number, rooms in enumerate(STOREYS) for room in rooms}
HEAVY = {"pandas", "numpy", "paramiko", "gnupg", "sqlalchemy", "frictionless"}
OURS = {"renkei", "renkei_airflow"}

# Offered to people and tests; the product itself has no call for them.
OFFERED = {
    "clock.FixedClock": "a clock for tests and replays",
    "transfer.pipe.Pieces.feed": "paramiko calls it when data come",
    "transfer.pipe.Pieces.read_ready": "the same",
    "transfer.pipe.Pieces.set_event": "the same",
}


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def modules(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def at_run_time(node: ast.AST) -> Iterator[ast.AST]:
    """Walk a tree without what stands under `if TYPE_CHECKING:`."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and isinstance(child.test, ast.Name) and child.test.id == "TYPE_CHECKING":
            continue
        yield child
        yield from at_run_time(child)


def imported(path: Path) -> Iterator[str]:
    """Yield the dotted names that a module imports, functions' imports too."""
    for node in at_run_time(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def top(name: str) -> str:
    return name.partition(".")[0]


def room_of(path: Path) -> str:
    return path.relative_to(LIBRARY).parts[0].removesuffix(".py")


class TestWhoImportsWhom:
    def test_every_room_has_its_storey(self) -> None:
        rooms = {room_of(path) for path in modules("plugins/renkei")} - {"__init__"}
        assert rooms == set(STOREY)

    def test_rooms_import_downwards_only(self) -> None:
        wrong = {
            f"{path.relative_to(LIBRARY)} imports {name}"
            for path in modules("plugins/renkei")
            for name in imported(path)
            if name.startswith("renkei.") and (room := name.split(".")[1]) != room_of(path)
            if STOREY[room] >= STOREY[room_of(path)]
        }
        assert wrong == set()

    def test_the_library_knows_neither_airflow_nor_the_programs_of_docker(self) -> None:
        foreign = {"airflow", "renkei_airflow", "demo_site", "mock_agency", "synthetic_registry"}
        found = {
            (path.name, name) for path in modules("plugins/renkei") for name in imported(path) if top(name) in foreign
        }
        assert found == set()

    def test_dags_are_wiring(self) -> None:
        found = {(path.name, name) for path in modules("dags") for name in imported(path) if top(name) in HEAVY}
        assert found == set()

    @pytest.mark.parametrize(
        ("folder", "own", "others"),
        [
            ("docker/agency", "mock_agency", set()),
            ("docker/registry", "synthetic_registry", set()),
            # the site sets up the product as its administrator would
            ("docker/demo", "demo_site", OURS),
        ],
    )
    def test_the_programs_of_docker_share_no_code(self, folder: str, own: str, others: set[str]) -> None:
        known = OURS | {"demo_site", "mock_agency", "synthetic_registry"}
        used = {top(name) for path in modules(folder) for name in imported(path)} & known
        assert used <= others | {own}


class TestNothingUnused:
    def test_every_effect_is_performed(self) -> None:
        texts = [path.read_text(encoding="utf-8") for path in modules("plugins") if path.name != "observers.py"]
        assert [each for each in Effect if not any(f"Effect.{each.name}" in text for text in texts)] == []

    def test_every_setting_is_read(self) -> None:
        read = {
            node.attr
            for path in modules("plugins", "dags")
            if path.name != "settings.py"
            for node in ast.walk(parsed(path))
            if isinstance(node, ast.Attribute)
        }
        assert set(Settings.__dataclass_fields__) - read == set()

    def test_every_error_is_raised(self) -> None:
        """Raised, or handed on as a value, as the tables do that turn foreign errors into ours."""
        leaves = {
            name
            for name, kind in vars(errors).items()
            if isinstance(kind, type) and issubclass(kind, RenkeiError) and not kind.__subclasses__()
        }
        assert (
            leaves - set().union(*(_made(path) for path in modules("plugins", "dags") if path.name != "errors.py"))
            == set()
        )

    def test_every_public_name_is_used(self) -> None:
        texts = {path: path.read_text(encoding="utf-8") for path in modules("plugins", "dags", "docker/demo")}
        words = [word for text in texts.values() for word in re.findall(r"\w+", text)]
        counted = {word: words.count(word) for word in {name.rpartition(".")[2] for name in _public()}}
        unused = {name for name in _public() if counted[name.rpartition(".")[2]] == 1}
        assert unused <= set(OFFERED)


def _made(path: Path) -> set[str]:
    """Return the names that a module uses, without those it only catches."""
    caught = {
        id(node)
        for handler in ast.walk(parsed(path))
        if isinstance(handler, ast.ExceptHandler) and handler.type
        for node in ast.walk(handler.type)
    }
    return {
        node.id if isinstance(node, ast.Name) else node.attr
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Name | ast.Attribute) and id(node) not in caught
    }


@cache
def _public() -> tuple[str, ...]:
    """Return functions, classes and constants of the library, and public methods, by their dotted names."""
    found = []
    for path in modules("plugins/renkei"):
        place = ".".join(path.relative_to(LIBRARY).with_suffix("").parts)
        if "migrations" in place or place == "errors":
            continue  # Alembic calls the one; test_every_error_is_raised sees to the other
        for node in parsed(path).body:
            if isinstance(node, ast.ClassDef):
                found.append(f"{place}.{node.name}")
                # overridden methods are called by the base class of another library
                inherited = any(not isinstance(base, ast.Name) for base in node.bases)
                found += [f"{place}.{node.name}.{m.name}" for m in node.body if _function(m) and not inherited]
            elif isinstance(node, ast.FunctionDef):
                found.append(f"{place}.{node.name}")
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                found.append(f"{place}.{node.target.id}")
    return tuple(name for name in found if "._" not in name)


def _function(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef)
