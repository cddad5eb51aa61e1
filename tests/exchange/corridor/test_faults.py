"""What goes wrong at the agency or on the line: a named error, and after healing nothing is lost or doubled."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from renkei import errors
from renkei.ledger import verify
from renkei.ledger.states import NoticeState
from renkei.ledger.tables import Notice, OpenItem
from tests.support.agency import make_ward, new_agency
from tests.support.databases import on_both
from tests.support.proxy import proxied
from tests.support.registers import accepted_twice, answers_given, differing, notice_id, sent_records
from tests.support.site import PEERS, Site
from tests.support.sshd import Sshd

pytestmark = on_both("site")

ONE, TWO = "0000000001", "0000000002"
NEWCOMER = "0000000021"
MOVED = {"address": "東京都新宿区戸塚町一丁目2番3号"}


def sealed_day(site: Site, number: str = ONE) -> str:
    """Seal a day with one event."""
    site.tomorrow().event(number, "move_within", **MOVED)
    day = site.extract()
    assert site.seal(day).sealed
    return day


def whole(site: Site, day: str, files: int = 1) -> None:
    """Everything of the days so far arrived exactly once."""
    assert [site.file(serial).state for serial in range(1, files + 1)] == ["receipted"] * files
    assert [row["serial"] for row in answers_given(site)] == list(range(1, files + 1))
    assert differing(site, day) == set()
    assert accepted_twice(site) == []
    assert {row.state for row in site.rows(Notice)} <= {NoticeState.ACCEPTED, NoticeState.SILENT}
    with site.house() as house:
        assert verify(house.ledger, house.settings) == []
    assert list(site.settings.work_dir.iterdir()) == []


# --- the line -----------------------------------------------------------------------------------------------


def test_an_agency_that_is_down(site: Site) -> None:
    day = sealed_day(site)
    site.agency.stop()
    with pytest.raises(errors.PeerUnreachable):
        site.publish(day)
    assert site.file(1).state == "sealed"
    site.agency.start(every=0.05)
    site.write_peers()
    assert site.publish(day).published == (1,)
    assert site.answered(day).complete
    whole(site, day)


@pytest.mark.parametrize(
    ("fault", "error", "arguments"),
    [
        ("refuse-key", errors.AuthenticationRefused, {}),
        ("other-host-key", errors.HostKeyChanged, {}),
        ("no-space", errors.PeerOutOfSpace, {"bytes": 100, "times": "always"}),
        ("cut-line", errors.LineDropped, {"bytes": 100, "times": "always"}),
        ("read-only-inbox", errors.PeerAccessDenied, {}),
    ],
)
def test_a_fault_of_the_line(
    site: Site, fault: str, error: type[errors.RenkeiError], arguments: dict[str, object]
) -> None:
    day = sealed_day(site)
    site.agency.fault(fault, **arguments)
    before = site.file(1).sealed_sha256
    with pytest.raises(error):
        site.publish(day)
    assert site.file(1).state in {"sealed", "unknown"}
    site.agency.heal()
    assert site.publish(day).published == (1,)
    assert site.answered(day).complete
    assert site.file(1).sealed_sha256 == before
    whole(site, day)


def test_a_line_that_is_cut_in_mid_upload(site: Site) -> None:
    day = sealed_day(site)
    site.publish(day)
    site.answered(day)
    day = sealed_day(site, TWO)
    with proxied("127.0.0.1", site.agency.port("moj")) as proxy:
        site.write_peers(moj=proxy.port)
        proxy.cut_after = 5500
        with pytest.raises(errors.Retryable):
            site.publish(day)
    assert site.file(2).state in {"sealed", "unknown"}
    site.write_peers()
    site.publish(day)
    assert site.answered(day).complete
    whole(site, day, files=2)


def test_other_bytes_under_our_name(site: Site, sshd: Sshd) -> None:
    """Behind a real sshd, where nobody takes the file away."""
    day = sealed_day(site)
    facts = {"port": sshd.port, "host_key": sshd.host_key, "login": sshd.username, "key": sshd.key_file}
    both = {name: site.agency.fingerprint(name) for name in ("moj", "isa")}
    text = "".join(PEERS.format(id=name, fingerprint=both[name], folder="131041", **facts) for name in both)
    (site.home / "peers.toml").write_text(text, encoding="utf-8")
    stands = sshd.municipality / "inbox" / "131041-00000001.zip.pgp"
    stands.write_bytes(b"other bytes")
    for _ in range(2):
        with pytest.raises(errors.DifferentBytesAtPeer):
            site.publish(day)
    assert stands.read_bytes() == b"other bytes"
    assert site.file(1).state == "sealed"
    stands.unlink()
    assert site.publish(day).published == (1,)
    assert stands.read_bytes() == (site.home / site.file(1).sealed_path).read_bytes()
    assert site.publish(day).published == ()


# --- answers ------------------------------------------------------------------------------------------------


def test_a_late_answer_is_waited_for(site: Site) -> None:
    day = sealed_day(site)
    site.agency.fault("late", looks=2)
    site.publish(day)
    assert not site.answered(day, seconds=0).complete
    assert site.answered(day).complete
    whole(site, day)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("other-serial", errors.ReceiptMismatch),
        ("wrong-sealed-digest", errors.ReceiptMismatch),
        ("wrong-package-digest", errors.ReceiptMismatch),
        ("stranger", errors.SignerUnknown),
        ("unsigned", errors.NotSigned),
        ("truncated", errors.MessageRefused),
    ],
)
def test_a_wrong_answer_is_kept_apart_and_the_right_one_taken_in(
    site: Site, fault: str, error: type[errors.RenkeiError]
) -> None:
    day = sealed_day(site)
    site.agency.fault(fault)
    site.publish(day)
    with pytest.raises(error):
        site.answered(day)
    assert site.file(1).state == "published"
    assert len(list(site.settings.quarantine_dir.iterdir())) == 1
    site.agency.answer(1)
    assert site.answered(day).complete
    whole(site, day)


def test_the_same_answer_twice_is_no_news(site: Site) -> None:
    day = sealed_day(site)
    site.agency.fault("twice")
    site.publish(day)
    assert site.answered(day).complete
    day = sealed_day(site, TWO)
    site.publish(day)
    assert site.answered(day).complete
    whole(site, day, files=2)


def test_two_different_answers_stop_the_peer(site: Site) -> None:
    day = sealed_day(site)
    site.agency.fault("twice-different", seconds=2)
    site.publish(day)
    assert site.answered(day).complete
    assert site.file(1).outcome == "accepted"
    shown = site.agency.folder("moj", "receipts") / "131041-00000001.receipt.json.pgp"
    awaited(lambda: len(set(site.settings.sealed_dir.glob("*/receipt-*.pgp"))) > 0 and changed(site, shown))
    later = sealed_day(site, TWO)
    site.publish(later)
    with pytest.raises(errors.SecondReceipt):
        site.answered(later)
    with pytest.raises(errors.PeerStopped):
        site.answered(later)
    # The first verified one is final.
    assert (site.file(1).state, site.file(1).outcome) == ("receipted", "accepted")


def changed(site: Site, shown: Path) -> bool:
    (kept,) = site.settings.sealed_dir.glob("00000001-*/receipt-*.pgp")
    return shown.read_bytes() != kept.read_bytes()


def awaited(found: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < deadline
        time.sleep(0.05)


# --- keys ---------------------------------------------------------------------------------------------------


def pin_newer_key(site: Site, fingerprint: str) -> None:
    """Pin a second key of the Minister's, to which is sealed from now on."""
    peers, known = site.home / "peers.toml", site.agency.fingerprint("moj")
    newer = f'"{known}" }}, {{ fingerprint = "{fingerprint}", valid_from = 2019-03-02'
    peers.write_text(peers.read_text(encoding="utf-8").replace(f'"{known}"', newer, 1), encoding="utf-8")


