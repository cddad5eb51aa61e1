"""What else may stand in `outbox/`: links, folders, half a file, far too many, one far too large."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from mock_agency.site import write_whole
from mock_agency.telling.scenarios.hostile.case import MIB, Case
from mock_agency.telling.scenarios.hostile.seals import truncated

MANY, GOOD_OF_MANY = 10_000, 60
SPARSE_MIB: Final = 2048


def symbolic_link(case: Case) -> dict[str, Any]:
    """A link to a file of the agency's own under the next name."""
    serial = case.tell(case.strangers(), hidden=True)
    (case.outbox(serial) / case.name(serial)).symlink_to(case.teller.site.home / "site.json")
    return case.told(serial, layer="transport")


def folder(case: Case) -> dict[str, Any]:
    """A folder under the next name."""
    serial = case.tell(case.strangers(), hidden=True)
    (case.outbox(serial) / case.name(serial)).mkdir()
    return case.told(serial, layer="transport")


def half_written(case: Case) -> dict[str, Any]:
    """Two thirds of a file under its name, and the temporary file that it should have been."""
    serial = case.tell(case.strangers(), shown=truncated)
    temporary = case.outbox(serial) / f".tmp-{case.name(serial)}"
    write_whole(temporary, b"half")
    return case.told(serial, case.name(serial), temporary.name, layer="openpgp")


def many(case: Case) -> dict[str, Any]:
    """So many files under the next names: the first sixty are good, the others hold bytes of no meaning."""
    first = case.teller.next_serial()
    number = case.number or MANY
    good = min(number, GOOD_OF_MANY)
    for _ in range(good):
        case.tell([case.maker.invented(case.fault, "not_found", days_ago=30)])
    outbox = case.outbox()
    for serial in range(first + good, first + number):
        (outbox / case.name(serial)).write_bytes(b"nothing")
    return {"serial": first, "last": first + number - 1, "good": good, "names": [case.name(first)]}


def sparse(case: Case) -> dict[str, Any]:
    """A file of 2 GiB that holds nothing, under the next name."""
    serial = case.tell(case.strangers(), hidden=True)
    path = case.outbox(serial) / case.name(serial)
    with path.open("wb") as stream:
        stream.truncate((case.number or SPARSE_MIB) * MIB)
    return case.told(serial, layer="transport")


def other_names(case: Case) -> dict[str, Any]:
    """Good bytes under names that nobody agreed on."""
    serial = case.tell(case.strangers(), hidden=True)
    municipality, outbox = case.teller.municipality, case.outbox(serial)
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in municipality)
    names = [
        f"{municipality}-{serial}.zip.pgp", f"{municipality}-{serial:08d}.ZIP.PGP", f"131148-{serial:08d}.zip.pgp",
        f"{wide}-{serial:08d}.zip.pgp", f"{case.name(serial)}\n", f" {case.name(serial)}", f"{'9' * 240}.zip.pgp",
        f"{municipality}-00000000.zip.pgp", f"{municipality}-{serial:08d}.receipt.json.pgp",
    ]  # fmt: skip
    for name in names:
        write_whole(outbox / name, bytes(case.teller.file(serial)["sealed"]))
    return case.told(serial, *names, layer="")


FAULTS: Final[Mapping[str, Callable[[Case], dict[str, Any]]]] = {
    "symlink": symbolic_link,
    "folder": folder,
    "half-written": half_written,
    "many": many,
    "sparse": sparse,
    "other-names": other_names,
}
