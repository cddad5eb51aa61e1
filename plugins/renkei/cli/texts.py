"""The texts of the command line: Japanese first, English beside it, from `texts.toml`."""

import sys
import tomllib
from functools import cache
from pathlib import Path


@cache
def _texts() -> dict[str, dict[str, dict[str, str]]]:
    with Path(__file__).with_name("texts.toml").open("rb") as stream:
        return tomllib.load(stream)


def helping(name: str) -> str:
    """Return a help text in both languages."""
    found = _texts()["help"][name]
    return f"{found['ja']} / {found['en']}".replace("%", "%%")


def epilogue() -> str:
    """Return what stands below each help: exit codes, and where the site is."""
    found = _texts()["help"]["exit"]
    return f"{found['ja']}\n\n{found['en']}"


def say(name: str, **refs: object) -> None:
    """Print a sentence in both languages; its fields are references, counts and digests."""
    found = _texts()["say"][name]
    print(f"{found['ja'].format(**refs)} / {found['en'].format(**refs)}")


def complain(name: str, **refs: object) -> None:
    """Print a sentence in both languages to the error output."""
    found = _texts()["say"][name]
    print(f"{found['ja'].format(**refs)} / {found['en'].format(**refs)}", file=sys.stderr)
