"""The package of an agency file, clause by clause: what is not exactly agreed is refused whole, by a rule of ours."""

import json
import struct
import zipfile
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from renkei import errors
from renkei.agency_file import AgencyFile, Expected, check_expected, read
from renkei.errors import AgencyFileRefused
from renkei.schemas import Schemas
from tests.support.agency import ROOT
from tests.support.outbox import COLUMNS, DESCRIPTOR, NOTICES, Change, Outbox, descriptor_text, notice, table, zipped

SCHEMAS, PERSON = Schemas(ROOT / "schemas"), "EXAMPLE PERSON"
ROWS = [notice(1), notice(2, action="loss", reason="status_loss")]


@pytest.fixture
def outbox() -> Outbox:
    """A maker of packages that needs no site."""
    return Outbox(None)  # type: ignore[arg-type]  # only the packages are wanted


def found(tmp_path: Path, package: bytes) -> AgencyFile:
    (tmp_path / "package.zip").write_bytes(package)
    return read(tmp_path / "package.zip", SCHEMAS)


def refused(tmp_path: Path, package: bytes) -> tuple[type[AgencyFileRefused], object]:
    with pytest.raises(AgencyFileRefused) as caught:
        found(tmp_path, package)
    assert PERSON not in str(caught.value)
    return type(caught.value), caught.value.refs["rule"]


def entries(outbox: Outbox) -> list[tuple[str, bytes]]:
    described = descriptor_text(outbox.described(1, table(ROWS), ROWS, None))
    return [(DESCRIPTOR, described), (NOTICES, table(ROWS))]


class TestAGoodPackage:
    def test_is_read(self, outbox: Outbox, tmp_path: Path) -> None:
        file = found(tmp_path, outbox.package(1, ROWS))
        assert (file.municipality, file.counterparty, file.serial, file.records) == ("131041", "moj", 1, 2)
        assert file.counts == {"change": 1, "loss": 1}
        assert [row["notice_id"] for row in file.rows()] == [row["notice_id"] for row in ROWS]
        assert PERSON not in repr(file)

    def test_without_notices(self, outbox: Outbox, tmp_path: Path) -> None:
        file = found(tmp_path, outbox.package(1))
        assert (file.records, file.counts, list(file.rows())) == (0, {}, [])

    def test_of_an_action_that_is_none_is_counted_so(self, outbox: Outbox, tmp_path: Path) -> None:
        file = found(tmp_path, outbox.package(1, [notice(1, action=PERSON), notice(2)]))
        assert file.counts == {"change": 1, "other": 1}

    def test_with_values_that_need_quotation(self, outbox: Outbox, tmp_path: Path) -> None:
        rows = [notice(1, name_roman='A, "B"', name_kanji="=1+1\t"), notice(2, name_roman="𠮷" * 200)]
        read_back = list(found(tmp_path, outbox.package(1, rows)).rows())
        assert [row["name_roman"] for row in read_back] == ['A, "B"', "𠮷" * 200]
        assert read_back[0]["name_kanji"] == "=1+1\t"

    def test_made_by_another_writer(self, outbox: Outbox, tmp_path: Path) -> None:
        """The mode bits of a regular file may be told or left out."""
        data = outbox.package(1, ROWS).replace(struct.pack("<L", 0o644 << 16), struct.pack("<L", 0o100644 << 16))
        assert found(tmp_path, data).records == 2


def renamed(old: str, new: str) -> Callable[[bytes], bytes]:
    """Change a name of the same length everywhere."""
    assert len(old.encode()) == len(new.encode())
    return lambda data: data.replace(old.encode(), new.encode())


def with_entries(change: Callable[[list[tuple[str, bytes]]], list[tuple[str, bytes]]], **options: int) -> Any:
    return lambda outbox: zipped(change(entries(outbox)), **options)


def patched(change: Callable[[bytes], bytes]) -> Any:
    return lambda outbox: change(outbox.package(1, ROWS))


