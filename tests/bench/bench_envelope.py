"""Sealing and opening beside plain gpg, with its defaults and with `-z 0`, interleaved.

Ours digests what it writes, checks the keys and looks at the recipients again; plain gpg does none of it.
"""

import os
import subprocess
import tempfile
import time
from collections.abc import Callable  # noqa: TC003  # one import style in all benches
from pathlib import Path
from statistics import median

from renkei import envelope
from renkei.clock import SystemClock
from tests.support.openpgp import Party, make_party

RUNS = 10
MEGABYTES = 200
_ROW = b"%012d,131041,2019-03-28,\xe6\x96\xb0\xe5\xae\xbf\xe5\x8c\xba,"


def run() -> None:
    """Print medians in MB/s and the ratios of the time to that of `gpg -z 0`."""
    ward, agency = make_party("Ward"), make_party("Agency")
    ward.keys.take(agency.public)
    agency.keys.take(ward.public)
    seconds: dict[str, list[float]] = {}
    try:
        with tempfile.TemporaryDirectory() as folder:
            package = Path(folder, "package")
            _fill(package)
            for number in range(RUNS):
                _once(Path(folder), package, ward, agency, seconds, backwards=bool(number % 2))
    finally:
        ward.keys.remove()
        agency.keys.remove()
    for name, taken in seconds.items():
        base = "seal: gpg -z 0" if name.startswith("seal") else "open: gpg of -z 0"
        ratio = median(taken) / median(seconds[base])
        print(f"  {name:24} {MEGABYTES / median(taken):7.0f} MB/s   time ratio {ratio:4.2f}")
        if name.endswith("renkei"):
            print(
                f"TARGET {'sealing' if name.startswith('seal') else 'opening'}: "
                f"time of `gpg -z 0` | {ratio:.2f} | <= | 1.2"
            )


def _once(
    folder: Path,
    package: Path,
    ward: Party,
    agency: Party,
    seconds: dict[str, list[float]],
    *,
    backwards: bool,
) -> None:
    sealed = {name: folder / name for name in ("default", "stored", "ours")}
    opened = {name: folder / f"{name}.plain" for name in sealed}

    def plain_seal(name: str, *options: str) -> None:
        _gpg(ward, *options, "-u", ward.fingerprint, "-r", agency.fingerprint, "-o", sealed[name], "-se", package)

    def seal() -> None:
        envelope.seal(
            package,
            sealed["ours"],
            home=ward.keys.home,
            signer=ward.fingerprint,
            recipient=agency.fingerprint,
            clock=SystemClock(),
        )

    def open_ours() -> None:
        signers = {ward.fingerprint}
        home = agency.keys.home
        envelope.open(sealed["ours"], opened["ours"], home=home, signers=signers, clock=SystemClock())

    sealing: list[tuple[str, Callable[[], None]]] = [
        ("seal: gpg default", lambda: plain_seal("default")),
        ("seal: gpg -z 0", lambda: plain_seal("stored", "-z", "0")),
        ("seal: renkei", seal),
    ]
    opening: list[tuple[str, Callable[[], None]]] = [
        ("open: gpg of default", lambda: _gpg(agency, "-o", opened["default"], "-d", sealed["default"])),
        ("open: gpg of -z 0", lambda: _gpg(agency, "-o", opened["stored"], "-d", sealed["stored"])),
        ("open: renkei", open_ours),
    ]
    for name in (*dict(sealing), *dict(opening)):
        seconds.setdefault(name, [])
    for steps in (sealing, opening):
        for name, step in reversed(steps) if backwards else steps:
            started = time.perf_counter()
            step()
            seconds[name].append(time.perf_counter() - started)
    for path in (*sealed.values(), *opened.values()):
        path.unlink()


def _fill(path: Path) -> None:
    """Write rows that compress about as well as a change file does."""
    with path.open("wb") as out:
        number = 0
        while out.tell() < MEGABYTES << 20:
            out.write(
                b"".join(_ROW % one + os.urandom(24).hex().encode() + b"\n" for one in range(number, number + 8000))
            )
            number += 8000


def _gpg(party: Party, *arguments: str | Path) -> None:
    command = ["gpg", "--batch", "--quiet", "--homedir", party.keys.home, "--trust-model", "always", *arguments]
    subprocess.run(command, check=True, capture_output=True)
