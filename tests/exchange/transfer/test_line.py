"""The verbs of the line against a real sshd."""

import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from renkei import errors
from renkei.transfer import Credentials, Line, Look, connect
from tests.support.peers import peer_at
from tests.support.proxy import Proxy, proxied
from tests.support.sshd import Sshd, running

NAME = "131041-00000007.zip.pgp"
RECEIPT = "131041-00000007.receipt.json.pgp"
BYTES = os.urandom(3_000_000)
SHA = sha256(BYTES).hexdigest()


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / "stored.pgp"
    path.write_bytes(BYTES)
    return path


def login(server: Sshd) -> Credentials:
    return Credentials(server.username, server.key_file)


@pytest.fixture
def line(sshd: Sshd) -> Iterator[Line]:
    with connect(peer_at(sshd), login(sshd)) as found:
        yield found


@pytest.fixture
def proxy(sshd: Sshd) -> Iterator[Proxy]:
    with proxied(sshd.host, sshd.port) as found:
        yield found


def inbox(server: Sshd) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (server.municipality / "inbox").iterdir()}


class TestPublish:
    def test_whole_under_its_name_and_nothing_else(self, sshd: Sshd, line: Line, package: Path) -> None:
        line.put_temporary(package, NAME)
        assert all(name.startswith(".tmp-") for name in inbox(sshd))
        line.publish(NAME)
        assert inbox(sshd) == {NAME: BYTES}

    def test_a_file_that_is_no_longer_what_the_ledger_knows_is_not_published(
        self, sshd: Sshd, line: Line, package: Path
    ) -> None:
        package.write_bytes(BYTES[:-1] + bytes([BYTES[-1] ^ 1]))
        with pytest.raises(errors.UploadIncomplete):
            line.put_temporary(package, NAME, SHA)
        assert NAME not in inbox(sshd)

    @pytest.mark.parametrize("size", [0, 1, 31_999, 32_000, 32_001, 320_000])
    def test_any_size(self, sshd: Sshd, line: Line, tmp_path: Path, size: int) -> None:
        path = tmp_path / "small"
        path.write_bytes(BYTES[:size])
        line.put_temporary(path, NAME)
        line.publish(NAME)
        assert inbox(sshd) == {NAME: BYTES[:size]}

    def test_own_leftovers_are_removed_and_others_stay(self, sshd: Sshd, line: Line, package: Path) -> None:
        own, other = f".tmp-{NAME}-0011", ".tmp-131041-00000008.zip.pgp-0011"
        for name in (own, other):
            (sshd.municipality / "inbox" / name).write_bytes(b"half")
        line.put_temporary(package, NAME)
        line.publish(NAME)
        assert inbox(sshd) == {NAME: BYTES, other: b"half"}

    def test_our_bytes_already_there_are_published_already(self, sshd: Sshd, line: Line, package: Path) -> None:
        line.put_temporary(package, NAME)
        (sshd.municipality / "inbox" / NAME).write_bytes(BYTES)
        line.publish(NAME)
        assert inbox(sshd) == {NAME: BYTES}

    def test_other_bytes_there_stop_and_are_not_replaced(self, sshd: Sshd, line: Line, package: Path) -> None:
        line.put_temporary(package, NAME)
        (sshd.municipality / "inbox" / NAME).write_bytes(b"other")
        with pytest.raises(errors.DifferentBytesAtPeer):
            line.publish(NAME)
        assert inbox(sshd)[NAME] == b"other"

    def test_two_at_once_one_publishes_and_no_half_file_is_seen(self, sshd: Sshd, line: Line, package: Path) -> None:
        line.put_temporary(package, NAME)
        with connect(peer_at(sshd), login(sshd)) as second:
            second.put_temporary(package, NAME)
            with pytest.raises(errors.UploadIncomplete):
                line.publish(NAME)
            second.publish(NAME)
        assert inbox(sshd) == {NAME: BYTES}

    def test_without_an_upload_is_a_mistake_of_the_caller(self, line: Line) -> None:
        with pytest.raises(ValueError, match="put_temporary"):
            line.publish(NAME)

    @pytest.mark.parametrize("name", ["../x", "131041-7.zip.pgp", RECEIPT, NAME + "\n", "１31041-00000007.zip.pgp"])
    def test_a_name_of_another_form_is_refused(self, line: Line, package: Path, name: str) -> None:
        with pytest.raises(errors.NameRefused):
            line.put_temporary(package, name)
        with pytest.raises(errors.NameRefused):
            line.look(name, 1, SHA)


