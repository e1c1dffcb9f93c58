"""An experiment in numbers: covariates, outcome, the combination every unit received, and how it was assigned."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.errors import DataError, SettingError, setting

Combination = tuple[int, ...]
MOST_TREATMENTS = 24
NONE = "none"


@dataclass(frozen=True, slots=True, eq=False)
class Experiment:
    """Units, what they received, and what came of it.

    Parameters
    ----------
    x
        Covariates from before the treatment [N D], finite, on comparable scales.
    y
        Outcomes [N].
    cells
        Observed combinations of m treatments [J m], 0 or 1.
    received
        Which of the cells each unit received [N].
    shares
        Probability of every cell, for all units [J] or for each [N J].
    clusters
        Codes of groups of units whose errors hang together [N], or of two crossed sets of them [N 2]; None if units
        are independent.
    weights
        Row weights [N]; None for 1.
    groups
        Codes of units that no fold may cut [N]; the clusters if None.
    time
        Place of every unit in time [N], 0, 1, …, if folds are blocks of it; else None.

    Raises
    ------
    DataError
        If lengths do not match.

    Examples
    --------
    >>> cells = np.array([[0], [1]])
    >>> trial = Experiment(np.zeros((4, 1)), np.arange(4.0), cells, np.array([0, 1, 0, 1]), np.array([0.5, 0.5]))
    >>> trial.probabilities.shape
    (4, 2)
    """

    x: FloatArray
    y: FloatArray
    cells: IntArray
    received: IntArray
    shares: FloatArray
    clusters: IntArray | None = None
    weights: FloatArray | None = None
    groups: IntArray | None = None
    time: IntArray | None = None

    def __post_init__(self) -> None:
        every = (self.x, self.y, self.received, self.clusters, self.weights, self.groups, self.time)
        lengths = {len(a) for a in every if a is not None}
        if len(lengths) != 1 or self.shares.shape[-1] != len(self.cells):
            raise DataError(
                f"Expected equal lengths and one share per cell, got {sorted(lengths)} rows and "
                f"{self.shares.shape[-1]} shares for {len(self.cells)} cells.",
                "Give matching arrays.",
            )

    def __len__(self) -> int:
        """Return N, the number of units."""
        return len(self.y)

    @property
    def treatments(self) -> int:
        """Number m of treatments."""
        return int(self.cells.shape[1])

    @property
    def probabilities(self) -> FloatArray:
        """Probability of every cell for every unit [N J]."""
        return np.broadcast_to(self.shares, (len(self), len(self.cells)))

    @property
    def counts(self) -> IntArray:
        """Units in every cell [J]."""
        return np.bincount(self.received, minlength=len(self.cells)).astype(np.int64)


def all_combinations(treatments: int) -> IntArray:
    """Return all combinations of m treatments [2^m m], in binary order with the first treatment slowest.

    Examples
    --------
    >>> all_combinations(2).tolist()
    [[0, 0], [0, 1], [1, 0], [1, 1]]
    """
    return np.array(list(itertools.product((0, 1), repeat=treatments)), dtype=np.int64).reshape(-1, treatments)


def combination_label(combination: Sequence[int] | IntArray) -> str:
    """Return a combination as text.

    Examples
    --------
    >>> combination_label((1, 0, 1))
    '101'
    """
    return "".join(str(int(value)) for value in combination)


def read_combination(text: str | Sequence[int], treatments: int, name: str | None = None) -> Combination:
    """Read a combination of m treatments.

    Parameters
    ----------
    text
        Digits, such as ``101``, or a sequence of 0 and 1.
    treatments
        m.
    name
        The setting that holds it, to be named in an error.

    Returns
    -------
    tuple
        m numbers 0 or 1.

    Raises
    ------
    SettingError
        If it is not m zeros and ones.

    Examples
    --------
    >>> read_combination("101", 3)
    (1, 0, 1)
    """
    parts = tuple(str(value) for value in text) if isinstance(text, Iterable) else ()
    if len(parts) != treatments or not set(parts) <= {"0", "1"}:
        place = "" if name is None else f" in {setting(name)}"
        shown = "".join(parts) if parts and not isinstance(text, str) else text
        raise SettingError(
            f"A combination of {treatments} treatments is {treatments} digits 0 or 1, got {shown!r}{place}.",
            f"Write {'1' * treatments!r} for all treatments.",
        )
    return tuple(int(value) for value in parts)


def named_combination(text: str | Sequence[int], treatments: Sequence[str], name: str | None = None) -> Combination:
    """Read a combination as digits or as the names of its treatments.

    Parameters
    ----------
    text
        Digits, such as ``101``; names, such as ``price + mail``; or ``none``.
    treatments
        Their names.
    name
        The setting that holds it, to be named in an error.

    Returns
    -------
    tuple
        m numbers 0 or 1.

    Raises
    ------
    SettingError
        If it is neither; the message lists the names.

    Examples
    --------
    >>> named_combination("price + mail", ["price", "push", "mail"]), named_combination("none", ["price", "push"])
    ((1, 0, 1), (0, 0))
    """
    if isinstance(text, str) and not set(text) <= {"0", "1"}:
        given = [text] if text in treatments else [part.strip() for part in text.split("+")]
        given = [] if given == [NONE] and NONE not in treatments else given
        unknown = [part for part in given if part not in treatments]
        if unknown:
            place = "" if name is None else f" in {setting(name)}"
            raise SettingError(
                f"A combination is {len(treatments)} digits 0 or 1, or treatments by name, got {text!r}{place}: there "
                f"is no treatment {unknown[0]!r}.",
                f"For all of them write {'1' * len(treatments)!r} or {' + '.join(treatments)!r}, for none {NONE!r}.",
            )
        return tuple(int(one in given) for one in treatments)
    return read_combination(text, len(treatments), name)
