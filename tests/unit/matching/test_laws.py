"""Laws of the matching on generated wards: what must hold whatever the names, numbers and dates are."""

import string

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.agency_notices import told
from tests.unit.matching.wards import Row, Ward, resident

NAMES = st.lists(st.text(string.ascii_uppercase, min_size=1, max_size=6), min_size=1, max_size=3).map(" ".join)
FEW = st.sampled_from(["1985-03-04", "1985-03-05", "1990-12-31"])


@st.composite
def wards(draw: st.DrawFn) -> list[Row]:
    """Few birth dates, few names: persons who look alike are common."""
    size = draw(st.integers(1, 8))
    names = draw(st.lists(NAMES, min_size=1, max_size=4))
    return [
        resident(
            number,
            name_roman=draw(st.sampled_from(names)),
            birth_date=draw(FEW),
            sex=draw(st.sampled_from("12")),
            nationality=draw(st.sampled_from(["VNM", "NPL"])),
        )
        for number in range(1, size + 1)
    ]


def disguised(text: str, kind: int) -> str:
    """The same name in another width, case or spacing."""
    wide = "".join(chr(ord(each) + 0xFEE0) if "!" <= each <= "~" else each for each in text)
    return [wide, text.lower(), text.replace(" ", "  "), text.replace(" ", "\u3000"), f" {text}"][kind]


@given(wards())
@settings(max_examples=60, deadline=None)
def test_a_registry_told_to_itself_is_already_so(rows: list[Row]) -> None:
    assert {each.notice_class for each in Ward(rows).judgements(*(told(row) for row in rows))} == {"already_so"}


@given(wards(), st.randoms())
@settings(max_examples=60, deadline=None)
def test_the_order_of_unrelated_notices_does_not_matter(rows: list[Row], rng: object) -> None:
    contents = [told(row, expiry_date="2024-06-30") for row in rows]
    contents += [told({**row, "card_number": f"ZZ{n:08}ZZ"}, "name_change") for n, row in enumerate(rows)]
    ordered = list(range(len(contents)))
    rng.shuffle(ordered)  # type: ignore[attr-defined]
    straight = Ward(rows).matches(*contents)
    shuffled = Ward(rows).matches(*(contents[place] for place in ordered))
    assert [straight[place] for place in ordered] == shuffled


@given(wards(), st.integers(0, 4), st.booleans())
@settings(max_examples=60, deadline=None)
def test_width_case_and_spaces_of_a_name_change_nothing(rows: list[Row], kind: int, by_card: bool) -> None:
    asked = [row if by_card else {**row, "card_number": f"ZZ{n:08}ZZ"} for n, row in enumerate(rows)]
    contents = [told(row, expiry_date="2024-06-30") for row in asked]
    plain = Ward(rows).judgements(*contents)
    other = Ward([{**row, "name_roman": disguised(row["name_roman"], kind)} for row in rows]).judgements(*contents)
    assert plain == other


@given(wards(), st.integers(0, 7))
@settings(max_examples=100, deadline=None)
def test_a_twin_is_never_applied(rows: list[Row], which: int) -> None:
    """Without a number that leads somewhere, only one alone of the whole identity is a match."""
    meant = rows[which % len(rows)]
    content = told({**meant, "card_number": "ZZ00000000ZZ"}, expiry_date="2024-06-30")
    same = ("name_roman", "birth_date", "sex", "nationality")
    alike = [row for row in rows if all(row[item].replace(" ", "") == meant[item].replace(" ", "") for item in same)]
    found = Ward(rows).match(content)
    assert (found.registry_number == meant["registry_number"]) is (len(alike) == 1)
    assert found.registry_number in {None, meant["registry_number"]}
    gone = [row for row in rows if row not in alike]
    without = Ward(gone or [resident(99)]).match(content)
    assert without.registry_number is None


@given(wards())
@settings(max_examples=40, deadline=None)
def test_what_was_applied_is_already_so(rows: list[Row]) -> None:
    contents = [told(row, "status_change", status_of_residence="定住者", expiry_date="2024-06-30") for row in rows]
    applied = [{**row, "status_of_residence": "定住者", "expiry_date": "2024-06-30"} for row in rows]
    assert {each.notice_class for each in Ward(rows).judgements(*contents)} == {"to_apply"}
    assert {each.notice_class for each in Ward(applied).judgements(*contents)} == {"already_so"}
