"""Where the demo site lies and what it is: everything below RENKEI_HOME."""

import json
import os
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
MUNICIPALITY = "131041"
COUNTERPARTIES = ("moj", "isa")
RESIDENTS = 42_157
RESIDENTS_ON = date(2019, 4, 1)
BASELINE = date(2019, 3, 27)
FIRST_DAY = date(2019, 3, 28)
LAST_DAY = date(2019, 4, 3)
CLOCK = "business-date@23:00"
# gpg's clock when the ward's key is made: before the first day of the demo
KEYS_MADE = "20190301T000000"
DAG = "municipal_notices"
AGENCY_DAG = "agency_notices"
DAGS = (DAG, AGENCY_DAG, "monthly_reconciliation", "audit_export", "decisions")


@dataclass(frozen=True, slots=True)
class Place:
    """The folders and files of one demo site."""

    home: Path

    @property
    def agency(self) -> Path:
        """Home of the mock agency."""
        return self.home / "agency"

    @property
    def airflow(self) -> Path:
        """AIRFLOW_HOME."""
        return self.home / "airflow"

    @property
    def extracts(self) -> Path:
        """Folder of the registry's extracts, one a day."""
        return self.home / "extracts"

    @property
    def worklists(self) -> Path:
        """Folder of the clerk's worklists."""
        return self.home / "worklists"

    @property
    def gnupg_seal(self) -> Path:
        """GnuPG home of the ward for what it sends: its signing key, the counterparties' public keys."""
        return self.home / "keys" / "gnupg-seal"

    @property
    def gnupg_open(self) -> Path:
        """GnuPG home of the ward for what it receives: its decryption key, the counterparties' public keys."""
        return self.home / "keys" / "gnupg-open"

    @property
    def evidence(self) -> Path:
        """GnuPG home of the key that signs bundles for auditors."""
        return self.home / "keys" / "evidence"

    @property
    def ssh_key(self) -> Path:
        """Private SSH key of the ward; the public one lies beside it."""
        return self.home / "keys" / "ssh_ed25519"

    @property
    def reference_keys(self) -> Path:
        """Person-reference keys."""
        return self.home / "keys" / "reference-keys"

    @property
    def logs(self) -> Path:
        """What the started programs print."""
        return self.home / "logs"

    @property
    def access(self) -> Path:
        """URL and users, for the owner only."""
        return self.home / "access.json"

    @property
    def summary(self) -> Path:
        """What the run came to."""
        return self.home / "run-summary.json"

    @property
    def state(self) -> Path:
        """What the demo remembers of its own: ports, processes, the steps that are done."""
        return self.home / "demo"

    def read(self, name: str) -> Any:  # noqa: ANN401 - JSON
        """Return a remembered value, or None."""
        try:
            return json.loads((self.state / f"{name}.json").read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None

    def remember(self, name: str, value: object) -> None:
        """Keep a value for the next command, for the owner only."""
        for folder in (self.home, self.state):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(self.state / f"{name}.json", json.dumps(value, indent=2, ensure_ascii=False))


def place() -> Place:
    """Return the site of RENKEI_HOME, by default `var` in the repository."""
    return Place(Path(os.environ.get("RENKEI_HOME") or ROOT / "var").expanduser().absolute())


def write_private(path: Path, words: str, mode: int = 0o600) -> None:
    """Write a text whole or not at all, readable by the owner only."""
    descriptor, temporary = tempfile.mkstemp(prefix=".tmp-", dir=path.parent)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(words)
        os.fchmod(stream.fileno(), mode)
    Path(temporary).replace(path)
