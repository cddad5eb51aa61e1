"""Comparing two extracts beside polars, DuckDB and `sort | comm`, at a ward's size and at the nation's.

Every contestant runs in a process of its own and writes the list of changed registry numbers; all lists must be the
same. Seconds are those of the work without imports, medians of interleaved rounds; memory is the highest sum of
private (anonymous) pages seen while it ran. The files are in the system's cache for everyone.
"""

import hashlib
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

if __name__ == "__main__":  # a contestant's process
    sys.path[:0] = [str(Path(__file__).parents[2] / name) for name in ("plugins", "")]

from tests.bench.measure import MEBIBYTE, measured
from tests.bench.two_days import DAYS, make_days
from tests.support.extracts import FILES, RESIDENT_COLUMNS

SIZES = (42_157, 4_000_000)
ROUNDS = 3
PAIRS = 10_000
FAST_ENOUGH = 5
SMALL_ENOUGH = 64
"""MiB of private memory, at the nation's size."""

SHELL = 'export LC_ALL=C; comm -3 <(sort "$1") <(sort "$2") | sed "s/^\\t//" | cut -c1-10 | sort -u > "$3"'
# One column that holds the line: no line holds the separator.
POLARS_SCAN = {"has_header": True, "separator": "\x01", "quote_char": None, "infer_schema": False}
DUCKDB_SCAN = (
    "select column0 as line, substr(column0, 1, 10) as key from read_csv('{}', header = true, delim = '\x01', "
    "quote = '', escape = '', auto_detect = false, columns = {{'column0': 'VARCHAR'}})"
)


def run() -> None:
    """Print the comparison at both sizes, the day's other lines beside it, and the random pairs."""
    for size in SIZES:
        with tempfile.TemporaryDirectory(prefix="renkei-bench-") as folder:
            print(f"\n{size:,} residents x {len(RESIDENT_COLUMNS)} columns, about 1 % of the lines differing")
            _race(size, *make_days(Path(folder), size), Path(folder))
    _pairs()


# --- contestants: each returns the changed keys, and runs in a process of its own ---------------------------


def by_renkei(before: str, after: str) -> Callable[[], list[str]]:
    from renkei.registry import differences

    return lambda: [each.key.decode() for each in tuple(differences(Path(before), Path(after)))]


def by_polars(before: str, after: str) -> Callable[[], list[str]]:
    import polars as pl

    def scan(path: str) -> pl.LazyFrame:
        frame = pl.scan_csv(path, new_columns=["line"], **POLARS_SCAN)  # type: ignore[arg-type]
        return frame.select(pl.col("line").str.slice(0, 10).alias("key"), "line")

    def work() -> list[str]:
        both = scan(before).join(scan(after), on="key", how="full", coalesce=True)
        unlike = both.filter(pl.col("line").ne_missing(pl.col("line_right"))).select("key")
        return list(unlike.collect(engine="streaming")["key"])

    return work


def by_polars_hash(before: str, after: str) -> Callable[[], list[str]]:
    import polars as pl

    def scan(path: str) -> pl.LazyFrame:
        frame = pl.scan_csv(path, new_columns=["line"], **POLARS_SCAN)  # type: ignore[arg-type]
        return frame.select(pl.col("line").str.slice(0, 10).alias("key"), pl.col("line").hash())

    def work() -> list[str]:
        both = scan(before).join(scan(after), on="key", how="full", coalesce=True)
        unlike = both.filter(pl.col("line").ne_missing(pl.col("line_right"))).select("key")
        return list(unlike.collect(engine="streaming")["key"])

    return work


def by_duckdb(before: str, after: str) -> Callable[[], list[str]]:
    import duckdb

    query = (
        f"with old as ({DUCKDB_SCAN.format(before)}), new as ({DUCKDB_SCAN.format(after)}) "
        "select coalesce(old.key, new.key) from old full join new on old.key = new.key "
        "where old.line is distinct from new.line"
    )
    return lambda: [key for (key,) in duckdb.connect().execute(query).fetchall()]


CONTESTANTS = {
    "renkei": by_renkei,
    "polars, whole lines joined": by_polars,
    "polars, 64-bit hashes (no proof)": by_polars_hash,
    "DuckDB, whole lines joined": by_duckdb,
}


def day_alone(before: str, after: str) -> None:
    """Print what a day's intake costs beside the comparison: digest, then the whole of it with the proof."""
    from datetime import date

    from renkei.registry import check_volume, compare_extract, open_extract, prove
    from renkei.schemas import Schemas
    from tests.bench.nobody import Nobody
    from tests.support.extracts import SCHEMAS

    started = time.perf_counter()
    with Path(after, FILES[0]).open("rb") as file:
        hashlib.file_digest(file, "sha256")
    digested = time.perf_counter()
    extract = open_extract(Path(after), municipality="131041", schemas=Schemas(SCHEMAS))
    opened = time.perf_counter()
    manifest = json.loads(Path(before, "manifest.json").read_text(encoding="utf-8"))
    comparison = compare_extract(extract, Path(before, FILES[0]), manifest["files"][0]["rows"])
    compared = time.perf_counter()
    proof = prove(comparison, extract.events, Nobody(), date.fromisoformat(DAYS[1]), extract.layout)
    check_volume(comparison, proof, date.fromisoformat(DAYS[1]))
    proven = time.perf_counter()
    print(f"  {'digest of the new file alone':34} {digested - started:8.3f} s")
    print(f"  {'manifest, events read and checked':34} {opened - digested:8.3f} s")
    print(f"  {'comparison, lines checked, digest':34} {compared - opened:8.3f} s")
    print(f"  {'proof of every person':34} {proven - compared:8.3f} s   {len(proof.opened)} open")


