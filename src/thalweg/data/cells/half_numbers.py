"""Texts that mean numbers and are none: times and durations, limits, numbers shortened by letters."""

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from thalweg.base.errors import DataError, setting
from thalweg.base.naming import sql_name

_CLOCK: Final = re.compile(r"(-?\d+ days? )?-?\d{1,4}:[0-5]\d(:[0-5]\d([.,]\d+)?)?( ?[AaPp][Mm])?")
_LIMIT: Final = re.compile(r"([<>~≤≥≈]=?) ?(-?\d+\.?\d*|-?\.\d+)", re.ASCII)
_SHORTENED: Final = re.compile(r"[+-]?[$€£¥]?\d+([.,]\d+)? ?([kKmMbB]?)", re.ASCII)
_HALF: Final = 0.5
_FEWEST: Final = 5  # different numbers beside limits: a few beside them may be codes


def refuse_half_numbers(texts: Sequence[str], stray: NDArray[np.bool_], name: str) -> None:
    """Refuse texts of a column that nobody means as names.

    Parameters
    ----------
    texts
        Distinct, without spaces at their ends.
    stray
        Which of them are no plain numbers.
    name
        Of the column.

    Raises
    ------
    DataError
        If they are times or durations, numbers and limits, or thousands and millions by letters.

    Examples
    --------
    >>> refuse_half_numbers(["00:30", "12:05"], np.array([True, True]), "at")
    Traceback (most recent call last):
    thalweg.base.errors.DataError: Column 'at' holds times or durations such as '00:30', which no model reads. ...
    >>> refuse_half_numbers(["north", "south"], np.array([True, True]), "region")
    """
    if texts and all(_CLOCK.fullmatch(text) for text in texts):
        raise clock_error(texts[0], name)
    others = [text for text, is_stray in zip(texts, stray, strict=True) if is_stray]
    numbers = len(texts) - len(others)
    if others and numbers >= max(_FEWEST, _HALF * len(texts)) and all(_LIMIT.fullmatch(text) for text in others):
        column = sql_name(name)
        query = f"select * replace (ltrim({column}, '<>~≤≥≈= ')::double as {column}) from data"  # noqa: S608 - the same
        raise DataError(
            f"Column {name!r} holds numbers, and limits of numbers such as {others[0]!r}.",
            f"Take limits for their numbers by the {setting('query')} {query}, or leave the column out (ignore).",
        )
    letters = {match[2].lower(): text for text in reversed(texts) if (match := _SHORTENED.fullmatch(text))}
    if len({*letters} - {""}) > 1 and all(_SHORTENED.fullmatch(text) for text in texts):
        first, second = (text for letter, text in letters.items() if letter)
        raise DataError(
            f"Column {name!r} shortens numbers by more than one letter: {first!r} and {second!r}.",
            "Write them out, or leave the column out (ignore).",
        )


def clock_error(text: str, name: str) -> DataError:
    """Return the error of a column of times of day or durations, with the query that reads them, whatever their type.

    Examples
    --------
    >>> "epoch(start::varchar::interval)" in str(clock_error("10:30", "start"))
    True
    """
    column = sql_name(name)
    seconds = f"epoch({column}::varchar::interval)"
    if text[-1] in "mM":
        clock = "%I:%M:%S %p" if text.count(":") > 1 else "%I:%M %p"
        seconds = f"epoch(strptime({column}, '{clock if ' ' in text else clock.replace(' ', '')}')::time)"
    query = f"select * replace ({seconds} as {column}) from data"  # noqa: S608 - words for the reader
    return DataError(
        f"Column {name!r} holds times or durations such as {text!r}, which no model reads.",
        f"Read hours, minutes and seconds as seconds by the {setting('query')} {query}, or leave the column out "
        "(ignore).",
    )
