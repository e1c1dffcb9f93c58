"""Reading the tables that come with the package."""

import csv
from functools import cache
from importlib import resources


@cache
def catalogue_entries(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of a table, every cell as its text.

    Parameters
    ----------
    name
        "devices", "prices", "electricity" or "utilisations".

    Examples
    --------
    >>> catalogue_entries("electricity")[0]["grams_per_kwh"]
    '475'
    """
    text = resources.files(__package__).joinpath(f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))
