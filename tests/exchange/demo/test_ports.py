"""A taken port gets a clear message; free ones are kept, so that peers and connections stay as they are."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from demo_site.place import Place
from demo_site.ports import HOST, asked_port, free_port, is_free, settle_ports
from demo_site.texts import DemoError

DEMO = Path(__file__).resolve().parents[3] / "docker" / "demo"


@pytest.fixture(autouse=True)
def nothing_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RENKEI_PORT", raising=False)


class TestAskedPort:
    def test_none_asked(self) -> None:
        assert asked_port() is None

    def test_a_free_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        port = free_port()
        monkeypatch.setenv("RENKEI_PORT", str(port))
        assert asked_port() == port

    @pytest.mark.parametrize("words", ["0", "65536", "eighty", "-1", "８０"])
    def test_what_is_no_port(self, monkeypatch: pytest.MonkeyPatch, words: str) -> None:
        monkeypatch.setenv("RENKEI_PORT", words)
        with pytest.raises(DemoError, match="1 から 65535"):
            asked_port()

    def test_a_taken_one(self, tmp_path: Path) -> None:
        """The command says so in both languages and ends with 1, before anything is made."""
        with socket.create_server((HOST, 0)) as listener:
            port = str(listener.getsockname()[1])
            env = os.environ | {"RENKEI_HOME": str(tmp_path / "site"), "RENKEI_PORT": port}
            command = [sys.executable, str(DEMO), "up"]
            done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 1
        assert f"ポート {port} は使われています" in done.stderr
        assert f"port {port} is taken" in done.stderr
        assert [path.name for path in (tmp_path / "site").iterdir()] == ["demo"]


class TestSettledPorts:
    def test_they_are_kept_from_start_to_start(self, site: Place) -> None:
        assert settle_ports(site) == settle_ports(site)

    def test_they_differ_and_are_free(self, site: Place) -> None:
        ports = settle_ports(site)
        assert sorted(ports) == ["isa", "moj", "ui"]
        assert len(set(ports.values())) == 3
        assert all(map(is_free, ports.values()))

    def test_one_that_is_taken_meanwhile_is_replaced(self, site: Place) -> None:
        before = settle_ports(site)
        with socket.create_server((HOST, before["moj"])):
            after = settle_ports(site)
        assert after["moj"] != before["moj"]
        assert after["isa"] == before["isa"]

    def test_the_asked_one_is_the_user_interface(self, site: Place, monkeypatch: pytest.MonkeyPatch) -> None:
        port = free_port()
        monkeypatch.setenv("RENKEI_PORT", str(port))
        assert settle_ports(site)["ui"] == port
