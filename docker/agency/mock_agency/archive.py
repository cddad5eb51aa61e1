"""The ZIP of a change file, read byte by byte: four stored entries, one form, and nothing else in the file."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from mock_agency.errors import FileRefused

ENTRIES = ("datapackage.json", "resident_records.csv", "residence_reports.csv", "certificates.csv")
LOCAL = struct.Struct("<4s5H3L2H")
CENTRAL = struct.Struct("<4s6H3L5H2L")
END = struct.Struct("<4s4H2LH")
LARGEST = 4 << 30
DOS_TIME, DOS_DATE = 0, 0x0021  # 1980-01-01 00:00:00
STORED, UNIX, MODE, PERMISSIONS, REGULAR = 0, 3, 0o644, 0o7777, 0o100000
UTF8_NAME = 0x0800
PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: name, where its bytes begin, how many there are, their CRC-32."""

    name: str
    start: int
    size: int
    crc: int


def read_entries(package: Path) -> dict[str, bytes]:
    """Return the four entries' bytes by name, in order.

    Raises FileRefused (F20) for any other list, order, compression, attribute, gap or trailing byte.
    """
    if package.stat().st_size > LARGEST:
        raise malformed("the package is larger than 4 GiB")
    with package.open("rb") as stream:
        try:
            entries = list(_walk(stream, package.stat().st_size))
        except (struct.error, UnicodeDecodeError):
            raise malformed("the package is no ZIP of the agreed form") from None
        return {entry.name: _content(stream, entry) for entry in entries}


def malformed(clause: str) -> FileRefused:
    """Return the refusal of a package that does not have the agreed form."""
    return FileRefused("F20", clause)


def _walk(stream: BinaryIO, size: int) -> Iterator[Entry]:
    count, length, start = _end(stream, size)
    if count != len(ENTRIES):
        raise malformed(f"the package has {count} entries, not {len(ENTRIES)}")
    expected, position = 0, start
    for index, name in enumerate(ENTRIES):
        stream.seek(position)
        fixed = CENTRAL.unpack(stream.read(CENTRAL.size))
        if fixed[0] != b"PK\1\2":
            raise malformed("the central directory is broken")
        entry, after = _local(stream, expected), position + CENTRAL.size + fixed[10]
        stream.seek(position + CENTRAL.size)
        if entry.name != name or stream.read(fixed[10]).decode("ascii") != name:
            raise malformed(f"entry {index + 1} is not {name}")
        _check_central(fixed, entry, expected)
        expected, position = entry.start + entry.size, after
        yield entry
    if position != start + length or expected != start:
        raise malformed("bytes outside the entries")


def _end(stream: BinaryIO, size: int) -> tuple[int, int, int]:
    if size < END.size:
        raise malformed("the package is no ZIP")
    stream.seek(size - END.size)
    mark, disk, first_disk, here, count, length, start, comment = END.unpack(stream.read(END.size))
    if mark != b"PK\5\6" or disk or first_disk or here != count or comment:
        raise malformed("the package does not end as a plain ZIP without comment")
    if start + length + END.size != size:
        raise malformed("bytes outside the entries")
    return count, length, start


def _local(stream: BinaryIO, position: int) -> Entry:
    stream.seek(position)
    mark, _, flags, method, time, date, crc, packed, size, name_length, extra = LOCAL.unpack(stream.read(LOCAL.size))
    if mark != b"PK\3\4":
        raise malformed("bytes between the entries")
    name = stream.read(name_length).decode("ascii")
    if flags & ~UTF8_NAME:
        raise malformed(f"{name}: encrypted, streamed or otherwise flagged")
    if method != STORED or packed != size:
        raise malformed(f"{name}: not stored")
    if (time, date) != (DOS_TIME, DOS_DATE):
        raise malformed(f"{name}: not dated 1980-01-01 00:00:00")
    if extra:
        raise malformed(f"{name}: extra fields")
    return Entry(name, position + LOCAL.size + name_length, size, crc)


def _check_central(fixed: tuple[int, ...], entry: Entry, position: int) -> None:
    made_by, flags, method, time, date, crc, packed, size = (fixed[1], *fixed[3:10])
    extra, comment, disk, external, offset = (*fixed[11:14], *fixed[15:])
    same = (method, time, date, crc, packed, size, offset, disk)
    if same != (STORED, DOS_TIME, DOS_DATE, entry.crc, entry.size, entry.size, position, 0) or flags & ~UTF8_NAME:
        raise malformed(f"{entry.name}: central directory and entry differ")
    if extra or comment:
        raise malformed(f"{entry.name}: extra fields or a comment")
    mode = external >> 16
    if made_by >> 8 != UNIX or mode & PERMISSIONS != MODE or mode & ~PERMISSIONS not in (0, REGULAR):
        raise malformed(f"{entry.name}: not a regular file of mode 0644 made by Unix")


def _content(stream: BinaryIO, entry: Entry) -> bytes:
    stream.seek(entry.start)
    data = stream.read(entry.size)
    if len(data) != entry.size or zlib.crc32(data) != entry.crc:
        raise malformed(f"{entry.name}: CRC differs")
    return data
