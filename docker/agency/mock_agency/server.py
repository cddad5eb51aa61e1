"""The listeners: one per counterparty with its own host key, key login only, faults of the line per connection."""

import asyncio
import contextlib
import functools
import json
import os
import signal
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import asyncssh

from mock_agency import faults
from mock_agency.keys import make_host_key
from mock_agency.sftp import Visit, WardFolder
from mock_agency.site import Site, Trust, write_whole

LOGIN_SECONDS = 30
Look = Callable[[str, str], None]


class Door(asyncssh.SSHServer):
    """Lets a ward in by its one key; everything but SFTP is refused by default."""

    def __init__(self, site: Site, *, refuse: bool) -> None:
        self._site = site
        self._refuse = refuse

    def _trust(self, username: str) -> Trust | None:
        municipality = username.removeprefix("ward-")
        trust = self._site.trust(municipality) if municipality in self._site.municipalities else None
        return trust if trust and trust.login == username else None

    def begin_auth(self, username: str) -> bool:
        """Ask everybody for a key."""
        del username
        return True

    def public_key_auth_supported(self) -> bool:
        """Keys are the only way in."""
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Tell whether this is the one key of the login."""
        trust = self._trust(username)
        if trust is None or self._refuse:
            return False
        return asyncssh.import_public_key(trust.ssh_key).public_data == key.public_data


async def converse(site: Site, counterparty: str, line: socket.socket, look: Look) -> None:
    """Serve one connection; whatever goes wrong with it concerns nobody else."""
    struck = faults.strike(site, faults.LINE, counterparty, "", "")
    names = {fault.name for fault in struck}
    host_key = site.ssh_host_key(counterparty)
    if "other-host-key" in names:
        host_key = site.home / "ssh" / "stranger.key"
        make_host_key(host_key)

    def folder(channel: asyncssh.SSHServerChannel[bytes]) -> WardFolder:
        municipality = channel.get_extra_info("username").removeprefix("ward-")
        tell = functools.partial(look, counterparty, municipality)
        return WardFolder(channel, Visit(site.peer(counterparty, municipality), municipality, tell, struck))

    with contextlib.suppress(OSError, asyncssh.Error, asyncio.TimeoutError):
        connection = await asyncssh.run_server(
            line,
            server_factory=lambda: Door(site, refuse="refuse-key" in names),
            server_host_keys=[str(host_key)],
            sftp_factory=folder,
            allow_pty=False,
            agent_forwarding=False,
            login_timeout=LOGIN_SECONDS,
        )
        await connection.wait_closed()


class Listener:
    """Accepts connections for one counterparty."""

    def __init__(self, site: Site, counterparty: str, host: str, port: int, look: Look) -> None:
        self._site, self._counterparty, self._look = site, counterparty, look
        self._socket = socket.create_server((host, port), backlog=64)
        self._socket.settimeout(0)
        self._conversations: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        """The port that was got."""
        return int(self._socket.getsockname()[1])

    async def accept(self) -> None:
        """Accept until cancelled."""
        loop = asyncio.get_running_loop()
        with self._socket:
            try:
                while True:
                    line, _ = await loop.sock_accept(self._socket)
                    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    task = asyncio.create_task(converse(self._site, self._counterparty, line, self._look))
                    self._conversations.add(task)
                    task.add_done_callback(self._conversations.discard)
            finally:
                for task in self._conversations:
                    task.cancel()


async def serve(
    site: Site, host: str, ports: dict[str, int], every: float, one_pass: Callable[[], None], look: Look
) -> None:
    """Listen and process until SIGTERM or SIGINT; `run/ports.json` stands as soon as the ports answer."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    listeners = {name: Listener(site, name, host, ports.get(name, 0), look) for name in site.counterparties}
    tasks = [asyncio.create_task(listener.accept()) for listener in listeners.values()]
    write_whole(site.run / "serve.pid", f"{os.getpid()}\n".encode())
    got = {name: listener.port for name, listener in listeners.items()}
    write_whole(site.run / "ports.json", json.dumps(got).encode())
    try:
        with ThreadPoolExecutor(1) as worker:
            while not stop.is_set():
                await loop.run_in_executor(worker, one_pass)
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(stop.wait(), every)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for name in ("ports.json", "serve.pid"):
            (site.run / name).unlink(missing_ok=True)
