"""Signs that a stream has, and none that would steer a terminal."""

import unicodedata
from collections.abc import Callable
from typing import Final

_PLAIN: Final = {
    "−": "-",
    "–": "-",
    "…": "...",
    "\N{NO-BREAK SPACE}": " ",
    "↓": "v",
    "↑": "^",
    "²": "2",
    "×": "x",
    "±": "+-",
    "≤": "<=",
    "≥": ">=",
    "“": '"',
    "”": '"',
    "’": "'",
    "χ": "chi",
    "λ": "lambda",
    "β": "beta",
}

_STEERING: Final = {"Cc": " ", "Cs": "?"}  # control characters, and halves of signs that no encoding has
_TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # turn what follows around


def readable_text(text: str, encoding: str) -> str:
    r"""Return a text of several lines with signs that an encoding has, and none that would steer a terminal.

    Examples
    --------
    >>> readable_text("a \u2212 b\n\x1b[2Jc", "ascii")
    'a - b\n [2Jc'
    """
    plain = letters_of(encoding)
    return "\n".join(plain(line) for line in text.split("\n"))


def letters_of(encoding: str) -> Callable[[str], str]:
    r"""Return what replaces the signs an encoding does not have, and those that would steer a terminal.

    Examples
    --------
    >>> letters_of("ascii")("a \u2212 b")
    'a - b'
    """

    def has(sign: str) -> bool:
        try:
            sign.encode(encoding)
        except UnicodeEncodeError:
            return False
        return True

    def plain(text: str) -> str:
        text = "".join(_STEERING.get(unicodedata.category(sign), sign) for sign in text)
        text = "".join("?" if sign in _TURNING else sign for sign in text)
        return text if has(text) else "".join(sign if has(sign) else _PLAIN.get(sign, "?") for sign in text)

    return plain
