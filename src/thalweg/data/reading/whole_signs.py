"""Texts that no file can hold, told where a table is taken in instead of where something is written."""

from collections.abc import Iterator
from contextlib import contextmanager

from thalweg.base.errors import DataError


@contextmanager
def whole_signs() -> Iterator[None]:
    r"""Tell half a sign, which Python's texts may have and no encoding has, as a fault of the table; also a decorator.

    Raises
    ------
    DataError
        In place of ``UnicodeEncodeError``.

    Examples
    --------
    >>> with whole_signs():
    ...     "caf\ud800".encode()
    Traceback (most recent call last):
    thalweg.base.errors.DataError: A name or a value of the table has the sign '\ud800', ... Replace it, such as by ...
    """
    try:
        yield
    except UnicodeEncodeError as error:
        sign = error.object[error.start : error.start + 1]
        raise DataError(
            f"A name or a value of the table has the sign {sign!a}, half of one, which no file can hold.",
            "Replace it, such as by text.encode('utf-8', 'replace').decode().",
        ) from error
