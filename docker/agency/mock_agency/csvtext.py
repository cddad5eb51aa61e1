"""CSV to the letter of `schemas/README.md`: UTF-8, LF, quotation only where it must be, no control character."""

import re
from collections.abc import Iterator, Sequence

CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")
VALUE = re.compile(r'(?:"((?:[^"]|"")*)"|([^,"]*))(,|$)')


class NotAsAgreed(ValueError):
    """The text is not CSV of the agreed form; the text says line and rule, never a value."""


def lines_of(data: bytes) -> list[str]:
    """Decode a file and return its lines, the header first."""
    if data.startswith(b"\xef\xbb\xbf"):
        raise NotAsAgreed("a byte order mark")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise NotAsAgreed("not UTF-8") from None
    if not text.endswith("\n"):
        raise NotAsAgreed("no line feed after the last line")
    if found := CONTROL.search(text):
        raise NotAsAgreed(f"line {text.count(chr(10), 0, found.start()) + 1}: a control character")
    return text.split("\n")[:-1]


def split(line: str, number: int) -> list[str]:
    """Split one line; raises NotAsAgreed where its quotation is not the one and only agreed one."""
    if '"' not in line:
        return line.split(",")
    values, position, more = [], 0, True
    while more:
        found = VALUE.match(line, position)
        if not found:
            raise NotAsAgreed(f"line {number}: quotation")
        values.append(found[2] if found[1] is None else found[1].replace('""', '"'))
        position, more = found.end(), found[3] == ","
    if position != len(line) or ",".join(map(quote, values)) != line:
        raise NotAsAgreed(f"line {number}: quotation")
    return values


def quote(value: str) -> str:
    """Return a value as it stands in a line."""
    return '"' + value.replace('"', '""') + '"' if "," in value or '"' in value else value


def rows_of(data: bytes, header: Sequence[str]) -> Iterator[dict[str, str]]:
    """Go through the rows of a file that must have this header; the error for another one says `header`."""
    names = list(header)
    for number, line in enumerate(lines_of(data), 1):
        values = split(line, number)
        if number == 1:
            if values != names:
                raise NotAsAgreed("header")
        elif len(values) != len(names):
            raise NotAsAgreed(f"line {number}: {len(values)} values, not {len(names)}")
        else:
            yield dict(zip(names, values, strict=True))
