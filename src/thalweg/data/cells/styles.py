"""How people write numbers and dates: one recogniser of formatted numbers, and one of dates, for texts of any source.

A *form* is an example of itself: ``1,234.5`` has points before decimals and commas between thousands. A column is read
in a form only if all its texts agree on it, and on one unit (currency, percent, kilograms); the unit is left out, so
that ``61.3%`` is 61.3. Where two forms fit and disagree (``14,772``), nothing is guessed.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

_BODIES: Final = {
    "1,234.5": (r"[1-9]\d{0,2}(?:,\d{2,3})*,\d{3}(?:\.\d*)?", ",", "\\."),
    "1.234,5": (r"[1-9]\d{0,2}(?:\.\d{3})+(?:,\d*)?", ".", ","),
    "1'234.5": (r"[1-9]\d{0,2}(?:'\d{3})+(?:\.\d*)?", "'", "\\."),
    "1'234,5": (r"[1-9]\d{0,2}(?:'\d{3})+(?:,\d*)?", "'", ","),
    "1 234.5": (r"[1-9]\d{0,2}(?: \d{3})+(?:\.\d*)?", " ", "\\."),
    "1 234,5": (r"[1-9]\d{0,2}(?: \d{3})+(?:,\d*)?", " ", ","),
}
FORMS: Final = {
    form: (re.compile(rf"(?:{body}|\d*{mark}\d+|\d+{mark}?)(?:[eE][+-]?\d+)?", re.ASCII), between, mark[-1])
    for form, (body, between, mark) in _BODIES.items()
}
DATE_FORMS: Final = (
    "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y",
    "%a %d %b %Y", "%a, %d %b %Y", "%d %b %Y", "%d-%b-%Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y",
    "%Y-%m", "%m/%Y", "%b %Y", "%B %Y",
)  # fmt: skip
SHORT_YEARS: Final = ("%d/%m/%y", "%m/%d/%y", "%y/%m/%d", "%d.%m.%y", "%d-%m-%y", "%m-%d-%y", "%d-%b-%y", "%d %b %y")
_SHORT_DATE: Final = re.compile(r"\d\d([./-])\d\d\1\d\d|\d{1,2}[ -][^\W\d]{3}[ -]\d\d")
_CLOCKS: Final = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
_DATE_LIKE: Final = re.compile(
    r"(\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|([^\W\d]{3},? )?\d{1,2}[ -]\w{3,9}[ -]\d{4}|\w{3,9} \d{1,2}, \d{4})( .*)?"
    r"|(18|19|20|21)\d\d-[01]\d|[01]?\d/(18|19|20|21)\d\d|[^\W\d]{3,9} (18|19|20|21)\d\d"
)
_CODES: Final = (
    "USD EUR GBP CHF JPY CNY INR AUD CAD NZD SEK NOK DKK PLN CZK HUF RUB BRL ZAR TRY KRW MXN SGD HKD "
    "US$ A$ C$ R$ Fr Fr. kr kr. zł Kč Ft Rs Rs. RM"
)
_PREFIXES: Final = frozenset(_CODES.split()) | frozenset("$€£¥₹₽₩₺₪₫฿₴₦¢")
_ONE_LETTER_UNITS: Final = frozenset("mglshkKCFVWJNMdt%‰$€£¥₹₽₩₺₪₫฿₴₦¢°")
_NO_UNITS: Final = frozenset({"st", "nd", "rd", "th", "am", "pm", "AM", "PM"})
_UNIT: Final = r"[^\W\d_]|[%‰$€£¥₹₽₩₺₪₫฿₴₦¢°²³µ/·^.]"
_CUT: Final = re.compile(
    rf"(?P<open>\(?)(?P<sign>[+-]?) ?(?P<before>(?:{_UNIT})*?) ?(?P<inner>[+-]?)"
    rf"(?P<body>(?:\d|[.,]\d)[\d.,' ]*(?:[eE][+-]?\d+)?)(?P<gap> ?)(?P<after>(?:{_UNIT})*(?: ?(?:{_UNIT})+)?)"
    r"(?P<close>[)-]?)"
)
_SAME: Final = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "’": "'", "−": "-", "–": "-"})
_PLAIN: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?inf(?:inity)?", re.IGNORECASE | re.ASCII)
_LEADING_ZERO: Final = re.compile(r"[+-]?0\d+", re.ASCII)
_WHOLE: Final = re.compile(r"[+-]?\d+", re.ASCII)
LARGEST_WHOLE: Final = 2**53  # beyond it, different whole numbers are the same float64


@dataclass(frozen=True, slots=True)
class TextStyle:
    """How the texts of a column are read.

    Parameters
    ----------
    kind
        ``numeric``, ``date`` or ``boolean``.
    form
        Of :data:`FORMS`, or a format of a date as in strptime.
    unit
        What stands before or behind every number, or nothing.

    Examples
    --------
    >>> TextStyle("numeric", "1.234,5", "€").said
    "numbers written like 1.234,5 with '€', which is left out"
    """

    kind: str
    form: str
    unit: str = ""

    @property
    def said(self) -> str:
        """The style in words."""
        if self.kind == "boolean":
            return f"truth values written as {self.form}"
        if self.kind == "date":
            return f"dates written as {self.form}"
        return f"numbers written like {self.form}" + (f" with {self.unit!r}, which is left out" if self.unit else "")


@dataclass(frozen=True, slots=True)
class Cut:
    """A text cut into a number and its unit.

    Examples
    --------
    >>> cut("($14,772.00)")
    Cut(body='14,772.00', negative=True, unit='$')
    """

    body: str
    negative: bool
    unit: str


def plain_number(text: str) -> float | None:
    """Return the number a text is without any formatting, or None.

    Examples
    --------
    >>> plain_number("1e3"), plain_number("1,5"), plain_number("1_0")
    (1000.0, None, None)
    """
    return float(text) if _PLAIN.fullmatch(text) else None


def all_plain(texts: Iterable[str]) -> bool:
    """Say whether texts are numbers without any formatting, but for spaces at their ends.

    Examples
    --------
    >>> all_plain(["1e3", " 5"]), all_plain(["1,5", "2"])
    (True, False)
    """
    return all(map(_PLAIN.fullmatch, map(str.strip, texts)))


def is_identifier(text: str) -> bool:
    """Say whether digits must stay a text: they begin with a zero, or float64 would merge them with others.

    Examples
    --------
    >>> is_identifier("007"), is_identifier("0.7"), is_identifier("9007199254740993")
    (True, False, True)
    """
    if _LEADING_ZERO.fullmatch(text):
        return True
    return len(text) > 15 and _WHOLE.fullmatch(text) is not None and abs(int(text)) > LARGEST_WHOLE


def cut(text: str) -> Cut | None:
    """Cut a formatted number into its parts; None for other texts.

    Parameters
    ----------
    text
        Without spaces at the ends.

    Examples
    --------
    >>> cut("61.3%"), cut("A12")
    (Cut(body='61.3', negative=False, unit='%'), None)
    """
    found = _CUT.fullmatch(text.translate(_SAME))
    if found is None:
        return None
    before, after, signs = found["before"], found["after"], found["sign"] + found["inner"]
    brackets = found["open"] == "(", found["close"] == ")"
    if (before and before not in _PREFIXES) or brackets[0] != brackets[1] or len(signs) > 1:
        return None
    if after in _NO_UNITS or len(after) > 12 or (len(after) == 1 and not _is_letter_unit(after, found["gap"])):
        return None
    negative = brackets[0] or found["close"] == "-"
    if negative and signs:
        return None
    return Cut(found["body"].strip(), negative or signs == "-", before or after)


def _is_letter_unit(letter: str, gap: str) -> bool:
    """Say whether a letter measures something (12m); glued to digits it may be part of a code (12A)."""
    return letter in _ONE_LETTER_UNITS and (bool(gap) or not letter.isupper())


def number_in(text: str, form: str, unit: str = "") -> float | None:
    """Return the number a text is in a form and a unit, or None.

    Examples
    --------
    >>> number_in("1.234,5 €", "1.234,5", "€"), number_in("1.5", "1.234,5")
    (1234.5, None)
    """
    parts = cut(text)
    if parts is None or parts.unit != unit:
        return None
    return _value(parts, form)


def _value(parts: Cut, form: str) -> float | None:
    pattern, between, mark = FORMS[form]
    if not pattern.fullmatch(parts.body):
        return None
    number = float(parts.body.replace(between, "").replace(mark, "."))
    return -number if parts.negative else number


@dataclass(frozen=True, slots=True)
class Recognised:
    """What formatted numbers in a column are.

    Parameters
    ----------
    forms
        The forms in which every text is a number, one of each meaning: several mean that nothing decides.
    units
        The units found, the most frequent first.
    share
        How many of the texts have the look of a number.
    """

    forms: tuple[str, ...]
    units: tuple[str, ...]
    share: float


def recognise(texts: Sequence[str], ask: int = 50) -> Recognised:
    """Find the forms and units of numbers in distinct texts.

    Parameters
    ----------
    texts
        Without spaces at the ends and without missing markers.
    ask
        So many texts are looked at first; if few of them look like numbers, the rest is not read.

    Examples
    --------
    >>> recognise(["12,5", "9", "29"]).forms, recognise(["14,772", "58,300"]).forms
    (('1.234,5',), ('1,234.5', '1.234,5'))
    """
    first = [cut(text) for text in texts[:ask]]
    if sum(parts is not None for parts in first) < 0.5 * len(first):
        return Recognised((), (), 0.0)
    cuts = [*first, *(cut(text) for text in texts[ask:])]
    found = [
        parts for parts in cuts if parts is not None and any(p.fullmatch(parts.body) for p, _, _ in FORMS.values())
    ]
    units: dict[str, int] = {}
    for parts in found:
        units[parts.unit] = units.get(parts.unit, 0) + 1
    ordered = tuple(sorted(units, key=lambda unit: -units[unit]))
    share = len(found) / len(texts)
    return Recognised(_distinct_forms(found) if share == 1.0 else (), ordered, share)


def _distinct_forms(found: Sequence[Cut]) -> tuple[str, ...]:
    """Return the forms that all numbers fit, leaving out those that say the same as an earlier one."""
    kept: dict[tuple[float | None, ...], str] = {}
    for form in FORMS:
        values = tuple(_value(parts, form) for parts in found)
        if None not in values:
            kept.setdefault(values, form)
    return tuple(kept.values())


def date_in(text: str, form: str) -> datetime | None:
    """Return the date a text is in a format, or None.

    Examples
    --------
    >>> date_in("31.12.2024", "%d.%m.%Y").day, date_in("31.12.2024", "%m.%d.%Y")
    (31, None)
    """
    for clock in _CLOCKS:
        try:
            return datetime.strptime(text, form + clock)
        except ValueError:
            continue
    return None


def recognise_dates(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the formats in which every text is a date; several mean that nothing decides.

    Examples
    --------
    >>> recognise_dates(["31/12/2024", "01/02/2024"]), recognise_dates(["03/12/2024", "01/02/2024"])
    (('%d/%m/%Y',), ('%d/%m/%Y', '%m/%d/%Y'))
    """
    if not texts or not all(_DATE_LIKE.fullmatch(text) for text in texts):
        return ()
    return tuple(form for form in DATE_FORMS if _fit(texts, form))


def short_years(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the formats with two digits for the year in which every text is a date.

    Examples
    --------
    >>> short_years(["31/12/99", "01/02/99"]), short_years(["31/12/2024"])
    (('%d/%m/%y',), ())
    """
    if not texts or not all(_SHORT_DATE.fullmatch(text) for text in texts):
        return ()
    return tuple(form for form in SHORT_YEARS if _fit(texts, form))


def _fit(texts: Iterable[str], form: str) -> bool:
    return all(date_in(text, form) is not None for text in texts)
