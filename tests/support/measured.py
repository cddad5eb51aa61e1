"""The agency's direction run in a process of its own, which tells its seconds and its peak of memory.

run = take_in_measured(site)
assert run.mebibytes < 256
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from tests.support.agency import ROOT
from tests.support.site import Site

_PROGRAM = """
import json, resource, sys, time
from datetime import date
from renkei.corridor import steps
from renkei.corridor.house import open_house
from renkei.settings import Settings
from pathlib import Path

day = date.fromisoformat(sys.argv[2])
began = time.monotonic()
with open_house(Settings.load(Path(sys.argv[1]), {}), business_date=day, actor="test") as house:
    fetched = steps.fetch_agency_files(house)
    taken = steps.take_in_agency_files(house, day)
seconds = time.monotonic() - began
# Not ru_maxrss of this process: it still counts what the parent held when this one was begun.
peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
peak = max(peak, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
busy = sum(each.ru_utime + each.ru_stime for each in spent)
print(json.dumps({"seconds": seconds, "busy": busy, "kib": peak, "fetched": fetched.facts(), "taken": taken.facts()}))
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """One run: what the two steps said, its time, the larger peak of the process and of the gpg that it ran, output.

    `seconds` on the wall, `busy` on the processor: what else the machine does at the time is in the first alone.
    """

    fetched: dict[str, Any]
    taken: dict[str, Any]
    seconds: float
    busy: float
    mebibytes: float
    output: str


def take_in_measured(site: Site, day: str = "2019-03-28") -> Measured:
    """Fetch and take in, as a command would."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "plugins")}
    line = [sys.executable, "-c", _PROGRAM, str(site.home), day]
    done = subprocess.run(line, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    return Measured(
        fetched=told["fetched"],
        taken=told["taken"],
        seconds=told["seconds"],
        busy=told["busy"],
        mebibytes=told["kib"] / 1024,
        output=done.stdout + done.stderr,
    )
