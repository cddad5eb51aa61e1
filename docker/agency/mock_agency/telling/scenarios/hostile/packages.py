"""What is wrong with a package that is signed well: its ZIP, its entries' names, what it says of itself."""

import io
import zipfile
from collections.abc import Callable, Mapping
from typing import Any, Final

from mock_agency.errors import SiteError
from mock_agency.telling.package import DAY, NOTICES, REGULAR, UNIX, Entries, Spoilt, zipped
from mock_agency.telling.scenarios.hostile.case import MIB, Case

BOMB_MIB: Final = 1024
SYMBOLIC_LINK: Final = 0o120777
LOOKALIKE: Final = "\u0430gency_notices.csv"
NAMES: Final = {
    "entry-parent": f"../{NOTICES}",
    "entry-absolute": f"/etc/{NOTICES}",
    "entry-drive": f"C:\\{NOTICES}",
    "entry-nul": f"{NOTICES}\0.exe",
    "entry-long": "a" * 296 + ".csv",
    "entry-lookalike": LOOKALIKE,
}


def renamed(name: str) -> Callable[[Entries], bytes]:
    """Give the second entry another name, whatever it holds."""
    return lambda entries: written([(entries[0][0], entries[0][1]), (name, entries[1][1])])


def written(entries: Entries, *, method: int = zipfile.ZIP_STORED, mode: int = REGULAR) -> bytes:
    """Return a ZIP whose names stand in it as given; compression and mode are those of the last entry."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", allowZip64=False) as archive:
        for number, (name, data) in enumerate(entries, 1):
            entry = zipfile.ZipInfo("entry", DAY)
            entry.filename, entry.create_system = name, UNIX
            last = number == len(entries)
            entry.external_attr = (mode if last else REGULAR) << 16
            entry.compress_type = method if last else zipfile.ZIP_STORED
            archive.writestr(entry, data)
    return buffer.getvalue()


def bombed(mebibytes: int) -> Callable[[Entries], bytes]:
    """Put so many MiB of zeros into the second entry, deflated."""

    def made(entries: Entries) -> bytes:
        buffer = io.BytesIO(zipped(entries[:1]))
        with zipfile.ZipFile(buffer, "a", allowZip64=False) as archive:
            entry = zipfile.ZipInfo(NOTICES, DAY)
            entry.create_system, entry.external_attr = UNIX, REGULAR << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(entry, "w") as stream:
                for _ in range(mebibytes):
                    stream.write(bytes(MIB))
        return buffer.getvalue()

    return made


def changed(**members: object) -> Callable[[dict[str, Any]], object]:
    """Change members of `renkei`."""
    return lambda document: document["renkei"].update(members)


def _spoil(code: str, layer: str, how: Callable[[Case], Spoilt]) -> Callable[[Case], dict[str, Any]]:
    def made(case: Case) -> dict[str, Any]:
        return case.told(case.tell(case.strangers(), package=how(case)), layer=layer, code=code)

    return made


def _zip(how: Callable[[Entries], bytes]) -> Callable[[Case], dict[str, Any]]:
    return _spoil("A20", "packaging", lambda _case: Spoilt(zipped=how))


def _says(code: str, layer: str, how: Callable[[dict[str, Any]], object]) -> Callable[[Case], dict[str, Any]]:
    return _spoil(code, layer, lambda _case: Spoilt(document=how))


def _other_municipality(document: dict[str, Any]) -> None:
    other = "131148" if document["renkei"]["municipality"] != "131148" else "131041"
    document["renkei"]["municipality"] = other
    document["name"] = f"{other}{document['name'][6:]}"


def _one_more(document: dict[str, Any]) -> None:
    counts = document["renkei"]["counts"]["agency_notices"]
    counts["change"] = counts.get("change", 0) + 1


def _other_totals(document: dict[str, Any]) -> None:
    document["renkei"]["register_totals"]["residents"] += 1


def _next_serial(document: dict[str, Any]) -> None:
    document["renkei"]["serial"] += 1
    document["name"] = f"{document['name'][:6]}-{document['renkei']['serial']:08d}"


def _other_hash(document: dict[str, Any]) -> None:
    document["resources"][0]["hash"] = f"sha256:{'0' * 64}"


def _other_counterparty(document: dict[str, Any]) -> None:
    document["renkei"]["counterparty"] = "isa" if document["renkei"]["counterparty"] == "moj" else "moj"


def _not_in_force(case: Case) -> dict[str, Any]:
    """Seal as the counterparty that is not in force: the one before, which still has its key, or the one to come."""
    others = [name for name in case.teller.site.counterparties if name != case.teller.counterparty(case.now)]
    if not others:
        raise SiteError("this agency plays one counterparty only")
    serial = case.tell(case.strangers(), counterparty=others[0])
    return case.told(serial, layer="addressee", code="A24", counterparty=others[0])


def _other_header(data: bytes) -> bytes:
    return data.replace(b"notice_id,attempt", b"attempt,notice_id", 1)


FAULTS: Final[Mapping[str, Callable[[Case], dict[str, Any]]]] = {
    **{fault: _zip(renamed(name)) for fault, name in NAMES.items()},
    "entry-more": _zip(lambda entries: written([*entries, ("readme.txt", b"more")])),
    "entry-nested": _zip(lambda entries: written([*entries, ("more.zip", zipped(entries))])),
    "entry-symlink": _zip(lambda entries: written(entries, mode=SYMBOLIC_LINK)),
    "zip-deflated": _zip(lambda entries: written(entries, method=zipfile.ZIP_DEFLATED)),
    "zip-bomb": _spoil("A20", "packaging", lambda case: Spoilt(zipped=bombed(case.number or BOMB_MIB))),
    "zip-trailing": _zip(lambda entries: zipped(entries) + b"more"),
    "digest-differs": _says("A20", "packaging", _other_hash),
    "wrong-header": _spoil("A21", "schema", lambda _case: Spoilt(table=_other_header)),
    "wrong-totals": _says("A22", "totals", _one_more),
    "wrong-register-totals": _says("A22", "totals", _other_totals),
    "wrong-municipality": _says("A24", "addressee", _other_municipality),
    "wrong-counterparty": _says("A24", "addressee", _other_counterparty),
    "counterparty-not-in-force": _not_in_force,
    "unknown-layout": _says("A25", "schema", changed(layout_version="9")),
    "wrong-previous": _says("A27", "serial", changed(previous="0" * 64)),
    "other-serial-inside": _says("A28", "serial", _next_serial),
}
