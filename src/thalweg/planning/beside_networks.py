"""What the models beside networks would take in a comparison: some of them are fitted here and timed."""

import os
import time
from dataclasses import replace
from typing import Final

from thalweg.select.boosting import train_boosting
from thalweg.select.compare_models import final_linear_models
from thalweg.select.crossval import CrossValidation

PATIENCE: Final = 3.0
"""Seconds after which no further boosting is fitted."""


def seconds_beside(plan: CrossValidation, workers: int | None = None) -> float:
    """Fit linear models on all rows, and boosting on as many views as there are cores, and multiply by the views.

    Parameters
    ----------
    plan
        The comparison.
    workers
        Cores; None for all.

    Returns
    -------
    float
        Seconds; boosting that takes longer than is waited for is left out.

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> from thalweg.select.crossval import cross_validation
    >>> from thalweg.select.settings import Settings
    >>> seconds_beside(cross_validation(pose("example:iris"), Settings(folds=3, networks=(), trees=5))) > 0
    True
    """
    views, crew = len(plan.views), workers or os.cpu_count() or 1
    began = time.perf_counter()
    final_linear_models(plan)
    linear = (time.perf_counter() - began) * views
    few = replace(plan, views=plan.views[-crew:])
    began = time.perf_counter()
    fitted = train_boosting(few, workers, until=time.monotonic() + PATIENCE)
    return linear + (time.perf_counter() - began) * views / len(few.views) * bool(fitted)
