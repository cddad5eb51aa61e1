"""Puts users, the peer's pool and connections into Airflow's database; JSON from standard input.

Run in a process of its own, because Airflow takes its configuration from the environment at its first import.
One process for all is faster than one command line call of Airflow each, and no secret stands on a command line.
"""

import json
import sys
from typing import Any

POOL = "peer"


def put_users(users: list[dict[str, str]]) -> None:
    """Make the roles of the configuration, and each user who is not there yet."""
    from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

    with get_application_builder() as builder:
        manager = builder.sm
        manager.sync_roles()
        for user in users:
            name, role = user["username"], user["role"]
            if manager.find_user(username=name):
                continue
            made = manager.add_user(
                name, role, "renkei", f"{name}@localhost", manager.find_role(role), password=user["password"]
            )
            if not made:
                raise SystemExit(f"user {name} was not made")


def put_pool() -> None:
    """Make the pool of one slot: one task at a time talks to the peer."""
    from airflow.models.pool import Pool

    Pool.create_or_update_pool(POOL, slots=1, description="相手方との通信 / talking to the peer", include_deferred=True)


def put_connections(connections: list[dict[str, Any]]) -> None:
    """Make or replace connections."""
    from airflow.models.connection import Connection
    from airflow.utils.session import create_session
    from sqlalchemy import delete

    with create_session() as session:
        for facts in connections:
            session.execute(delete(Connection).where(Connection.conn_id == facts["conn_id"]))
            session.add(Connection(**facts))


def main() -> None:
    """Put in what standard input says."""
    facts = json.load(sys.stdin)
    if "users" in facts:
        put_users(facts["users"])
        put_pool()
    if "connections" in facts:
        put_connections(facts["connections"])


if __name__ == "__main__":
    main()
