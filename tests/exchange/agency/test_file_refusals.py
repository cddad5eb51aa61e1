"""What makes the agency refuse a file whole: its form (contract §12), each with its code."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.exchange.agency import hand
from tests.exchange.agency.hand import Draft, certificate, residence_report, resident_record
from tests.support.agency import Agency, Ward

Send = Callable[..., dict[str, Any]]
Entries = dict[str, bytes]


def refused(receipt: dict[str, Any]) -> str:
    """The code of a file that was refused whole; its serial and digest are known, its records were not looked at."""
    assert (receipt["outcome"], receipt["serial"], receipt["records"]) == ("refused", 1, [])
    assert receipt["package_sha256"] is not None
    code: str = receipt["code"]
    return code


def in_csv(old: str, new: str, family: str = "resident_records") -> Callable[[Entries], None]:
    """Change a family's CSV after size, digest and counts were written down, and these with it."""

    def spoiling(entries: Entries) -> None:
        name = f"{family}.csv"
        changed = entries[name].replace(old.encode(), new.encode())
        assert changed != entries[name]
        entries[name] = changed
        document = json.loads(entries["datapackage.json"])
        resource = next(one for one in document["resources"] if one["name"] == family)
        resource["bytes"] = len(changed)
        resource["hash"] = "sha256:" + hand.hashlib.sha256(changed).hexdigest()
        entries["datapackage.json"] = dumped(document)

    return spoiling


