"""Ports on the loopback: the one that is asked for, and free ones that the site keeps."""

import os
import socket

from demo_site.place import COUNTERPARTIES, Place
from demo_site.texts import DemoError

HOST = "127.0.0.1"
LARGEST = 65535


def is_free(port: int) -> bool:
    """Tell whether somebody could listen on a port now."""
    try:
        with socket.create_server((HOST, port)):
            return True
    except OSError:
        return False


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server((HOST, 0)) as listener:
        return int(listener.getsockname()[1])


def asked_port() -> int | None:
    """Return RENKEI_PORT, or None; raises `DemoError` when it is no port or is taken."""
    words = os.environ.get("RENKEI_PORT", "").strip()
    if not words:
        return None
    if not words.isascii() or not words.isdecimal() or not 0 < int(words) <= LARGEST:
        raise DemoError("port-wrong")
    if not is_free(int(words)):
        raise DemoError("port-taken", port=words)
    return int(words)


def settle_ports(place: Place) -> dict[str, int]:
    """Return the ports of a start: Airflow's `ui`, and one per counterparty; kept ones while they are free."""
    kept: dict[str, int] = place.read("ports") or {}
    asked = asked_port()
    ports: dict[str, int] = {} if asked is None else {"ui": asked}
    for name in ("ui", *COUNTERPARTIES):
        while name not in ports:
            candidate = kept.pop(name, 0) or free_port()
            if is_free(candidate) and candidate not in ports.values():
                ports[name] = candidate
    place.remember("ports", ports)
    return ports
