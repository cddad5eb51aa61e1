"""One line of CSV in the agreed form (schemas/README.md): equal values are equal bytes, both ways."""

import re
from collections.abc import Sequence
from typing import Final

_FIELD: Final = re.compile(r'"((?:[^"]|"")*)"(?=,|$)|([^",]*)(?=,|$)')


def split(line: str) -> list[str] | None:
    """Return the values of a line without its line end, or None where it is not quoted as agreed."""
    if '"' not in line:
        return line.split(",")
    values: list[str] = []
    at = 0
    while True:
        found = _FIELD.match(line, at)
        if found is None:
            return None
        quoted, plain = found.groups()
        if quoted is not None and not ("," in quoted or '"' in quoted):
            return None
        values.append(plain if quoted is None else quoted.replace('""', '"'))
        at = found.end()
        if at == len(line):
            return values
        at += 1


def join(values: Sequence[str]) -> str:
    """Return the one line that the agreed form has for these values, without its line end."""
    quoted = ('"' + value.replace('"', '""') + '"' if "," in value or '"' in value else value for value in values)
    return ",".join(quoted)
