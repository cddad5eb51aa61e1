"""The agency's direction as an operator types it: what failed is shown with its letter, decisions bear their reason."""

from collections.abc import Callable
from pathlib import Path

import pytest

from renkei.cli import main
from renkei.ledger.tables import Decision
from tests.support.outbox import DAY, Outbox, classify, inbound, notice, sha256
from tests.support.site import Site

NEXT = "2019-03-29"
Typed = Callable[..., tuple[int, str]]


@pytest.fixture
def renkei(site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Typed:
    """Type a command; return its exit code and what it printed."""
    monkeypatch.setenv("RENKEI_HOME", str(site.home))

    def typed(*words: object) -> tuple[int, str]:
        code = main([str(word) for word in words])
        shown = capsys.readouterr()
        return code, shown.out + shown.err

    return typed


def test_a_good_day(site: Site, renkei: Typed) -> None:
    outbox = Outbox(site)
    outbox.send(1, [notice(1)])
    assert "00000001" in renkei("agency-fetch", DAY)[1]
    assert "1 notices" in renkei("agency-take-in", DAY)[1]
    classify(site)
    code, told = renkei("agency-acknowledge", DAY)
    assert (code, "00000001.1" in told) == (0, True)
    assert "待っているものはありません" in renkei("quarantine")[1]
    assert renkei("verify")[1].strip().endswith("PASS")


def test_a_file_in_quarantine_is_replayed_with_a_reason(site: Site, renkei: Typed) -> None:
    outbox = Outbox(site)
    peers = site.home / "peers.toml"
    text = peers.read_text(encoding="utf-8")
    first, second = site.agency.fingerprint("moj"), site.agency.fingerprint("isa")
    peers.write_text(text.replace(first, "0" * 40).replace(second, first).replace("0" * 40, second), encoding="utf-8")
    outbox.send(1, [notice(1)])
    renkei("agency-fetch", DAY)
    code, told = renkei("agency-take-in", DAY)
    assert (code, "missing since" in told) == (0, True)
    code, told = renkei("quarantine")
    assert (code, "openpgp" in told, "SignerNotPinned" in told) == (0, True, True)
    letter = Path(told.split("相手方への文面:")[1].split(" / ")[0].strip())
    assert "outbox/131041-00000001.zip.pgp" in letter.read_text(encoding="utf-8")
    assert "missing since" in renkei("waiting")[1]
    assert renkei("agency-take-in", NEXT)[0] == 1
    peers.write_text(text, encoding="utf-8")
    assert renkei("replay", "--serial", "1", "--reason", "the pins were exchanged", "--asker", "chief")[0] == 0
    assert "taken in: 00000001" in renkei("agency-take-in", DAY)[1]
    assert renkei("replay", "--serial", "1", "--reason", "again")[0] == 1
    (decision,) = site.rows(Decision, kind="replay")
    assert (decision.subject, decision.asker) == ("in-00000001", "chief")


def test_a_lost_serial_is_void_after_a_second_person_agreed(site: Site, renkei: Typed) -> None:
    site.write_settings(four_eyes="void")
    outbox = Outbox(site)
    outbox.send(2, [notice(2)], previous="ab" * 32)
    renkei("agency-fetch", DAY)
    assert "00000001" in renkei("waiting")[1]
    assert renkei("void", "--serial", "1", "--reason", "lost at the agency", "--asker", "clerk")[0] == 0
    assert [file.state for file in inbound(site)] == ["seen"]
    (decision,) = site.rows(Decision, kind="void")
    assert renkei("approve", decision.id, "--approver", "clerk")[0] == 1
    assert renkei("approve", decision.id, "--approver", "chief")[0] == 0
    renkei("agency-fetch", DAY)
    assert "taken in: 00000002" in renkei("agency-take-in", DAY)[1]
    assert [file.state for file in inbound(site)] == ["void", "ingested"]


def test_a_stopped_peer_is_resumed(site: Site, renkei: Typed) -> None:
    outbox = Outbox(site)
    first = outbox.send(1, [notice(1)])
    renkei("agency-fetch", DAY)
    renkei("agency-take-in", DAY)
    outbox.put(1, outbox.sealed(outbox.package(1, [notice(9)])), mtime=7)
    outbox.send(2, previous=sha256(first))
    assert renkei("agency-fetch", DAY)[0] == 0
    assert renkei("agency-take-in", DAY)[0] == 1
    assert renkei("agency-fetch", DAY)[0] == 1
    assert "resume-agency --serial 00000001" in renkei("waiting")[1]
    assert renkei("resume-agency", "--serial", "1", "--reason", "the agency explained")[0] == 0
    assert "taken in: 00000002" in renkei("agency-take-in", DAY)[1]
    assert renkei("resume-agency", "--serial", "1", "--reason", "again")[0] == 1
