"""The ZIP of an agency file, walked byte by byte: two stored entries in the agreed form and nothing else.

No library unpacks it. Stored entries lie in the file as they are, so that nothing can grow, a name never becomes a
path, and whatever is not exactly agreed (a third entry, a compressed one, a gap, a comment) refuses the package.
"""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from renkei.agency_file.model import ENTRIES, LARGEST_DESCRIPTOR, Entry, Package
from renkei.errors import AgencyPackageMalformed

_LOCAL: Final = struct.Struct("<4s5H3L2H")
_CENTRAL: Final = struct.Struct("<4s6H3L5H2L")
_END: Final = struct.Struct("<4s4H2LH")
_LOCAL_MARK, _CENTRAL_MARK, _END_MARK = b"PK\3\4", b"PK\1\2", b"PK\5\6"
_DOS_TIME, _DOS_DATE = 0, 0x0021  # 1980-01-01 00:00:00
_STORED, _UNIX, _MODE, _PERMISSIONS, _REGULAR = 0, 3, 0o644, 0o7777, 0o100000
_UTF8_NAME: Final = 0x0800
_BLOCK: Final = 1 << 20


def open_package(path: Path) -> Package:
    """Return where the two entries of a package lie; raises `AgencyPackageMalformed` with the rule it breaks."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        try:
            locals_ = [_local(stream, name, size) for name in ENTRIES]
            _central(stream, locals_)
        except struct.error:
            raise AgencyPackageMalformed(rule="zip") from None
        if stream.read(1):
            raise AgencyPackageMalformed(rule="trailing_bytes")
    descriptor, notices = (entry for entry, _ in locals_)
    if descriptor.size > LARGEST_DESCRIPTOR:
        raise AgencyPackageMalformed(rule="descriptor_size")
    package = Package(path, descriptor, notices)
    for entry, crc in locals_:
        found = 0
        for block in blocks(package, entry):
            found = zlib.crc32(block, found)
        if found != crc:
            raise AgencyPackageMalformed(rule="crc")
    return package


def blocks(package: Package, entry: Entry) -> Iterator[bytes]:
    """Yield an entry's bytes in pieces of at most a MiB."""
    with package.path.open("rb", buffering=0) as stream:
        stream.seek(entry.start)
        left = entry.size
        while left and (block := stream.read(min(_BLOCK, left))):
            left -= len(block)
            yield block


def _local(stream: BinaryIO, name: str, package_size: int) -> tuple[Entry, int]:
    """Read a local header; return its entry and CRC with the stream behind the entry's bytes."""
    start = stream.tell()
    mark, _, flags, method, time, date, crc, packed, size, name_length, extra = _LOCAL.unpack(stream.read(_LOCAL.size))
    if mark != _LOCAL_MARK:
        # Something that is a ZIP ends its entries too early; anything else is none.
        raise AgencyPackageMalformed(rule="entries" if mark in {_CENTRAL_MARK, _END_MARK} else "zip")
    if stream.read(name_length) != name.encode("ascii"):
        raise AgencyPackageMalformed(rule="entry_name")
    if method != _STORED:
        raise AgencyPackageMalformed(rule="compressed")
    if flags & ~_UTF8_NAME:
        raise AgencyPackageMalformed(rule="flags")
    if (time, date) != (_DOS_TIME, _DOS_DATE):
        raise AgencyPackageMalformed(rule="entry_date")
    if extra:
        raise AgencyPackageMalformed(rule="extra_field")
    entry = Entry(name, start + _LOCAL.size + name_length, size)
    if packed != size or entry.start + size > package_size:
        raise AgencyPackageMalformed(rule="size")
    stream.seek(entry.start + size)
    return entry, crc


def _central(stream: BinaryIO, locals_: list[tuple[Entry, int]]) -> None:
    """Read the central directory and the end; both must say what the local headers said."""
    start = stream.tell()
    for entry, crc in locals_:
        fields = _CENTRAL.unpack(stream.read(_CENTRAL.size))
        if fields[0] != _CENTRAL_MARK:
            raise AgencyPackageMalformed(rule="entries")
        made_by, flags, external = fields[1], fields[3], fields[15]
        offset = entry.start - _LOCAL.size - len(entry.name)
        same = (_STORED, _DOS_TIME, _DOS_DATE, crc, entry.size, entry.size, len(entry.name), 0, 0, 0)
        if fields[4:14] != same or fields[16] != offset or flags & ~_UTF8_NAME:
            raise AgencyPackageMalformed(rule="directory")
        if stream.read(len(entry.name)) != entry.name.encode("ascii"):
            raise AgencyPackageMalformed(rule="directory")
        mode = external >> 16
        if made_by >> 8 != _UNIX or mode & _PERMISSIONS != _MODE or mode & ~_PERMISSIONS not in {0, _REGULAR}:
            raise AgencyPackageMalformed(rule="entry_mode")
    length = stream.tell() - start
    count = len(locals_)
    if _END.unpack(stream.read(_END.size)) != (_END_MARK, 0, 0, count, count, length, start, 0):
        raise AgencyPackageMalformed(rule="directory_end")