def dumped(document: dict[str, Any]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


class TestArchive:
    """F20: the ZIP is not of the agreed form."""

    def zipped(self, send_package: Send, folder: Path, **how: Any) -> str:
        Draft().zipped(folder)
        return refused(send_package(hand.zip_folder(folder, **how)))

    @pytest.fixture
    def send_package(self, trusting: Agency, ward: Ward) -> Send:
        def sending(package: Path) -> dict[str, Any]:
            hand.put(trusting, hand.seal(package, ward, trusting), 1)
            trusting.process()
            return hand.read_receipt(trusting, ward, 1)

        return sending

    def test_as_agreed(self, send_package: Send, tmp_path: Path) -> None:
        """The control: the same way, unspoilt, is accepted."""
        assert send_package(Draft().zipped(tmp_path / "p"))["code"] == "F00"

    @pytest.mark.parametrize(
        "how",
        [{"options": ("-X", "-9")}, {"options": ("-0",)}, {"day": "2019-03-28 23:00:00"}],
        ids=["deflated", "extra fields", "another date"],
    )
    def test_attributes(self, send_package: Send, tmp_path: Path, how: dict[str, Any]) -> None:
        assert self.zipped(send_package, tmp_path / "p", **how) == "F20"

    def test_mode(self, send_package: Send, tmp_path: Path) -> None:
        package = Draft().zipped(tmp_path / "p")
        data = package.read_bytes()
        package.write_bytes(
            data.replace((0o100644 << 16).to_bytes(4, "little"), (0o100755 << 16).to_bytes(4, "little"))
        )
        assert refused(send_package(package)) == "F20"

    def test_one_entry_more(self, send_package: Send, tmp_path: Path) -> None:
        Draft().zipped(tmp_path / "p")
        (tmp_path / "p" / "nested.zip").write_bytes(b"PK")
        assert refused(send_package(hand.zip_folder(tmp_path / "p"))) == "F20"

    def test_one_entry_missing(self, send_package: Send, tmp_path: Path) -> None:
        Draft().zipped(tmp_path / "p")
        (tmp_path / "p" / "certificates.csv").unlink()
        assert refused(send_package(hand.zip_folder(tmp_path / "p"))) == "F20"

    def test_another_order(self, send_package: Send, tmp_path: Path) -> None:
        package = Draft().zipped(tmp_path / "p")
        names = ("certificates.csv", "residence_reports.csv")
        data = package.read_bytes().replace(names[0].encode(), b"resident_cards.c")
        package.write_bytes(data)
        assert refused(send_package(package)) == "F20"

    @pytest.mark.parametrize("where", ["before", "after", "comment"])
    def test_bytes_outside_the_entries(self, send_package: Send, tmp_path: Path, where: str) -> None:
        package = Draft().zipped(tmp_path / "p")
        data = package.read_bytes()
        spoilt = {"before": b"x" + data, "after": data + b"x", "comment": data[:-2] + b"\1\0x"}
        package.write_bytes(spoilt[where])
        assert refused(send_package(package)) == "F20"

    def test_a_crc_that_differs(self, send_package: Send, tmp_path: Path) -> None:
        package = Draft().zipped(tmp_path / "p")
        package.write_bytes(package.read_bytes().replace(b"record_number,", b"record_nimber,", 1))
        assert refused(send_package(package)) == "F20"

    @pytest.mark.parametrize("data", [b"no zip", b"PK\5\6" + bytes(18)])
    def test_no_zip(self, send_package: Send, tmp_path: Path, data: bytes) -> None:
        package = tmp_path / "p.zip"
        package.write_bytes(data)
        assert refused(send_package(package)) == "F20"


class TestDescriptor:
    @pytest.mark.parametrize(
        ("members", "code"),
        [
            ({"municipality": "131059"}, "F24"),
            ({"layout_version": "2"}, "F25"),
            ({"counterparty": "isa"}, "F26"),
            ({"counterparty": "moj", "sealed_at": "2019-04-01T00:00:00+09:00"}, "F26"),
            ({"counterparty": "nobody"}, "F26"),
            ({"previous": "0" * 64}, "F27"),
            ({"previous": "0"}, "F20"),
            ({"serial": 2}, "F20"),
            ({"serial": "1"}, "F20"),
            ({"business_date": "2019-02-30"}, "F20"),
            ({"sealed_at": "2019-03-28T23:00:00"}, "F20"),
            ({"unknown": 1}, "F20"),
            ({"trail_head": None}, "F20"),
            ({"register_totals": {"residents": -1, "by_category": {}, "by_status": {}}}, "F20"),
            ({"register_totals": {"residents": 1, "by_category": {}, "by_status": {}}}, "F22"),
            ({"records": 1}, "F22"),
            ({"counts": {}}, "F22"),
        ],
    )
    def test_members(self, send: Send, members: dict[str, Any], code: str) -> None:
        assert refused(send(Draft(members=members))) == code

    def test_the_last_instant_of_a_counterparty(self, send: Send) -> None:
        assert send(Draft(members={"sealed_at": "2019-03-31T14:59:59+00:00"}))["code"] == "F00"

    def test_the_name_in_the_descriptor(self, send: Send) -> None:
        assert refused(send(Draft(document=lambda document: document.update(name="131041-00000002")))) == "F20"

    @pytest.mark.parametrize(
        ("member", "value"),
        [("path", "other.csv"), ("bytes", 1), ("hash", "sha256:" + "0" * 64), ("name", "residents")],
    )
    def test_resources(self, send: Send, member: str, value: object) -> None:
        def spoiling(document: dict[str, Any]) -> None:
            document["resources"][0][member] = value

        assert refused(send(Draft(document=spoiling))) == "F20"

    def test_a_family_missing(self, send: Send) -> None:
        assert refused(send(Draft(document=lambda document: document["resources"].pop()))) == "F20"

    def test_another_embedded_schema(self, send: Send) -> None:
        def spoiling(document: dict[str, Any]) -> None:
            document["resources"][0]["schema"]["fields"][0]["constraints"] = {}

        assert refused(send(Draft(document=spoiling))) == "F21"

    @pytest.mark.parametrize("form", ["compact", "unsorted", "no last line feed", "not UTF-8"])
    def test_another_form_of_json(self, send: Send, form: str) -> None:
        def spoiling(entries: Entries) -> None:
            document = json.loads(entries["datapackage.json"])
            entries["datapackage.json"] = {
                "compact": json.dumps(document, sort_keys=True).encode() + b"\n",
                "unsorted": json.dumps(dict(reversed(document.items())), indent=2).encode() + b"\n",
                "no last line feed": entries["datapackage.json"][:-1],
                "not UTF-8": entries["datapackage.json"].decode().encode("cp932", "ignore"),
            }[form]

        assert refused(send(Draft(spoil=spoiling))) == "F20"


class TestTables:
    @pytest.mark.parametrize(
        ("old", "new", "code"),
        [
            ("notice_id,attempt", "attempt,notice_id", "F21"),
            ("record_state,", "個人番号,", "F21"),
            (",kept\n", ",kept,household\n", "F21"),
            ("record_number", "\ufeffrecord_number", "F20"),
            (",1,0,", ",x,0,", "F21"),
            (hand.notice(1), "notice", "F21"),
            ("NGUYEN VAN AN", "NGUYEN\tVAN AN", "F20"),
            ("NGUYEN VAN AN", "NGUYEN\u0085VAN AN", "F20"),
            ("NGUYEN VAN AN", '"NGUYEN VAN AN"', "F20"),
            ("NGUYEN VAN AN", 'NGUYEN "VAN" AN', "F20"),
            ("NGUYEN VAN AN", "NGUYEN,VAN,AN", "F20"),
            ("\n1,", "\r\n1,", "F20"),
            ("\n1,", "\n\n1,", "F20"),
        ],
    )
    def test_header_and_form_of_a_table(self, send: Send, old: str, new: str, code: str) -> None:
        assert refused(send(Draft(a=[resident_record()], spoil=in_csv(old, new)))) == code

    def test_no_line_feed_at_the_end(self, send: Send) -> None:
        assert refused(send(Draft(a=[resident_record(kept="")], spoil=in_csv(",\n", ",")))) == "F20"

    def test_a_table_in_cp932(self, send: Send) -> None:
        def spoiling(entries: Entries) -> None:
            text = entries["resident_records.csv"].decode()
            in_csv(text, "")(entries)
            entries["resident_records.csv"] = text.encode("cp932")

        assert refused(send(Draft(a=[resident_record()], spoil=spoiling))) == "F20"


class TestNumberingAndOrder:
    def test_numbers_run_through_all_families(self, send: Send) -> None:
        assert refused(send(Draft(a=[resident_record(1)], c=[certificate(1, notice_id=hand.notice(9))]))) == "F20"
        assert refused(send(Draft(serial=1, a=[resident_record(2)]))) == "F20"

    def test_a_notice_stands_once_in_a_file(self, send: Send) -> None:
        twice = [resident_record(1), resident_record(2, 2, notice_id=hand.notice(1))]
        assert refused(send(Draft(a=twice))) == "F20"

    def test_a_persons_notices_are_in_order(self, send: Send) -> None:
        later = resident_record(1, history_number="2", action="correction", event_reason="move_within")
        assert refused(send(Draft(a=[later, resident_record(2)]))) == "F20"

    def test_the_report_of_an_event_follows_it(self, send: Send) -> None:
        assert refused(send(Draft(a=[resident_record(2)], b=[residence_report(1)]))) == "F20"

    def test_counts(self, send: Send) -> None:
        counts = {"resident_records": {"deletion": 1}, "residence_reports": {}, "certificates": {}}
        assert refused(send(Draft(a=[resident_record()], members={"counts": counts}))) == "F22"


def test_nothing_of_a_refused_file_counts(send: Send, trusting: Agency) -> None:
    send(Draft(a=[resident_record()], members={"records": 2}))
    assert trusting.register().count("\n") == 1
    assert trusting.status()["notices"] == []
