"""Matching agency notices beside a pandas merge and a DuckDB join, at a ward's size and at the nation's.

Every contestant runs in a process of its own and writes who is meant by each notice: by card number, else by name,
birth date, sex and nationality where these fit one alone. All lists must be the same. "renkei, classes too" does what
the others leave out: former numbers, candidates, a class with its evidence for each notice. Seconds are those of the
work without imports, medians of interleaved rounds; memory is the highest sum of private (anonymous) pages.
"""

import csv
import hashlib
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

if __name__ == "__main__":  # a contestant's process
    sys.path[:0] = [str(Path(__file__).parents[2] / name) for name in ("plugins", "")]

from tests.bench.measure import MEBIBYTE, measured
from tests.support.agency_notices import COLUMNS, told
from tests.support.extracts import RESIDENT_COLUMNS, person

SIZES = ((27_000, 42_157), (100_000, 4_000_000))
ROUNDS = 3
BY_CARD, BY_IDENTITY = 0.97, 0.99
"""Shares of the notices whose card the registry knows, and those that card or identity finds (domain §9)."""
WHO = ("name_roman", "birth_date", "sex", "nationality")


def run() -> None:
    """Print seconds and memory of every contestant at both sizes."""
    for notices, residents in SIZES:
        print(f"\n{notices:,} notices, {residents:,} residents")
        with tempfile.TemporaryDirectory(prefix="renkei-bench-") as folder:
            _make(Path(folder), notices, residents)
            _race(Path(folder), f"{notices:,} notices against {residents:,} residents")


# --- the invented ward --------------------------------------------------------------------------------------


def _make(folder: Path, notices: int, residents: int) -> None:
    rng = random.Random(residents)
    asked = set(rng.sample(range(1, residents + 1), notices))
    template = person("0000000001", former_address="ベトナム ハノイ", name_kanji="見本太郎")
    with (
        (folder / "residents.csv").open("w", encoding="utf-8") as rows,
        (folder / "notices.csv").open("w", encoding="utf-8", newline="") as told_rows,
    ):
        out = csv.DictWriter(told_rows, COLUMNS, lineterminator="\n")
        out.writeheader()
        rows.write(",".join(RESIDENT_COLUMNS) + "\n")
        record = 0
        for number in range(1, residents + 1):
            row = template | _who(number)
            rows.write(",".join(row.values()) + "\n")
            if number in asked:
                record += 1
                out.writerow(_notice(row, record, rng.random()))


def _who(number: int) -> dict[str, str]:
    """Return what tells one invented person from another; a few share name and birth date."""
    born = date(1940, 1, 1) + timedelta(days=number * 7919 % 25_000)
    return {
        "registry_number": f"{number:010}",
        "name_roman": f"INVENTED {number * 31 % 5000} PERSON {number % 997}",
        "birth_date": born.isoformat(),
        "sex": "12"[number % 2],
        "nationality": ("CHN", "KOR", "NPL", "VNM", "USA")[number % 5],
        "card_number": f"AB{number:08}CD",
    }


def _notice(row: Mapping[str, str], record: int, lot: float) -> dict[str, str]:
    """Return a renewal: mostly under the card of the row, some under an unknown one, a few about nobody here."""
    meant = dict(row)
    if lot >= BY_CARD:
        meant["card_number"] = f"ZZ{record:08}ZZ"
    if lot >= BY_IDENTITY:
        meant["name_roman"] = "NOBODY FROM HERE"
    new = {"card_number": f"YY{record:08}YY"} if lot < BY_CARD / 2 else {}
    return {**told(meant, expiry_date="2024-06-30", **new), "record_number": str(record)}


# --- contestants: each returns record number → registry number, and runs in a process of its own ---------------


def by_renkei(residents: str, notices: str) -> Callable[[], dict[int, str]]:
    return lambda: _persons(_matched(residents, notices)[0])


def by_renkei_with_classes(residents: str, notices: str) -> Callable[[], dict[int, str]]:
    from renkei.matching import Case, Forms, judge

    def work() -> dict[int, str]:
        found, seen, source, schemas = _matched(residents, notices)
        forms, classes = Forms(schemas, date(2019, 3, 28)), dict[str, int]()
        for notice in source():
            match = found[notice.place]
            row = seen.row(match.registry_number) if match.registry_number else None
            made = judge(Case(notice, match, row=row), forms).notice_class
            classes[made] = classes.get(made, 0) + 1
        assert classes.keys() == {"to_apply", "not_found"}
        return _persons(found)

    return work


def _persons(found: Mapping[tuple[int, int], Any]) -> dict[int, str]:
    return {place[1]: match.registry_number for place, match in found.items() if match.registry_number}


