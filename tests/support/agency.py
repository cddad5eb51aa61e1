"""A mock agency for a test: made, trusted, seeded, started and stopped in a folder of its own.

    def test_something(agency):            # fixture: moj and isa, municipality 131041, not started, trusts nobody
        agency.trust(openpgp_public, ssh_public)
        agency.start()                     # embedded SFTP servers; agency.port("moj"), agency.host_key("moj")
        agency.fault("late", looks=2)
        agency.status()["files"]
        agency.send_notices([{"reason": "renewal", …}], at="2019-03-28T22:00:00+09:00")

`make_ward()` gives a ward's keys for tests that need no library of the ward. The program runs as a process of its
own, as in production: nothing of it is imported.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.telling import Telling

ROOT = Path(__file__).resolve().parents[2]
MUNICIPALITY = "131041"
COUNTERPARTIES = ("moj", "isa")
START_SECONDS = 30


class AgencyFailed(AssertionError):
    """A command of the mock agency ended with an error; the message is what it printed."""


@dataclass
class Agency(Telling):
    """One mock agency; every method is one of its commands."""

    home: Path
    clock: str = "real"
    municipality: str = MUNICIPALITY
    schemas: Path = ROOT / "schemas"
    keys_from: str = "2019-03-01"
    keys_expire: str = "0"
    _server: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    # --- commands ------------------------------------------------------------------------------------------

    def run(self, command: str, *arguments: object) -> str:
        """Run one command and return what it printed; raises AgencyFailed."""
        line = [sys.executable, "-m", "mock_agency", command, "--home", str(self.home), *map(str, arguments)]
        done = subprocess.run(line, env=self._environment(), capture_output=True, text=True, check=False)
        if done.returncode:
            raise AgencyFailed(f"{command}: status {done.returncode}: {done.stderr}")
        return done.stdout

    def init(self) -> "Agency":
        """Make keys and folders."""
        arguments = ["--schemas", self.schemas, "--municipality", self.municipality, "--clock", self.clock]
        self.run("init", *arguments, "--keys-from", self.keys_from, "--keys-expire", self.keys_expire)
        return self

    def trust(self, openpgp: Path, ssh: Path) -> None:
        """Pin the ward's public OpenPGP key and SSH key, given as files."""
        self.run("trust", "--municipality", self.municipality, "--openpgp", openpgp, "--ssh", ssh)

    def seed(self, extract: Path, reference_key: Path) -> None:
        """Fill the register from a baseline extract."""
        arguments = [
            "--municipality",
            self.municipality,
            "--extract",
            extract,
            "--reference-key",
            reference_key,
        ]
        self.run("seed", *arguments)

    def process(self) -> None:
        """Process the inboxes once, without a server."""
        self.run("process")

    def status(self) -> dict[str, Any]:
        """Return files, answers, what is held and what is stopped."""
        found: dict[str, Any] = json.loads(self.run("status", "--json"))
        return found

    def register(self) -> str:
        """Return the register as CSV text."""
        out = self.home / "register.csv"
        self.run("register", "--municipality", self.municipality, "--out", out)
        return out.read_text(encoding="utf-8")

    def fault(self, name: str, **arguments: object) -> None:
        """Set a fault: `agency.fault("late", seconds=3)`, `agency.fault("refuse-records", code="R10", items="sex")`."""
        options = [word for key, value in arguments.items() for word in (f"--{key.replace('_', '-')}", value)]
        self.run("fault", "set", name, *options)

    def heal(self, name: str | None = None) -> None:
        """Clear the faults of one name, or all."""
        self.run("fault", "clear", *([name] if name else []))

    def void(self, serial: int, reason: str) -> None:
        """Declare a serial void."""
        self.run("void", "--municipality", self.municipality, "--serial", serial, "--reason", reason)

    def resume(self, reason: str, *, answer: bool = False) -> None:
        """Go on after a stop."""
        flags = ["--answer"] if answer else []
        self.run("resume", "--municipality", self.municipality, "--reason", reason, *flags)

    def answer(self, serial: int) -> None:
        """Publish the original receipt of a serial again."""
        self.run("answer", "--municipality", self.municipality, "--serial", serial)

    # --- server --------------------------------------------------------------------------------------------

    def start(self, every: float = 0.1, **ports: int) -> "Agency":
        """Start servers and processing; returns when the ports answer."""
        wanted = [word for name, port in ports.items() for word in ("--port", f"{name}={port}")]
        line = [
            sys.executable,
            "-m",
            "mock_agency",
            "serve",
            "--home",
            str(self.home),
            "--every",
            str(every),
            *wanted,
        ]
        with (self.home / "serve.log").open("ab") as log:
            self._server = subprocess.Popen(line, env=self._environment(), stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while not (self.home / "run" / "ports.json").exists():
            if self._server.poll() is not None or time.monotonic() > deadline:
                raise AgencyFailed((self.home / "serve.log").read_text(encoding="utf-8"))
            time.sleep(0.02)
        return self

    def stop(self) -> None:
        """Stop the servers; returns when they are gone."""
        if self._server is not None:
            self._server.terminate()
            self._server.wait(30)
            self._server = None

    def kill(self) -> None:
        """Kill the servers on the spot, as a power cut would."""
        if self._server is not None:
            self._server.kill()
            self._server.wait(30)
            self._server = None
            (self.home / "run" / "ports.json").unlink(missing_ok=True)

    def remove(self) -> None:
        """Stop everything and remove the folder."""
        self.stop()
        for name in COUNTERPARTIES:
            end_agents(self.home / "gnupg" / name)
        shutil.rmtree(self.home, ignore_errors=True)

    # --- what the ward needs to know -----------------------------------------------------------------------

    def port(self, counterparty: str) -> int:
        """Return the port of a running server."""
        ports: dict[str, int] = json.loads((self.home / "run" / "ports.json").read_text(encoding="utf-8"))
        return ports[counterparty]

    def host_key(self, counterparty: str) -> str:
        """Return the host key to pin: `ssh-ed25519 AAAA…`."""
        return (self.home / "public" / f"{counterparty}.host_key").read_text(encoding="utf-8").strip()

    def openpgp(self, counterparty: str) -> Path:
        """Return the file with the counterparty's public OpenPGP key."""
        return self.home / "public" / f"{counterparty}.asc"

    def fingerprint(self, counterparty: str) -> str:
        """Return the counterparty's primary fingerprint."""
        return (self.home / "public" / f"{counterparty}.fingerprint").read_text(encoding="utf-8").strip()

    def folder(self, counterparty: str, name: str) -> Path:
        """Return one of `inbox`, `receipts`, `outbox`, `acks` on the agency's disk."""
        return self.home / "peer" / counterparty / self.municipality / name

    @property
    def login(self) -> str:
        """The ward's login name."""
        return f"ward-{self.municipality}"

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": str(ROOT / "docker" / "agency"), "PYTHONDONTWRITEBYTECODE": ""}


@dataclass(frozen=True)
class Ward:
    """A ward's keys for tests: a GnuPG home, its fingerprint, public OpenPGP key, SSH key pair."""

    home: Path
    fingerprint: str
    openpgp: Path
    ssh_private: Path
    ssh_public: Path

    def gpg(self, *arguments: object, day: str = "2019-03-28T23:00:00") -> bytes:
        """Run gpg in the ward's home at an instant (UTC)."""
        clock = ["--faked-system-time", day.replace("-", "").replace(":", "")]
        line = ["gpg", "--homedir", str(self.home), "--batch", "--no-tty", "--trust-model", "always", *clock]
        return subprocess.run([*line, *map(str, arguments)], check=True, capture_output=True).stdout

    def homes(self, folder: Path, *public: Path) -> dict[str, str]:
        """Make a GnuPG home per direction in a folder, as a site has them, and return their settings.

        Each holds the one half of the ward's secret key that it needs, and the public keys given.
        """
        listing = self.gpg("--with-colons", "--list-secret-keys").decode()
        primary, encryption = (row.split(":")[9] for row in listing.splitlines() if row.startswith("fpr"))
        halves = {
            "gnupg-seal": ("--export-secret-keys", f"{primary}!"),
            "gnupg-open": ("--export-secret-subkeys", f"{encryption}!"),
        }
        for name, half in halves.items():
            home = folder / name
            home.mkdir(mode=0o700, parents=True)
            import_keys(home, self.gpg("--pinentry-mode", "loopback", "--passphrase", "", *half))
            for each in public:
                import_keys(home, each.read_bytes())
        return {name.replace("-", "_") + "_home": str(folder / name) for name in halves}

    def remove(self) -> None:
        """End the agent and remove the keys."""
        end_agents(self.home)
        shutil.rmtree(self.home.parent, ignore_errors=True)


def make_ward(name: str = "ward", made: str = "20190301T000000", expire: str = "never") -> Ward:
    """Make a ward's keys in a short temporary folder (gpg-agent's socket path has a limit)."""
    folder = Path(tempfile.mkdtemp(prefix="w-"))
    home = folder / "g"
    home.mkdir(mode=0o700)
    base = [
        "gpg",
        "--homedir",
        str(home),
        "--batch",
        "--no-tty",
        "--passphrase",
        "",
        "--pinentry-mode",
        "loopback",
    ]
    fake = ["--faked-system-time", made]
    subprocess.run(
        [*base, *fake, "--quick-generate-key", name, "ed25519", "cert,sign", expire],
        check=True,
        capture_output=True,
    )
    listing = subprocess.run([*base, "--with-colons", "--list-keys"], check=True, capture_output=True, text=True)
    fingerprint = next(row.split(":")[9] for row in listing.stdout.splitlines() if row.startswith("fpr"))
    subprocess.run(
        [*base, *fake, "--quick-add-key", fingerprint, "cv25519", "encr", expire],
        check=True,
        capture_output=True,
    )
    public = folder / "ward.asc"
    subprocess.run([*base, "--armor", "--output", str(public), "--export", fingerprint], check=True)
    ssh = folder / "ssh"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "ward", "-f", str(ssh)], check=True)
    return Ward(home, fingerprint, public, ssh, ssh.with_suffix(".pub"))