def test_an_openpgp_key_that_is_not_there(site: Site) -> None:
    site.tomorrow().event(ONE, "move_within", **MOVED)
    day = site.extract()
    pin_newer_key(site, "F" * 40)
    with pytest.raises(errors.KeyUnusable):
        site.seal(day)
    assert list(site.settings.sealed_dir.glob("0*")) == []
    site.write_peers()
    assert site.deliver(day).complete
    whole(site, day)


def test_an_expired_key_of_the_agency(site: Site) -> None:
    other = new_agency(clock="message", keys_expire="2019-03-15")
    try:
        site.take_key(other.openpgp("moj"))
        site.tomorrow().event(ONE, "move_within", **MOVED)
        day = site.extract()
        pin_newer_key(site, other.fingerprint("moj"))
        with pytest.raises(errors.KeyUnusable):
            site.seal(day)
        site.drop_key(other.fingerprint("moj"))
        site.write_peers()
        assert site.deliver(day).complete
        whole(site, day)
    finally:
        other.remove()


def test_an_expired_key_of_the_ward(site: Site) -> None:
    ward = make_ward("old", expire="2019-03-15")
    try:
        site.tomorrow().event(ONE, "move_within", **MOVED)
        day = site.extract()
        homes = ward.homes(ward.home.parent / "homes", site.agency.openpgp("moj"))
        site.write_settings(ward_fingerprint=ward.fingerprint, **homes)
        with pytest.raises(errors.KeyUnusable):
            site.seal(day)
        site.write_settings()
        assert site.deliver(day).complete
        whole(site, day)
    finally:
        ward.remove()


