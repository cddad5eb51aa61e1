"""The command line: complete help, clear refusals, keys as they were asked for."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.support.agency import Agency, AgencyFailed, new_agency

COMMANDS = (
    "init", "trust", "seed", "serve", "process", "register", "status", "void", "resume", "answer", "fault",
    "send", "notices", "show", "truth", "acks",
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_argument_is_explained(trusting: Agency, command: str) -> None:
    text = trusting.run(command, "--help")
    options = [line for line in text.splitlines() if line.startswith("  --")]
    assert options
    for line, after in zip(text.splitlines(), [*text.splitlines()[1:], ""], strict=True):
        if line.startswith("  --"):
            assert "  " in line.strip() or after.startswith(" " * 8), line


def test_keys_are_made_before_the_first_day(trusting: Agency) -> None:
    line = ["gpg", "--with-colons", "--show-keys", str(trusting.openpgp("moj"))]
    shown = subprocess.run(line, capture_output=True, text=True, check=True).stdout
    rows = [row.split(":") for row in shown.splitlines()]
    assert [(row[0], row[3], row[6]) for row in rows if row[0] in {"pub", "sub"}] == [
        ("pub", "22", ""),
        ("sub", "18", ""),
    ]
    made = {row[5] for row in rows if row[0] in {"pub", "sub"}}
    assert made == {"1551366000"}  # 2019-03-01 00:00 in Tokyo
    assert trusting.fingerprint("moj") in shown
    assert trusting.fingerprint("isa") not in shown
    assert trusting.host_key("moj").startswith("ssh-ed25519 AAAA")


def test_an_expiry_may_be_asked_for() -> None:
    made = new_agency(keys_expire="2019-04-01")
    try:
        line = ["gpg", "--with-colons", "--show-keys", str(made.openpgp("isa"))]
        shown = subprocess.run(line, capture_output=True, text=True, check=True).stdout
        assert [row.split(":")[6] != "" for row in shown.splitlines() if row[:3] in {"pub", "sub"}] == [True, True]
    finally:
        made.remove()


def test_a_home_is_made_once(trusting: Agency) -> None:
    with pytest.raises(AgencyFailed, match="there is an agency already"):
        trusting.init()


def test_what_is_no_key_is_refused(trusting: Agency, tmp_path: Path) -> None:
    nothing = tmp_path / "key"
    nothing.write_text("no key", encoding="utf-8")
    with pytest.raises(AgencyFailed, match="not an SSH public key"):
        trusting.trust(trusting.openpgp("moj"), nothing)


@pytest.mark.parametrize("command", ["void", "resume", "answer", "register"])
def test_another_municipality_is_refused(trusting: Agency, command: str, tmp_path: Path) -> None:
    more = {
        "void": ("--serial", 1, "--reason", "x"),
        "resume": ("--reason", "x"),
        "answer": ("--serial", 1),
        "register": ("--out", tmp_path / "out"),
    }
    with pytest.raises(AgencyFailed, match="131059 is not one of 131041"):
        trusting.run(command, "--municipality", "131059", *more[command])


def test_faults_are_listed_and_cleared(trusting: Agency) -> None:
    trusting.fault("late", seconds=3)
    trusting.fault("never")
    names = [json.loads(line)["name"] for line in trusting.run("fault", "list").splitlines()]
    assert names == ["late", "never"]
    trusting.heal("late")
    assert [fault["name"] for fault in trusting.status()["faults"]] == ["never"]
    trusting.heal()
    assert trusting.status()["faults"] == []
