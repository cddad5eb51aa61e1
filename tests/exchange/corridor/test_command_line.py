"""`renkei` at a whole site, as an operator types it: one process per command."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from renkei.ledger.tables import OpenItem, Trail
from tests.support.agency import ROOT
from tests.support.extracts import ExtractBuilder
from tests.support.site import BASELINE, Site, make_site

DAY, NEXT = "2019-03-28", "2019-03-29"


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    builder = ExtractBuilder(BASELINE, baseline=True).resident().resident()
    made = make_site(Path(tempfile.mkdtemp(prefix="s-")), builder=builder)
    day = builder.next_day()
    day.event("0000000001", "move_within", address="東京都新宿区四谷1番1号", event_date="2019-05-01")
    day.event("0000000002", "move_within", address="東京都新宿区四谷1番2号")
    day.write(made.extracts)
    yield made
    made.remove()


def renkei(site: Site, *words: object) -> tuple[int, str]:
    environment = {**os.environ, "RENKEI_HOME": str(site.home), "PYTHONPATH": str(ROOT / "plugins")}
    line = [sys.executable, "-m", "renkei.cli", *map(str, words)]
    done = subprocess.run(line, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_a_day_and_what_waits_after_it(site: Site) -> None:
    """The steps of one morning, in order."""
    assert renkei(site, "migrate")[0] == 0
    code, told = renkei(site, "run", DAY)
    assert code == 0, told
    assert "reports/" in told
    assert "封緘済み" in renkei(site, "seal", DAY)[1]
    code, told = renkei(site, "status")
    assert (code, "held=1" in told, "receipted" in told) == (0, True, True)
    code, told = renkei(site, "waiting")
    assert code == 0
    assert "次:" in told
    assert "0000000001" not in told
    assert "0000000001" in renkei(site, "waiting", "--persons")[1]
    (item,) = site.rows(OpenItem)
    code, told = renkei(site, "release", item.id, "--reason", "the date is right", "--asker", "clerk")
    assert code == 0, told
    assert renkei(site, "release", item.id, "--reason", "again")[0] == 1
    assert renkei(site, "seal", NEXT)[0] == 3
    assert renkei(site, "rebuild", "1")[0] == 0
    code, told = renkei(site, "verify")
    assert (code, told.strip().splitlines()[-1]) == (0, "PASS")
    actors = {row.actor for row in site.rows(Trail)}
    assert any(actor.startswith("cli/") for actor in actors)
    _assert_a_changed_file_fails(site)


def _assert_a_changed_file_fails(site: Site) -> None:
    stored = site.home / site.file(1).sealed_path
    kept = stored.read_bytes()
    stored.write_bytes(kept[:-1] + b"x")
    code, told = renkei(site, "verify")
    stored.write_bytes(kept)
    assert code == 1
    assert "FAIL" in told


def test_without_a_site_the_setting_is_named() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RENKEI_")}
    line = [sys.executable, "-m", "renkei.cli", "status"]
    environment["PYTHONPATH"] = str(ROOT / "plugins")
    done = subprocess.run(line, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "HOME" in done.stderr
