"""What a channel received comes out byte by byte as it came in, however it was cut."""

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paramiko.buffered_pipe import PipeTimeout

from renkei.transfer.pipe import Pieces


@given(st.lists(st.binary(min_size=1, max_size=50)), st.lists(st.integers(1, 70), min_size=1))
def test_pieces_come_out_as_they_came_in(pieces: list[bytes], wanted: list[int]) -> None:
    pipe, out = Pieces(), []
    for piece in pieces:
        pipe.feed(piece)
    pipe.close()
    turn = 0
    while got := pipe.read(wanted[turn % len(wanted)], 1.0):
        out.append(got)
        turn += 1
    assert b"".join(out) == b"".join(pieces)
    assert [len(each) for each in out[:-1]] == [wanted[turn % len(wanted)] for turn in range(len(out))][:-1]


def test_a_reader_waits_until_all_that_it_wants_is_there() -> None:
    pipe, got = Pieces(), list[bytes]()
    reader = threading.Thread(target=lambda: got.append(pipe.read(6, 10.0)))
    reader.start()
    for piece in (b"ab", b"cd", b"efgh"):
        time.sleep(0.01)
        pipe.feed(piece)
    reader.join(10)
    assert got == [b"abcdef"]
    assert pipe.read_ready()
    assert pipe.empty() == b"gh"


def test_silence_ends_a_read_and_loses_nothing() -> None:
    pipe = Pieces()
    pipe.feed(b"ab")
    with pytest.raises(PipeTimeout):
        pipe.read(3, 0.02)
    pipe.feed(b"c")
    assert pipe.read(3, 0.02) == b"abc"


def test_a_closed_pipe_gives_what_is_left_and_then_nothing() -> None:
    pipe = Pieces()
    pipe.feed(b"ab")
    pipe.close()
    assert pipe.read(9, None) == b"ab"
    assert pipe.read(9, None) == b""
