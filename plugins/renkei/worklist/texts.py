"""What the worklist and its sheets say, once per language."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import NamedTuple


class Said(NamedTuple):
    """One text in both languages."""

    ja: str
    en: str


@cache
def _texts() -> dict[str, dict[str, str]]:
    return tomllib.loads(files("renkei.worklist").joinpath("texts.toml").read_text(encoding="utf-8"))


def said(key: str, **values: object) -> Said:
    """Return the text of a key, its fields filled."""
    text = _texts()[key]
    return Said(text["ja"].format(**values), text["en"].format(**values))
