"""Bytes over SFTP from a server that does not keep to what it was asked."""

from types import SimpleNamespace
from typing import Any

import paramiko
import pytest
from paramiko.sftp import CMD_DATA

from renkei.transfer import streams


class Server:
    """Answers each read request with bytes of its own choice."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        self._asked: list[tuple[Any, int]] = []

    def open(self, *_: object) -> "Server":
        return self

    def __enter__(self) -> SimpleNamespace:
        return SimpleNamespace(handle=b"h")

    def __exit__(self, *_: object) -> None:
        """Nothing to close."""

    def _async_request(self, answers: Any, *_: object) -> int:
        self._asked.append((answers, len(self._asked)))
        return len(self._asked) - 1

    def _read_response(self) -> None:
        answers, number = self._asked[-1]
        message = paramiko.Message()
        message.add_string(self._answer)
        message.rewind()
        answers._async_response(CMD_DATA, message, number)


def test_more_than_was_asked_for_is_refused() -> None:
    with pytest.raises(paramiko.SFTPError):
        streams.digest(Server(b"12345"), "/receipts/x", 4)  # type: ignore[arg-type]


def test_what_was_asked_for_is_taken() -> None:
    assert streams.digest(Server(b"1234"), "/receipts/x", 4)  # type: ignore[arg-type]
