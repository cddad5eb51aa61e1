"""Who the counterparty is at an instant, and which lists of counterparties are refused."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from renkei import errors
from renkei.peers import Peers

SCHEMAS = Path(__file__).resolve().parents[3] / "schemas"
TOKYO = ZoneInfo("Asia/Tokyo")
LAST_OF_MARCH = datetime(2019, 3, 31, 23, 59, 59, tzinfo=TOKYO)
FIRST_OF_APRIL = datetime(2019, 4, 1, 0, 0, tzinfo=TOKYO)
HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJIsaJOYuoGgZ77BGxlcukVrvTlWWEj5rY22K7fbW60A"
OLD, NEW = "A" * 40, "B" * 40

ENTRY = """
[[peer]]
id = "{id}"
host = "sftp.{id}.example"
port = 22
host_key = "{host_key}"
openpgp = [{openpgp}]
folder = "131041"
connection_id = "renkei_{id}"
username = "w131041"
key_file = "keys/login"
"""


def entry(peer_id: str, openpgp: str = f'{{fingerprint = "{OLD}"}}', host_key: str = HOST_KEY) -> str:
    return ENTRY.format(id=peer_id, openpgp=openpgp, host_key=host_key)


def loaded(tmp_path: Path, text: str, schemas: Path = SCHEMAS) -> Peers:
    path = tmp_path / "peers.toml"
    path.write_text(text, encoding="utf-8")
    return Peers.load(path, schemas)


@pytest.fixture
def both(tmp_path: Path) -> Peers:
    return loaded(tmp_path, entry("isa") + entry("moj"))


class TestInForce:
    def test_the_minister_of_justice_up_to_the_last_second_of_march(self, both: Peers) -> None:
        peer = both.in_force(LAST_OF_MARCH)
        assert (peer.id, peer.official_name, peer.notice_name) == ("moj", "法務大臣", "法務省通知")

    def test_the_commissioner_from_the_first_of_april(self, both: Peers) -> None:
        peer = both.in_force(FIRST_OF_APRIL)
        assert (peer.official_name, peer.notice_name) == (
            "出入国在留管理庁長官",
            "出入国在留管理庁通知",
        )

    def test_the_instant_decides_whatever_zone_it_is_told_in(self, both: Peers) -> None:
        utc = ZoneInfo("UTC")
        assert both.in_force(datetime(2019, 3, 31, 14, 59, 59, tzinfo=utc)).id == "moj"
        assert both.in_force(datetime(2019, 3, 31, 15, 0, tzinfo=utc)).id == "isa"

    def test_before_the_exchange_began_there_is_none(self, both: Peers) -> None:
        with pytest.raises(errors.PeerNotInForce):
            both.in_force(datetime(2012, 7, 8, 23, tzinfo=TOKYO))

    def test_one_that_is_gone_is_still_found_by_its_id(self, both: Peers) -> None:
        assert both.by_id("moj").host == "sftp.moj.example"
        with pytest.raises(errors.PeerUnknown):
            both.by_id("elsewhere")

    def test_the_login_key_lies_beside_the_list(self, both: Peers, tmp_path: Path) -> None:
        assert both.by_id("isa").key_file == tmp_path / "keys" / "login"


class TestKeys:
    @pytest.fixture
    def peers(self, tmp_path: Path) -> Peers:
        keys = f'{{fingerprint = "{OLD}", valid_to = 2020-02-01}}, {{fingerprint = "{NEW}", valid_from = 2020-01-01}}'
        return loaded(tmp_path, entry("isa", keys))

    @pytest.mark.parametrize(
        ("day", "signers", "recipient"),
        [
            (datetime(2019, 12, 31, 23, 59, tzinfo=TOKYO), {OLD}, OLD),
            (datetime(2020, 1, 1, 0, 0, tzinfo=TOKYO), {OLD, NEW}, NEW),
            (datetime(2020, 1, 31, 23, 59, tzinfo=TOKYO), {OLD, NEW}, NEW),
            (datetime(2020, 2, 1, 0, 0, tzinfo=TOKYO), {NEW}, NEW),
        ],
    )
    def test_while_they_overlap_both_may_sign_and_the_newer_is_encrypted_to(
        self, peers: Peers, day: datetime, signers: set[str], recipient: str
    ) -> None:
        peer = peers.by_id("isa")
        assert (peer.signers(day), peer.recipient(day)) == (signers, recipient)

    def test_a_gap_between_keys_is_named(self, tmp_path: Path) -> None:
        peer = loaded(tmp_path, entry("isa", f'{{fingerprint = "{OLD}", valid_to = 2020-02-01}}')).by_id("isa")
        with pytest.raises(errors.PeerNotInForce):
            peer.signers(datetime(2020, 2, 1, tzinfo=TOKYO))
        with pytest.raises(errors.PeerNotInForce):
            peer.recipient(datetime(2020, 2, 1, tzinfo=TOKYO))

    def test_host_keys_may_overlap_too_the_newest_first(self, tmp_path: Path) -> None:
        rsa = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ=="
        keys = f'[{{key = "{HOST_KEY}"}}, {{key = "{rsa}", valid_from = 2020-01-01}}]'
        peer = loaded(tmp_path, entry("isa").replace(f'"{HOST_KEY}"', keys)).by_id("isa")
        assert [key.kind for key in peer.host_keys_at(datetime(2020, 1, 1, tzinfo=TOKYO))] == [
            "ssh-rsa",
            "ssh-ed25519",
        ]
        assert [key.kind for key in peer.host_keys_at(FIRST_OF_APRIL)] == ["ssh-ed25519"]


class TestLegalReferences:
    def test_change_with_the_date(self, both: Peers) -> None:
        def order(instant: datetime) -> str:
            return next(found.order for found in both.references_on(instant) if found.flow == "a")

        assert order(LAST_OF_MARCH).endswith("6条")
        assert order(datetime(2026, 6, 14, tzinfo=TOKYO)).endswith("24条")


class TestRefused:
    @pytest.mark.parametrize(
        ("text", "rule"),
        [
            ("", "no [[peer]]"),
            ("[[peer]\n", "no valid TOML"),
            (entry("else"), "id is not in schemas/counterparties.toml"),
            (entry("isa") * 2, "id twice"),
            (entry("isa").replace(f'host_key = "{HOST_KEY}"\n', ""), "host_key is missing"),
            (entry("isa", openpgp=""), "openpgp is missing"),
            (entry("isa", openpgp='{fingerprint = "ABCD"}'), "openpgp cannot be"),
            (
                entry(
                    "isa",
                    openpgp=f'{{fingerprint = "{OLD}", valid_from = 2020-01-01, valid_to = 2020-01-01}}',
                ),
                "openpgp cannot be",
            ),
            (entry("isa", host_key="ssh-dss AAAAB3NzaC1kc3M="), "host_key cannot be"),
            (entry("isa", host_key=HOST_KEY.replace("ssh-ed25519", "ssh-rsa")), "host_key cannot be"),
            (entry("isa").replace("port = 22", "port = 0"), "port cannot be"),
            (entry("isa").replace('folder = "131041"', 'folder = "../131041"'), "folder cannot be"),
            (entry("isa").replace("username", "user"), "username is missing"),
            (entry("isa") + 'password = "x"\n', "password is unknown"),
        ],
    )
    def test_with_the_rule_that_is_broken(self, tmp_path: Path, text: str, rule: str) -> None:
        with pytest.raises(errors.PeersInvalid) as caught:
            loaded(tmp_path, text)
        assert caught.value.refs["rule"] == rule

    def test_two_in_force_on_one_day(self, tmp_path: Path) -> None:
        schemas = tmp_path / "schemas"
        schemas.mkdir()
        text = (SCHEMAS / "counterparties.toml").read_text(encoding="utf-8")
        (schemas / "counterparties.toml").write_text(
            text.replace("valid_to = 2019-04-01", "valid_to = 2019-04-02", 1), encoding="utf-8"
        )
        with pytest.raises(errors.PeersInvalid, match="both in force on one day"):
            loaded(tmp_path, entry("moj") + entry("isa"), schemas)

    def test_a_list_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(errors.PeersInvalid, match="cannot be read"):
            Peers.load(tmp_path / "peers.toml", SCHEMAS)
