"""`datapackage.json` of an agency file: its one form, its layout, its JSON Schema, words of our own lists only."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from jsonschema import Draft202012Validator

from renkei.agency_file.model import NOTICES
from renkei.clock import business_date_of, instant_of
from renkei.errors import (
    AgencyLayoutUnknown,
    AgencyPackageMalformed,
    AgencySchemaMismatch,
    AgencyTotalsWrong,
    LayoutUnknown,
)
from renkei.schemas import Schemas
from renkei.strict_json import exchange_form, strict_object

# A register counts so what no code list has.
_UNKNOWN = "unknown"
_MOST_RESIDENTS = 10**9


def read_descriptor(data: bytes, schemas: Schemas) -> tuple[Mapping[str, Any], datetime, str]:
    """Return the descriptor, the instant of sealing and the layout version.

    Raises `AgencyPackageMalformed`, `AgencyLayoutUnknown`, `AgencySchemaMismatch`, `AgencyTotalsWrong`.
    """
    told = _object(data)
    sealed_at, layout = _layout(told, schemas)
    schema = schemas.table("exchange", layout, "agency_package")
    fault = next(Draft202012Validator(schema).iter_errors(told), None)
    if fault is not None:
        # Both steps are names of the schema's own or numbers; a third could be the sender's.
        raise AgencySchemaMismatch(rule=".".join(map(str, [*fault.absolute_path][:2])) or "members")
    columns = told["resources"][0]["schema"]
    fields = columns.get("fields") if isinstance(columns, dict) else None
    if _names(fields) != list(schemas.fields("exchange", layout, NOTICES)):
        raise AgencySchemaMismatch(rule="resources.schema")
    _check_totals(told["renkei"]["register_totals"], schemas)
    return told, sealed_at, layout


def _object(data: bytes) -> dict[str, Any]:
    try:
        told = strict_object(data)
    except ValueError:
        raise AgencyPackageMalformed(rule="descriptor") from None
    try:
        same = exchange_form(told) == data
    except (ValueError, RecursionError):  # other versions of Python read deeper than they write
        same = False
    if not same:
        raise AgencyPackageMalformed(rule="descriptor_form")
    return told


def _layout(told: Mapping[str, Any], schemas: Schemas) -> tuple[datetime, str]:
    """Return when the file was sealed and its layout version, judged before the schema that depends on it."""
    renkei = told.get("renkei")
    if not isinstance(renkei, dict):
        raise AgencySchemaMismatch(rule="renkei")
    version, at = renkei.get("layout_version"), renkei.get("sealed_at")
    sealed_at = instant_of(at) if isinstance(at, str) else None
    if sealed_at is None:
        raise AgencySchemaMismatch(rule="renkei.sealed_at")
    try:
        layout = schemas.layout_on(business_date_of(sealed_at))
    except LayoutUnknown:
        raise AgencyLayoutUnknown(rule="renkei.sealed_at") from None
    if version != layout:
        raise AgencyLayoutUnknown(rule="renkei.layout_version")
    return sealed_at, layout


def _names(fields: object) -> list[object]:
    return [each.get("name") if isinstance(each, dict) else None for each in fields] if isinstance(fields, list) else []


def _check_totals(totals: Mapping[str, Any], schemas: Schemas) -> None:
    """Totals count by codes of our own lists, and every living record has one category."""
    if not (
        _known(totals["by_category"], schemas, "resident_categories")
        and _known(totals["by_status"], schemas, "statuses_of_residence")
    ):
        raise AgencySchemaMismatch(rule="renkei.register_totals")
    residents = totals["residents"]
    if residents > _MOST_RESIDENTS:
        raise AgencySchemaMismatch(rule="renkei.register_totals")
    if sum(totals["by_category"].values()) != residents or sum(totals["by_status"].values()) > residents:
        raise AgencyTotalsWrong(rule="register_totals")


def _known(names: Iterable[str], schemas: Schemas, codes: str) -> bool:
    return set(names) <= {_UNKNOWN, *schemas.codes(codes)}
