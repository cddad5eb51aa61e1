"""`outbox/` and `acks/` on a real sshd: only agreed names, only regular files, capped; answers go out once."""

import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from renkei import errors
from renkei.transfer import Credentials, Line, connect
from tests.support.peers import peer_at
from tests.support.proxy import proxied
from tests.support.sshd import Sshd

FILE = "131041-00000007.zip.pgp"
ACK, LATER = "131041-00000007.ack.json.pgp", "131041-00000007.2.ack.json.pgp"
BYTES = os.urandom(300_000)
SHA = sha256(BYTES).hexdigest()


@pytest.fixture
def line(sshd: Sshd) -> Iterator[Line]:
    with connect(peer_at(sshd), Credentials(sshd.username, sshd.key_file)) as found:
        yield found


@pytest.fixture
def outbox(sshd: Sshd) -> Path:
    return sshd.municipality / "outbox"


class TestListing:
    def test_agreed_names_with_size_and_time_in_their_order(self, line: Line, outbox: Path) -> None:
        for serial in (10, 9, 8):
            (outbox / f"131041-{serial:08d}.zip.pgp").write_bytes(b"x" * serial)
        os.utime(outbox / "131041-00000008.zip.pgp", (1_553_770_000, 1_553_770_000))
        found = line.list_outbox()
        assert [(each.name[7:15], each.size, each.regular) for each in found.files] == [
            ("00000008", 8, True),
            ("00000009", 9, True),
            ("00000010", 10, True),
        ]
        assert (found.files[0].mtime, found.others) == (1_553_770_000, 0)

    def test_links_and_folders_are_shown_as_no_regular_files(self, line: Line, outbox: Path) -> None:
        (outbox / "131041-00000001.zip.pgp").symlink_to("/etc/passwd")
        (outbox / "131041-00000002.zip.pgp").mkdir()
        os.mkfifo(outbox / "131041-00000003.zip.pgp")
        assert [each.regular for each in line.list_outbox().files] == [False] * 3

    @pytest.mark.parametrize(
        "name",
        [
            b".tmp-131041-00000001.zip.pgp",
            b"131041-1.zip.pgp",
            b"131041-00000000.zip.pgp",
            b"131041-00000001.zip.pgp\n",
            b"131041-00000001.ZIP.PGP",
            "131041-0000000\uff11.zip.pgp".encode(),
            b"131041-0000000\xff.zip.pgp",
            b"\xff\xfe",
            b"a" * 255,
            b"131041-00000001.receipt.json.pgp",
        ],
    )
    def test_other_names_are_counted_alone(self, line: Line, outbox: Path, name: bytes) -> None:
        Path(os.fsdecode(os.fsencode(outbox) + b"/" + name)).write_bytes(b"")
        (outbox / FILE).write_bytes(b"x")
        found = line.list_outbox()
        assert ([each.name for each in found.files], found.others) == ([FILE], 1)

    def test_a_name_that_is_not_utf_8_does_not_hide_a_receipt(self, line: Line, sshd: Sshd) -> None:
        folder = sshd.municipality / "receipts"
        Path(os.fsdecode(os.fsencode(folder) + b"/\xff\xfe")).write_bytes(b"")
        (folder / "131041-00000001.receipt.json.pgp").write_bytes(b"x")
        assert line.list_receipts() == ("131041-00000001.receipt.json.pgp",)

    def test_each_folder_is_listed_alone(self, line: Line, sshd: Sshd) -> None:
        (sshd.municipality / "receipts" / FILE).write_bytes(b"x")
        (sshd.municipality / "outbox" / "131041-00000001.receipt.json.pgp").write_bytes(b"x")
        assert (line.list_outbox().files, line.list_receipts()) == ((), ())

    def test_a_missing_folder_is_no_empty_one(self, line: Line, outbox: Path) -> None:
        outbox.rmdir()
        with pytest.raises(errors.PeerPathMissing):
            line.list_outbox()
        outbox.mkdir()

    def test_a_line_that_breaks_while_it_lists_is_no_empty_folder(self, sshd: Sshd, outbox: Path) -> None:
        """Cut after each further request of the listing, from the first to the one that would end it."""
        for serial in range(1, 401):
            (outbox / f"131041-{serial:08d}.zip.pgp").write_bytes(b"")
        outcomes = []
        for more in range(0, 1200, 40):
            with proxied(sshd.host, sshd.port) as proxy:
                peer = peer_at(sshd, host=proxy.host, port=proxy.port)
                with connect(peer, Credentials(sshd.username, sshd.key_file), seconds=5) as line:
                    proxy.cut_after = proxy.sent + more
                    try:
                        outcomes.append(len(line.list_outbox().files))
                    except (errors.LineDropped, errors.PeerProtocolError) as error:
                        outcomes.append(type(error).__name__)
        assert "LineDropped" in outcomes
        assert outcomes[-1] == 400
        assert {each for each in outcomes if isinstance(each, int)} == {400}


