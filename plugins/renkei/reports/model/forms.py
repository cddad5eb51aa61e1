"""What a field of the report may hold: every string has a form, so that nobody's data fits in by mistake.

A class of the model is decorated with `checked`; its fields are annotated with the forms below. The check
runs when an instance is made and refuses a value of another type or form, naming the field, never the value.
The only free text is `Text`: sentences and labels that come from `schemas/` or from the site's settings.
"""

import hashlib
import re
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from renkei.errors import ReportFieldRefused

_Class = TypeVar("_Class", bound=type)


@dataclass(frozen=True, slots=True)
class Form:
    """A form that a string must have in full: a regular expression."""

    pattern: str


CARD_NUMBER = "[A-Z]{2}[0-9]{8}[A-Z]{2}"
"""How the number of a residence card is written (domain §5); no free text may hold one."""

Code = Annotated[
    str,
    Form(
        r"(?!.*[0-9a-f]{16})[a-z][a-z0-9_.-]{0,63}|[A-Z][0-9]{2}|[0-9]{1,2}(?:-[0-9]{1,2}){1,3}|(?:入管法|特例法)[0-9条項号の]{2,20}"
    ),
]
"""Code of a list, slug of a rule or cited article: `domestic_move_in`, `R13`, `7-2`, 入管法19条の7."""
FieldName = Annotated[str, Form(r"[a-z][a-z0-9_]{0,63}")]
"""Name of a column, never its value."""
CodePoint = Annotated[str, Form(r"U\+[0-9A-F]{4,6}")]
"""One character that cannot be carried, as its code point."""
FileName = Annotated[str, Form(r"[a-z][a-z_]{0,63}\.(?:csv|json)")]
"""Name of a file of an extract; the contract fixes them, so none names a person."""
Digest = Annotated[str, Form(r"[0-9a-f]{64}")]
"""SHA-256 in lower-case hex."""
Fingerprint = Annotated[str, Form(r"[0-9A-F]{40}|[0-9A-F]{64}")]
"""Fingerprint of an OpenPGP primary key in upper-case hex."""
Algorithm = Annotated[str, Form(r"(?:AES|SHA|RSA|ECDSA|EdDSA|ECDH|DSA|ELG|Ed|Cv|X|P-|nistp)[0-9]{0,5}")]
"""Algorithm of a sealed file: `AES256`, `SHA512`, `RSA3072`, `Ed25519`."""
MunicipalityCode = Annotated[str, Form(r"[0-9]{6}")]
"""Code of a municipality with its check digit."""
Version = Annotated[str, Form(r"[0-9]{1,4}(?:\.[0-9]{1,4}){0,3}(?:[a-z]{1,4}[0-9]{1,4})?")]
"""Version of the product or of a layout: `0.1.0`, `1`."""
RunReference = Annotated[
    str,
    Form(
        r"[a-z][a-z_]{0,31}__"
        r"(?:[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{5,15}(?:Z|[+-][0-9]{2}:?[0-9]{2})?(?:_[0-9A-Za-z]{1,16})?"
        r"|[0-9a-f]{16})"
    ),
]
"""Reference of a run as `shown_run` gives it: `scheduled__2019-03-28T14:00:00+00:00`."""
Text = Annotated[str, Form(r"(?!.*(?:[0-9０-９]{10}|" + CARD_NUMBER + r"))[^\x00-\x1f\x7f-\x9f\u2028\u2029]{1,500}")]
"""A label or sentence of `schemas/` or the settings: one line, no registry number, no card number."""


def shown_run(run_id: str) -> str:
    """Return a run's reference as a report may show it: its id, or a digest of an id that a person chose.

    Args:
        run_id: Airflow's run id, or `cli__<instant>` of a run by hand.
    """
    (form,) = (part for part in get_args(RunReference) if isinstance(part, Form))
    if re.fullmatch(form.pattern, run_id):
        return run_id
    return f"other__{hashlib.sha256(run_id.encode()).hexdigest()[:16]}"


_NO_FORM = Form(r".*")


@dataclass(frozen=True, slots=True)
class _Shape:
    """A type hint taken apart: what types a value may have, its form, the shape of a tuple's members."""

    types: tuple[type, ...]
    form: Form = _NO_FORM
    members: "_Shape | None" = None


def _shape(hint: Any) -> _Shape:  # noqa: ANN401 -- a type hint has no narrower type
    origin = get_origin(hint)
    if origin is Annotated:
        base, form = get_args(hint)
        return _Shape((base,), form)
    if origin is tuple:
        return _Shape((tuple,), members=_shape(get_args(hint)[0]))
    if origin in {Union, UnionType}:
        (inner,) = [part for part in get_args(hint) if part is not NoneType]
        shape = _shape(inner)
        return _Shape((*shape.types, NoneType), shape.form, shape.members)
    return _Shape((hint,))


@cache
def _shapes(cls: type) -> dict[str, _Shape]:
    hints = get_type_hints(cls, include_extras=True)
    return {field.name: _shape(hints[field.name]) for field in fields(cls)}


def _fits(value: object, shape: _Shape) -> bool:
    if type(value) is datetime and datetime not in shape.types:
        return False
    if isinstance(value, bool) and bool not in shape.types:
        return False
    if not isinstance(value, shape.types):
        return False
    if isinstance(value, datetime) and value.tzinfo is None:
        return False
    if isinstance(value, int) and not isinstance(value, bool):
        return value >= 0
    if isinstance(value, tuple):
        return shape.members is not None and all(_fits(member, shape.members) for member in value)
    return type(value) is not str or re.fullmatch(shape.form.pattern, value) is not None


def check(instance: Any) -> None:  # noqa: ANN401 -- any class of the model
    """Refuse an instance of the model one of whose fields does not have its type and form.

    Raises:
        ReportFieldRefused: with the names of class and field, never the value.
    """
    cls: type = type(instance)
    for name, shape in _shapes(cls).items():
        if not _fits(getattr(instance, name), shape):
            raise ReportFieldRefused(part=cls.__name__, field=name)


def checked(cls: _Class) -> _Class:
    """Give a class of the model the check of its fields; goes under `@dataclass`, so that it runs first."""
    cls.__post_init__ = check  # type: ignore[attr-defined]
    return cls
