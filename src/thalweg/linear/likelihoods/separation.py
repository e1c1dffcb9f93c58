"""Separation: a direction in which a likelihood improves for ever, found by linear programming.

Albert & Anderson (1984, Biometrika 71, 1-10) for the binary and multinomial cases, Konis (2007, DPhil thesis,
Oxford) for the linear program, Correia, Guimarães & Zylkin (2019, arXiv:1903.01633) for counts.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from scipy import optimize

from thalweg.base.arrays import FloatArray
from thalweg.base.errors import DataError


class SeparatedError(DataError):
    """The likelihood has no finite maximum.

    Parameters
    ----------
    words
        Who separates the answers.
    remedy
        What to do about it.

    Examples
    --------
    >>> SeparatedError("price separates the answers completely", "Drop that column.").words
    'price separates the answers completely'
    """

    def __init__(self, words: str, remedy: str) -> None:
        super().__init__(f"The likelihood has no finite maximum: {words}.", remedy)
        self.words = words


@dataclass(frozen=True, slots=True)
class Separation:
    """A direction of separation.

    Parameters
    ----------
    complete
        Whether it splits every row strictly; otherwise some rows lie on the border (quasi-complete).
    columns
        Positions of coefficients that go to infinity: as few as say it.
    rows, of
        How many rows it improves for ever, and how many were asked.
    unit
        What those rows are.
    direction
        How the coefficients go, one per column; None where it is not told.
    """

    complete: bool
    columns: tuple[int, ...]
    rows: int
    of: int
    unit: str = "rows"
    direction: FloatArray | None = field(default=None, repr=False, compare=False)

    def words(self, names: tuple[str, ...]) -> str:
        """Return who separates the answers; ``names`` begin with the constant.

        Examples
        --------
        >>> Separation(False, (0, 2), 12, 40).words(("Intercept", "age", "price"))
        'price separates the answers in part (12 of 40 rows)'
        """
        guilty = [names[j] for j in self.columns if j > 0] or [names[0]]
        listed = ", ".join(guilty[:4]) + (f" and {len(guilty) - 4} more" if len(guilty) > 4 else "")
        verb = "separates" if len(guilty) == 1 else "separate"
        reach = "completely" if self.complete else f"in part ({self.rows:,} of {self.of:,} {self.unit})"
        return f"{listed} {verb} the answers {reach}"

    def by_class(self, classes: int) -> "Separation":
        """Return the same for columns of the design, if those here are of [K C] parameters."""
        columns = tuple(sorted({j // classes for j in self.columns}))
        return replace(self, columns=columns, unit="comparisons of a row's class with another")


def find_separation(signed: FloatArray, fixed: FloatArray | None = None) -> Separation | None:
    """Find a simple b with ``signed b ≥ 0``, somewhere positive, and ``fixed b = 0``; None if there is none.

    Parameters
    ----------
    signed
        DesignRows whose loss falls along b, shape [N K]: for a 1 the row of the design, for a 0 its negative.
    fixed
        DesignRows whose η may not move, shape [F K]: positive counts.

    Examples
    --------
    >>> find_separation(np.array([[1.0, 2.0], [-1.0, 3.0]]))
    Separation(complete=True, columns=(1,), rows=2, of=2, unit='rows')
    >>> find_separation(np.array([[1.0], [-1.0]])) is None
    True
    """
    border = _direction(signed, np.zeros(len(signed)), fixed)
    if border is None:
        return None
    strict = _direction(signed, np.ones(len(signed)), fixed)
    large = np.abs(border) * np.abs(signed).max(axis=0)
    columns = tuple(np.flatnonzero(large > 1e-6 * large.max()).tolist())
    margins = signed @ border
    improved = int((margins > 1e-7 * np.abs(margins).max()).sum())
    return Separation(strict is not None, columns, improved, len(signed), direction=border)


def _direction(signed: FloatArray, floor: FloatArray, fixed: FloatArray | None) -> FloatArray | None:
    """Return b of least scaled 1-norm: ``signed b ≥ floor``, mean of ``signed b`` ≥ 1, ``fixed b = 0``."""
    scale = np.abs(signed).max(axis=0)
    scale[scale == 0] = 1.0
    rows = np.vstack([signed, signed.mean(axis=0)]) / scale
    held = None if fixed is None else fixed / scale
    result = optimize.linprog(
        np.ones(2 * len(scale)),
        A_ub=np.hstack([-rows, rows]),
        b_ub=-np.append(floor, 1.0),
        A_eq=None if held is None else np.hstack([held, -held]),
        b_eq=None if held is None else np.zeros(len(held)),
        bounds=(0, None),
        method="highs",
    )
    if result.status != 0:
        return None
    positive, negative = np.split(result.x, 2)
    return np.asarray((positive - negative) / scale)


def binary_rows(A: FloatArray, y: FloatArray) -> FloatArray:
    """Return the design with the rows of the zeros negated, shape [N K].

    Examples
    --------
    >>> binary_rows(np.ones((2, 1)), np.array([0.0, 1.0]))
    array([[-1.],
           [ 1.]])
    """
    return A * np.where(y > 0, 1.0, -1.0)[:, None]


def multinomial_rows(A: FloatArray, codes: np.ndarray[tuple[int], np.dtype[np.int64]], classes: int) -> FloatArray:
    """Return ``a ⊗ (e_y - e_c)`` for each row and each other class c, shape [N (C-1), K C].

    Examples
    --------
    >>> multinomial_rows(np.ones((1, 1)), np.array([1]), 3)
    array([[-1.,  1.,  0.],
           [ 0.,  1., -1.]])
    """
    own = np.eye(classes)[codes]
    blocks = []
    for c in range(classes):
        rows = codes != c
        difference = own[rows] - np.eye(classes)[c]
        blocks.append((A[rows, :, None] * difference[:, None, :]).reshape(int(rows.sum()), A.shape[1] * classes))
    return np.concatenate(blocks)
