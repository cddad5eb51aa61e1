"""Holds a JSON value against a JSON Schema, as far as the schemas of the exchange use the language."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

Rule = Callable[[Any, Any], bool]
TYPES: Final[Mapping[str, Callable[[Any], bool]]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "null": lambda value: value is None,
}
RULES: Final[Mapping[str, Rule]] = {
    "type": lambda value, name: TYPES[name](value),
    "const": lambda value, wanted: bool(value == wanted),
    "enum": lambda value, wanted: value in wanted,
    "pattern": lambda value, pattern: not isinstance(value, str) or re.search(pattern, value) is not None,
    "maxLength": lambda value, limit: not isinstance(value, str) or len(value) <= limit,
    "minimum": lambda value, limit: not isinstance(value, int) or value >= limit,
    "maximum": lambda value, limit: not isinstance(value, int) or value <= limit,
    "minItems": lambda value, limit: not isinstance(value, list) or len(value) >= limit,
    "maxItems": lambda value, limit: not isinstance(value, list) or len(value) <= limit,
    "required": lambda value, names: not isinstance(value, dict) or set(names) <= set(value),
    "format": lambda value, _name: not isinstance(value, str) or is_instant(value),
}
WORDS: Final = {"$schema", "title", "description", "properties", "additionalProperties", "items", "anyOf", *RULES}


def faults(value: Any, schema: Mapping[str, Any], where: str = "$") -> Iterator[str]:  # noqa: ANN401 - any JSON
    """Yield the places that do not fit, each with the rule; never a value. Raises ValueError for an unknown rule."""
    if unknown := set(schema) - WORDS:
        raise ValueError(f"rules of JSON Schema that this reader does not know: {', '.join(sorted(unknown))}")
    broken = [name for name, rule in RULES.items() if name in schema and not rule(value, schema[name])]
    yield from (f"{where}: {name}" for name in broken)
    if "anyOf" in schema and all(any(faults(value, one)) for one in schema["anyOf"]):
        yield f"{where}: anyOf"
    if isinstance(value, dict):
        known = schema.get("properties", {})
        if schema.get("additionalProperties") is False and set(value) - set(known):
            yield f"{where}: additionalProperties"
        for name in set(value) & set(known):
            yield from faults(value[name], known[name], f"{where}.{name}")
    if isinstance(value, list) and "items" in schema:
        for number, one in enumerate(value):
            yield from faults(one, schema["items"], f"{where}[{number}]")


def is_instant(text: str) -> bool:
    """Tell whether a text is an ISO instant with its zone."""
    try:
        return "T" in text and datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
