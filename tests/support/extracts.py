"""Hand-made registry extracts for everyone's tests: invented persons, a few lines per day.

    monday = ExtractBuilder("2019-03-28").resident("0000000001").resident("0000000002")
    tuesday = monday.next_day().event("0000000001", "move_within", address="東京都新宿区戸塚町1-2")
    before, after = monday.write(extracts), tuesday.write(extracts)

`event` writes the event's row and moves the register with it, as schemas/README.md says (planned move-outs
included). A day that does not close is made by `event(…, register=False)`, by `drop` or by `change`. A file
that is broken by hand gets digests that agree with it again by `reseal`.
"""

import csv
import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Self

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"
FILES = ("residents.csv", "events.csv", "certificates.csv", "residence_reports.csv")

DELETIONS = frozenset(
    {
        "domestic_move_out",
        "move_out_abroad",
        "death",
        "naturalisation",
        "ex_officio_deletion",
        "double_registration",
        "cancellation_decrease",
    }
)
FILING_ARTICLES = {
    "domestic_move_in": "22",
    "move_in_from_abroad": "30-46",
    "status_acquired_while_resident": "30-47",
    "move_within": "23",
    "domestic_move_out": "24",
    "move_out_abroad": "24",
}


def columns(table: str) -> tuple[str, ...]:
    """Return the columns of `residents`, `events`, `certificates` or `residence_reports`, in file order."""
    schema = json.loads((SCHEMAS / "registry" / "layout-1" / f"{table}.json").read_text(encoding="utf-8"))
    return tuple(field["name"] for field in schema["fields"])


RESIDENT_COLUMNS = columns("residents")
RECORD_COLUMNS = RESIDENT_COLUMNS[:-1]
EVENT_COLUMNS = columns("events")


def person(registry_number: str, **fields: object) -> dict[str, str]:
    """Return a valid row of residents.csv about an invented mid- to long-term resident."""
    number = int(registry_number)
    row = dict.fromkeys(RESIDENT_COLUMNS, "") | {
        "registry_number": registry_number,
        "history_number": "1",
        "resident_category": "mid_to_long_term",
        "name_roman": f"INVENTED PERSON {letters(number)}",
        "birth_date": f"{1960 + number % 40}-{1 + number % 12:02}-{1 + number % 28:02}",
        "sex": "12"[number % 2],
        "nationality": "VNM",
        "status_of_residence": "留学",
        "period_of_stay": "0403",
        "expiry_date": "2021-06-30",
        "card_number": f"AB{number % 10**8:08}CD",
        "became_foreign_resident_date": "2017-04-01",
        "became_resident_date": "2017-04-01",
        "address_fixed_date": "2017-04-01",
        "area_code": "0010001",
        "address": f"東京都新宿区大久保一丁目{1 + number % 30}番{1 + number % 20}号",
        "postal_code": "1690072",
        "former_address": "ベトナム ハノイ",
        "residence_reported": "1",
        "landing_permit_entry": "0",
        "protected": "0",
        "last_event_reason": "move_in_from_abroad",
    }
    return row | texts(fields)


def letters(number: int) -> str:
    """Spell a number in capital letters, since a passport name has no digits: 0 A, 1 B, 26 BA."""
    rest, last = divmod(number, 26)
    return (letters(rest) if rest else "") + chr(ord("A") + last)


def texts(fields: Mapping[str, object]) -> dict[str, str]:
    """Return the values as the CSV holds them: dates in ISO form, None empty."""
    return {name: "" if value is None else str(value) for name, value in fields.items()}


def csv_bytes(header: tuple[str, ...], rows: list[dict[str, str]]) -> bytes:
    """Return a CSV as schemas/README.md lays it down: UTF-8, LF, quotation only where needed."""
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, header, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue().encode("utf-8")


