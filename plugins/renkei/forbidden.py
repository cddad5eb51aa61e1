"""個人番号 and 住民票コード, refused on sight: by a column's name, and by value and check digit in free text.

Check digits: 平成26年総務省令第85号第5条 for the 個人番号 (12 digits); the 住民票コード (11) has the same
modulus 11 with the weights 2 … 7.
"""

import re
import unicodedata
from typing import Final

_NAMES: Final = re.compile(
    r"個人番号|マイナンバー|住民票コード|住民票番号|kojin_?bangou?|juminhyou?_?code|resident_?(?:record_?)?code"
    r"|my_?number|individual_?number",
    re.IGNORECASE,
)
_MODULUS: Final = 11
_LAST_WEIGHT: Final = 7
# Digits as they are typed, full-width ones too, joined or in groups of four.
_SUSPICIOUS = re.compile(r"(?<!\d)(?:\d{11,12}|\d{4}[-‐－ 　]\d{4}[-‐－ 　]\d{3,4})(?!\d)")
_SEPARATORS = str.maketrans("", "", "-‐－ 　")


def forbidden_column(name: str) -> bool:
    """Tell whether a column by this name would hold a 個人番号 or 住民票コード."""
    return _NAMES.search(unicodedata.normalize("NFKC", name).replace(" ", "_")) is not None


def suspicious(text: str) -> bool:
    """Tell whether a text holds a run of digits as long as one of the two numbers: a quick first look."""
    return _SUSPICIOUS.search(text) is not None


def forbidden_number(text: str) -> bool:
    """Tell whether a text holds a number whose length and check digit are those of one of the two numbers."""
    return any(_check_digit_right(found.translate(_SEPARATORS)) for found in _SUSPICIOUS.findall(text))


def _check_digit_right(digits: str) -> bool:
    body = [int(digit) for digit in reversed(digits[:-1])]
    total = sum(digit * (2 + place % (_LAST_WEIGHT - 1)) for place, digit in enumerate(body))
    rest = total % _MODULUS
    return int(digits[-1]) == (0 if rest <= 1 else _MODULUS - rest)