# --- the race ----------------------------------------------------------------------------------------------


def _race(size: int, before: Path, after: Path, folder: Path) -> None:
    old, new = before / FILES[0], after / FILES[0]
    seconds: dict[str, list[float]] = {}
    memory: dict[str, int] = {}
    lists: dict[str, str] = {}
    for _ in range(ROUNDS):
        for name in (*CONTESTANTS, "sort | comm"):
            taken, peak, keys = _contest(name, old, new, folder / "keys")
            seconds.setdefault(name, []).append(taken)
            memory[name] = max(peak, memory.get(name, 0))
            lists[name] = keys
    ours = median(seconds["renkei"])
    for name, taken in seconds.items():
        mine = median(taken)
        print(f"  {name:34} {mine:8.3f} s   {mine / ours:6.1f} x   {memory[name] / MEBIBYTE:8.0f} MiB private")
    libraries = [median(taken) for name, taken in seconds.items() if name.startswith(("polars", "DuckDB"))]
    faster = f"two extracts at {size:,}: times as fast as the best of polars and DuckDB | {min(libraries) / ours:.1f}"
    private = f"two extracts at {size:,}: MiB of private memory | {memory['renkei'] / MEBIBYTE:.0f}"
    if size == max(SIZES):
        print(f"TARGET {faster} | >= | {FAST_ENOUGH}")
        print(f"TARGET {private} | <= | {SMALL_ENOUGH}")
    else:
        print(f"FIGURE {faster}")
        print(f"FIGURE {private}")
    unlike = sum(keys != lists["renkei"] for keys in lists.values())
    print(f"  same list of changed keys: {'yes' if not unlike else 'NO'}, SHA-256 {lists['renkei'][:16]}")
    print(f"TARGET two extracts at {size:,}: contestants with another list of changed keys | {unlike} | <= | 0")
    subprocess.run([sys.executable, __file__, "day", before, after], check=True)


def _contest(name: str, old: Path, new: Path, keys: Path) -> tuple[float, int, str]:
    """Run one contestant; return its seconds, its peak of private bytes and the digest of its list."""
    if name in CONTESTANTS:
        command = [sys.executable, __file__, name, str(old), str(new), str(keys)]
    else:
        command = ["bash", "-c", SHELL, name, str(old), str(new), str(keys)]
    run = measured(command)
    lines = [line for line in keys.read_text(encoding="utf-8").splitlines() if line.isdigit()]
    return float(run.printed or run.seconds), run.private, hashlib.sha256("\n".join(lines).encode()).hexdigest()


# --- random pairs -------------------------------------------------------------------------------------------


def _pairs() -> None:
    """Compare random pairs of small files with ours, and all of them at once with DuckDB."""
    import duckdb

    from renkei.registry import differences

    rng, ours = random.Random(2012_07_09), set[tuple[int, str]]()
    with tempfile.TemporaryDirectory(prefix="renkei-bench-") as folder:
        paths = [Path(folder, name) for name in ("before", "after")]
        alls = [Path(folder, f"{name}.all") for name in ("before", "after")]
        with alls[0].open("w") as first, alls[1].open("w") as second:
            for pair in range(PAIRS):
                for day, path, everything in zip(_days(rng), paths, (first, second), strict=True):
                    lines = [f"{key},{value}\n" for key, value in sorted(day.items())]
                    path.write_text("key,value\n" + "".join(lines))
                    everything.writelines(f"{pair},{line}" for line in lines)
                ours |= {(pair, each.key.decode()) for each in differences(*paths)}
        scan = (
            "select * from read_csv('{}', header = false, auto_detect = false, "
            "columns = {{'pair': 'INTEGER', 'key': 'VARCHAR', 'value': 'VARCHAR'}})"
        )
        query = (
            f"with old as ({scan.format(alls[0])}), new as ({scan.format(alls[1])}) "
            "select coalesce(old.pair, new.pair), coalesce(old.key, new.key) "
            "from old full join new on old.pair = new.pair and old.key = new.key "
            "where old.value is distinct from new.value"
        )
        theirs = set(duckdb.connect().execute(query).fetchall())
    print(f"\n{PAIRS:,} random pairs, {len(theirs):,} differences by DuckDB:")
    print(f"  false {len(ours - theirs)}, missed {len(theirs - ours)}")
    print(f"TARGET {PAIRS:,} random pairs: false or missed differences | {len(ours ^ theirs)} | <= | 0")


def _days(rng: random.Random) -> tuple[dict[str, str], dict[str, str]]:
    """Return two small days: few or many keys, long or short values, few or many differences."""
    keys = [f"{number:010}" for number in rng.sample(range(200), rng.randint(0, 60))]
    values = ["a", "b", "ab", "x" * rng.choice([1, 40, 900])]
    before = {key: rng.choice(values) for key in keys if rng.random() < 0.9}
    after = dict(before)
    for key in rng.sample(keys, rng.randint(0, len(keys))):
        if rng.random() < 0.3:
            after.pop(key, None)
        else:
            after[key] = rng.choice(values)
    return before, after


def _contestant(name: str, old: str, new: str, keys: str) -> None:
    work = CONTESTANTS[name](old, new)
    started = time.perf_counter()
    found = work()
    taken = time.perf_counter() - started
    Path(keys).write_text("".join(f"{key}\n" for key in sorted(found)), encoding="utf-8")
    print(taken)


if __name__ == "__main__":
    if sys.argv[1:2] == ["day"]:
        day_alone(*sys.argv[2:])
    elif sys.argv[1:]:
        _contestant(*sys.argv[1:])
    else:
        run()
