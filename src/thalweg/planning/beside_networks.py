"""What the models beside networks would take in a comparison: some of them are fitted here and timed."""

import math
import os
import time
from dataclasses import replace
from typing import Final

from thalweg.planning.likely_range import LikelyRange, even_range
from thalweg.select.boosting import train_boosting
from thalweg.select.compare_models import fit_linear_models
from thalweg.select.crossval import CrossValidation

PATIENCE: Final = 10.0
"""Seconds after which no further boosting is fitted, and fewer trees are tried instead."""
_FEWER: Final = 8
"""Times fewer trees are tried then; half of all that are allowed are supposed to be wanted."""
_TIMED, _SUPPOSED = 0.3, 0.6  # of the logarithm: what was done here, and what follows from fewer trees


def seconds_beside(plan: CrossValidation, workers: int | None = None) -> LikelyRange:
    """Fit linear models on all rows, and boosting on as many views as there are cores, and multiply by the views.

    Parameters
    ----------
    plan
        The comparison.
    workers
        Cores; None for all.

    Returns
    -------
    LikelyRange
        Seconds.

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> from thalweg.select.crossval import cross_validation
    >>> from thalweg.select.settings import Settings
    >>> seconds_beside(cross_validation(pose("example:iris"), Settings(folds=3, networks=(), trees=5))).middle > 0
    True
    """
    views, crew = len(plan.views), workers or os.cpu_count() or 1
    began = time.perf_counter()
    fit_linear_models(replace(plan, views=plan.views[-1:]))
    linear = even_range((time.perf_counter() - began) * views, _TIMED)
    if not plan.settings.trees:
        return linear
    few = replace(plan, views=plan.views[-crew:])
    clock, fitted = _boosting_clock(few, workers)
    if fitted:
        return linear.plus(even_range(clock * views / len(few.views), _TIMED))
    less = replace(few, settings=replace(few.settings, trees=max(1, few.settings.trees // _FEWER)))
    clock, _ = _boosting_clock(less, workers, patience=math.inf)
    return linear.plus(even_range(clock * views / len(few.views) * _FEWER / 2, _SUPPOSED))


def _boosting_clock(plan: CrossValidation, workers: int | None, patience: float = PATIENCE) -> tuple[float, bool]:
    began = time.perf_counter()
    fitted = train_boosting(plan, workers, until=time.monotonic() + patience)
    return time.perf_counter() - began, bool(fitted)
