"""Who bears a card number that is new today: found wherever it stands, in one process or two."""

from pathlib import Path

import pytest

from renkei.errors import ComparisonBroken
from renkei.registry import Difference, cards, sharing_a_card

TWICE, ONCE, OLD = "AB12345678CD", "EF12345678GH", "IJ12345678KL"
HEADER = b"registry_number,name,card_number,protected\n"


def line(number: int, card: str) -> bytes:
    return f"{number:010},見本,{card},0\n".encode()


@pytest.fixture(params=["one process", "two processes"])
def residents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    if request.param == "two processes":
        monkeypatch.setattr(cards, "_WORTH_IT", 0)
        monkeypatch.setattr(cards.os, "cpu_count", lambda: 2)
    else:
        monkeypatch.setattr(cards, "_WINDOW", 100)
    path = tmp_path / "residents.csv"
    others = b"".join(line(number, "") for number in range(10, 90))
    path.write_bytes(HEADER + line(1, TWICE) + line(2, OLD) + line(3, OLD) + others + line(98, ONCE) + line(99, TWICE))
    return path


def test_both_bearers_of_a_new_number_are_found(residents: Path) -> None:
    new = [Difference(b"%010d" % number, None, line(number, card), 0) for number, card in ((99, TWICE), (98, ONCE))]
    assert sharing_a_card(new, residents) == {"0000000001", "0000000099"}


def test_a_number_that_is_not_new_today_is_nobodys_news(residents: Path) -> None:
    moved = Difference(b"0000000003", line(3, OLD).replace("見本".encode(), b"A"), line(3, OLD), 0)
    assert sharing_a_card([moved], residents) == frozenset()


def test_a_part_of_a_field_is_no_number(residents: Path) -> None:
    residents.write_bytes(residents.read_bytes() + f"0000000100,X{ONCE},,0\n0000000101,{ONCE}X,,0\n".encode())
    assert sharing_a_card([Difference(b"%010d" % 98, None, line(98, ONCE), 0)], residents) == frozenset()


def test_a_second_process_that_ends_is_told(residents: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cards, "_WORTH_IT", 0)
    monkeypatch.setattr(cards.os, "cpu_count", lambda: 2)
    monkeypatch.setattr(cards, "_MODULE", "renkei.registry.nowhere")
    with pytest.raises(ComparisonBroken):
        sharing_a_card([Difference(b"%010d" % 98, None, line(98, ONCE), 0)], residents)
