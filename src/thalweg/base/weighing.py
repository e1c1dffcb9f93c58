"""What row weights mean: counts of equal rows, precisions, or inverse probabilities of being in the sample.

The user says which; nothing is guessed from the numbers.
"""

from typing import Final

import numpy as np

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_choice
from thalweg.base.errors import DataError, SettingError, row, setting

FREQUENCY, ANALYTIC, PROBABILITY = "frequency", "analytic", "probability"
WEIGHTS_KINDS: Final = (FREQUENCY, ANALYTIC, PROBABILITY)
"""What weights can be, as Stata's fweights, aweights and pweights.

``frequency``: the row stands for that many equal rows. ``analytic``: the row's precision; the variance of its outcome
is inversely proportional to it. ``probability``: the inverse of the row's chance of being sampled. Of the last two only
ratios matter, and they add no rows.
"""

NEAR: Final = 1.5  # a mean weight within this factor of 1 reads alike under every kind


def weights_kind_of(kind: str | None) -> str:
    """Return the kind that was said, ``analytic`` if none was.

    Raises
    ------
    SettingError
        If it is none of :data:`WEIGHTS_KINDS`.

    Examples
    --------
    >>> weights_kind_of(None)
    'analytic'
    """
    return ANALYTIC if kind is None else check_choice("weights_kind", kind, WEIGHTS_KINDS)


def weights_kind_with(weights: object, kind: str | None) -> str | None:
    """Return what weights mean; None if there are none.

    Raises
    ------
    SettingError
        If the kind is unknown, or is said of no weights.

    Examples
    --------
    >>> weights_kind_with("w", "frequency"), weights_kind_with("w", None), weights_kind_with(None, None)
    ('frequency', 'analytic', None)
    """
    found = weights_kind_of(kind)
    if weights is None and kind is not None:
        raise SettingError(
            f"{setting('weights_kind')} is {kind!r}, but there are no weights.",
            f"Name their column as {setting('weights')}, or leave it out.",
        )
    return None if weights is None else found


def common_weights(weights: FloatArray, kind: str) -> FloatArray:
    """Return weights on the scale on which their sum is the number of observations, shape [N].

    Frequencies are that already. Others are divided by their mean over the rows that count.

    Parameters
    ----------
    weights
        Finite, at least 0 and not all 0, shape [N].
    kind
        One of :data:`WEIGHTS_KINDS`.

    Raises
    ------
    DataError
        If a frequency is no whole number.

    Examples
    --------
    >>> common_weights(np.array([0.0, 1e6, 3e6]), "probability")
    array([0. , 0.5, 1.5])
    """
    if kind == FREQUENCY:
        broken = np.flatnonzero(weights != np.floor(weights))
        if len(broken):
            raise DataError(
                f"Frequency weights count rows, got {weights[broken[0]]:g} in row {row(broken[0])}.",
                f"Set {setting('weights_kind')} to 'analytic' or 'probability', or give whole numbers.",
            )
        return weights
    shares: FloatArray = weights / weights.max()
    return shares * (np.count_nonzero(shares) / float(shares.sum()))


def probability_remark(weights: FloatArray) -> str:
    """Return what to tell a reader of robust errors with probability weights, shape [N].

    Examples
    --------
    >>> print(probability_remark(np.array([1.0, 1.0, 4.0])))
    Probability weights: 3 rows, worth 2 of equal weight. Robust intervals are somewhat too narrow where few rows ...

    Notes
    -----
    Kish (1965), Survey Sampling, section 11.7: rows of equal weight worth as much, (Σw)² / Σw².
    """
    shares = weights[weights > 0] / weights.max()
    worth = float(shares.sum() ** 2 / (shares @ shares))
    return (
        f"Probability weights: {len(shares):,} rows, worth {worth:,.0f} of equal weight. Robust intervals are somewhat "
        "too narrow where few rows weigh much: at a nominal 90 % they covered 80 to 87 % (HC1) and 85 to 89 % (HC3) in "
        "studies/weights_coverage.txt."
    )


def weights_remark(weights: FloatArray, kind: str | None) -> str | None:
    """Return what to tell a reader about weights whose kind makes a difference and was not said; None if nothing.

    Parameters
    ----------
    weights
        As given, shape [N].
    kind
        As given; None if it was not said.

    Examples
    --------
    >>> print(weights_remark(np.array([2.0, 5.0, 5.0]), None))
    The weights sum to 12 over 3 rows and were read as analytic: only their ratios matter, and n is 3. ...
    """
    return weights_sum_remark(float(weights.sum()), int(np.count_nonzero(weights)), kind)


def weights_sum_remark(total: float, counted: int, kind: str | None) -> str | None:
    """Return what :func:`weights_remark` does, of weights of which the sum and the number are known.

    Examples
    --------
    >>> weights_sum_remark(12.0, 12, None) is None
    True
    """
    if kind is not None or counted / NEAR <= total <= counted * NEAR:
        return None
    return (
        f"The weights sum to {total:,.6g} over {counted:,} rows and were read as analytic: only their ratios matter, "
        f"and n is {counted:,}. Say weights_kind 'frequency' if each row stands for that many, 'probability' if rows "
        "were sampled unequally."
    )