def flag(data: bytes) -> bytes:
    return data[:6] + b"\x01" + data[7:]


def commented(outbox: Outbox) -> bytes:
    buffer = BytesIO(outbox.package(1, ROWS))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.comment = b"hello"
    return buffer.getvalue()


def bomb(outbox: Outbox) -> bytes:
    return zipped([entries(outbox)[0], (NOTICES, bytes(50 << 20))], method=zipfile.ZIP_DEFLATED)


def of_mode(mode: int) -> Callable[[Outbox], bytes]:
    return lambda outbox: outbox.package(1, ROWS).replace(struct.pack("<L", 0o644 << 16), struct.pack("<L", mode << 16))


def with_extra_field(outbox: Outbox) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in entries(outbox):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr, entry.extra = 3, 0o644 << 16, b"\xfe\xca\x00\x00"
            archive.writestr(entry, content)
    return buffer.getvalue()


PACKAGES: dict[str, tuple[Callable[[Outbox], bytes], str]] = {
    "nothing": (lambda _: b"", "zip"),
    "no ZIP": (lambda _: b"record_number\n" * 9, "zip"),
    "an empty ZIP": (lambda _: zipped([]), "zip"),
    "one entry": (with_entries(lambda found: found[:1]), "entries"),
    "a third entry": (with_entries(lambda found: [*found, ("more.csv", b"")]), "entries"),
    "an entry twice": (with_entries(lambda found: [found[0], found[1], found[1]]), "entries"),
    "the other order": (with_entries(lambda found: found[::-1]), "entry_name"),
    "a nested archive": (with_entries(lambda found: [found[0], ("inner.zip", zipped(found))]), "entry_name"),
    "a folder": (with_entries(lambda found: [("a/", b""), *found]), "entry_name"),
    "..": (with_entries(lambda found: [found[0], ("../agency_notices.csv", found[1][1])]), "entry_name"),
    "an absolute name": (with_entries(lambda found: [found[0], ("/etc/cron.d/x", b"")]), "entry_name"),
    "a drive letter": (with_entries(lambda found: [found[0], ("C:\\x.csv", b"")]), "entry_name"),
    "a name of 300 characters": (with_entries(lambda found: [found[0], ("a" * 300, b"")]), "entry_name"),
    "a look-alike": (with_entries(lambda found: [found[0], ("аgency_notices.csv", b"")]), "entry_name"),
    "a NUL": (patched(renamed(NOTICES, "agency_notices\0csv")), "entry_name"),
    "another name in the directory": (
        patched(lambda data: b"ticez.csv".join(data.rsplit(b"tices.csv", 1))),
        "directory",
    ),
    "deflated": (with_entries(lambda found: found, method=zipfile.ZIP_DEFLATED), "compressed"),
    "a bomb": (bomb, "compressed"),
    "an encrypted entry": (patched(flag), "flags"),
    "another date": (patched(lambda data: data[:12] + b"\x22" + data[13:]), "entry_date"),
    "a size beyond the file": (patched(lambda data: data[:18] + b"\xff" * 8 + data[26:]), "size"),
    "two sizes": (patched(lambda data: data[:18] + b"\x01" + data[19:]), "size"),
    "a wrong CRC": (patched(lambda data: data.replace(b"EXAMPLE", b"EXAMPLF", 1)), "crc"),
    "a comment": (commented, "directory_end"),
    "bytes behind the end": (patched(lambda data: data + b"x"), "trailing_bytes"),
    "cut short": (patched(lambda data: data[:-30]), "directory"),
    "a symbolic link": (of_mode(0o120777), "entry_mode"),
    "a program": (of_mode(0o755), "entry_mode"),
    "an extra field": (with_extra_field, "extra_field"),
    "a descriptor of two MiB": (
        with_entries(lambda found: [(DESCRIPTOR, b" " * (2 << 20)), found[1]]),
        "descriptor_size",
    ),
}


