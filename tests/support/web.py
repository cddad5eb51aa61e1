"""Airflow's own web server for a site of the tests: FAB, our roles, three users, the plugin; real HTTP on loopback."""

import http.client
import json
import socket
import subprocess
import sys
import time
import urllib.parse
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "docker" / "demo"))

from demo_site import airflow_site  # noqa: E402
from demo_site.place import Place  # noqa: E402

START_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer: no redirect is followed."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Web:
    """The running web server of a site."""

    home: Path
    port: int
    process: subprocess.Popen[bytes]
    environment: dict[str, str] = field(default_factory=dict, repr=False)
    tokens: dict[str, str] = field(default_factory=dict, repr=False)
    others: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def users(self) -> dict[str, dict[str, str]]:
        """User name and password by role."""
        return airflow_site.access(Place(self.home))

    def token(self, role: str) -> str:
        """Return a token of the user with a role, or of a user by name, as the REST API gives it."""
        if role not in self.tokens:
            everybody = json.loads((self.home / "access.json").read_text(encoding="utf-8"))["users"]
            user = next(each for each in everybody if role in {each["role"], each["username"]})
            body = json.dumps({"username": user["username"], "password": user["password"]})
            found = self.ask("POST", "/auth/token", body=body, headers={"Content-Type": "application/json"})
            assert found.status == 201, found.body
            self.tokens[role] = json.loads(found.body)["access_token"]
        return self.tokens[role]

    def ask(
        self, method: str, path: str, *, role: str = "", body: str = "", headers: dict[str, str] | None = None
    ) -> Answer:
        """Ask as the user with a role, or as nobody."""
        sent = dict(headers or {})
        if role:
            sent["Authorization"] = f"Bearer {self.token(role)}"
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            line.request(method, path, body=body or None, headers=sent)
            found = line.getresponse()
            return Answer(found.status, {name.lower(): value for name, value in found.getheaders()}, found.read())
        finally:
            line.close()

    def get(self, path: str, role: str = "") -> Answer:
        """Get a page."""
        return self.ask("GET", path, role=role)

    def post_form(self, path: str, role: str, **values: str) -> Answer:
        """Send a form as the browser does."""
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
        return self.ask("POST", path, role=role, body=urllib.parse.urlencode(values), headers=headers)

    def start_scheduler(self) -> None:
        """Start what runs DAGs beside it: the scheduler with its executor, and the DAG processor."""
        for words in (["scheduler", "--skip-serve-logs"], ["dag-processor"]):
            with (self.home / f"{words[0]}.log").open("wb") as log:
                line = [sys.executable, "-m", "airflow", *words]
                self.others.append(subprocess.Popen(line, env=self.environment, stdout=log, stderr=log))

    def stop(self) -> None:
        """Stop everything."""
        for process in (*self.others, self.process):
            process.terminate()
        for process in (*self.others, self.process):
            process.wait(30)


def free_port() -> int:
    """Return a port that nobody uses now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def start(home: Path, **more: str) -> Web:
    """Make Airflow's database and users for a site and start its web server; `more` are options of Airflow."""
    place, port = Place(home), free_port()
    airflow_site.make(place, {"ui": port})
    environment = airflow_site.configuration(place, port) | {f"AIRFLOW__{name}": value for name, value in more.items()}
    log = (home / "api-server.log").open("wb")
    process = subprocess.Popen([sys.executable, "-m", "airflow", "api-server"], env=environment, stdout=log, stderr=log)
    made = Web(home, port, process, environment)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, (home / "api-server.log").read_text(errors="replace")[-3000:]
        try:
            if made.get("/api/v2/monitor/health").status == 200:
                return made
        except OSError:
            time.sleep(0.2)
    raise AssertionError((home / "api-server.log").read_text(errors="replace")[-3000:])


def plain(answer: Answer) -> Any:
    """Return the JSON of an answer."""
    return json.loads(answer.body)
