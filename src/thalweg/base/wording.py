"""Names in sentences: lists of them, and the nearest to one that is not known."""

from collections.abc import Iterable
from difflib import get_close_matches


def listed(names: list[str] | tuple[str, ...], limit: int = 5) -> str:
    """Return the names in quotes, the first few of many.

    Examples
    --------
    >>> listed(["a", "b", "c"], limit=2)
    "'a', 'b' and 1 more"
    """
    shown = ", ".join(repr(name) for name in names[:limit])
    return shown if len(names) <= limit else f"{shown} and {len(names) - limit} more"


def closest(name: str, known: Iterable[str], what: str = "columns") -> str:
    """Return a remedy for a name that is not among the known: the nearest ones, or all of them.

    Parameters
    ----------
    name
        What came; capitals are ignored.
    known
        What there is.
    what
        What these are, in the plural.

    Examples
    --------
    >>> closest("agee", ["age", "income"])
    "Did you mean 'age'?"
    >>> closest("fold", ["seeds", "epochs"], "settings")
    "The settings are 'seeds', 'epochs'."
    """
    names = list(known)
    spelled = {one.lower(): one for one in names}
    near = [spelled[found] for found in get_close_matches(name.lower(), list(spelled), n=3)]
    return f"Did you mean {' or '.join(map(repr, near))}?" if near else f"The {what} are {listed(names, 30)}."
