"""From a table to a linear model in one call: pose the question, build the design, estimate, certify, report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from thalweg.answers.linear import LINEAR, LinearRun, read_linear
from thalweg.answers.storing import record_files
from thalweg.base.checks import check_choice, check_count, check_number, plain_value
from thalweg.base.errors import DataError, SettingError, setting
from thalweg.base.naming import name_of, names_of
from thalweg.base.run_folder import ANSWER_FILE, REPORT_FILE, RunFolder, folder_at
from thalweg.base.version import library_versions
from thalweg.base.wording import listed
from thalweg.data.problem import Problem, pose
from thalweg.data.reading.table import read_table
from thalweg.data.split import fold_numbers
from thalweg.jobs.columns import rows_of, table_of_problem
from thalweg.jobs.linear_question import joined_fingerprint, pose_linear
from thalweg.jobs.options import refuse_unknown
from thalweg.jobs.sources import data_of_run
from thalweg.linear.analysis import LinearAnalysis, draw_geometry, run_descents, select_columns
from thalweg.linear.crowds.separated import separated_estimates
from thalweg.linear.estimates import Estimates
from thalweg.linear.likelihoods.separation import SeparatedError
from thalweg.linear.models import MODELS, PATHS, SEARCHES, default_model
from thalweg.linear.numerics.standardise import standardise
from thalweg.linear.paths.penalty_path import penalty_path
from thalweg.report.drawing.table import to_csv, to_latex
from thalweg.report.linear.page import render_linear_page
from thalweg.report.linear.tables import coefficient_table

COVARIANCES: Final = ("classical", "HC0", "HC1", "HC2", "HC3", "cluster")


def fit_linear(
    source: object = None,
    *,
    target: str | None = None,
    query: str | None = None,
    formula: str | None = None,
    features: str | Sequence[str] | None = None,
    ignore: str | Sequence[str] = (),
    weights: str | None = None,
    weights_kind: str | None = None,
    groups: str | None = None,
    clusters: str | None = None,
    model: str | None = None,
    covariance: str | None = None,
    path: str | None = None,
    search: str | None = None,
    descents: bool = False,
    axes: Sequence[str] | None = None,
    folds: int = 5,
    seed: int = 0,
    level: float = 0.95,
    out: str | Path | None = None,
    command: str | None = None,
    **others: Any,
) -> LinearRun:
    """Estimate a linear model of a table, with standard errors and a certificate of its optimum.

    Without a formula all other columns explain the target: numbers in their own units, categories as dummies beside
    their first level. Rows that miss a value are left out, and a note says how many.

    Parameters
    ----------
    source, query
        The table, as for :func:`thalweg.data.reading.table.read_table`, or a problem that was posed.
    target
        Column to explain; examples have one by default.
    formula
        ``"y ~ x1 + log(x2) + C(region)"`` instead of target and features.
    features, ignore
        Columns to explain by (all others by default), columns to leave out.
    weights
        Column of row weights.
    weights_kind
        "frequency" (the row stands for that many rows), "analytic" (a precision) or "probability" (the inverse of the
        chance to be sampled; errors are robust). "analytic" if None, with a note where it makes a difference.
    groups
        Column of groups that no fold of a cross-validation may cut; the clusters if None.
    clusters
        Column of clusters for the standard errors.
    model
        "ols", "logistic", "poisson" or "softmax"; by the kind of the target if None.
    covariance
        "classical", "HC0" … "HC3" or "cluster"; if None "cluster" if there are clusters, "HC1" for probability
        weights, else "classical".
    path
        "ridge", "lasso", "elastic-net" or "components": least squares along penalties; likelihoods have "ridge" alone.
    search
        "forward", "backward" or, for least squares, "best-subset": the best columns of each number.
    descents
        Run gradient descent and its kin on the same cost and keep their curves.
    axes
        Two numeric columns of the design for the picture of ridge and lasso; not for "softmax".
    folds, seed
        Of the cross-validation of path and search.
    level
        Nominal coverage of the intervals.
    out
        Folder to keep the run in, or a file ending in .html for the report alone.
    command
        How to repeat it, for the report.
    others
        Refused in words: what another job takes, or a setting that is misspelt.

    Returns
    -------
    LinearRun
        Estimates and what else was asked for. If columns separate the classes, so that the likelihood has no finite
        maximum, coefficients with a ridge, no standard errors, and a warning that names the columns.

    Raises
    ------
    DataError
        If the table cannot be used, or too few rows are left.
    SettingError
        If settings make no sense, or do not fit the model.
    RunFolderError
        If the folder cannot be used.

    Examples
    --------
    >>> run = fit_linear("example:diabetes", path="lasso")
    >>> run.estimates.certificate.verdict, run.path.nonzero[run.path.one_se] < 10
    ('exact', np.True_)
    """
    refuse_unknown("linear", others, ())
    asked = _Asked(
        model,
        covariance,
        path,
        search,
        descents,
        None if axes is None else tuple(names_of(axes)),
        *map(plain_value, (folds, seed, level)),
    )
    [clusters] = names_of(clusters) if len(names_of(clusters)) == 1 else [clusters]
    _check(asked, clusters)
    if isinstance(source, Problem):
        settled: dict[str, Any] = {"weights": weights, "weights_kind": weights_kind, "groups": groups}
        pose(source, target=target, query=query, **settled)  # refuses what is settled already
        table, (target, weights, groups) = table_of_problem(source)
        weights_kind = source.weights_kind
    else:
        table = read_table(source, query=query)
    roles: dict[str, Any] = {
        "target": name_of("target", target),
        "formula": formula,
        "features": None if features is None else names_of(features),
        "ignore": names_of(ignore),
        "weights": name_of("weights", weights),
        "weights_kind": weights_kind,
        "groups": name_of("groups", groups),
        "clusters": clusters,
    }
    try:
        problem, codes = pose_linear(table, asked.task, **roles)
    except SettingError as error:
        raise _in_models(error, asked.model) from error
    if isinstance(source, Problem):
        problem = replace(problem, row_numbers=source.row_numbers[problem.row_numbers - 1])
    mark = problem.fingerprint if clusters is None else joined_fingerprint(problem, table, clusters)
    config = {
        "job": LINEAR,
        "question": roles,
        "settings": asked.plain(),
        "data": data_of_run(source, query, mark, len(problem)),
        "versions": library_versions("numpy", "scipy"),
    }
    if out is None or str(out).endswith(".html"):
        run = LinearRun(_answer(asked, problem, codes, mark, command))
        if out is not None:
            run.report(out)
        return run
    folder = folder_at(out)
    with folder.opened(config):
        if folder.finished:
            return read_linear(folder)
        run = LinearRun(_answer(asked, problem, codes, mark, command), folder.path)
        _keep(run, folder)
    return run


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked of the model."""

    model: str | None
    covariance: str | None
    path: str | None
    search: str | None
    descents: bool
    axes: tuple[str, ...] | None
    folds: int
    seed: int
    level: float

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
        return found | {"axes": None if self.axes is None else list(self.axes)}


