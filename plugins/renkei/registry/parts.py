"""Compare two large files on two processor cores: a second process of ours takes the part behind one key.

A ward's day is compared in a few milliseconds by one. What comes back through the pipe is what one process would
have found; neither the command line nor a file holds anything of a line.
"""

import marshal
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any, Final

from renkei import errors
from renkei.errors import ComparisonBroken, KeyDoubled, RowsOutOfOrder
from renkei.registry.compare import Difference, Part, differences_of
from renkei.registry.form import Place, line_number
from renkei.registry.layout import KEY_WIDTH
from renkei.registry.search import line_start, offset_of

_WORTH_IT: Final = 1 << 28
# The second process has to start first.
_FIRST_SHARE: Final = 0.57
_BATCH: Final = 1000
_MODULE: Final = "renkei.registry.parts"
_PLUGINS: Final = Path(__file__).resolve().parents[2]


def differences(before: Path, after: Path) -> Iterator[Difference]:
    """Yield what differs between two files in the order of keys.

    Raises `RowsOutOfOrder`, `KeyDoubled`, `KeyMalformed` (today's file), `LastLineOpen`, `LineTooLong`,
    `ExtractFileEmpty`, `ColumnOrderWrong` (another header), `ComparisonBroken` (the second process ended).
    """
    whole = Part.whole(before, after)
    if min(whole.old_to, whole.new_to) < _WORTH_IT or (os.cpu_count() or 1) == 1:
        yield from differences_of(before, after, whole)
    else:
        yield from _by_two(before, after, whole)


def _by_two(before: Path, after: Path, whole: Part) -> Iterator[Difference]:
    with before.open("rb") as file:
        header = len(file.readline())
        old_split = line_start(file, max(header, int(whole.old_to * _FIRST_SHARE)), header)
        file.seek(old_split)
        key = file.read(KEY_WIDTH)
    if not key:
        yield from differences_of(before, after, whole)
        return
    new_split = offset_of(after, key)
    _prove_split(after, new_split)
    process = _started(before, after, Part(old_split, whole.old_to, new_split, whole.new_to))
    with ThreadPoolExecutor(1) as reader:
        # Read while we compare, or the other would wait for a place in the pipe.
        rest = reader.submit(process.communicate)
        try:
            yield from differences_of(before, after, Part(0, old_split, 0, new_split))
            found = rest.result()[0]
        finally:
            process.kill()
    yield from _received(found, after)


def _prove_split(after: Path, split: int) -> None:
    """Prove the order of the two lines that the parts have as neighbours."""
    with after.open("rb") as file:
        header = len(file.readline())
        if split <= header:
            return
        file.seek(line_start(file, split - 1, header))
        last, first = file.readline()[:KEY_WIDTH], file.readline()[:KEY_WIDTH]
    if first and first <= last:
        error = KeyDoubled if first == last else RowsOutOfOrder
        Place.of(after).refuse(error, line=line_number(after, split), column="registry_number")


def _started(before: Path, after: Path, part: Part) -> subprocess.Popen[bytes]:
    offsets = (part.old_from, part.old_to, part.new_from, part.new_to)
    command = [sys.executable, "-m", _MODULE, str(before), str(after), *map(str, offsets)]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(_PLUGINS)},
    )


def _received(found: bytes, after: Path) -> Iterator[Difference]:
    """Yield the other process's differences, or raise its error here."""
    view, at = memoryview(found), 0
    while at + 8 <= len(view):
        size = int.from_bytes(view[at : at + 8], "little")
        content = marshal.loads(view[at + 8 : at + 8 + size])  # noqa: S302 - our own process wrote it
        at += 8 + size
        if content is None:
            return
        if isinstance(content, list):
            yield from (Difference(*each) for each in content)
        else:
            name, refs = content
            raise getattr(errors, name)(**refs)
    raise ComparisonBroken(file=after.name)


def _send(out: IO[bytes], content: Any) -> None:  # noqa: ANN401 - whatever marshal takes
    data = marshal.dumps(content)
    out.write(len(data).to_bytes(8, "little") + data)


def _work(before: Path, after: Path, part: Part, out: IO[bytes]) -> None:
    """Be the second process: write batches of differences, then None, or the error that ended it."""
    batch = []
    try:
        for each in differences_of(before, after, part):
            batch.append(tuple(each))
            if len(batch) == _BATCH:
                _send(out, batch)
                batch = []
    except errors.ExtractRefused as error:
        _send(out, (type(error).__name__, error.refs))
    else:
        _send(out, batch)
        _send(out, None)
    out.flush()


if __name__ == "__main__":
    _work(Path(sys.argv[1]), Path(sys.argv[2]), Part(*map(int, sys.argv[3:7])), sys.stdout.buffer)
