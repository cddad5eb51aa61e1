"""Put and get beside OpenSSH's `sftp` on the same server, interleaved; the read-back of a put stands apart.

A file that we fetched is known by its SHA-256 and lies on the disk when the verb returns; OpenSSH's `get -f`, which
flushes too but digests nothing, therefore stands beside the plain one. Both connect anew for each run. Memory is that
of one more run in a process of its own, which is not timed.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from renkei.transfer import Credentials, connect, streams
from tests.bench.measure import MEBIBYTE, measured
from tests.support.peers import peer_at
from tests.support.sshd import MUNICIPALITY, Sshd, running

if TYPE_CHECKING:
    from renkei.transfer.line import Line

RUNS = 10
MEGABYTES = 200
ENOUGH = 0.9
PUT, GET, GET_FLUSHED, BACK = "put", "get", "get, flushed", "read back"
OPENSSH, OURS = "OpenSSH sftp", "renkei"
_INBOX = f"{MUNICIPALITY}/inbox"
Row = tuple[str, str]
_ORDER: tuple[Row, ...] = ((PUT, OPENSSH), (PUT, OURS), (GET, OPENSSH), (GET, OURS), (GET_FLUSHED, OPENSSH))


def run() -> None:
    """Print medians in MB/s, the ratios to OpenSSH and the memory of each."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as server:
        source = Path(folder, "source")
        source.write_bytes(os.urandom(MEGABYTES << 20))
        seconds: dict[Row, list[float]] = {row: [] for row in (*_ORDER, (BACK, OURS))}
        for number in range(RUNS):
            _once(server, source, number, seconds)
        rates = {row: MEGABYTES / median(taken) for row, taken in seconds.items()}
        for (what, who), rate in rates.items():
            theirs = rates.get((GET if what == GET_FLUSHED else what, OPENSSH), rate)
            private = _memory(server, source, what, who) / MEBIBYTE
            print(f"  {what:13} {who:14} {rate:7.0f} MB/s   ratio {rate / theirs:4.2f}   {private:5.0f} MiB private")
    for what in (PUT, GET):
        print(f"TARGET {what}: rate of OpenSSH's sftp | {rates[what, OURS] / rates[what, OPENSSH]:.2f} | >= | {ENOUGH}")
    flushed = rates[GET, OURS] / rates[GET_FLUSHED, OPENSSH]
    print(f"FIGURE get: rate of OpenSSH's sftp where it flushes as we do (get -f) | {flushed:.2f}")


def _once(server: Sshd, source: Path, number: int, seconds: dict[Row, list[float]]) -> None:
    puts, gets = _ORDER[:2], _ORDER[2:]
    # Each takes every place in the order equally often; what is fetched has been sent before.
    turned = [*puts[number % 2 :], *puts[: number % 2], *gets[number % 3 :], *gets[: number % 3]]
    for row in (*turned, (BACK, OURS)):
        work = _step(server, source, *row)
        started = time.perf_counter()
        work()
        seconds[row].append(time.perf_counter() - started)
        for path in (_fetched(source, who) for who in (OURS, OPENSSH)):
            path.unlink(missing_ok=True)
    for path in (server.municipality / "inbox").iterdir():
        path.unlink()


def _step(server: Sshd, source: Path, what: str, who: str) -> Callable[[], object]:
    if who == OPENSSH:
        return lambda: subprocess.run(_sftp(server, source, what), check=True, capture_output=True)
    verbs: dict[str, Callable[[Line], object]] = {
        PUT: lambda line: streams.put(line._sftp, source, f"{_INBOX}/{OURS}", peer="bench", alive=line._alive),
        GET: lambda line: streams.get(line._sftp, f"{_INBOX}/{OURS}", _fetched(source, OURS), MEGABYTES << 20),
        BACK: lambda line: streams.digest(line._sftp, f"{_INBOX}/{OURS}", MEGABYTES << 20),
    }

    def work() -> None:
        with connect(peer_at(server), Credentials(server.username, server.key_file)) as line:
            verbs[what](line)

    return work


def _fetched(source: Path, who: str) -> Path:
    return source.with_name("theirs" if who == OPENSSH else "ours")


def _sftp(server: Sshd, source: Path, what: str) -> list[str]:
    fetched = _fetched(source, OPENSSH)
    commands = {
        PUT: f"put {source} {_INBOX}/theirs",
        GET: f"get {_INBOX}/theirs {fetched}",
        GET_FLUSHED: f"get -f {_INBOX}/theirs {fetched}",
    }
    batch = source.with_name("batch")
    batch.write_text(commands[what] + "\n", encoding="utf-8")
    options = [
        "StrictHostKeyChecking=no",
        "UserKnownHostsFile=/dev/null",
        "Ciphers=aes256-gcm@openssh.com",
        f"IdentityFile={server.key_file}",
    ]
    arguments = [word for option in options for word in ("-o", option)]
    return ["sftp", "-q", *arguments, "-P", str(server.port), "-b", str(batch), f"{server.username}@{server.host}"]


def _memory(server: Sshd, source: Path, what: str, who: str) -> int:
    """Return the most private bytes of the client in one more run; what it needs is put there first."""
    if what == PUT:
        (server.municipality / "inbox" / ("theirs" if who == OPENSSH else OURS)).unlink(missing_ok=True)
    if who == OPENSSH:
        return measured(_sftp(server, source, what)).private
    facts = json.dumps(asdict(server), default=str)
    private = measured([sys.executable, __file__, facts, source, what]).private
    _fetched(source, OURS).unlink(missing_ok=True)
    return private


def _alone(facts: str, source: str, what: str) -> None:
    told = json.loads(facts)
    paths = {name: Path(told[name]) for name in ("tree", "key_file", "log")}
    _step(Sshd(**told | paths), Path(source), what, OURS)()


if __name__ == "__main__":
    _alone(*sys.argv[1:])
