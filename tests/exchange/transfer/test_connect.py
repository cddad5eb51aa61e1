"""Only the one peer: its host key, our key, strong algorithms; nothing is sent to anybody else."""

import dataclasses
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from renkei import errors
from renkei.peers import HostKey
from renkei.peers.peer import Period
from renkei.transfer import Credentials, check_connection, connect
from tests.support.peers import peer_at
from tests.support.sshd import Sshd, free_port, make_key, running


def login(server: Sshd) -> Credentials:
    return Credentials(server.username, server.key_file)


class TestConnect:
    def test_shows_the_digest_of_the_host_key(self, sshd: Sshd) -> None:
        with connect(peer_at(sshd), login(sshd)) as line:
            assert len(line.host_key_sha256) == 64

    def test_takes_the_key_as_text(self, sshd: Sshd) -> None:
        credentials = Credentials(sshd.username, private_key=sshd.key_file.read_text())
        with connect(peer_at(sshd), credentials) as line:
            assert line.list_receipts() == ()

    def test_uses_strong_algorithms(self, sshd: Sshd) -> None:
        with connect(peer_at(sshd), login(sshd)) as line:
            transport = line._sftp.get_channel().get_transport()  # type: ignore[union-attr]
            assert (transport.local_cipher, transport.remote_cipher) == ("aes256-gcm@openssh.com",) * 2

    @pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
    def test_other_kinds_of_host_keys(self, tmp_path: Path, kind: str) -> None:
        with running(tmp_path, host_key_kind=kind) as server, connect(peer_at(server), login(server)) as line:
            line.probe()

    def test_without_gcm(self, tmp_path: Path) -> None:
        with (
            running(tmp_path, ciphers="aes256-ctr") as server,
            connect(peer_at(server), login(server)) as line,
        ):
            line.probe()

    def test_credentials_never_show_the_key(self) -> None:
        assert "secret" not in repr(Credentials("w131041", private_key="secret"))


class TestRefused:
    def test_another_host_key_before_any_login(self, sshd: Sshd, tmp_path: Path) -> None:
        other = make_key(tmp_path / "other")
        with pytest.raises(errors.HostKeyChanged), connect(peer_at(sshd, host_key=other), login(sshd)):
            pass
        assert "publickey" not in sshd.seen()

    def test_a_host_key_whose_period_is_over(self, sshd: Sshd) -> None:
        kind, blob = sshd.host_key.split()
        keys = (HostKey(kind, blob, Period(valid_to=date(2019, 4, 1))),)
        peer = dataclasses.replace(peer_at(sshd), host_keys=keys)
        tokyo = ZoneInfo("Asia/Tokyo")
        with connect(peer, login(sshd), at=datetime(2019, 3, 31, 23, 59, tzinfo=tokyo)) as line:
            line.list_receipts()
        with (
            pytest.raises(errors.PeerNotInForce),
            connect(peer, login(sshd), at=datetime(2019, 4, 1, tzinfo=tokyo)),
        ):
            pass

    def test_a_key_that_the_server_does_not_know(self, sshd: Sshd, tmp_path: Path) -> None:
        make_key(tmp_path / "stranger")
        with (
            pytest.raises(errors.AuthenticationRefused),
            connect(peer_at(sshd), Credentials(sshd.username, tmp_path / "stranger")),
        ):
            pass

    @pytest.mark.parametrize("text", [None, "", "-----BEGIN OPENSSH PRIVATE KEY-----\nno\n"])
    def test_a_login_key_that_is_none(self, sshd: Sshd, text: str | None) -> None:
        with (
            pytest.raises(errors.LoginKeyUnusable),
            connect(peer_at(sshd), Credentials("w", private_key=text)),
        ):
            pass

    def test_a_login_key_file_that_is_missing_or_no_key(self, sshd: Sshd, tmp_path: Path) -> None:
        (tmp_path / "no-key").write_text("hello")
        for path in (tmp_path / "nowhere", tmp_path / "no-key"):
            with pytest.raises(errors.LoginKeyUnusable), connect(peer_at(sshd), Credentials("w", path)):
                pass

    def test_a_server_with_weak_ciphers_only(self, tmp_path: Path) -> None:
        with (
            running(tmp_path, ciphers="aes128-cbc,3des-cbc") as server,
            pytest.raises(errors.AlgorithmsRefused),
            connect(peer_at(server), login(server)),
        ):
            pass

    def test_nobody_there(self, sshd: Sshd) -> None:
        with pytest.raises(errors.PeerUnreachable), connect(peer_at(sshd, port=free_port()), login(sshd)):
            pass


class TestAnAirflowConnection:
    def test_of_the_peer_itself_is_accepted(self, sshd: Sshd) -> None:
        check_connection(peer_at(sshd), host=sshd.host, port=sshd.port, host_key=sshd.host_key + " comment")

    @pytest.mark.parametrize(
        ("given", "item"),
        [
            ({"host": "127.0.0.2"}, "host"),
            ({"host": None}, "host"),
            ({"port": 1}, "port"),
            ({"port": None}, "port"),
            ({"host_key": None}, "host_key"),
            ({"host_key": "ssh-ed25519 AAAA"}, "host_key"),
        ],
    )
    def test_of_anything_else_is_refused_by_name(self, sshd: Sshd, given: dict[str, object], item: str) -> None:
        facts = {"host": sshd.host, "port": sshd.port, "host_key": sshd.host_key, **given}
        with pytest.raises(errors.ConnectionMismatch) as caught:
            check_connection(peer_at(sshd), **facts)  # type: ignore[arg-type]
        assert caught.value.refs == {"connection": "renkei_moj", "item": item}
