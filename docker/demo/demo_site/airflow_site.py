"""Airflow of the site: configuration by environment, database, users, pool and connections."""

import json
import secrets
import sys
from pathlib import Path
from typing import Any

from demo_site.calls import call, environment
from demo_site.place import MUNICIPALITY, ROOT, Place, write_private
from demo_site.ports import HOST
from demo_site.texts import say

FAB = "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager"
READS = ("DAGs", "DAG Runs", "Task Instances", "Plugins")
MENUS = ("DAGs", "Browse")
USERS = {"admin": "Admin", "chief": "Admin", "operator": "Operator", "auditor": "Auditor"}
WITNESS = "witness"


def roles() -> dict[str, list[dict[str, str]]]:
    """Return our two roles as FAB's `custom_roles`.

    An operator sees runs, logs, what waits and worklists, and starts nothing; an auditor sees runs, the audit log and
    the reports. Neither changes anything. The witness is no person: with it a step reads from Airflow's own records
    who asked for something and who answered.
    """
    seen = [("can_read", name) for name in READS] + [("menu_access", name) for name in MENUS]
    operator = [("can_read", "Task Logs")]
    auditor = [("can_read", "Audit Logs"), ("menu_access", "Audit Logs")]
    witness = [("can_read", name) for name in (*READS[:3], "Audit Logs", "HITL Detail")]
    granted = {"Operator": seen + operator, "Auditor": seen + auditor, "Witness": witness}
    return {
        role: [{"action": action, "resource": resource} for action, resource in rights]
        for role, rights in granted.items()
    }


def configuration(place: Place, port: int) -> dict[str, str]:
    """Return Airflow's configuration as environment of the programs that we start."""
    url = f"http://{HOST}:{port}"
    secret = _secrets(place)
    options = {
        "CORE__EXECUTOR": "LocalExecutor",
        "CORE__AUTH_MANAGER": FAB,
        "CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__DEFAULT_TIMEZONE": "Asia/Tokyo",
        "CORE__PARALLELISM": "2",
        "CORE__FERNET_KEY": secret["fernet_key"],
        "CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "API__BASE_URL": url,
        "API__HOST": HOST,
        "API__PORT": str(port),
        "API__WORKERS": "1",
        "API__SECRET_KEY": secret["secret_key"],
        "API__EXPOSE_CONFIG": "False",
        "API__ENABLE_SWAGGER_UI": "False",
        "API_AUTH__JWT_SECRET": secret["jwt_secret"],
        "API_AUTH__JWT_ISSUER": f"renkei-{MUNICIPALITY}",
        "FAB__UPDATE_FAB_PERMS": "True",
        "FAB__CUSTOM_ROLES": json.dumps(roles()),
        "DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{place.airflow / 'airflow.db'}?timeout=60",
        "LOGGING__BASE_LOG_FOLDER": str(place.airflow / "logs"),
        "LOGGING__COLORED_CONSOLE_LOG": "False",
        "SCHEDULER__JOB_HEARTBEAT_SEC": "2",
        "SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "1",
        "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
        "SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "30",
        "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "60",
        "DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "DAG_PROCESSOR__REFRESH_INTERVAL": "60",
        "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "120",
        "DAG_PROCESSOR__STALE_DAG_THRESHOLD": "300",
        "USAGE_DATA_COLLECTION__ENABLED": "False",
    }
    named = {f"AIRFLOW__{name}": value for name, value in options.items()}
    return environment(place, named | {"AIRFLOW_HOME": str(place.airflow)})


def make(place: Place, ports: dict[str, int]) -> None:
    """Make database, roles, users and the peer's pool once, and `access.json` with passwords of this site alone."""
    place.airflow.mkdir(mode=0o700, parents=True, exist_ok=True)
    url = f"http://{HOST}:{ports['ui']}"
    known = _read(place.access).get("users")
    users = known or [
        {"role": role, "username": name, "password": secrets.token_urlsafe(15)} for name, role in USERS.items()
    ]
    write_private(place.access, json.dumps({"url": url, "users": users}, indent=2, ensure_ascii=False) + "\n")
    if place.read("airflow-made"):
        return
    env = configuration(place, ports["ui"])
    call("airflow db migrate", [sys.executable, "-m", "airflow", "db", "migrate"], env)
    witness = {"role": "Witness", "username": WITNESS, "password": secrets.token_urlsafe(24)}
    _put(env, {"users": [*users, witness]})
    account = {"url": url, "username": WITNESS, "password": witness["password"]}
    (place.home / "keys").mkdir(mode=0o700, exist_ok=True)
    write_private(place.home / "keys" / "witness.json", json.dumps(account) + "\n")
    place.remember("airflow-made", value=True)
    say("airflow")


def connect(place: Place, ports: dict[str, int], host_keys: dict[str, str]) -> None:
    """Give Airflow one connection per counterparty, as its operator would configure it; again when a port changed."""
    wanted = [
        {
            "conn_id": f"renkei_{name}",
            "conn_type": "sftp",
            "host": HOST,
            "port": ports[name],
            "login": f"ward-{MUNICIPALITY}",
            "extra": json.dumps({"host_key": host_key, "key_file": str(place.ssh_key)}),
        }
        for name, host_key in host_keys.items()
    ]
    if place.read("connections") != wanted:
        _put(configuration(place, ports["ui"]), {"connections": wanted})
        place.remember("connections", wanted)


def access(place: Place) -> dict[str, dict[str, str]]:
    """Return user name and password by role."""
    return {user["role"]: user for user in reversed(_read(place.access)["users"])}


def _put(env: dict[str, str], facts: dict[str, object]) -> None:
    # Passwords go in by standard input: a command line and an environment can be seen by others.
    script = Path(__file__).resolve().parent.parent / "airflow_facts.py"
    call("airflow", [sys.executable, str(script)], env, json.dumps(facts))


def _secrets(place: Place) -> dict[str, str]:
    from cryptography.fernet import Fernet

    path = place.airflow / "secrets.json"
    found: dict[str, str] = _read(path)
    if not found:
        found = {
            "fernet_key": Fernet.generate_key().decode(),
            "secret_key": secrets.token_urlsafe(32),
            "jwt_secret": secrets.token_urlsafe(64),
        }
        place.airflow.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(path, json.dumps(found))
    return found


def _read(path: Path) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
