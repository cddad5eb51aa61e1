"""Writing an extract folder: four CSV files, then `manifest.json` as the last one."""

import hashlib
import json
import os
from datetime import date
from pathlib import Path

from synthetic_registry.histories import Day
from synthetic_registry.rows import COLUMNS, line

CUT_OFF = "20:00:00+09:00"


class LayoutError(Exception):
    """The layout in `schemas/` has other columns than this program writes."""


class ExtractError(Exception):
    """An extract that stands already is not the one that these days come to."""


def check_layout(schemas: Path) -> None:
    """Raise LayoutError unless the layout's columns are those that this program writes."""
    for name, columns in COLUMNS.items():
        schema = json.loads((schemas / "registry" / "layout-1" / f"{name}.json").read_text(encoding="utf-8"))
        wanted = tuple(field["name"] for field in schema["fields"])
        if wanted != columns:
            different = sorted(set(wanted) ^ set(columns)) or ["(their order)"]
            raise LayoutError(f"{name}.csv: {', '.join(different)}")


def cut_off(day: date) -> str:
    """The instant at which the day's extract is taken."""
    return f"{day.isoformat()}T{CUT_OFF}"


def write_manifest(
    folder: Path, municipality: str, day: date, previous: date | None, files: list[dict[str, object]]
) -> None:
    """Write `manifest.json` under a name of nobody first, so that it appears whole."""
    manifest = {
        "layout": "registry-extract",
        "layout_version": "1",
        "municipality": municipality,
        "business_date": day.isoformat(),
        "cut_off": cut_off(day),
        "previous_cut_off": cut_off(previous) if previous else None,
        "correction": 0,
        "files": files,
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"
    temporary = folder / ".tmp-manifest.json"
    temporary.touch(mode=0o600)
    temporary.write_text(text, encoding="utf-8", newline="")
    temporary.replace(folder / "manifest.json")


def write_extract(out: Path, municipality: str, day: Day, previous: date | None) -> Path:
    """Write one day's extract to `out/<business date>`; an extract that stands there already is replaced.

    Without `previous` it is a baseline.
    """
    folder = out / day.business_date.isoformat()
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / "manifest.json").unlink(missing_ok=True)
    files: list[dict[str, object]] = []
    for name in COLUMNS:
        data = _content(day, name)
        descriptor = os.open(folder / f"{name}.csv", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        rows = len(getattr(day, name))
        files.append({"name": f"{name}.csv", "rows": rows, "bytes": len(data), "sha256": _digest(data)})
    write_manifest(folder, municipality, day.business_date, previous, files)
    return folder


def stands(folder: Path, day: Day) -> bool:
    """Whether the day's extract stands in its folder already; raises `ExtractError` where another one does."""
    manifest = folder / "manifest.json"
    if not manifest.exists():
        return False
    found = {entry["name"]: entry["sha256"] for entry in json.loads(manifest.read_text(encoding="utf-8"))["files"]}
    if found != {f"{name}.csv": _digest(_content(day, name)) for name in COLUMNS}:
        raise ExtractError(f"the extract of {day.business_date} was made from other worklists or arguments")
    return True


def _content(day: Day, name: str) -> bytes:
    lines: list[str] = getattr(day, name)
    return (line(COLUMNS[name]) + "".join(lines)).encode()


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
