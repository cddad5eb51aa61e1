"""The whole way in over OpenSSH's own server: fetched, taken in, answered; a line that breaks loses nothing."""

from collections.abc import Iterator

import pytest

from renkei import errors
from tests.support.outbox import Outbox, answer, classify, fetch, inbound, notice, sha256, take_in
from tests.support.proxy import Proxy, proxied
from tests.support.site import PEERS, Site
from tests.support.sshd import Sshd


@pytest.fixture
def proxy(sshd: Sshd) -> Iterator[Proxy]:
    with proxied(sshd.host, sshd.port) as found:
        yield found


def at(site: Site, sshd: Sshd, port: int) -> None:
    """Let moj stand at the OpenSSH server; isa stays where it is."""
    entry = PEERS.format(
        id="moj",
        port=port,
        host_key=sshd.host_key,
        fingerprint=site.agency.fingerprint("moj"),
        folder="131041",
        login=sshd.username,
        key=sshd.key_file,
    )
    path = site.home / "peers.toml"
    others = path.read_text(encoding="utf-8").split("\n[[peer]]")[2:]
    path.write_text("\n[[peer]]".join([entry, *others]), encoding="utf-8")


def test_from_outbox_to_answer(site: Site, sshd: Sshd) -> None:
    at(site, sshd, sshd.port)
    outbox = Outbox(site)
    first = outbox.package(1, [notice(1)])
    (sshd.municipality / "outbox" / outbox.name(1)).write_bytes(outbox.sealed(first))
    bad = sshd.municipality / "outbox" / outbox.name(2)
    bad.symlink_to("/etc/passwd")
    assert take_in(site).ingested == (1,)
    assert [(file.serial, file.state, file.layer) for file in inbound(site)] == [
        (1, "ingested", None),
        (2, "quarantined", "transport"),
    ]
    bad.unlink()
    bad.write_bytes(outbox.sealed(outbox.package(2, [notice(2)], previous=sha256(first))))
    assert take_in(site).ingested == (2,)
    classify(site)
    assert answer(site).published == ("00000001.1", "00000002.1")
    assert answer(site).published == ()
    assert sorted(path.name for path in (sshd.municipality / "acks").iterdir()) == [
        "131041-00000001.ack.json.pgp",
        "131041-00000002.ack.json.pgp",
    ]


def test_a_line_that_breaks_anywhere_is_told_and_loses_nothing(site: Site, sshd: Sshd, proxy: Proxy) -> None:
    at(site, sshd, proxy.port)
    outbox = Outbox(site)
    first = outbox.package(1, [notice(1)])
    (sshd.municipality / "outbox" / outbox.name(1)).write_bytes(outbox.sealed(first))
    seen = []
    for more in range(1000, 1500, 25):
        proxy.cut_after = proxy.sent + more
        try:
            seen.append(fetch(site).fetched)
        except errors.RenkeiError as dropped:
            seen.append(type(dropped).__name__)
    proxy.cut_after = None
    seen.append(fetch(site).fetched)
    assert "LineDropped" in seen
    assert [each for each in seen if isinstance(each, tuple) and each] == [(1,)]
    assert take_in(site).ingested == (1,)
    classify(site)
    for more in range(1000, 4500, 175):
        proxy.cut_after = proxy.sent + more
        try:
            answer(site)
        except errors.RenkeiError:
            continue
    proxy.cut_after = None
    answer(site)
    acks = sshd.municipality / "acks"
    assert [path.name for path in acks.iterdir() if not path.name.startswith(".tmp-")] == [
        "131041-00000001.ack.json.pgp"
    ]
    assert inbound(site)[0].state == "acknowledged"
