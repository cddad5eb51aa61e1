"""Which characters the agency can carry (入管正字), and which numbers must never come (個人番号, 住民票コード)."""

import re
import unicodedata

from mock_agency.schemas import Schemas

GETA, LOST = "\u3013", "?"
DIGITS = re.compile(r"(?<![0-9])([0-9]{12}|[0-9]{11})(?![0-9])")
WEIGHTS = (2, 3, 4, 5, 6, 7, 2, 3, 4, 5, 6)


class Repertoire:
    """The characters of JIS X 0213 and JIS X 0212, and those of the operator's own table.

    A geta mark or a question mark stands for a character that somebody lost on the way: refused as well.
    """

    def __init__(self, schemas: Schemas) -> None:
        rows = schemas.codes("kanji_extra") or []
        self._extra = {chr(int(row["code_point"].removeprefix("U+"), 16)) for row in rows}

    def outside(self, text: str) -> bool:
        """Tell whether a text holds a character that cannot be carried."""
        return (not text.isascii() and any(not self._carries(character) for character in text)) or LOST in text

    def _carries(self, character: str) -> bool:
        if character in self._extra:
            return True
        if character == GETA:
            return False
        try:
            character.encode("euc_jis_2004")
        except UnicodeEncodeError:
            return False
        return True


def forbidden_number(text: str) -> bool:
    """Tell whether a text holds twelve or eleven digits that check as 個人番号 or 住民票コード.

    Only a copy is normalised (full-width digits), never what is stored.
    """
    copy = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return any(int(found[1][-1]) == check_digit(found[1][:-1]) for found in DIGITS.finditer(copy))


def check_digit(digits: str) -> int:
    """Return the check digit of 個人番号 or 住民票コード, given the digits before it: modulus 11, weights 2 to 7."""
    rest = sum(int(digit) * weight for digit, weight in zip(reversed(digits), WEIGHTS, strict=False)) % 11
    return 0 if rest <= 1 else 11 - rest


def municipality_checks(code: str) -> bool:
    """Tell whether a municipality code of six digits bears its check digit."""
    if not re.fullmatch(r"[0-9]{6}", code):
        return False
    rest = sum(int(digit) * weight for digit, weight in zip(code, (6, 5, 4, 3, 2), strict=False)) % 11
    return int(code[5]) == (11 - rest) % 10
