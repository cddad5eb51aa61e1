"""A business day without Airflow, from the extract to the file at the agency, beside the script of a ward without us.

Ours reads, checks, compares, proves every person, derives, packages, seals, looks, sends, reads back and publishes,
each step on record. The script sorts both days, takes the lines that differ, encrypts and sends them. Both use the
same keys and the same sshd, and each run begins with a fresh process, interpreter and imports included.

How many lines differ decides much: a ward of 42,157 has 150 to 250 events a working day (an estimate from its yearly
figures), of which 200 are 4.7 lines of a thousand. The targets are for that day; a day twice as busy stands beside it.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]
if __name__ == "__main__":  # a contestant's process
    sys.path[:0] = [str(ROOT / "plugins")]

SIZES = (42_157, 4_000_000)
ROUNDS = {42_157: 5, 4_000_000: 3}
ORDINARY, BUSY = 4.7, 10.0
"""Differing lines of a thousand."""
BEFORE, DAY = "2019-04-01", "2019-04-02"
SLACK = 3.0
SCRIPT = """
set -euo pipefail
export LC_ALL=C
comm -3 <(sort "$1/residents.csv") <(sort "$2/residents.csv") > "$3/changes.csv"
gpg --batch --quiet --homedir "$4" --trust-model always -u "$5" -r "$6" -o "$3/changes.pgp" -se "$3/changes.csv"
printf 'put %s 131041/inbox/.tmp-x\\nrename 131041/inbox/.tmp-x 131041/inbox/131041-00000001.zip.pgp\\n' \\
    "$3/changes.pgp" | sftp -q -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \\
    -o IdentityFile="$7" -P "$8" -b - "$9@127.0.0.1" > /dev/null 2>&1
