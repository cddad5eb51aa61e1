"""Put and get beside OpenSSH's `sftp` on the same server, interleaved; the read-back of a put stands apart."""

import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from renkei.transfer import Credentials, connect, streams
from renkei.transfer.line import Line
from tests.support.peers import peer_at
from tests.support.sshd import MUNICIPALITY, Sshd, running

RUNS = 10
MEGABYTES = 200
_ROWS = (
    ("put", "OpenSSH sftp"),
    ("put", "renkei"),
    ("get", "OpenSSH sftp"),
    ("get", "renkei"),
    ("read back", "renkei"),
)


def run() -> None:
    """Print medians in MB/s and the ratios to OpenSSH; both sides connect anew for each run."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as server:
        source = Path(folder, "source")
        source.write_bytes(os.urandom(MEGABYTES << 20))
        seconds: dict[tuple[str, str], list[float]] = {row: [] for row in _ROWS}
        for number in range(RUNS):
            _once(server, source, number, seconds)
    rates = {row: MEGABYTES / median(taken) for row, taken in seconds.items()}
    for (what, who), rate in rates.items():
        ratio = rate / rates.get((what, "OpenSSH sftp"), rate)
        print(f"  {what:10} {who:14} {rate:7.0f} MB/s   ratio {ratio:4.2f}")
        if who == "renkei" and what in {"put", "get"}:
            print(f"TARGET {what}: rate of OpenSSH's sftp | {ratio:.2f} | >= | 0.9")


def _once(server: Sshd, source: Path, number: int, seconds: dict[tuple[str, str], list[float]]) -> None:
    inbox = f"{MUNICIPALITY}/inbox"
    fetched = source.with_name("fetched")
    theirs = source.with_name("theirs")

    def put(line: Line) -> None:
        streams.put(line._sftp, source, f"{inbox}/ours", peer="bench", alive=line._alive)

    def get(line: Line) -> None:
        streams.get(line._sftp, f"{inbox}/ours", fetched, MEGABYTES << 20)

    def back(line: Line) -> None:
        streams.digest(line._sftp, f"{inbox}/ours", MEGABYTES << 20)

    steps: list[tuple[tuple[str, str], Callable[[], None]]] = [
        (("put", "OpenSSH sftp"), lambda: _sftp(server, f"put {source} {inbox}/theirs")),
        (("put", "renkei"), lambda: _ours(server, put)),
        (("get", "OpenSSH sftp"), lambda: _sftp(server, f"get {inbox}/theirs {theirs}")),
        (("get", "renkei"), lambda: _ours(server, get)),
    ]
    for row, step in steps if number % 2 else [*steps[1::-1], *steps[:1:-1]]:
        _timed(seconds[row], step)
    _timed(seconds["read back", "renkei"], lambda: _ours(server, back))
    for path in (fetched, theirs, *(server.municipality / "inbox").iterdir()):
        path.unlink()


def _timed(taken: list[float], step: Callable[[], None]) -> None:
    started = time.perf_counter()
    step()
    taken.append(time.perf_counter() - started)


def _ours(server: Sshd, verb: Callable[[Line], None]) -> None:
    with connect(peer_at(server), Credentials(server.username, server.key_file)) as line:
        verb(line)


def _sftp(server: Sshd, command: str) -> None:
    options = [
        "StrictHostKeyChecking=no",
        "UserKnownHostsFile=/dev/null",
        "Ciphers=aes256-gcm@openssh.com",
        f"IdentityFile={server.key_file}",
    ]
    arguments = [word for option in options for word in ("-o", option)]
    target = f"{server.username}@{server.host}"
    subprocess.run(
        ["sftp", "-q", *arguments, "-P", str(server.port), "-b", "-", target],
        input=command.encode(),
        check=True,
        capture_output=True,
    )