class TestFetching:
    def test_whole_with_how_it_stood_there(self, line: Line, outbox: Path, tmp_path: Path) -> None:
        (outbox / FILE).write_bytes(BYTES)
        there, digest = line.fetch_agency_file(FILE, tmp_path / "x", 300_000)
        assert (there, digest) == (line.list_outbox().files[0], SHA)
        assert (tmp_path / "x").read_bytes() == BYTES

    @pytest.mark.parametrize(("size", "error"), [(300_001, None), (300_000, None), (299_999, errors.PeerFileTooLarge)])
    def test_capped_before_a_byte_is_read(
        self, line: Line, outbox: Path, tmp_path: Path, size: int, error: type[errors.RenkeiError] | None
    ) -> None:
        (outbox / FILE).write_bytes(BYTES)
        if error is None:
            line.fetch_agency_file(FILE, tmp_path / "x", size)
            return
        with pytest.raises(error):
            line.fetch_agency_file(FILE, tmp_path / "x", size)
        assert list(tmp_path.iterdir()) == []

    def test_a_link_is_not_followed(self, line: Line, outbox: Path, tmp_path: Path) -> None:
        (outbox / FILE).symlink_to("/etc/passwd")
        with pytest.raises(errors.NotARegularFile):
            line.fetch_agency_file(FILE, tmp_path / "x", 1 << 20)
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("name", ["../receipts/x", "x", f"{FILE}/..", ACK])
    def test_a_name_of_no_agreed_form_never_becomes_a_path(self, line: Line, tmp_path: Path, name: str) -> None:
        with pytest.raises(errors.NameRefused):
            line.fetch_agency_file(name, tmp_path / "x", 1 << 20)


class TestAnswers:
    @pytest.mark.parametrize("name", [ACK, LATER])
    def test_go_to_their_own_folder_whole(self, line: Line, sshd: Sshd, tmp_path: Path, name: str) -> None:
        stored = tmp_path / "ack-1.json.pgp"
        stored.write_bytes(BYTES)
        assert line.look_acks(name, len(BYTES), SHA) is False
        line.put_temporary(stored, name, SHA)
        line.publish(name)
        assert line.look_acks(name, len(BYTES), SHA) is True
        assert {path.name: path.read_bytes() for path in (sshd.municipality / "acks").iterdir()} == {name: BYTES}
        assert list((sshd.municipality / "inbox").iterdir()) == []

    def test_are_not_put_over_other_bytes(self, line: Line, sshd: Sshd, tmp_path: Path) -> None:
        (sshd.municipality / "acks" / ACK).write_bytes(b"other")
        with pytest.raises(errors.DifferentBytesAtPeer):
            line.look_acks(ACK, len(BYTES), SHA)
        (tmp_path / "x").write_bytes(BYTES)
        line.put_temporary(tmp_path / "x", ACK, SHA)
        with pytest.raises(errors.DifferentBytesAtPeer):
            line.publish(ACK)
        assert (sshd.municipality / "acks" / ACK).read_bytes() == b"other"

    @pytest.mark.parametrize(
        "name",
        ["131041-00000007.1.ack.json.pgp", "131041-00000007.0.ack.json.pgp", "131041-00000007.1000.ack.json.pgp"],
    )
    def test_have_agreed_names_only(self, line: Line, name: str, tmp_path: Path) -> None:
        (tmp_path / "x").write_bytes(b"x")
        with pytest.raises(errors.NameRefused):
            line.put_temporary(tmp_path / "x", name)
        with pytest.raises(errors.NameRefused):
            line.look_acks(name, 1, SHA)
