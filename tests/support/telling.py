"""The commands of the mock agency about its own notices (flow d), as methods of `tests.support.agency.Agency`.

agency.send_notices([{"reason": "renewal", "event_date": "2019-03-27", …}], at="2019-03-28T22:00:00+09:00")
agency.notices("2019-03-28")                     # the day's file of the scenario `normal`
agency.hostile("bit-flipped")                    # {"serial": 2, "names": […], "expected": …}
agency.truth(), agency.answered()                # right class, answered class, by serial and record
"""

import csv
import json
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class Telling:
    """What an agency tells of its own; `run` and `home` are the agency's."""

    home: Path
    municipality: str

    def run(self, command: str, *arguments: object) -> str:
        """Run one command and return what it printed."""
        raise NotImplementedError

    def send_notices(self, rows: Sequence[Mapping[str, str]] = (), *, at: str = "", register: bool = True) -> int:
        """Seal one file with these rows of `agency_notices` and show it in `outbox/`; returns its serial.

        `record_number`, `notice_id`, `attempt`, `municipality` and `action` may be left out. `register`: the agency's
        own register changes with them. `at`: when it is sealed, the site's clock otherwise.
        """
        names = list(dict.fromkeys(name for row in rows for name in row if name != "record_number"))
        path = self.home / "rows.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, names or ["reason"], restval="", extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
        more = [*(["--at", at] if at else []), *([] if register else ["--keep-register"])]
        printed = self.run("send", "--municipality", self.municipality, "--rows", path, *more)
        return int(printed.split()[1].rstrip(":"))

    def notices(self, day: str, scenario: str = "normal", **options: object) -> dict[str, Any]:
        """Make the day's file of a scenario (`seed=2`, `at=…`, `leave_out=FILE`); returns what was made."""
        more = [word for key, value in options.items() for word in (f"--{key.replace('_', '-')}", value)]
        printed = self.run("notices", "--municipality", self.municipality, "--date", day, "--scenario", scenario, *more)
        found: dict[str, Any] = json.loads(printed)
        return found

    def hostile(self, fault: str, day: str = "2019-03-28", **options: object) -> dict[str, Any]:
        """Make one hostile file, `agency.hostile("bit-flipped")`; returns serial, names and what is to be expected."""
        with self._seconds_pass():
            return self.notices(day, "hostile", fault=fault, **options)

    def show(self, serial: int) -> None:
        """Show the good bytes of an own file again."""
        with self._seconds_pass():
            self.run("show", "--municipality", self.municipality, "--serial", serial)

    @contextmanager
    def _seconds_pass(self) -> Iterator[None]:
        """Date what is put in place of a file two seconds after it: SFTP's listing knows whole seconds only."""
        before = {path: path.lstat() for path in self._outboxes()}
        yield
        for path in self._outboxes():
            old, new = before.get(path), path.lstat()
            if old and stat.S_ISREG(new.st_mode) and old.st_ino != new.st_ino and new.st_mtime < old.st_mtime + 2:
                os.utime(path, (old.st_mtime + 2, old.st_mtime + 2))

    def _outboxes(self) -> list[Path]:
        return [
            path for path in self.home.glob(f"peer/*/{self.municipality}/outbox/*") if not path.name.startswith(".")
        ]

    def truth(self) -> list[dict[str, Any]]:
        """Return the right class of each notice, as the scenario has it."""
        found: list[dict[str, Any]] = json.loads(self.run("truth", "--municipality", self.municipality, "--json"))
        return found

    def answered(self) -> list[dict[str, Any]]:
        """Return the class of each notice that the ward's answers told."""
        found: list[dict[str, Any]] = json.loads(self.run("acks", "--municipality", self.municipality, "--json"))
        return found
