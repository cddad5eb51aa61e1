"""JSON from another party, read strictly: one object, whole numbers only, no member said twice."""

import json
from typing import Any


def strict_object(data: bytes) -> dict[str, Any]:
    """Return the object that UTF-8 bytes hold; `ValueError`, with nothing of the text in it, for anything else."""
    try:
        told = json.loads(
            data.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number, parse_float=_no_number
        )
    except (ValueError, RecursionError):
        raise ValueError("no object") from None
    if not isinstance(told, dict):
        raise ValueError("no object")  # noqa: TRY004  one kind for all that is no object
    return told


def exchange_form(told: object) -> bytes:
    """Return the one form that a JSON text of the exchange has: sorted keys, two spaces, one final LF."""
    return (json.dumps(told, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode("utf-8")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _no_number(text: str) -> None:
    # The exchange knows whole numbers only.
    raise ValueError(len(text))
