"""Airflow's home for the tests: configuration stands in the environment before Airflow is imported first.

`prepare()` is called by the conftest of each folder whose tests import Airflow; the first call makes the home, and
`migrated()` makes its database once.
"""

import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DAG = "municipal_notices"
SETTINGS = """
municipality = "131041"
ward_fingerprint = "0123456789ABCDEF0123456789ABCDEF01234567"
clock = "business-date@23:00"
poke_seconds = 1
schedule_start = "2019-03-28"
schedule_end = "2019-04-03"
"""


def options(home: Path, dags: Path) -> dict[str, str]:
    """Return Airflow's configuration as environment."""
    named = {
        "CORE__DAGS_FOLDER": str(dags),
        "CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__EXECUTOR": "LocalExecutor",
        "CORE__PARALLELISM": "2",
        "CORE__UNIT_TEST_MODE": "False",
        "CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "CORE__FERNET_KEY": "",
        "DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}?timeout=60",
        "LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
        "LOGGING__COLORED_CONSOLE_LOG": "False",
        "USAGE_DATA_COLLECTION__ENABLED": "False",
    }
    found = {f"AIRFLOW__{name}": value for name, value in named.items()}
    return found | {"AIRFLOW_HOME": str(home), "NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1"}


@cache
def prepare() -> Path:
    """Make a home and put the configuration into this process's environment; Airflow must not be imported yet."""
    if "airflow" in sys.modules:
        raise RuntimeError("Airflow was imported before its home was made")
    home = Path(tempfile.mkdtemp(prefix="airflow-"))
    (home / "renkei").mkdir()
    (home / "renkei" / "renkei.toml").write_text(SETTINGS, encoding="utf-8")
    os.environ.update(options(home, ROOT / "dags"))
    os.environ["RENKEI_HOME"] = str(home / "renkei")
    return home


@cache
def migrated() -> Path:
    """Make the database of the prepared home, with the pool of one slot; return the home."""
    home = prepare()
    migrate(dict(os.environ))
    return home


def migrate(environment: dict[str, str]) -> None:
    """Make a database and the peer's pool, each by Airflow's own command line."""
    for words in (["db", "migrate"], ["pools", "set", "peer", "1", "peer"]):
        line = [sys.executable, "-m", "airflow", *words]
        done = subprocess.run(line, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