class TestTheZip:
    """Two stored entries and nothing else; no library unpacks it."""

    @pytest.mark.filterwarnings("ignore:Duplicate name")
    @pytest.mark.parametrize("name", PACKAGES)
    def test_is_refused(self, outbox: Outbox, tmp_path: Path, name: str) -> None:
        make, rule = PACKAGES[name]
        assert refused(tmp_path, make(outbox)) == (errors.AgencyPackageMalformed, rule)


def described(text: bytes) -> Callable[[Outbox], bytes]:
    return lambda outbox: zipped([(DESCRIPTOR, text), entries(outbox)[1]])


def rewritten(change: Callable[[bytes], bytes]) -> Callable[[Outbox], bytes]:
    return lambda outbox: zipped([(DESCRIPTOR, change(entries(outbox)[0][1])), entries(outbox)[1]])


DESCRIPTORS: dict[str, tuple[Callable[[Outbox], bytes], str]] = {
    "no JSON": (described(b"hello"), "descriptor"),
    "a list": (described(b"[]"), "descriptor"),
    "deep": (described(b"[" * 200_000 + b"]" * 200_000), "descriptor"),
    "deep, and an object": (described(b'{"a": ' + b"[" * 900 + b"]" * 900 + b"}"), "descriptor_form"),
    "not UTF-8": (described(b'{"a": "\xff"}'), "descriptor"),
    "NaN": (described(b'{"a": NaN}'), "descriptor"),
    "a number of 50,000 digits": (described(b'{"a": ' + b"9" * 50_000 + b"}"), "descriptor"),
    "a member twice": (rewritten(lambda text: text.replace(b"{", b'{\n  "name": "x",', 1)), "descriptor"),
    "half a character": (described(b'{\n  "a": "\\ud800"\n}\n'), "descriptor_form"),
    "no spaces": (rewritten(lambda text: json.dumps(json.loads(text)).encode()), "descriptor_form"),
    "no final LF": (rewritten(lambda text: text[:-1]), "descriptor_form"),
    "a BOM": (rewritten(lambda text: b"\xef\xbb\xbf" + text), "descriptor"),
}


def renkei(**members: object) -> Change:
    return lambda told: told["renkei"].update(members)


def resource(**members: object) -> Change:
    return lambda told: told["resources"][0].update(members)


def totals(**members: object) -> Change:
    return lambda told: told["renkei"]["register_totals"].update(members)


MALFORMED, MISMATCH, WRONG = errors.AgencyPackageMalformed, errors.AgencySchemaMismatch, errors.AgencyTotalsWrong
MEMBERS: dict[str, tuple[Change, type[AgencyFileRefused], str]] = {
    "no member renkei": (lambda told: told.pop("renkei"), MISMATCH, "renkei"),
    "renkei a text": (lambda told: told.update(renkei=PERSON), MISMATCH, "renkei"),
    "a member of its own": (renkei(note=PERSON), MISMATCH, "renkei"),
    "another kind": (renkei(kind="change_file"), MISMATCH, "renkei.kind"),
    "an unknown layout": (renkei(layout_version="9"), errors.AgencyLayoutUnknown, "renkei.layout_version"),
    "a layout that is a list": (renkei(layout_version=[PERSON]), errors.AgencyLayoutUnknown, "renkei.layout_version"),
    "sealed before any layout": (
        renkei(sealed_at="2012-07-08T12:00:00+09:00"),
        errors.AgencyLayoutUnknown,
        "renkei.sealed_at",
    ),
    "sealed at a person": (renkei(sealed_at=PERSON), MISMATCH, "renkei.sealed_at"),
    "sealed without an offset": (renkei(sealed_at="2019-03-28T22:00:00"), MISMATCH, "renkei.sealed_at"),
    "serial 0": (renkei(serial=0), MISMATCH, "renkei.serial"),
    "serial true": (renkei(serial=True), MISMATCH, "renkei.serial"),
    "serial beyond": (renkei(serial=10**30), MISMATCH, "renkei.serial"),
    "a predecessor that is no digest": (renkei(previous=PERSON), MISMATCH, "renkei.previous"),
    "two resources": (lambda told: told["resources"].append(told["resources"][0]), MISMATCH, "resources"),
    "a resource elsewhere": (resource(path="https://example.invalid/x.csv"), MISMATCH, "resources.0"),
    "other columns": (resource(schema={"fields": [{"name": PERSON}]}), MISMATCH, "resources.schema"),
    "columns that are none": (resource(schema={"fields": PERSON}), MISMATCH, "resources.schema"),
    "no columns": (resource(schema=1), MISMATCH, "resources.schema"),
    "another digest": (resource(hash="sha256:" + "0" * 64), MALFORMED, "digest"),
    "another size": (resource(bytes=1), MALFORMED, "digest"),
    "another name": (lambda told: told.update(name="131041-00000002"), errors.AgencySerialDiffers, "name"),
    "one record too many": (renkei(records=3), WRONG, "records"),
    "another count": (renkei(counts={"agency_notices": {"change": 2}}), WRONG, "counts"),
    "a category too few": (totals(residents=3), WRONG, "register_totals"),
    "more statuses than persons": (totals(by_status={"経営・管理": 3}), WRONG, "register_totals"),
    "a person as a status": (totals(by_status={PERSON: 2}), MISMATCH, "renkei.register_totals"),
    "a person as a category": (totals(by_category={PERSON: 2}), MISMATCH, "renkei.register_totals"),
    "as many residents as digits": (
        totals(residents=10**4000, by_category={"mid_to_long_term": 10**4000}),
        MISMATCH,
        "renkei.register_totals",
    ),
}


