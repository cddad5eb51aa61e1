"""Turn a registry vendor's own export into our extract by a mapping file: Japanese headers, codes and date forms.

The mapping is data (schemas/registry/vendors/); example/mapping.toml explains its entries. What it does not cover
is refused with file, line and column, never guessed, and the extract that comes out is read like any other.
"""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

from renkei.csv_form import join
from renkei.errors import VendorExportRefused
from renkei.registry.layout import Layout, Table
from renkei.registry.manifest import MANIFEST, extract_name
from renkei.registry.vendor_dates import iso_date
from renkei.schemas import Schemas

if TYPE_CHECKING:
    import pandas as pd

_FIRST_ROW: Final = 2


@dataclass(frozen=True, slots=True)
class Cut:
    """What the export itself does not say: whose it is, of which day, and between which two cut-offs."""

    municipality: str
    business_date: date
    cut_off: datetime
    previous_cut_off: datetime | None
    correction: int = 0


def map_vendor_export(source: Path, mapping_file: Path, extracts: Path, *, cut: Cut, schemas: Schemas) -> Path:
    """Write the extract that a vendor's export in `source` says, below `extracts`, and return its folder.

    The manifest comes last, so that nobody sees half an extract. Raises `VendorExportRefused` (file, line, column,
    rule).
    """
    mapping = _mapping(mapping_file)
    layout = Layout.of(schemas, cut.business_date)
    contents = {}
    for table in layout.tables:
        part = _part(mapping, table.file.removesuffix(".csv"), mapping_file)
        rows = _Mapped(source, table, part, mapping.get("export", {})).rows() if part.get("file") else []
        contents[table.file] = (rows, table)
    folder = extracts / extract_name(cut.business_date, cut.correction)
    try:
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        raise VendorExportRefused(file=folder.name, line=1, column="-", rule="extract_exists") from None
    files = [_write(folder / name, table, rows) for name, (rows, table) in contents.items()]
    _write_manifest(folder, cut, layout, files)
    return folder


def _mapping(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise VendorExportRefused(file=path.name, line=1, column="-", rule="mapping_unreadable") from None


def _part(mapping: Mapping[str, Any], name: str, path: Path) -> dict[str, Any]:
    """Return a table's part of the mapping, with the columns that it shares with another table."""
    part = dict(mapping.get(name, {}))
    columns = part.get("columns", {})
    if "like" in part:
        shared = mapping.get(part["like"], {}).get("columns")
        if shared is None:
            raise VendorExportRefused(file=path.name, line=1, column=name, rule="mapping_unreadable")
        left_out = part.get("leave_out", [])
        columns = {key: entry for key, entry in shared.items() if key not in left_out} | columns
    return part | {"columns": columns}


class _Mapped:
    """One table of the vendor's, read with pandas as text and mapped column by column."""

    def __init__(self, source: Path, table: Table, part: Mapping[str, Any], export: Mapping[str, Any]) -> None:
        self.table, self.file = table, part["file"]
        self.columns: Mapping[str, Mapping[str, Any]] = part["columns"]
        self.frame = self._read(source / self.file, export)
        self._check_headers(part)

    def rows(self) -> list[list[str]]:
        """Return the rows in our layout, residents sorted by registry number."""
        result: dict[str, list[str]] = {name: [""] * len(self.frame) for name in self.table.names}
        for name, entry in self.columns.items():
            result[name] = self._column(entry, result)
        rows = [list(row) for row in zip(*result.values(), strict=True)]
        if self.table.file == "residents.csv":
            rows.sort(key=lambda row: row[0])
        return rows

    def _read(self, path: Path, export: Mapping[str, Any]) -> "pd.DataFrame":
        # 0.4 s that only a mapped export pays
        import pandas as pd

        try:
            return pd.read_csv(
                path,
                encoding=export.get("encoding", "utf-8"),
                sep=export.get("delimiter", ","),
                dtype=str,
                keep_default_na=False,
            )
        except OSError:
            self._refuse(1, "-", "file_missing")
        except UnicodeError:
            self._refuse(1, "-", "encoding")
        except ValueError:
            # pandas tells a ragged line by quoting it
            self._refuse(1, "-", "not_a_table")

    def _check_headers(self, part: Mapping[str, Any]) -> None:
        wanted = {entry["from"] for entry in self.columns.values() if "from" in entry}
        for name in self.columns:
            if name not in self.table.names:
                self._refuse(1, name, "column_not_in_layout")
        for header in sorted(wanted - set(self.frame.columns)):
            self._refuse(1, header, "header_missing")
        known = wanted | set(part.get("ignore", []))
        for position, header in enumerate(self.frame.columns, 1):
            if header not in known:
                self._refuse(1, str(position), "header_unknown")

    def _column(self, entry: Mapping[str, Any], result: dict[str, list[str]]) -> list[str]:
        if "from" not in entry:
            return [str(entry.get("value", ""))] * len(self.frame)
        values = [str(value).strip() for value in self.frame[entry["from"]]]
        if "strip" in entry:
            values = [value.replace(entry["strip"], "") for value in values]
        if entry.get("codes"):
            values = [self._code(value, entry, line) for line, value in enumerate(values, _FIRST_ROW)]
        if "date" in entry:
            values = [self._date(value, entry, line, result) for line, value in enumerate(values, _FIRST_ROW)]
        if "pad" in entry:
            values = [value.zfill(entry["pad"]) if value else "" for value in values]
        return values

    def _code(self, value: str, entry: Mapping[str, Any], line: int) -> str:
        codes = entry["codes"]
        if value not in codes and value:
            self._refuse(line, entry["from"], "value_without_code")
        return str(codes.get(value, ""))

    def _date(self, value: str, entry: Mapping[str, Any], line: int, result: dict[str, list[str]]) -> str:
        if not value:
            return ""
        day = iso_date(value, entry["date"])
        if day is None and "wording" not in entry:
            self._refuse(line, entry["from"], "date_form")
        if day is None:
            result[entry["wording"]][line - _FIRST_ROW] = value
        return day or ""

    def _refuse(self, line: int, column: str, rule: str) -> NoReturn:
        raise VendorExportRefused(file=self.file, line=line, column=column, rule=rule) from None


def _write(path: Path, table: Table, rows: list[list[str]]) -> dict[str, object]:
    data = table.header + "".join(join(row) + "\n" for row in rows).encode("utf-8")
    path.touch(mode=0o600)
    path.write_bytes(data)
    return {
        "name": table.file,
        "rows": len(rows),
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }


def _write_manifest(folder: Path, cut: Cut, layout: Layout, files: list[dict[str, object]]) -> None:
    previous = cut.previous_cut_off
    content = {
        "layout": "registry-extract",
        "layout_version": layout.version,
        "municipality": cut.municipality,
        "business_date": cut.business_date.isoformat(),
        "cut_off": cut.cut_off.isoformat(),
        "previous_cut_off": None if previous is None else previous.isoformat(),
        "correction": cut.correction,
        "files": files,
    }
    temporary = folder / f".tmp-{MANIFEST}"
    temporary.touch(mode=0o600)
    temporary.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    temporary.rename(folder / MANIFEST)
