"""What a channel received and nobody has read yet: pieces as they came, joined once.

paramiko's own buffer is one array: each piece is copied in, copied out, and all that follows is moved up; each one
also wakes the reader, and two threads that take turns on every packet cost more than the packets.
"""

import threading
import time
from collections import deque
from typing import Final

from paramiko.buffered_pipe import BufferedPipe, PipeTimeout

# Half of it must fit into the window, else the sender waits for the reader and the reader for the sender.
_TOGETHER: Final = 256 << 10


class Pieces(BufferedPipe):  # type: ignore[type-arg]  # generic in the stubs alone
    """A pipe whose reader is woken when all that it wants is there, and that copies it once.

    A read gives `nbytes` where that many come (at most 256 KiB at once), fewer only at the end of the stream.
    Made for SFTP, whose reader always knows how many bytes are still to come.
    """

    def __init__(self) -> None:
        # Every method is our own, so nothing of the base's state is needed.
        self._more = threading.Condition()
        self._pieces: deque[bytes] = deque()
        self._size = 0
        self._wanted = 0
        self._ended = False
        self._event: threading.Event | None = None

    def set_event(self, event: threading.Event) -> None:
        """Set `event` whenever a read would return at once."""
        with self._more:
            self._event = event
            self._tell()

    def close(self) -> None:
        """End the stream: reads give what is left, then nothing."""
        with self._more:
            self._ended = True
            self._tell()
            self._more.notify_all()

    def feed(self, data: bytes) -> None:
        """Add what came; called by the transport's thread."""
        with self._more:
            self._pieces.append(bytes(data))
            self._size += len(data)
            self._tell()
            if self._size >= self._wanted:
                self._more.notify_all()

    def read_ready(self) -> bool:
        """Tell whether a read would give something at once."""
        return self._size > 0

    def read(self, nbytes: int, timeout: float | None = None) -> bytes:
        """Return `nbytes`, or what is left before the end; `PipeTimeout` where nothing more comes for `timeout`."""
        with self._more:
            self._wanted = min(nbytes, _TOGETHER)
            self._await(timeout)
            self._wanted = 0
            return self._take(min(nbytes, self._size))

    def empty(self) -> bytes:
        """Return and forget everything."""
        with self._more:
            return self._take(self._size)

    def _await(self, timeout: float | None) -> None:
        limit = None if timeout is None else time.monotonic() + timeout
        while self._size < self._wanted and not self._ended:
            before = self._size
            if not self._more.wait(None if limit is None else limit - time.monotonic()):
                if self._size == before:
                    raise PipeTimeout
                limit = time.monotonic() + (timeout or 0)

    def _take(self, nbytes: int) -> bytes:
        taken = []
        missing = nbytes
        while missing:
            piece = self._pieces.popleft()
            if len(piece) > missing:
                self._pieces.appendleft(piece[missing:])
                piece = piece[:missing]
            taken.append(piece)
            missing -= len(piece)
        self._size -= nbytes
        self._tell()
        return taken[0] if len(taken) == 1 else b"".join(taken)

    def _tell(self) -> None:
        if self._event is not None:
            (self._event.set if self._size or self._ended else self._event.clear)()
