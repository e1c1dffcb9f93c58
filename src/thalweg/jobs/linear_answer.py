"""What is asked of a linear model, and its analysis part by part: estimates, path, search, geometry, descents."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from thalweg.base.arrays import IntArray
from thalweg.base.errors import DataError, SettingError, setting
from thalweg.base.weighing import PROBABILITY, probability_remark
from thalweg.data.dependence.clusters import cluster_notes
from thalweg.data.notes import Note
from thalweg.data.problem import Problem
from thalweg.data.split import fold_numbers, folds_in_time
from thalweg.jobs.columns import rows_of
from thalweg.linear.analysis import LinearAnalysis, draw_geometry, run_descents, select_columns
from thalweg.linear.covariance import CLUSTERED
from thalweg.linear.crowds.separated import separated_estimates
from thalweg.linear.estimates import Estimates
from thalweg.linear.folds import Pairs
from thalweg.linear.likelihoods.separation import SeparatedError
from thalweg.linear.models import MODELS, default_model
from thalweg.linear.numerics.standardise import standardise
from thalweg.linear.paths.penalty_path import penalty_path
from thalweg.linear.paths.undetermined import undetermined_estimates
from thalweg.linear.postestimation.formula_rows import FormulaRows, kept_recipe
from thalweg.linear.postestimation.hypotheses import WaldTest, wald_test
from thalweg.linear.postestimation.margins import margins
from thalweg.linear.postestimation.row_influence import row_influence, variance_inflation
from thalweg.linear.regression import UndeterminedError
from thalweg.report.progress import Watch
from thalweg.train.progress import Progress

STAGE = "linear"
_DIAGNOSED = 5_000_000  # cells of a design


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of the model."""

    model: str | None
    covariance: str | None
    path: str | None
    search: str | None
    descents: bool
    axes: tuple[str, ...] | None
    folds: int
    gap: int
    seed: int
    level: float
    margins: str | None = None
    at: Mapping[str, str] = field(default_factory=dict)
    test: tuple[str, ...] = ()

    @property
    def task(self) -> str | None:
        """The task a model is for."""
        return None if self.model is None else MODELS[self.model].task

    @property
    def extras(self) -> dict[str, object]:
        """What was asked for beside estimates, by name; None where it was not."""
        return {
            "path": self.path,
            "search": self.search,
            "descents": self.descents or None,
            "axes": self.axes,
        }

    def plain(self) -> dict[str, Any]:
        """Return all settings as plain values."""
        found = {name: getattr(self, name) for name in self.__slots__}
        return found | {
            "axes": None if self.axes is None else list(self.axes),
            "at": dict(self.at),
            "test": list(self.test),
        }