def _answer(
    asked: _Asked, problem: Problem, clusters: NDArray[np.int64] | None, mark: str, command: str | None
) -> LinearAnalysis:
    """Estimate and compute what was asked for; places in errors are rows of the table."""
    model = asked.model or default_model(problem.task).key
    MODELS[model].check(
        path=asked.path,
        search=asked.search,
        axes=asked.axes,
        descents=asked.descents,
        weighted=problem.weights is not None,
    )
    X, y = problem.features, np.asarray(problem.outcome, dtype=np.float64)
    with rows_of(problem):
        fit = _estimate_or_shrink(model, problem, clusters, asked.covariance)
        if fit.cov_type == "none":
            _refuse_without_maximum(fit, asked.extras)
        uncut = problem if problem.groups is not None else replace(problem, groups=clusters)
        held = fold_numbers(uncut, asked.folds, asked.seed) if asked.path or asked.search else None
        names = tuple(map(str, X.columns))
        answer = LinearAnalysis(
            table=problem.name,
            outcome=problem.target,
            estimates=fit,
            spreads=dict(zip(names, standardise(X.to_numpy(), problem.weights).deviation.tolist(), strict=True)),
            notes=problem.notes,
            repeat=_repeat(problem, mark, command, asked.folds if held is not None else None, asked.seed),
            level=asked.level,
        )
        if asked.path is not None and held is not None:
            roles: dict[str, Any] = {"names": names, "folds": held, "weights": problem.weights}
            shrunk = penalty_path(asked.path, X, y, model=model, classes=problem.classes, **roles)
            answer = replace(answer, path=shrunk)
        if asked.search is not None:
            answer = replace(answer, selection=select_columns(model, problem, asked.search, held))
        if asked.axes is not None:
            axes = (asked.axes[0], asked.axes[1])
            answer = replace(answer, axes=axes, geometry=draw_geometry(model, problem, axes))
        if asked.descents:
            answer = replace(answer, descents=run_descents(model, problem))
    return answer


