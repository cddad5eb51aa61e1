"""A small TCP proxy that cuts, stalls or slows a line, since a loopback never does so by itself."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Proxy:
    """Stands between a client and a server; the limits may be changed while it runs.

    `cut_after` and `stall_after` count the bytes from client to server over all connections: the line is cut
    (both ends closed) or stalls (nothing goes on, nobody is told) once that many have passed.
    """

    target: tuple[str, int]
    cut_after: int | None = None
    stall_after: int | None = None
    bytes_per_second: int | None = None
    sent: int = 0
    connections: int = 0
    _listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    _open: list[socket.socket] = field(default_factory=list)

    @property
    def host(self) -> str:
        """The address to connect to."""
        return "127.0.0.1"

    @property
    def port(self) -> int:
        """The port to connect to."""
        port: int = self._listener.getsockname()[1]
        return port

    def serve(self) -> None:
        """Accept connections until closed; run in a thread of its own."""
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            try:
                server = socket.create_connection(self.target)
            except OSError:
                client.close()
                continue
            self._open += [client, server]
            for source, sink, up in ((client, server, True), (server, client, False)):
                threading.Thread(target=self._pump, args=(source, sink, up), daemon=True).start()

    def cut(self) -> None:
        """Cut every open line now."""
        for line in self._open:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Stop accepting and cut what is open."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()
        for line in self._open:
            line.close()

    def _pump(self, source: socket.socket, sink: socket.socket, up: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if up and not self._let_pass(len(data)):
                    return
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    def _let_pass(self, count: int) -> bool:
        self.sent += count
        if self.cut_after is not None and self.sent >= self.cut_after:
            self.cut()
            return False
        if self.stall_after is not None and self.sent >= self.stall_after:
            return False
        if self.bytes_per_second:
            time.sleep(count / self.bytes_per_second)
        return True


@contextlib.contextmanager
def proxied(host: str, port: int) -> Iterator[Proxy]:
    """Run a proxy in front of `host:port`."""
    proxy = Proxy((host, port))
    threading.Thread(target=proxy.serve, daemon=True).start()
    try:
        yield proxy
    finally:
        proxy.close()
