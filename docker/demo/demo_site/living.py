"""The synthetic registry at work: one extract a day, its clerk having entered the worklists that came before."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from demo_site.calls import of_docker
from demo_site.place import BASELINE, LAST_DAY, MUNICIPALITY, RESIDENTS, RESIDENTS_ON, ROOT, Place
from demo_site.texts import DemoError


class Registry:
    """The running registry of a site."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def extract(self, day: date) -> None:
        """Let it make the extract of a day, and of those before it that are missing; raises `DemoError`."""
        asking, telling = self._process.stdin, self._process.stdout
        if asking and telling:
            with contextlib.suppress(OSError):
                asking.write(f"{day.isoformat()}\n")
                asking.flush()
            if any(line.startswith(day.isoformat()) for line in telling):
                return
        said = self._process.stderr.read().strip().splitlines() if self._process.stderr else []
        sentence = said[-1] if said else f"exit {self._process.wait(10)}"
        raise DemoError("failed", name="synthetic_registry", sentence=sentence)


@contextmanager
def registry(place: Place) -> Iterator[Registry]:
    """Start the registry, and end it."""
    days = ["--from", str(BASELINE), "--to", str(LAST_DAY), "--residents", str(RESIDENTS), "--on", str(RESIDENTS_ON)]
    line = [sys.executable, "-m", "synthetic_registry", "live", "--out", str(place.extracts)]
    line += ["--schemas", str(ROOT / "schemas"), "--municipality", MUNICIPALITY, "--worklists", str(place.worklists)]
    with subprocess.Popen(
        [*line, *days],
        env=of_docker(place, "registry"),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Registry(process)
        finally:
            process.kill()