# --- refusals -----------------------------------------------------------------------------------------------


def test_a_refused_record_is_corrected_and_goes_again_as_the_next_attempt(site: Site) -> None:
    site.agency.fault("refuse-records", code="R10", items="sex", records="1")
    site.tomorrow().event(NEWCOMER, "move_in_from_abroad")
    day = site.extract()
    assert site.deliver(day).complete
    assert not site.report(day).delivered
    (item,) = site.rows(OpenItem)
    assert (item.kind, item.rule, item.fields, item.state) == ("refused", "R10", ["sex"], "open")
    other = "2" if site.builder and site.builder.residents[NEWCOMER]["sex"] == "1" else "1"
    site.tomorrow().event(NEWCOMER, "error_correction", sex=other)
    day = site.extract()
    assert site.deliver(day).complete
    assert sent_records(site, 2) == [(notice_id(NEWCOMER, 1), 2, "R00")]
    told = {row.history_number: row for row in site.rows(Notice)}
    assert (told[2].state, told[2].reason, told[2].told_by) == ("silent", "told_by_resend", notice_id(NEWCOMER, 1))
    assert [row.state for row in site.rows(OpenItem)] == ["closed"]
    whole(site, day, files=2)


def test_what_follows_a_refused_record_goes_again_in_order(site: Site) -> None:
    site.agency.fault("refuse-records", code="R10", items="sex", records="1")
    site.tomorrow().event(NEWCOMER, "move_in_from_abroad").event(NEWCOMER, "move_within", **MOVED)
    day = site.extract()
    assert site.deliver(day).complete
    assert [code for _, _, code in sent_records(site, 1)] == ["R10", "R40"]
    assert [row.state for row in sorted(site.rows(Notice), key=lambda row: row.history_number)] == ["refused", "behind"]
    other = "2" if site.builder and site.builder.residents[NEWCOMER]["sex"] == "1" else "1"
    site.tomorrow().event(NEWCOMER, "error_correction", sex=other)
    day = site.extract()
    assert site.deliver(day).complete
    assert sent_records(site, 2) == [(notice_id(NEWCOMER, n), 2, "R00") for n in (1, 2)]
    whole(site, day, files=2)


def test_a_file_that_is_refused_whole_falls_due_again_in_the_next_serial(site: Site) -> None:
    site.agency.fault("refuse-file", code="F21")
    day = sealed_day(site)
    site.publish(day)
    assert site.answered(day).complete
    assert not site.report(day).delivered
    assert (site.file(1).outcome, site.rows(Notice)[0].state) == ("refused", "due")
    site.tomorrow()
    day = site.extract()
    assert site.deliver(day).complete
    assert sent_records(site, 2) == [(notice_id(ONE, 2), 2, "R00")]
    assert site.file(2).previous == site.file(1).package_sha256
    whole(site, day, files=2)
