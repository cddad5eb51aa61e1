"""The agency's embedded SFTP server: who gets in, what the ward may do there, and the faults of the line."""

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import paramiko
import pytest

from tests.exchange.agency import hand
from tests.support.agency import Agency, Ward, new_agency
from tests.support.sshd import Sshd

NAME = "131041-00000001.zip.pgp"
Connect = Callable[..., paramiko.SFTPClient]


@pytest.fixture
def served(ward: Ward) -> Iterator[Agency]:
    made = new_agency()
    made.trust(ward.openpgp, ward.ssh_public)
    yield made.start(every=0.05)
    made.remove()


@pytest.fixture
def connect(served: Agency, ward: Ward) -> Iterator[Connect]:
    """Connect as the ward, with the agency's host key pinned."""
    with contextlib.ExitStack() as opened:

        def connecting(counterparty: str = "moj", key: Path = ward.ssh_private, login: str = served.login) -> Any:
            transport = paramiko.Transport(("127.0.0.1", served.port(counterparty)))
            opened.callback(transport.close)
            transport.connect(username=login, pkey=paramiko.Ed25519Key.from_private_key_file(str(key)))
            shown = transport.get_remote_server_key()
            assert f"{shown.get_name()} {shown.get_base64()}" == served.host_key(counterparty)
            client = paramiko.SFTPClient.from_transport(transport)
            assert client is not None
            return client

        yield connecting


def lay(client: paramiko.SFTPClient, name: str, data: bytes = b"bytes") -> None:
    with client.open(name, "wb") as stream:
        stream.write(data)


class TestRightsOfTheWard:
    def test_it_uploads_under_a_temporary_name_reads_back_and_publishes(self, connect: Connect) -> None:
        client = connect()
        lay(client, "inbox/.tmp-1")
        assert client.stat("inbox/.tmp-1").st_size == 5
        with client.open("inbox/.tmp-1") as stream:
            assert stream.read() == b"bytes"
        client.rename("inbox/.tmp-1", "inbox/.tmp-2")
        assert client.listdir("inbox") == [".tmp-2"]
        client.remove("inbox/.tmp-2")
        assert client.listdir("inbox") == []

    def test_plain_rename_refuses_to_replace(self, connect: Connect) -> None:
        client = connect()
        lay(client, "inbox/.tmp-1", b"one")
        lay(client, "inbox/.tmp-2", b"two")
        with pytest.raises(OSError, match="File exists"):
            client.rename("inbox/.tmp-1", "inbox/.tmp-2")
        with pytest.raises(OSError, match="File exists"):
            client.posix_rename("inbox/.tmp-1", "inbox/.tmp-2")
        with client.open("inbox/.tmp-2") as stream:
            assert stream.read() == b"two"

    @pytest.mark.parametrize(
        "name",
        [
            f"inbox/{NAME}",
            "inbox/.tmp-",
            "inbox/other",
            "receipts/.tmp-1",
            "outbox/.tmp-1",
            ".tmp-1",
            "../.tmp-1",
            "inbox/../../.tmp-1",
            "inbox/a/.tmp-1",
        ],
    )
    def test_it_writes_nowhere_else(self, connect: Connect, served: Agency, name: str) -> None:
        with pytest.raises(OSError):  # noqa: PT011 - refused as missing or as forbidden, by place
            lay(connect(), name)
        assert not [path for path in (served.home / "peer").rglob("*") if path.is_file()]

    def test_what_is_published_stays(self, connect: Connect, served: Agency) -> None:
        client = connect()
        served.folder("moj", "receipts").joinpath("131041-00000001.receipt.json.pgp").write_bytes(b"receipt")
        published = served.folder("moj", "inbox") / "131041-00000009.zip.pgp"
        published.write_bytes(b"held behind a gap")
        for forbidden in (
            lambda: client.remove("inbox/131041-00000009.zip.pgp"),
            lambda: client.rename("inbox/131041-00000009.zip.pgp", "inbox/.tmp-1"),
            lambda: client.truncate("inbox/131041-00000009.zip.pgp", 0),
            lambda: lay(client, "inbox/131041-00000009.zip.pgp"),
            lambda: client.remove("receipts/131041-00000001.receipt.json.pgp"),
            lambda: client.mkdir("inbox/.tmp-1"),
            lambda: client.rmdir("acks"),
            lambda: client.symlink("/", "inbox/.tmp-1"),
            lambda: client.readlink("inbox/131041-00000009.zip.pgp"),
        ):
            with pytest.raises(PermissionError):
                forbidden()
        assert published.read_bytes() == b"held behind a gap"

    def test_only_agreed_names_are_published(self, connect: Connect) -> None:
        client = connect()
        lay(client, "acks/.tmp-1")
        for name in ("acks/x", "acks/131059-00000001.ack.json.pgp", "acks/131041-1.ack.json.pgp", f"inbox/{NAME}"):
            with pytest.raises(PermissionError):
                client.rename("acks/.tmp-1", name)
        client.rename("acks/.tmp-1", "acks/131041-00000001.ack.json.pgp")

    def test_it_cannot_leave_its_folder(self, connect: Connect, served: Agency) -> None:
        client = connect()
        assert sorted(client.listdir("/")) == ["acks", "inbox", "outbox", "receipts"]
        served.folder("moj", "inbox").joinpath(".tmp-link").symlink_to(served.home / "site.json")
        for name in ("inbox/.tmp-link", "/../../../site.json", "../isa"):
            with pytest.raises(OSError):  # noqa: PT011 - refused as missing or as forbidden, by place
                client.open(name).read()
        with pytest.raises(FileNotFoundError):
            client.stat("/../131059")

    def test_attributes_of_temporary_names_are_taken_without_effect(self, connect: Connect, tmp_path: Path) -> None:
        source = tmp_path / "file"
        source.write_bytes(b"x" * 100_000)
        client = connect()
        assert client.put(str(source), "inbox/.tmp-1").st_size == 100_000
        client.chmod("inbox/.tmp-1", 0o600)
        client.utime("inbox/.tmp-1", (0, 0))

    def test_its_folder_may_be_named_first(self, connect: Connect) -> None:
        client = connect()
        lay(client, "131041/inbox/.tmp-1")
        assert client.listdir("131041/inbox") == client.listdir("inbox") == [".tmp-1"]
        with pytest.raises(FileNotFoundError):
            client.listdir("131059/inbox")