class TestTheDescriptor:
    def test_of_any_depth_is_refused(self, outbox: Outbox, tmp_path: Path) -> None:
        """Between what the reader of JSON still takes and what its writer does not any more lie a few levels."""
        for depth in range(850, 1000):
            kind, _ = refused(tmp_path, described(b'{"a": ' + b"[" * depth + b"]" * depth + b"}")(outbox))
            assert kind is errors.AgencyPackageMalformed

    @pytest.mark.parametrize("name", DESCRIPTORS)
    def test_of_another_form_is_refused(self, outbox: Outbox, tmp_path: Path, name: str) -> None:
        make, rule = DESCRIPTORS[name]
        assert refused(tmp_path, make(outbox)) == (errors.AgencyPackageMalformed, rule)

    @pytest.mark.parametrize("name", MEMBERS)
    def test_that_says_another_thing_is_refused(self, outbox: Outbox, tmp_path: Path, name: str) -> None:
        change, kind, rule = MEMBERS[name]
        assert refused(tmp_path, outbox.package(1, ROWS, change=change)) == (kind, rule)


HEADER = ",".join(COLUMNS).encode()
GOOD = table(ROWS)
TABLES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "header"),
    "no header": (GOOD.split(b"\n", 1)[1], "header"),
    "a column less": (GOOD.replace(b",reason,", b",", 1), "header"),
    "two columns changed round": (GOOD.replace(b"action,reason", b"reason,action", 1), "header"),
    "a forbidden column": (GOOD.replace(b"event_date", b"my_number", 1), "header"),
    "a BOM": (b"\xef\xbb\xbf" + GOOD, "header"),
    "CR LF": (GOOD.replace(b"\n", b"\r\n"), "header"),
    "no last LF": (GOOD[:-1], "last_line"),
    "an empty line": (GOOD + b"\n", "columns"),
    "a field more": (GOOD[:-1] + b",\n", "columns"),
    "a quotation too many": (GOOD.replace(b"EXAMPLE PERSON", b'"EXAMPLE PERSON"', 1), "quotation"),
    "an open quotation": (GOOD.replace(b"EXAMPLE PERSON", b'"EXAMPLE PERSON', 1), "quotation"),
    "not UTF-8": (GOOD.replace(b"EXAMPLE", b"EX\xffMPLE", 1), "utf_8"),
    "a line without an end": (HEADER + b"\n" + b"x" * (2 << 20), "line_length"),
    "a long line": (HEADER + b"\n" + b"x" * 40_000 + b"\n", "line_length"),
    "a record left out": (GOOD.replace(b"\n2,", b"\n3,", 1), "record_number"),
    "a record twice": (GOOD.replace(b"\n2,", b"\n1,", 1), "record_number"),
    "record 01": (GOOD.replace(b"\n1,", b"\n01,", 1), "record_number"),
    "no id": (table([notice(1, notice_id="")]), "notice_id"),
    "an id in capitals": (table([notice(1, notice_id="A" * 32)]), "notice_id"),
    "attempt 0": (table([notice(1, attempt="0")]), "attempt"),
    "attempt of other digits": (table([notice(1, attempt="\uff11")]), "attempt"),
    "attempt beyond": (table([notice(1, attempt="9" * 5000)]), "attempt"),
}


