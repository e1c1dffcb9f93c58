"""Classes that count alike, however rare they are: weights of their rows."""

from dataclasses import replace
from typing import Final

import numpy as np

from thalweg.base.checks import check_choice
from thalweg.base.errors import SettingError, setting
from thalweg.base.weighing import ANALYTIC, FREQUENCY
from thalweg.data.notes import Note
from thalweg.data.problem import Problem

BALANCED: Final = "balanced"


def with_class_weight(problem: Problem, class_weight: str | None) -> Problem:
    """Return the problem with row weights that let every class count alike, in training and in scores.

    Rows of class c of C classes weigh w_i · W / (C · W_c), with W_c the sum of their weights w_i and W that of all.

    Parameters
    ----------
    problem
        What is asked.
    class_weight
        ``balanced``, or None for the problem as it is.

    Raises
    ------
    SettingError
        If the outcome is no class, or weights are frequencies, which no share of a row can be.

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> problem = pose({"y": ["a", "b", "b", "b"], "x": [1.0, 2.0, 3.0, 5.0]}, target="y")
    >>> with_class_weight(problem, "balanced").weights.round(3).tolist()
    [2.0, 0.667, 0.667, 0.667]
    """
    if class_weight is None:
        return problem
    check_choice("class_weight", class_weight, (BALANCED,))
    if problem.task == "regression":
        raise SettingError(
            f"{setting('class_weight')} is for classes, and {problem.target!r} is a number.", "Leave it out."
        )
    if problem.weights_kind == FREQUENCY:
        raise SettingError(
            f"{setting('class_weight')} cannot stand beside weights that count rows, {setting('weights_kind')} "
            f"{FREQUENCY!r}.",
            "Leave one of them out.",
        )
    given = np.ones(len(problem)) if problem.weights is None else problem.weights
    codes = problem.outcome.astype(np.int64)
    sums = np.bincount(codes, weights=given, minlength=len(problem.classes))
    weights = given * (given.sum() / (len(problem.classes) * sums))[codes]
    note = Note(
        "class_weight",
        f"Every class of {problem.target!r} counts alike, in training and in scores: probabilities are those of "
        "a population in which the classes are equally frequent.",
        (problem.target,),
    )
    kind = problem.weights_kind or ANALYTIC
    return replace(problem, weights=weights, weights_kind=kind, notes=(*problem.notes, note))