class TestLook:
    def test_neither(self, line: Line) -> None:
        assert line.look(NAME, len(BYTES), SHA) == Look("absent", receipt=False)

    def test_ours(self, sshd: Sshd, line: Line) -> None:
        (sshd.municipality / "inbox" / NAME).write_bytes(BYTES)
        assert line.look(NAME, len(BYTES), SHA) == Look("ours", receipt=False)

    def test_receipted(self, sshd: Sshd, line: Line) -> None:
        (sshd.municipality / "receipts" / RECEIPT).write_bytes(b"r")
        assert line.look(NAME, len(BYTES), SHA) == Look("absent", receipt=True)

    @pytest.mark.parametrize("other", [b"", BYTES[:-1], BYTES[:-1] + bytes([BYTES[-1] ^ 1])])
    def test_other_bytes_stop(self, sshd: Sshd, line: Line, other: bytes) -> None:
        (sshd.municipality / "inbox" / NAME).write_bytes(other)
        with pytest.raises(errors.DifferentBytesAtPeer):
            line.look(NAME, len(BYTES), SHA)

    def test_a_link_under_our_name_is_not_followed(self, sshd: Sshd, line: Line) -> None:
        (sshd.municipality / "inbox" / "real").write_bytes(BYTES)
        (sshd.municipality / "inbox" / NAME).symlink_to("real")
        with pytest.raises(errors.NotARegularFile):
            line.look(NAME, len(BYTES), SHA)

    @pytest.mark.parametrize("folder", ["inbox", "receipts"])
    def test_a_missing_folder_is_not_a_missing_file(self, sshd: Sshd, line: Line, folder: str) -> None:
        (sshd.municipality / folder).rmdir()
        with pytest.raises(errors.PeerPathMissing):
            line.look(NAME, len(BYTES), SHA)