def _check(asked: _Asked, clusters: str | None) -> None:
    """Refuse settings that make no sense before the table is read."""
    choices = {"model": tuple(MODELS), "covariance": COVARIANCES, "path": tuple(PATHS), "search": tuple(SEARCHES)}
    for name, known in choices.items():
        if getattr(asked, name) is not None:
            check_choice(name, getattr(asked, name), known)
    if asked.axes is not None and (len(asked.axes) != 2 or asked.axes[0] == asked.axes[1]):
        raise SettingError(
            f"{setting('axes')} needs two different columns, got {listed(asked.axes)}.", "Name two columns."
        )
    check_count("folds", asked.folds, low=2)
    check_count("seed", asked.seed, low=0)
    check_number("level", asked.level, low=0.0, high=1.0, open_low=True, open_high=True)
    if asked.covariance == "cluster" and clusters is None:
        raise SettingError("Clustered standard errors need clusters.", f"Name their column as {setting('clusters')}.")
    if asked.covariance not in {None, "cluster"} and clusters is not None:
        raise SettingError(
            f"{setting('clusters')} are given, but {setting('covariance')} is {asked.covariance!r}.",
            f"Choose 'cluster', or leave {setting('clusters')} out.",
        )


def _in_models(error: SettingError, model: str | None) -> SettingError:
    """Return the error in this job's words if it is about the task, which here follows from the model."""
    told = error.with_names({"task": f"model {model!r}: task"})
    if model is None or str(told) == str(error):
        return error
    return SettingError(told.problem, f"Choose another {setting('model')}, or leave it out.")


def _estimate(model: str, problem: Problem, clusters: NDArray[np.int64] | None, covariance: str | None) -> Estimates:
    settings: dict[str, Any] = {
        "weights": problem.weights,
        "weights_kind": problem.weights_kind,
        "covariance": covariance,
        "answer": _explained(model, problem),
    }
    if clusters is not None:
        settings["clusters"] = clusters
    if MODELS[model].task == "multiclass":
        settings["classes"] = problem.classes
    fit: Estimates = MODELS[model].public("estimator")(problem.features, problem.outcome, **settings)
    return fit


def _estimate_or_shrink(
    model: str, problem: Problem, clusters: NDArray[np.int64] | None, covariance: str | None
) -> Estimates:
    """Estimate, or shrink what has no finite maximum."""
    try:
        return _estimate(model, problem, clusters, covariance)
    except SeparatedError as error:
        return separated_estimates(
            model,
            problem.features,
            problem.outcome,
            error.words,
            weights=problem.weights,
            classes=problem.classes or None,
            answer=_explained(model, problem),
        )


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


def _repeat(problem: Problem, mark: str, command: str | None, folds: int | None, seed: int) -> dict[str, str]:
    return {
        **({"command": command} if command else {}),
        "formula": problem.formula.text if problem.formula else "",
        "data fingerprint": mark,
        "rows": f"{len(problem):,}",
        **({"folds": f"{folds}, seed {seed}"} if folds else {}),
        "versions": ", ".join(f"{name} {text}" for name, text in library_versions("numpy", "scipy").items()),
    }


def _keep(run: LinearRun, folder: RunFolder) -> None:
    """Write records, tables, report and answer; the answer last, for it says that the run is complete."""
    table = coefficient_table(run.answer)
    for name, content in record_files(run.answer).items():
        folder.write(name, content)
    folder.write("coefficients.csv", to_csv(table).encode())
    folder.write("coefficients.tex", to_latex(table).encode())
    folder.write(REPORT_FILE, render_linear_page(run.answer).encode())
    folder.write_json(ANSWER_FILE, run.to_dict())
