"""Identities: the agency knows a person and a notice by keyed pseudonyms only (contract §4)."""

import hashlib
import hmac
from pathlib import Path

import pytest

from renkei.errors import ReferenceKeysUnreadable, ReferenceKeyUnknown
from renkei.notices import ReferenceKey, ReferenceKeys, notice_id, person_reference

OLD = ReferenceKey("k1", bytes(range(32)))
NEW = ReferenceKey("k2", bytes(range(32, 64)))


def by_hand(text: str) -> str:
    return hmac.new(bytes(range(32)), text.encode(), hashlib.sha256).hexdigest()[:32]


class TestPersonReference:
    """`<key id>-<hex>`, as schemas/README.md says."""

    def test_covers_municipality_and_registry_number(self) -> None:
        assert person_reference(OLD, "131041", "0000000001") == "k1-" + by_hand("person|131041|0000000001")

    def test_differs_between_wards(self) -> None:
        assert person_reference(OLD, "131041", "0000000001") != person_reference(OLD, "131059", "0000000001")

    def test_does_not_show_the_key(self) -> None:
        assert "secret" not in repr(OLD)
        assert OLD.secret.hex() not in repr(ReferenceKeys((OLD,)))


class TestNoticeId:
    """One identity per legal notice, over files, media and resends."""

    @pytest.mark.parametrize(
        ("family", "parts"),
        [
            ("resident_records", ("0000000001", "7")),
            ("residence_reports", ("0000000001", "7")),
            ("residence_reports", ("0000000009",)),
            ("certificates", ("AB12345678CD", "12-3")),
        ],
    )
    def test_covers_family_and_parts(self, family: str, parts: tuple[str, ...]) -> None:
        expected = by_hand("|".join(("notice", "131041", family, *parts)))
        assert notice_id(OLD, "131041", family, *parts) == expected


class TestReferenceKeys:
    """A new key serves persons first seen after it; old keys stay."""

    def test_reads_one_key_a_line_newest_last(self, tmp_path: Path) -> None:
        file = tmp_path / "reference-keys"
        file.write_text(f"k1:{OLD.secret.hex()}\nk2:{NEW.secret.hex()}\n", encoding="ascii")
        assert ReferenceKeys.load(file) == ReferenceKeys((OLD, NEW))
        assert ReferenceKeys.load(file).newest == NEW

    @pytest.mark.parametrize(
        ("content", "line"),
        [("", 0), ("k1:abc\n", 1), (f"k1:{'0' * 64}\nmarked\n", 2), (f"k1:{'0' * 64}\nk1:{'1' * 64}\n", 2)],
        ids=["empty", "short", "no key", "same id twice"],
    )
    def test_refuses_a_malformed_file_by_its_line(self, tmp_path: Path, content: str, line: int) -> None:
        file = tmp_path / "reference-keys"
        file.write_text(content, encoding="ascii")
        with pytest.raises(ReferenceKeysUnreadable) as refused:
            ReferenceKeys.load(file)
        assert refused.value.refs == {"file": "reference-keys", "line": line}
        assert "marked" not in str(refused.value)

    def test_refuses_a_missing_file(self, tmp_path: Path) -> None:
        with pytest.raises(ReferenceKeysUnreadable):
            ReferenceKeys.load(tmp_path / "reference-keys")

    def test_a_known_person_keeps_her_key(self) -> None:
        keys = ReferenceKeys((OLD, NEW)).remembering({"0000000001": "k1"})
        assert keys.for_person("0000000001") == OLD
        assert keys.for_person("0000000002") == NEW

    def test_a_key_that_is_gone_is_an_error_not_a_new_identity(self) -> None:
        with pytest.raises(ReferenceKeyUnknown):
            ReferenceKeys((NEW,)).remembering({"0000000001": "k1"}).for_person("0000000001")