def analyse(
    asked: Asked,
    problem: Problem,
    clusters: Mapping[str, IntArray],
    facts: Mapping[str, str],
    watch: Watch | None = None,
    absorb: Mapping[str, IntArray] | None = None,
    variables: FormulaRows | None = None,
) -> LinearAnalysis:
    """Estimate and compute what was asked for; places in errors are rows of the table.

    Parameters
    ----------
    asked
        The model and what stands beside it.
    problem
        Its features are the columns of the design.
    clusters
        Cluster of every row [N] by the name of its column; none for rows that are independent.
    facts
        What is needed to repeat it, by name.
    watch
        Called whenever a part is done.
    absorb
        Level of every row [N] in each effect that least squares absorb, by its name.
    variables
        The rows as the formula's variables, for marginal effects.

    Raises
    ------
    DataError, SettingError
        If the rows do not suffice, or the model does not have what is asked for.

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> asked = Asked("ols", None, None, None, descents=False, axes=None, folds=5, gap=0, seed=0, level=0.95)
    >>> analyse(asked, pose("example:diabetes"), {}, {}).estimates.certificate.verdict
    'exact'
    """
    model = "ols" if absorb else asked.model or default_model(problem.task).key
    MODELS[model].check(
        path=asked.path,
        search=asked.search,
        axes=asked.axes,
        descents=asked.descents,
        weighted=problem.weights is not None,
    )
    _refuse_by_formula(asked, model, problem)
    told = _Counted(watch, 1 + sum(value is not None for value in asked.extras.values()))
    X, y = problem.features, np.asarray(problem.outcome, dtype=np.float64)
    with rows_of(problem):
        fit = _estimate_or_shrink(asked, model, problem, clusters, absorb)
        if fit.certificate.separation != "none":
            _refuse_without_maximum(fit, asked.extras)
        held = _folds(asked, problem, clusters) if asked.path or asked.search else None
        names = tuple(map(str, X.columns))
        notes = cluster_notes(clusters, X, len(fit.names), fit.cov_type) if fit.cov_type in CLUSTERED else []
        if problem.weights_kind == PROBABILITY and problem.weights is not None:
            notes.append(Note("weights", probability_remark(problem.weights)))
        cut = f"seed {asked.seed}" if problem.time is None else f"blocks in order of time, gap {asked.gap}"
        folds = {} if held is None else {"folds": f"{asked.folds}, {cut}"}
        answer = LinearAnalysis(
            table=problem.name,
            outcome=problem.target,
            estimates=fit,
            spreads=dict(zip(names, standardise(X.to_numpy(), problem.weights).deviation.tolist(), strict=True)),
            notes=(*problem.notes, *notes),
            repeat={**facts, **folds},
            level=asked.level,
            rows=(problem.rows_read, len(problem)),
            recipe="" if problem.formula is None else kept_recipe(problem.formula, problem.styles),
            row_numbers=problem.row_numbers,
            tests=tests_of(fit, asked.test),
            **_diagnosed(fit, problem),
        )
        if asked.margins is not None:
            where: dict[str, Any] = {"average": asked.margins, "at": asked.at, "level": asked.level}
            changes = margins(fit, variables or problem.features, **where, weights=problem.weights)
            answer = replace(answer, margins=changes)
        told.step()
        if asked.path is not None and held is not None:
            roles: dict[str, Any] = {"names": names, "folds": held, "weights": problem.weights}
            roles["weights_kind"] = problem.weights_kind
            shrunk = penalty_path(asked.path, X, y, model=model, classes=problem.classes, **roles)
            answer = replace(answer, path=shrunk)
            told.step()
        if asked.search is not None:
            answer = replace(answer, selection=select_columns(model, problem, asked.search, held))
            told.step()
        if asked.axes is not None:
            axes = (asked.axes[0], asked.axes[1])
            answer = replace(answer, axes=axes, geometry=draw_geometry(model, problem, axes))
            told.step()
        if asked.descents:
            answer = replace(answer, descents=run_descents(model, problem))
            told.step()
    return answer


def tests_of(fit: Estimates, hypotheses: tuple[str, ...]) -> tuple[WaldTest, ...]:
    """Return the joint tests that were asked for.

    Raises
    ------
    SettingError
        If one cannot be made.

    Examples
    --------
    >>> from thalweg.linear import regress
    >>> tests_of(regress([[1.0], [2.0], [3.0], [4.0]], [1.1, 1.9, 3.2, 3.8]), ("x1 = 1",))[0].restrictions
    1
    """
    try:
        return tuple(wald_test(fit, text) for text in hypotheses)
    except SettingError as error:
        raise SettingError(f"{setting('test')} cannot be made: {error.problem}", error.remedy) from None


def _diagnosed(fit: Estimates, problem: Problem) -> dict[str, Any]:
    """Return how columns overlap and what each row does, where that takes no longer than the estimates."""
    X = problem.features
    if X.size > _DIAGNOSED or fit.cov_type == "none" or fit.absorbed:
        return {}
    found: dict[str, Any] = {"inflation": variance_inflation(X, weights=problem.weights).to_dict()}
    if fit.scale is not None and not fit.perfect:
        found["influence"] = row_influence(fit, X, weights=problem.weights)
    return found


