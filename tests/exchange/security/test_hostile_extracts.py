"""Extracts that somebody spoiled on purpose: refused by file and rule, never followed, never quoted."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from renkei.errors import ExtractRefused
from renkei.registry import compare_extract, open_extract
from renkei.schemas import Schemas
from tests.support.agency import ROOT
from tests.support.extracts import ExtractBuilder, reseal

DAY = "2019-03-28"
PERSON = "YAMADA TARO"
Spoil = Callable[[Path], None]


def member(name: str, value: object) -> Spoil:
    def spoil(folder: Path) -> None:
        path = folder / "manifest.json"
        path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | {name: value}), encoding="utf-8")

    return spoil


def named(name: str) -> Spoil:
    def spoil(folder: Path) -> None:
        path = folder / "manifest.json"
        content = json.loads(path.read_text(encoding="utf-8"))
        content["files"][1]["name"] = name
        path.write_text(json.dumps(content), encoding="utf-8")

    return spoil


def linked(name: str, target: str) -> Spoil:
    def spoil(folder: Path) -> None:
        (folder / name).unlink()
        (folder / name).symlink_to(target)

    return spoil


def pipe(name: str) -> Spoil:
    def spoil(folder: Path) -> None:
        (folder / name).unlink()
        os.mkfifo(folder / name)

    return spoil


def text(content: bytes) -> Spoil:
    return lambda folder: (folder / "manifest.json").write_bytes(content) and None


def line(content: bytes, file: str = "events.csv") -> Spoil:
    def spoil(folder: Path) -> None:
        with (folder / file).open("ab") as stream:
            stream.write(content)
        reseal(folder)

    return spoil


HOSTILE: dict[str, Spoil] = {
    "manifest: deep": text(b"[" * 30_000 + b"]" * 30_000),
    "manifest: huge": text(b" " * (1 << 17)),
    "manifest: NUL": text(b"\0"),
    "manifest: a list": text(b"[]"),
    "manifest: a link": linked("manifest.json", "/etc/hostname"),
    "manifest: a pipe": pipe("manifest.json"),
    "manifest: a day of another calendar": member("business_date", "+2019-03-28"),
    "manifest: an instant before time": member("cut_off", "0001-01-01T00:00:00+14:00"),
    "manifest: an instant without offset": member("cut_off", "2019-03-28T21:00:00"),
    "manifest: a number as municipality": member("municipality", 131041),
    "manifest: another municipality": member("municipality", "131059"),
    "manifest: a member of its own": member("person", PERSON),
    "manifest: files as an object": member("files", {"events.csv": {}}),
    "file: a path upwards": named("../events.csv"),
    "file: an absolute path": named("/etc/passwd"),
    "file: NUL": named("events.csv\0"),
    "file: twice": named("residents.csv"),
    "file: a link": linked("events.csv", "/etc/passwd"),
    "file: a link to itself": linked("residents.csv", "residents.csv"),
    "file: a pipe": pipe("certificates.csv"),
    "line: a megabyte": line(b"x" * (1 << 20) + b"\n"),
    "line: never ends": line(b"x" * (1 << 18)),
    "line: NUL": line(b"0000000001,\0\n"),
    "line: a quotation that stays open": line(b'"' + PERSON.encode() + b"\n"),
    "line: a formula": line(b"=cmd|'/C calc'!A0\n"),
    "line: no UTF-8": line(b"\xff\n"),
    "line: a number of the forbidden kind": line("個人番号 123456789018\n".encode()),
    "residents: a megabyte": line(b"9" * (1 << 20) + b"\n", "residents.csv"),
    "residents: NUL": line(b"9999999999,\0\n", "residents.csv"),
    "residents: a name in place of the number": line(PERSON.encode() + b"," * 29 + b"\n", "residents.csv"),
}


def read(folder: Path, before: Path) -> None:
    extract = open_extract(folder, municipality="131041", schemas=Schemas(ROOT / "schemas"))
    compare_extract(extract, before / "residents.csv", 2)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_extract_is_refused_without_a_word_of_it(name: str, tmp_path: Path) -> None:
    builder = ExtractBuilder("2019-03-27", baseline=True).resident().resident()
    before = builder.write(tmp_path)
    folder = builder.next_day().write(tmp_path)
    HOSTILE[name](folder)
    with pytest.raises(ExtractRefused) as caught:
        read(folder, before)
    assert PERSON not in str(caught.value) + repr(caught.value)
    assert caught.value.refs["extract"] == DAY