class TestTheRows:
    @pytest.mark.parametrize("name", TABLES)
    def test_of_another_form_are_refused(self, outbox: Outbox, tmp_path: Path, name: str) -> None:
        content, rule = TABLES[name]
        assert refused(tmp_path, outbox.package(1, ROWS, content=content)) == (errors.AgencySchemaMismatch, rule)


def expected(**values: Any) -> Expected:
    def in_force(instant: datetime) -> str:
        return "moj" if instant.year < 2019 or instant.month < 4 else "isa"

    good = {"municipality": "131041", "counterparty": "moj", "in_force": in_force, "serial": 2, "previous": "ab" * 32}
    return Expected(**{**good, **values})


class TestWhatIsExpected:
    """Addressee, sender, serial and predecessor."""

    def file(self, outbox: Outbox, tmp_path: Path, **members: object) -> AgencyFile:
        return found(tmp_path, outbox.package(2, ROWS, previous="ab" * 32, change=renkei(**members)))

    def test_a_good_one(self, outbox: Outbox, tmp_path: Path) -> None:
        check_expected(self.file(outbox, tmp_path), expected())

    @pytest.mark.parametrize(
        ("wanted", "members", "kind", "rule"),
        [
            ({"municipality": "131059"}, {}, errors.AgencyFileMisaddressed, "municipality"),
            ({}, {"counterparty": "isa"}, errors.AgencyFileMisaddressed, "counterparty"),
            ({"counterparty": "isa"}, {}, errors.AgencyFileMisaddressed, "counterparty"),
            ({}, {"sealed_at": "2019-04-01T00:00:00+09:00"}, errors.AgencyFileMisaddressed, "counterparty"),
            ({"serial": 3}, {}, errors.AgencySerialDiffers, "serial"),
            ({"previous": "cd" * 32}, {}, errors.AgencyPredecessorDiffers, "previous"),
            ({"previous_known": False}, {"previous": None}, errors.AgencyPredecessorDiffers, "previous"),
        ],
    )
    def test_anything_else_is_refused(
        self,
        outbox: Outbox,
        tmp_path: Path,
        wanted: dict[str, Any],
        members: dict[str, object],
        kind: type[AgencyFileRefused],
        rule: str,
    ) -> None:
        with pytest.raises(kind) as caught:
            check_expected(self.file(outbox, tmp_path, **members), expected(**wanted))
        assert caught.value.refs["rule"] == rule

    def test_the_predecessor_of_the_first_is_none(self, outbox: Outbox, tmp_path: Path) -> None:
        first = found(tmp_path, outbox.package(1))
        check_expected(first, expected(serial=1, previous=None))
        other = found(tmp_path, outbox.package(1, previous="ab" * 32))
        with pytest.raises(errors.AgencyPredecessorDiffers):
            check_expected(other, expected(serial=1, previous=None))

    def test_a_predecessor_that_nobody_saw_may_be_any(self, outbox: Outbox, tmp_path: Path) -> None:
        check_expected(self.file(outbox, tmp_path), expected(previous=None, previous_known=False))