def _matched(residents: str, notices: str):  # type: ignore[no-untyped-def]  # noqa: ANN202
    from renkei.matching import Forms, ToldNotice, find_persons, items_of
    from renkei.registry.form import whole_lines
    from renkei.schemas import Schemas
    from tests.support.extracts import SCHEMAS

    schemas, items = Schemas(SCHEMAS), items_of(COLUMNS)

    class Roll:
        columns: Sequence[str] = RESIDENT_COLUMNS

        def blocks(self) -> Iterator[bytes]:
            return (block for _, block in whole_lines(Path(residents)))

        def bearers(self, cards: object) -> Mapping[str, AbstractSet[str]]:
            del cards
            return {}

        def gone(self, births: object) -> Iterator[Mapping[str, str]]:
            del births
            return iter(())

    def source() -> Iterator[ToldNotice]:
        with Path(notices).open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                yield ToldNotice.of((1, int(row["record_number"])), row, items)

    found, seen = find_persons(source, Roll(), Roll(), Forms(schemas, date(2019, 3, 28)))
    return found, seen, source, schemas


def by_pandas(residents: str, notices: str) -> Callable[[], dict[int, str]]:
    import pandas as pd

    def work() -> dict[int, str]:
        told_columns = ["record_number", "card_number", "card_number_before", *WHO]
        ward = pd.read_csv(residents, usecols=["registry_number", "card_number", *WHO], dtype=str)
        asked = pd.read_csv(notices, usecols=told_columns, dtype=str)
        found: dict[int, str] = {}
        for column in ("card_number", "card_number_before"):
            left = asked[~asked["record_number"].astype(int).isin(found)]
            both = left.merge(ward, left_on=column, right_on="card_number", suffixes=("", "_ward"))
            found |= dict(zip(both["record_number"].astype(int), both["registry_number"], strict=True))
        left = asked[~asked["record_number"].astype(int).isin(found)]
        both = left.merge(ward, on=list(WHO))
        alone = both[~both.duplicated("record_number", keep=False)]
        return found | dict(zip(alone["record_number"].astype(int), alone["registry_number"], strict=True))

    return work


def by_duckdb(residents: str, notices: str) -> Callable[[], dict[int, str]]:
    import duckdb

    same = " and ".join(f"n.{item} = w.{item}" for item in WHO)
    query = f"""
        with w as (select * from read_csv('{residents}', header = true, all_varchar = true, quote = '"')),
             n as (select * from read_csv('{notices}', header = true, all_varchar = true, quote = '"')),
             card as (select n.record_number, w.registry_number from n join w on n.card_number = w.card_number union
                      select n.record_number, w.registry_number from n join w on n.card_number_before = w.card_number),
             left_over as (select * from n where record_number not in (select record_number from card)),
             who as (select n.record_number, min(w.registry_number) as registry_number from left_over n join w on {same}
                     group by n.record_number having count(*) = 1)
        select * from card union all select * from who
    """
    return lambda: {int(record): number for record, number in duckdb.connect().execute(query).fetchall()}


CONTESTANTS = {
    "renkei": by_renkei,
    "renkei, classes too": by_renkei_with_classes,
    "pandas, plain merge": by_pandas,
    "DuckDB, join": by_duckdb,
}


def _race(folder: Path, what: str) -> None:
    seconds: dict[str, list[float]] = {}
    memory: dict[str, int] = {}
    lists: set[str] = set()
    for _ in range(ROUNDS):
        for name in CONTESTANTS:
            command = [
                sys.executable,
                __file__,
                name,
                *(str(folder / each) for each in ("residents.csv", "notices.csv")),
            ]
            result = measured([*command, str(folder / "found")])
            seconds.setdefault(name, []).append(float(result.printed))
            memory[name] = max(result.private, memory.get(name, 0))
            lists.add(hashlib.sha256((folder / "found").read_bytes()).hexdigest())
    ours = median(seconds["renkei"])
    for name, taken in seconds.items():
        mine = median(taken)
        print(f"  {name:24} {mine:8.3f} s   {mine / ours:6.1f} x   {memory[name] / MEBIBYTE:8.0f} MiB private")
    print(f"  same persons found: {'yes' if len(lists) == 1 else 'NO'}")
    print(f"FIGURE {what}: seconds | {ours:.2f}")
    print(f"FIGURE {what}: private MiB | {memory['renkei'] / MEBIBYTE:.0f}")


def _contestant(name: str, residents: str, notices: str, found: str) -> None:
    work = CONTESTANTS[name](residents, notices)
    started = time.perf_counter()
    persons = work()
    taken = time.perf_counter() - started
    Path(found).write_text("".join(f"{record},{persons[record]}\n" for record in sorted(persons)), encoding="utf-8")
    print(taken)


if __name__ == "__main__":
    if sys.argv[1:]:
        _contestant(*sys.argv[1:])
    else:
        run()