def _refuse_by_formula(asked: Asked, model: str, problem: Problem) -> None:
    """Refuse what is not defined without an intercept, or with terms that learned from rows a fold would hold out."""
    design = problem.formula
    extra = next((name for name, value in asked.extras.items() if value is not None), None)
    if design is not None and not design.intercept:
        if model != "ols":
            raise SettingError(
                f"{setting('formula')} {design.text!r} removes the intercept; {setting('model')} {model!r} has one.",
                "Take out '0 +' or '- 1', or choose 'ols'.",
            )
        if extra is not None:
            raise SettingError(
                f"{setting('formula')} {design.text!r} removes the intercept, but {setting(extra)} needs one.",
                f"Take out '0 +' or '- 1', or leave {setting(extra)} out.",
            )
    held = next((name for name in ("path", "search") if asked.extras[name] is not None), None)
    if design is not None and design.learned and held is not None:
        raise SettingError(
            f"{next(iter(design.learned))!r} learns from all rows, also those that the folds of {setting(held)} hold "
            "out.",
            f"Write powers as I(x**2), or leave {setting(held)} out.",
        )


def _folds(asked: Asked, problem: Problem, clusters: Mapping[str, IntArray]) -> IntArray | Pairs:
    """Return the fold of every row [N], or in time order the rows learned from and held out."""
    if problem.time is not None:
        return [(fold.learned, fold.held_out) for fold in folds_in_time(problem, asked.folds, asked.gap)]
    if problem.groups is None and clusters:
        problem = replace(problem, groups=next(iter(clusters.values())))
    return fold_numbers(problem, asked.folds, asked.seed)


class _Counted:
    """Tells a watch how many of the parts are done."""

    def __init__(self, watch: Watch | None, parts: int) -> None:
        self.watch, self.parts, self.done, self.started = watch, parts, 0, time.perf_counter()

    def step(self) -> None:
        """Say that one more part is done."""
        self.done += 1
        if self.watch is not None:
            seconds = time.perf_counter() - self.started
            self.watch(STAGE, Progress(self.done, self.parts, self.done, self.parts, seconds))


def _estimate(
    model: str,
    problem: Problem,
    clusters: Mapping[str, IntArray],
    covariance: str | None,
    absorb: Mapping[str, IntArray] | None,
) -> Estimates:
    settings: dict[str, Any] = {
        "weights": problem.weights,
        "weights_kind": problem.weights_kind,
        "covariance": covariance,
        "answer": _explained(model, problem),
    }
    if clusters:
        settings["clusters"] = np.column_stack([*clusters.values()])
    if absorb:
        settings["absorb"] = absorb
    if problem.formula is not None and not problem.formula.intercept:
        settings["intercept"] = False
    if MODELS[model].task == "multiclass":
        settings["classes"] = problem.classes
    fit: Estimates = MODELS[model].public("estimator")(problem.features, problem.outcome, **settings)
    return fit


def _estimate_or_shrink(
    asked: Asked,
    model: str,
    problem: Problem,
    clusters: Mapping[str, IntArray],
    absorb: Mapping[str, IntArray] | None = None,
) -> Estimates:
    """Estimate, or shrink what has no finite maximum; or what rows cannot tell apart, if a path or a search can."""
    told: dict[str, Any] = {"weights": problem.weights, "answer": _explained(model, problem)}
    try:
        return _estimate(model, problem, clusters, asked.covariance, absorb)
    except SeparatedError as error:
        classes = problem.classes or None
        return separated_estimates(model, problem.features, problem.outcome, error.words, classes=classes, **told)
    except UndeterminedError as error:
        if not (asked.path or asked.search) or absorb:
            raise UndeterminedError(
                error.problem,
                f"Use fewer columns, shrink them ({setting('path')} 'ridge' or 'lasso'), or add them one by one "
                f"({setting('search')} 'forward').",
            ) from None
        return undetermined_estimates(problem.features, problem.outcome, weights_kind=problem.weights_kind, **told)


def _explained(model: str, problem: Problem) -> str:
    """Return what the coefficients are about: of two classes the second."""
    return f"{problem.target} = {problem.classes[1]}" if MODELS[model].task == "binary" else problem.target


def _refuse_without_maximum(fit: Estimates, wanted: Mapping[str, object]) -> None:
    """Refuse extras that need a finite maximum."""
    needy = [name for name in ("search", "descents", "axes") if wanted[name] is not None]
    if needy:
        raise DataError(
            f"{setting(needy[0])} needs a finite maximum, but {fit.certificate.separation}.",
            f"Leave out {setting(needy[0])}, or the columns that separate.",
        )