class TestLogin:
    def test_another_key_is_refused(self, connect: Connect, tmp_path: Path) -> None:
        other = tmp_path / "key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(other)], check=True)
        with pytest.raises(paramiko.AuthenticationException):
            connect(key=other)

    def test_another_login_is_refused(self, connect: Connect) -> None:
        for login in ("ward-131059", "root", "131041"):
            with pytest.raises(paramiko.AuthenticationException):
                connect(login=login)

    def test_a_password_is_no_way_in(self, served: Agency) -> None:
        transport = paramiko.Transport(("127.0.0.1", served.port("moj")))
        with contextlib.closing(transport), pytest.raises(paramiko.BadAuthenticationType) as refused:
            transport.connect(username=served.login, password="password")
        assert refused.value.allowed_types == ["publickey"]

    def test_no_shell_and_no_command(self, connect: Connect) -> None:
        transport = connect().get_channel().get_transport()
        with pytest.raises(paramiko.SSHException):
            transport.open_session().exec_command("id")

    def test_each_counterparty_has_its_own_host_key_and_folder(self, connect: Connect, served: Agency) -> None:
        assert served.host_key("moj") != served.host_key("isa")
        lay(connect("isa"), "inbox/.tmp-isa")
        assert connect("moj").listdir("inbox") == []