def import_keys(home: Path, keys: bytes) -> None:
    """Import keys into a GnuPG home and end its agent."""
    command = ["gpg", "--homedir", str(home), "--batch", "--no-tty", "--quiet", "--import"]
    try:
        subprocess.run(command, input=keys, check=True, capture_output=True)
    finally:
        end_agents(home)


def end_agents(home: Path) -> None:
    """End gpg-agent of a GnuPG home."""
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False, capture_output=True)


def new_agency(clock: str = "real", **arguments: Any) -> Agency:
    """Make an agency in a short temporary folder; the caller calls `.remove()`."""
    return Agency(Path(tempfile.mkdtemp(prefix="a-")), clock=clock, **arguments).init()


def copy_agency(original: Agency) -> Agency:
    """Copy an agency that is not running, keys included, which is quicker than making one; `.remove()` it too."""
    made = replace(original, home=Path(tempfile.mkdtemp(prefix="a-")), _server=None)
    shutil.copytree(
        original.home, made.home, dirs_exist_ok=True, ignore=lambda _folder, names: [n for n in names if n[:2] == "S."]
    )
    return made


@pytest.fixture
def agency() -> Iterator[Agency]:
    """An agency with the real clock, not started; `new_agency(clock="message")` gives one for replays."""
    made = new_agency()
    yield made
    made.remove()


@pytest.fixture
def ward_keys() -> Iterator[Ward]:
    """A ward's keys."""
    made = make_ward()
    yield made
    made.remove()