class TestProbe:
    def test_openssh_refuses_to_replace_and_nothing_is_left(self, sshd: Sshd, line: Line) -> None:
        line.probe()
        assert inbox(sshd) == {}

    def test_a_server_that_replaces_is_refused(self, sshd: Sshd, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
        # OpenSSH itself replaces when asked by its extension: the answer of a server whose rename does so.
        monkeypatch.setattr(line._sftp, "rename", line._sftp.posix_rename)
        with pytest.raises(errors.ServerReplacesOnRename):
            line.probe()
        assert inbox(sshd) == {}


class TestReceipts:
    def test_only_regular_files_of_the_agreed_form_are_listed(self, sshd: Sshd, line: Line) -> None:
        folder = sshd.municipality / "receipts"
        for name in (RECEIPT, ".tmp-" + RECEIPT, "notes.txt", "131041-00000009.zip.pgp"):
            (folder / name).write_bytes(b"r")
        (folder / "131041-00000008.receipt.json.pgp").symlink_to(RECEIPT)
        (folder / "131041-00000009.receipt.json.pgp").mkdir()
        assert line.list_receipts() == (RECEIPT,)

    @pytest.mark.parametrize("size", [0, 1, 261_120, 1 << 20, (1 << 20) + 1, 3_000_000])
    def test_are_fetched_whole(self, sshd: Sshd, line: Line, tmp_path: Path, size: int) -> None:
        (sshd.municipality / "receipts" / RECEIPT).write_bytes(BYTES[:size])
        to = tmp_path / "fetched"
        assert line.fetch_receipt(RECEIPT, to, 4_000_000) == sha256(BYTES[:size]).hexdigest()
        assert (to.read_bytes(), to.stat().st_mode & 0o777) == (BYTES[:size], 0o600)

    def test_too_large_is_not_fetched(self, sshd: Sshd, line: Line, tmp_path: Path) -> None:
        (sshd.municipality / "receipts" / RECEIPT).write_bytes(b"12345")
        with pytest.raises(errors.PeerFileTooLarge):
            line.fetch_receipt(RECEIPT, tmp_path / "x", 4)
        assert not (tmp_path / "x").exists()

    def test_a_link_is_not_followed(self, sshd: Sshd, line: Line, tmp_path: Path) -> None:
        (sshd.municipality / "receipts" / RECEIPT).symlink_to("/etc/hostname")
        with pytest.raises(errors.NotARegularFile):
            line.fetch_receipt(RECEIPT, tmp_path / "x", 1 << 20)

    def test_a_name_of_another_form_never_becomes_a_path(self, line: Line, tmp_path: Path) -> None:
        with pytest.raises(errors.NameRefused):
            line.fetch_receipt("../../etc/passwd", tmp_path / "x", 1 << 20)

    def test_what_is_there_already_is_not_overwritten(self, sshd: Sshd, line: Line, tmp_path: Path) -> None:
        (sshd.municipality / "receipts" / RECEIPT).write_bytes(b"new")
        (tmp_path / "x").write_bytes(b"mine")
        with pytest.raises(errors.TransferStorageError):
            line.fetch_receipt(RECEIPT, tmp_path / "x", 1 << 20)
        assert (tmp_path / "x").read_bytes() == b"mine"


class TestFaultsOfTheLine:
    def test_cut_in_mid_upload_leaves_only_a_temporary_file_and_a_retry_succeeds(
        self, sshd: Sshd, proxy: Proxy, package: Path
    ) -> None:
        proxy.cut_after = 1_500_000
        peer = peer_at(sshd, host=proxy.host, port=proxy.port)
        with connect(peer, login(sshd)) as line, pytest.raises(errors.LineDropped):
            line.put_temporary(package, NAME)
        assert NAME not in inbox(sshd)
        proxy.cut_after = None
        with connect(peer, login(sshd)) as line:
            assert line.look(NAME, len(BYTES), SHA) == Look("absent", receipt=False)
            line.put_temporary(package, NAME)
            line.publish(NAME)
        assert inbox(sshd) == {NAME: BYTES}

    def test_a_line_that_stalls_is_given_up(self, sshd: Sshd, proxy: Proxy, tmp_path: Path) -> None:
        big = tmp_path / "big"
        big.write_bytes(os.urandom(12 << 20))
        proxy.stall_after = 1_000_000
        peer = peer_at(sshd, host=proxy.host, port=proxy.port)
        with connect(peer, login(sshd), seconds=2) as line, pytest.raises(errors.LineDropped):
            line.put_temporary(big, NAME)

    def test_cut_while_publishing_is_a_doubt(self, sshd: Sshd, proxy: Proxy, package: Path) -> None:
        peer = peer_at(sshd, host=proxy.host, port=proxy.port)
        with connect(peer, login(sshd)) as line:
            line.put_temporary(package, NAME)
            proxy.cut_after = proxy.sent + 1
            with pytest.raises(errors.PublishUnknown):
                line.publish(NAME)

    def test_a_look_on_a_dead_line_answers_nothing(self, sshd: Sshd, proxy: Proxy) -> None:
        peer = peer_at(sshd, host=proxy.host, port=proxy.port)
        with connect(peer, login(sshd)) as line:
            proxy.cut()
            with pytest.raises(errors.LineDropped):
                line.look(NAME, len(BYTES), SHA)

    def test_a_fetch_cut_off_leaves_nothing(self, sshd: Sshd, proxy: Proxy, tmp_path: Path) -> None:
        (sshd.municipality / "receipts" / RECEIPT).write_bytes(os.urandom(8 << 20))
        peer = peer_at(sshd, host=proxy.host, port=proxy.port)
        with connect(peer, login(sshd)) as line:
            proxy.cut_after = proxy.sent + 600
            with pytest.raises(errors.LineDropped):
                line.fetch_receipt(RECEIPT, tmp_path / "x", 1 << 30)
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("limit", [100_000, 2_990_000])
    def test_a_full_disk_at_the_peer_is_named_even_in_the_last_blocks(
        self, tmp_path: Path, package: Path, limit: int
    ) -> None:
        (tmp_path / "server").mkdir()
        with (
            running(tmp_path / "server", largest_file=limit) as server,
            connect(peer_at(server), login(server)) as line,
            pytest.raises(errors.PeerOutOfSpace),
        ):
            line.put_temporary(package, NAME)