class TestFaultsOfTheLine:
    def test_the_key_is_refused_so_often(self, connect: Connect, served: Agency) -> None:
        served.fault("refuse-key", times=2)
        for _ in range(2):
            with pytest.raises(paramiko.AuthenticationException):
                connect()
        assert connect().listdir("inbox") == []

    def test_another_host_key_is_shown(self, connect: Connect, served: Agency) -> None:
        served.fault("other-host-key", counterparty="moj")
        with pytest.raises(AssertionError):
            connect()
        connect()

    def test_no_space_after_so_many_bytes(self, connect: Connect, served: Agency) -> None:
        served.fault("no-space", bytes=100_000)
        client = connect()
        with pytest.raises(OSError, match="no space"):
            lay(client, "inbox/.tmp-1", b"x" * 200_000)
        assert served.folder("moj", "inbox").joinpath(".tmp-1").stat().st_size <= 100_000

    def test_the_line_is_cut_in_mid_upload(self, connect: Connect, served: Agency) -> None:
        served.fault("cut-line", bytes=100_000)
        with pytest.raises((OSError, EOFError, paramiko.SSHException)):
            lay(connect(), "inbox/.tmp-1", b"x" * 200_000)
        lay(connect(), "inbox/.tmp-2", b"x" * 200_000)

    def test_a_read_only_inbox(self, connect: Connect, served: Agency) -> None:
        served.fault("read-only-inbox")
        with pytest.raises(PermissionError):
            lay(connect(), "inbox/.tmp-1")
        lay(connect(), "inbox/.tmp-1")


class TestServing:
    def test_a_file_is_answered_and_taken_away(
        self, connect: Connect, served: Agency, ward: Ward, tmp_path: Path
    ) -> None:
        sealed = hand.seal(hand.Draft().zipped(tmp_path / "p"), ward, served)
        client = connect()
        client.put(str(sealed), "inbox/.tmp-1")
        client.rename("inbox/.tmp-1", f"inbox/{NAME}")
        wait_until(lambda: client.listdir("inbox") == [])
        assert client.listdir("receipts") == ["131041-00000001.receipt.json.pgp"]
        assert hand.read_receipt(served, ward, 1)["code"] == "F00"

    def test_an_answer_may_wait_for_so_many_looks(
        self, connect: Connect, served: Agency, ward: Ward, tmp_path: Path
    ) -> None:
        served.fault("late", looks=3)
        hand.put(served, hand.seal(hand.Draft().zipped(tmp_path / "p"), ward, served), 1)
        wait_until(lambda: bool(served.status()["answers"]))
        client = connect()
        for _ in range(3):
            assert client.listdir("receipts") == []
        wait_until(lambda: hand.receipt_path(served, 1).exists())

    def test_it_stops_cleanly(self, served: Agency) -> None:
        process = served._server
        assert process is not None
        served.stop()
        assert process.returncode == 0
        assert not (served.home / "run" / "ports.json").exists()

    def test_a_large_file_passes_through(self, connect: Connect, served: Agency, tmp_path: Path) -> None:
        source = tmp_path / "large"
        source.write_bytes(os.urandom(1 << 20) * 48)
        connect().put(str(source), "inbox/.tmp-large")
        assert hand.sha256(served.folder("moj", "inbox") / ".tmp-large") == hand.sha256(source)


class TestBehindOpenSsh:
    """`process` does the work of the agency where a real sshd (internal-sftp, chroot) holds the folders."""

    def test_a_file_is_answered(self, trusting: Agency, ward: Ward, sshd: Sshd, tmp_path: Path) -> None:
        folder = trusting.home / "peer" / "moj" / "131041"
        shutil.rmtree(folder)
        folder.symlink_to(sshd.municipality)
        sealed = hand.seal(hand.Draft().zipped(tmp_path / "p"), ward, trusting)
        known = tmp_path / "known_hosts"
        known.write_text(f"[{sshd.host}]:{sshd.port} {sshd.host_key}\n")
        batch = f"put {sealed} 131041/inbox/.tmp-1\nrename 131041/inbox/.tmp-1 131041/inbox/{NAME}\n"
        options = ["-o", f"UserKnownHostsFile={known}", "-i", str(sshd.key_file), "-P", str(sshd.port)]
        line = ["sftp", "-q", "-b", "-", *options, f"{sshd.username}@{sshd.host}"]
        subprocess.run(line, input=batch, text=True, check=True, capture_output=True)
        trusting.process()
        assert hand.read_receipt(trusting, ward, 1)["code"] == "F00"
        assert not list(sshd.municipality.joinpath("inbox").iterdir())


def wait_until(happens: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline
        time.sleep(0.05)