@dataclass
class ExtractBuilder:
    """One day's extract in the making; every method returns the builder, `write` makes the folder."""

    day: date | str
    municipality: str = "131041"
    correction: int = 0
    baseline: bool = False
    residents: dict[str, dict[str, str]] = field(default_factory=dict)
    events: list[dict[str, str]] = field(default_factory=list)
    handovers: list[dict[str, str]] = field(default_factory=list)
    reports: list[dict[str, str]] = field(default_factory=list)
    planned: dict[str, date] = field(default_factory=dict)
    last: dict[str, dict[str, str]] = field(default_factory=dict)
    previous_cut_off: str | None = None

    def __post_init__(self) -> None:
        self.day = date.fromisoformat(str(self.day))
        if self.previous_cut_off is None and not self.baseline:
            self.previous_cut_off = cut_off(self.day - timedelta(days=1))

    def resident(self, registry_number: str | None = None, **fields: object) -> Self:
        """Add an invented person who lives here; without a number the next free one. No event is written."""
        number = registry_number or f"{int(max(self.residents, default='0')) + 1:010}"
        self.residents[number] = person(number, **fields)
        return self

    def event(self, registry_number: str, event_reason: str, *, register: bool = True, **fields: object) -> Self:
        """Add an event of a person (a new one for an entry) with the next history number.

        `register=False` writes the event's row alone and leaves residents.csv as it was.
        """
        assert isinstance(self.day, date)
        before = self.residents.get(registry_number) or self.last.get(registry_number)
        history = int(before["history_number"]) + 1 if before else 1
        record = before or person(registry_number)
        deleted = event_reason in DELETIONS
        article = FILING_ARTICLES.get(event_reason, "")
        row = dict.fromkeys(EVENT_COLUMNS, "")
        row |= {name: record[name] for name in RECORD_COLUMNS}
        row |= {
            "event_sequence": str(len(self.events) + 1),
            "history_number": str(history),
            "event_reason": event_reason,
            "record_state": "deleted" if deleted else "living",
            "event_date": self.day.isoformat(),
            "processing_date": self.day.isoformat(),
            "filing_date": self.day.isoformat() if article else "",
            "filing_article": article,
            "origin": "filing" if article else "ex_officio",
            "card_presented": "0",
        }
        row |= texts(fields)
        self.events.append(row)
        if register:
            self._register(row)
        return self

    def _register(self, row: dict[str, str]) -> None:
        assert isinstance(self.day, date)
        number = row["registry_number"]
        kept = {name: row[name] for name in RECORD_COLUMNS} | {"last_event_reason": row["event_reason"]}
        self.last[number] = kept
        if row["record_state"] == "deleted" or row["event_reason"] == "cancellation_increase":
            self.planned.pop(number, None)
        self.residents[number] = kept
        if row["record_state"] == "deleted":
            days = [row[name] for name in ("event_date", "arrival_notice_date") if row[name]]
            self.planned[number] = date.fromisoformat(min(days)) if days else self.day
            self._delete_what_is_due()

    def _delete_what_is_due(self) -> None:
        assert isinstance(self.day, date)
        for number in [number for number, due in self.planned.items() if due <= self.day]:
            del self.planned[number]
            self.residents.pop(number, None)

    def handover(self, handover_number: str, **fields: object) -> Self:
        """Add a special permanent resident certificate handed over today."""
        row = dict.fromkeys(columns("certificates"), "") | {
            "handover_number": handover_number,
            "article": "7-2",
            "issue_date": str(self.day),
            "certificate_number": f"SP{int(handover_number) % 10**8:08}AA",
            "processing_date": str(self.day),
        }
        self.handovers.append(row | texts(fields))
        return self

    def report(self, report_number: str, **fields: object) -> Self:
        """Add a report that came without an event; by default of a subject without a resident record."""
        row = dict.fromkeys(columns("residence_reports"), "") | {
            "report_number": report_number,
            "report_date": str(self.day),
            "processing_date": str(self.day),
            "resident_category": "special_permanent",
            "name_roman": f"INVENTED SUBJECT {letters(int(report_number))}",
            "birth_date": "1958-05-06",
            "sex": "2",
            "nationality": "KOR",
            "card_number": f"SP{int(report_number) % 10**8:08}AB",
            "address": "東京都新宿区若松町2番3号",
            "former_address": "東京都新宿区若松町1番1号",
        }
        self.reports.append(row | texts(fields))
        return self

    def drop(self, registry_number: str) -> Self:
        """Take a person out of residents.csv without any event."""
        del self.residents[registry_number]
        return self

    def change(self, registry_number: str, **fields: object) -> Self:
        """Change columns of a person's row in residents.csv without any event."""
        self.residents[registry_number] = self.residents[registry_number] | texts(fields)
        return self

    def next_day(self, days: int = 1) -> "ExtractBuilder":
        """Begin the following day's extract: same residents, no events, planned deletions that fall due."""
        assert isinstance(self.day, date)
        following = ExtractBuilder(
            self.day + timedelta(days=days),
            self.municipality,
            residents=dict(self.residents),
            planned=dict(self.planned),
            last=dict(self.last),
            previous_cut_off=cut_off(self.day, self.correction),
        )
        following._delete_what_is_due()
        return following

    def corrected(self) -> "ExtractBuilder":
        """Begin the next correction of this day's extract with everything that it holds."""
        return ExtractBuilder(
            self.day,
            self.municipality,
            self.correction + 1,
            self.baseline,
            residents=dict(self.residents),
            events=list(self.events),
            handovers=list(self.handovers),
            reports=list(self.reports),
            planned=dict(self.planned),
            last=dict(self.last),
            previous_cut_off=self.previous_cut_off,
        )

    def write(self, extracts: Path, **manifest: Any) -> Path:
        """Write the folder below `extracts` and return it; keywords replace members of its manifest.json."""
        name = str(self.day) + (f".c{self.correction}" if self.correction else "")
        folder = extracts / name
        folder.mkdir(parents=True)
        rows = [self.residents[number] for number in sorted(self.residents)]
        tables = (
            (RESIDENT_COLUMNS, rows),
            (EVENT_COLUMNS, self.events),
            (columns("certificates"), self.handovers),
            (columns("residence_reports"), self.reports),
        )
        for file, (header, content) in zip(FILES, tables, strict=True):
            (folder / file).write_bytes(csv_bytes(header, content))
        assert isinstance(self.day, date)
        reseal(
            folder,
            **(
                {
                    "layout": "registry-extract",
                    "layout_version": "1",
                    "municipality": self.municipality,
                    "business_date": self.day.isoformat(),
                    "cut_off": cut_off(self.day, self.correction),
                    "previous_cut_off": self.previous_cut_off,
                    "correction": self.correction,
                }
                | manifest
            ),
        )
        return folder


def cut_off(day: date | str, correction: int = 0) -> str:
    """Return the builder's cut-off of a day: nine in the evening, later by a minute per correction."""
    return f"{day}T21:{correction:02}:00+09:00"


def reseal(folder: Path, **manifest: Any) -> None:
    """Write manifest.json anew so that rows, bytes and digests agree with the files as they are now."""
    path = folder / "manifest.json"
    content = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    content["files"] = []
    for name in FILES:
        data = (folder / name).read_bytes()
        content["files"].append(
            {
                "name": name,
                "rows": max(data.count(b"\n") - 1, 0),
                "bytes": len(data),
                "sha256": hashlib.sha256(data).hexdigest(),
            }
        )
    text = json.dumps(content | manifest, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    path.write_text(text, encoding="utf-8")
