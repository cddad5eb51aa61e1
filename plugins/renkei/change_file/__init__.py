"""The change file as a package: written deterministically, read again for a rebuild."""

from renkei.change_file.model import ChangeFile, Descriptor, Package, ReadRecord, Record
from renkei.change_file.reader import compare, read
from renkei.change_file.writer import package_bytes, write

__all__ = [
    "ChangeFile",
    "Descriptor",
    "Package",
    "ReadRecord",
    "Record",
    "compare",
    "package_bytes",
    "read",
    "write",
]
