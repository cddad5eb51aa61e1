"""The archive around the entries, byte by byte, and as other programs read it."""

import stat
import struct
import subprocess
import zipfile
import zlib
from pathlib import Path

from renkei.change_file import Descriptor, Record, package_bytes, write
from renkei.schemas import Schemas
from tests.support.change_files import entries

NAMES = ["datapackage.json", "resident_records.csv", "residence_reports.csv", "certificates.csv"]


def zip_by_hand(content: dict[str, bytes]) -> bytes:
    """Lay out a ZIP field by field after the format's specification, as schemas/README.md fixes each one."""
    body, directory = b"", b""
    for name, data in content.items():
        # version needed 2.0, no flags, stored, 00:00:00, 1980-01-01, CRC, sizes, no extra field
        common = struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 0x21, zlib.crc32(data), len(data), len(data), len(name), 0)
        made_by_unix = struct.pack("<BB", 20, 3)
        attributes = struct.pack("<HHHII", 0, 0, 0, (stat.S_IFREG | 0o644) << 16, len(body))
        directory += b"PK\x01\x02" + made_by_unix + common + attributes + name.encode()
        body += b"PK\x03\x04" + common + name.encode() + data
    count = len(content)
    end = struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), len(body), 0)
    return body + directory + b"PK\x05\x06" + end


class TestZip:
    """Entries stored, in order; dates, modes and makers fixed."""

    def test_every_byte_around_the_entries(
        self, schemas: Schemas, described: Descriptor, records: list[Record]
    ) -> None:
        package = package_bytes(records, described, schemas)
        assert list(entries(package)) == NAMES
        assert package == zip_by_hand(entries(package))

    def test_what_pythons_zipfile_reads(
        self, schemas: Schemas, described: Descriptor, records: list[Record], package_path: Path
    ) -> None:
        write(package_path, records, described, schemas)
        with zipfile.ZipFile(package_path) as archive:
            listed = archive.infolist()
            assert archive.testzip() is None
            assert archive.comment == b""
        assert [entry.filename for entry in listed] == NAMES
        assert {entry.date_time for entry in listed} == {(1980, 1, 1, 0, 0, 0)}
        assert {entry.external_attr >> 16 for entry in listed} == {stat.S_IFREG | 0o644}
        assert {(entry.create_system, entry.compress_type, entry.flag_bits) for entry in listed} == {(3, 0, 0)}
        assert {(entry.extra, entry.comment) for entry in listed} == {(b"", b"")}

    def test_what_debians_unzip_reads(
        self, schemas: Schemas, described: Descriptor, records: list[Record], package_path: Path
    ) -> None:
        write(package_path, records, described, schemas)
        tested = subprocess.run(["unzip", "-t", package_path], capture_output=True, text=True, check=False)
        assert (tested.returncode, tested.stderr) == (0, "")
        listed = subprocess.run(["zipinfo", package_path], capture_output=True, text=True, check=True).stdout
        lines = [line.split() for line in listed.splitlines() if line.startswith("-rw-r--r--")]
        assert [line[-1] for line in lines] == NAMES
        assert {(line[2], line[5], line[6]) for line in lines} == {("unx", "stor", "80-Jan-01")}
