"""What is wrong with the serials: gaps, old files under new names, one serial with two packages."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from mock_agency.telling.package import GOOD, Head, build
from mock_agency.telling.scenarios.hostile.case import Case
from mock_agency.telling.scenarios.names import HOSTILE
from mock_agency.telling.sending import HIDDEN, SEALED, Order, show_own


def gap(case: Case) -> dict[str, Any]:
    """One serial is sealed and not shown, the next one is; `show` fills the gap, or a person declares it void."""
    missing = case.tell(case.strangers(), hidden=True)
    return case.told(case.tell(case.strangers()), missing=missing, layer="serial")


def withdrawn(case: Case) -> dict[str, Any]:
    """The last file is taken out of `outbox/`, as if it had never been shown."""
    serial = case.last()
    (case.outbox(serial) / case.name(serial)).unlink()
    teller = case.teller
    sql = "UPDATE own_files SET state = ? WHERE municipality = ? AND serial = ?"
    teller.store.run(sql, HIDDEN, teller.municipality, serial)
    return case.told(serial, layer="serial")


def replay(case: Case) -> dict[str, Any]:
    """The bytes of the last file stand under the next name too."""
    teller, serial = case.teller, case.last() + 1
    old = teller.file(serial - 1)
    who = teller.sealing(old["package"], case.now, old["counterparty"])
    with teller.store.transaction():
        teller.keep(serial, who, Order(HOSTILE, case.maker.day.isoformat(), case.fault), sealed=old["sealed"])
    show_own(teller.site, teller.store, teller.municipality)
    return case.told(serial, layer="serial", code="A28")


def sealed_anew(case: Case) -> dict[str, Any]:
    """The last package stands under its name in another sealing."""
    teller, serial = case.teller, case.last()
    old = teller.file(serial)
    sealed = teller.sealing(old["package"], case.now, old["counterparty"]).sealed()
    _show(case, serial, sealed, old["package_sha256"])
    return case.told(serial, outcome="duplicate", code="A30")


def other_package(case: Case) -> dict[str, Any]:
    """Another package stands under the name of the last one: whoever took that in stops."""
    teller, serial = case.teller, case.last()
    old = teller.file(serial)
    numbered = enumerate(case.strangers(), 1)
    rows = [teller.form.complete(draft.row, teller.municipality, n, f"{n:032x}") for n, draft in numbered]
    before = teller.file(serial - 1)["package_sha256"] if serial > 1 else None
    totals = teller.store.totals(teller.municipality)
    head = Head(teller.municipality, old["counterparty"], serial, case.now.iso, before, totals)
    package = build(teller.form, head, rows, GOOD)
    who = replace(teller.sealing(b"", case.now, old["counterparty"]), package=package)
    _show(case, serial, who.sealed(), hashlib.sha256(package).hexdigest())
    return case.told(serial, stops=True)


def _show(case: Case, serial: int, sealed: bytes, package_sha256: str) -> None:
    """Put other bytes under a serial's name."""
    teller = case.teller
    with teller.store.transaction():
        teller.keep_sealing(serial, sealed, package_sha256)
        sql = "UPDATE own_files SET shown = ?, state = ? WHERE municipality = ? AND serial = ?"
        teller.store.run(sql, sealed, SEALED, teller.municipality, serial)
    show_own(teller.site, teller.store, teller.municipality)


FAULTS: Final[Mapping[str, Callable[[Case], dict[str, Any]]]] = {
    "gap": gap,
    "withdrawn": withdrawn,
    "replay": replay,
    "sealed-anew": sealed_anew,
    "other-package": other_package,
}
