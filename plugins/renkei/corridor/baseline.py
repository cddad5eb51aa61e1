"""The first extract: a baseline, accepted by a recorded decision; it makes no notices (contract §6)."""

from datetime import date

from sqlalchemy import select

from renkei.corridor.held_rows import settle_rows
from renkei.corridor.house import House
from renkei.corridor.intake import as_json, counts_of
from renkei.errors import ExtractMissing
from renkei.ledger import decisions
from renkei.ledger.states import DecisionKind, ExtractState
from renkei.ledger.tables import Extract
from renkei.registry import check_cut_off, compare_extract, find_extract, open_extract, totals


def accept_baseline(house: House, day: date, *, reason: str, asker: str) -> int:
    """Read the extract of a day whole, every line validated, and accept it as the baseline; return its residents.

    Accepted before, it stays as it is. Raises `ExtractMissing`, the kinds of `ExtractRefused`, `ReasonMissing`.
    """
    with house.ledger.reading() as tx:
        there = tx.session.scalars(select(Extract).where(Extract.state == ExtractState.BASELINE)).first()
    if there is not None:
        return there.residents
    folder = find_extract(house.settings.extracts, day)
    if folder is None:
        raise ExtractMissing(business_date=day.isoformat())
    extract = open_extract(folder, municipality=house.settings.municipality, schemas=house.schemas)
    check_cut_off(extract.manifest, None)
    comparison = compare_extract(extract, None)
    counted = totals(comparison, extract.layout)
    manifest = extract.manifest
    with house.ledger.transaction(actor=asker) as tx:
        decisions.ask(tx, DecisionKind.BASELINE, day.isoformat(), digest=manifest.sha256, asker=asker, reason=reason)
        decided = decisions.use(tx, DecisionKind.BASELINE, day.isoformat(), digest=manifest.sha256)
        tx.session.add(
            Extract(
                business_date=day,
                correction=manifest.correction,
                manifest_sha256=manifest.sha256,
                cut_off=manifest.cut_off,
                previous_cut_off=None,
                layout_version=manifest.layout_version,
                state=ExtractState.BASELINE,
                residents=counted.residents,
                totals=as_json(counted),
                residents_sha256=manifest.files["residents.csv"].sha256,
                events_sha256=manifest.files["events.csv"].sha256,
                counts=counts_of(extract, None),
            )
        )
        settle_rows(tx, comparison, manifest)
        tx.trail(
            "baseline.accepted",
            day.isoformat(),
            manifest=manifest.sha256,
            residents=counted.residents,
            held_records=len(comparison.holds),
            decision=decided.id,
        )
    return counted.residents
