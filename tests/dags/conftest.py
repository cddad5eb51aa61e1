"""Airflow's configuration comes first: nothing here imports Airflow at module level."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support import airflow_home
from tests.support.extracts import ExtractBuilder
from tests.support.site import BASELINE, Site, make_site

airflow_home.prepare()

if TYPE_CHECKING:
    from airflow.sdk import DAG


def read_dag(monkeypatch: pytest.MonkeyPatch, home: Path, dag_id: str = airflow_home.DAG) -> "DAG":
    """Read a DAG as it is for a site, and put it into Airflow's database."""
    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db

    DagBundlesManager().sync_bundles_to_db()
    monkeypatch.setenv("RENKEI_HOME", str(home))
    bag = DagBag(str(airflow_home.ROOT / "dags"), bundle_name="dags-folder")
    assert bag.import_errors == {}
    sync_bag_to_db(bag, "dags-folder", None)
    found: DAG = bag.dags[dag_id]
    return found


def connect(monkeypatch: pytest.MonkeyPatch, site: Site, **other: object) -> None:
    """Configure both counterparties' Connections as an operator would; `other` replaces what leads elsewhere."""
    for name in ("moj", "isa"):
        facts = {"host": "127.0.0.1", "port": site.agency.port(name), "host_key": site.agency.host_key(name), **other}
        connection = {
            "conn_type": "sftp",
            "host": facts["host"],
            "port": facts["port"],
            "login": site.agency.login,
            "extra": {"host_key": facts["host_key"], "key_file": str(site.ward.ssh_private)},
        }
        monkeypatch.setenv(f"AIRFLOW_CONN_RENKEI_{name.upper()}", json.dumps(connection))


@pytest.fixture
def builder() -> ExtractBuilder:
    """The baseline: three residents."""
    return ExtractBuilder(BASELINE, baseline=True).resident().resident().resident()


@pytest.fixture
def site(builder: ExtractBuilder) -> Iterator[Site]:
    """A whole site with a running agency; no day has run."""
    made = make_site(Path(tempfile.mkdtemp(prefix="s-")), builder=builder)
    yield made
    made.remove()


@pytest.fixture
def dag(site: Site, monkeypatch: pytest.MonkeyPatch) -> "DAG":
    """The DAG of the site, with its Connections."""
    airflow_home.migrated()
    connect(monkeypatch, site)
    return read_dag(monkeypatch, site.home)