"""


def run() -> None:
    """Print both at both sizes: medians of interleaved rounds, peak private memory, our steps."""
    for size in SIZES:
        for per_thousand in (ORDINARY, BUSY):
            _size(size, per_thousand, ROUNDS[size])


def _size(size: int, per_thousand: float, rounds: int) -> None:
    from tests.bench.measure import MEBIBYTE, Measured, measured
    from tests.support.openpgp import make_party
    from tests.support.sshd import running

    ward, agency = make_party("Ward"), make_party("Agency")
    ward.keys.take(agency.public)
    try:
        with tempfile.TemporaryDirectory(prefix="rb-") as folder, running(Path(folder)) as server:
            extracts = Path(folder, "extracts")
            _extracts(extracts, size, per_thousand)
            site = Path(folder, "site")
            print(f"\n{size:,} residents, {per_thousand} of a thousand lines differing")
            _site(site, extracts, server, ward, agency.fingerprint)
            taken: dict[str, list[Measured]] = {"renkei": [], "sort | comm, gpg, sftp": []}
            for number in range(rounds):
                for name in list(taken) if number % 2 else reversed(taken):
                    work = Path(folder, "work")
                    shutil.copytree(site, work, symlinks=True)
                    command: list[str | Path] = [sys.executable, __file__, work]
                    if name != "renkei":
                        keys = [ward.keys.home, ward.fingerprint, agency.fingerprint]
                        where = [server.key_file, str(server.port), server.username]
                        command = ["bash", "-c", SCRIPT, "day", extracts / BEFORE, extracts / DAY, work, *keys, *where]
                    taken[name].append(measured(command))
                    (arrived,) = (server.municipality / "inbox").iterdir()
                    assert arrived.name == "131041-00000001.zip.pgp"
                    arrived.unlink()
                    shutil.rmtree(work)
    finally:
        ward.keys.remove()
        agency.keys.remove()
    for name, each in taken.items():
        seconds, private = median(one.seconds for one in each), max(one.private for one in each)
        processor = median(one.processor for one in each)
        print(f"  {name:28} {seconds:8.2f} s   processor {processor:6.2f} s   {private / MEBIBYTE:6.0f} MiB private")
    steps = [json.loads(one.printed) for one in taken["renkei"]]
    print("  of ours: " + ", ".join(f"{name} {median(one[name] for one in steps):.2f} s" for name in steps[0]))
    ours, theirs = (median(one.seconds for one in each) for each in taken.values())
    what = f"whole chain at {size:,}, {per_thousand} of 1,000 lines differing"
    if per_thousand == BUSY:
        print(f"FIGURE {what}: ours / script | {ours / theirs:.2f}")
    elif size == max(SIZES):
        print(f"TARGET {what}: ours / script | {ours / theirs:.2f} | <= | 1.00")
    else:
        print(f"TARGET {what}: seconds more | {ours - theirs:.2f} | <= | {SLACK}")


def _extracts(out: Path, size: int, per_thousand: float) -> None:
    line = [sys.executable, "-m", "synthetic_registry", "stream", "--out", str(out), "--residents", str(size)]
    line += ["--schemas", str(ROOT / "schemas"), "--day", DAY, "--per-thousand", str(per_thousand)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "docker" / "registry")}
    subprocess.run(line, check=True, capture_output=True, env=environment)


def _site(home: Path, extracts: Path, server: "Sshd", ward: "Party", recipient: str) -> None:  # type: ignore[name-defined]  # noqa: F821 - imported where used
    """Make a site whose yesterday was accepted as the baseline."""
    from renkei.corridor.baseline import accept_baseline
    from renkei.corridor.house import open_house
    from renkei.ledger import migrate
    from renkei.settings import Settings
    from tests.support.site import PEERS, REFERENCE_KEY

    (home / "keys").mkdir(mode=0o700, parents=True)
    (home / "keys" / "reference-keys").write_text(REFERENCE_KEY + "\n", encoding="ascii")
    (home / "extracts").symlink_to(extracts)
    for place in (home, extracts, *extracts.glob("*/"), ward.keys.home):
        place.chmod(0o700)
    (home / "keys" / "reference-keys").chmod(0o600)
    facts = {"municipality": "131041", "ward_fingerprint": ward.fingerprint, "gnupg_seal_home": str(ward.keys.home)}
    lines = [f'{name} = "{value}"' for name, value in {**facts, "clock": "business-date@23:00"}.items()]
    (home / "renkei.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    peers = [
        PEERS.format(
            id=name,
            port=server.port,
            host_key=server.host_key,
            fingerprint=recipient,
            folder="131041",
            login=server.username,
            key=server.key_file,
        )
        for name in ("moj", "isa")
    ]
    (home / "peers.toml").write_text("".join(peers), encoding="utf-8")
    for name in ("renkei.toml", "peers.toml"):
        (home / name).chmod(0o600)
    started = time.perf_counter()
    with open_house(Settings.load(home, {}), business_date=date.fromisoformat(BEFORE), actor="bench") as house:
        migrate(house.ledger)
        accept_baseline(house, date.fromisoformat(BEFORE), reason="measurement", asker="bench")
    print(f"  once before: every line of the baseline validated in {time.perf_counter() - started:.1f} s")


def _day(home: Path) -> None:
    """Run the day of a site; print the seconds of its steps as JSON."""
    started = time.perf_counter()
    from renkei.corridor import steps
    from renkei.corridor.house import open_house
    from renkei.settings import Settings

    imported = time.perf_counter()
    day = date.fromisoformat(DAY)
    with open_house(Settings.load(home, {}), business_date=day, actor="bench") as house:
        opened = time.perf_counter()
        assert steps.seal_requested_days(house, day).sealed
        sealed = time.perf_counter()
        assert steps.publish_sealed_files(house).published
        published = time.perf_counter()
    told = {"imports": imported - started, "opening": opened - imported, "to sealed": sealed - opened}
    print(json.dumps({**told, "publishing": published - sealed}))


if __name__ == "__main__":
    _day(Path(sys.argv[1]))
