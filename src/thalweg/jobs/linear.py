"""From a table to a linear model in one call: pose the question, build the design, estimate, certify, report."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from thalweg.base.checks import check_choice, check_count
from thalweg.base.errors import DataError, SettingError, setting
from thalweg.base.version import __version__
from thalweg.base.wording import listed
from thalweg.data.columns import canonical_column
from thalweg.data.diagnose import screen_features
from thalweg.data.kinds import MAX_LEVELS, kind_of
from thalweg.data.notes import Note
from thalweg.data.problem import Problem, pose
from thalweg.data.reading.table import Table, read_table
from thalweg.data.split import fold_numbers
from thalweg.linear.answer import LinearAnswer
from thalweg.linear.crowds.separated import separated_estimates
from thalweg.linear.estimates import Estimates
from thalweg.linear.extras import draw_geometry, run_descents, select_columns
from thalweg.linear.models import MODELS, PATHS, SEARCHES, default_model
from thalweg.linear.paths.penalty_path import penalty_path
from thalweg.linear.separation import SeparatedError
from thalweg.linear.standardise import standardise
from thalweg.report.drawing.table import to_csv, to_latex
from thalweg.report.linear.page import render_linear_page
from thalweg.report.linear.tables import coefficient_table


def fit_linear(
    source: object = None,
    *,
    target: str | None = None,
    formula: str | None = None,
    model: str | None = None,
    covariance: str | None = None,
    clusters: str | None = None,
    weights: str | None = None,
    path: str | None = None,
    search: str | None = None,
    descents: bool = False,
    folds: int = 5,
    seed: int = 0,
    axes: tuple[str, str] | None = None,
    out: str | Path | None = None,
    command: str | None = None,
) -> LinearAnswer:
    """Estimate a linear model of a table, with standard errors and a certificate of its optimum.

    Without a formula all other columns explain the target: numbers in their own units, categories as dummies beside
    their first level. Rows that miss a value are left out, and a note says how many.

    Parameters
    ----------
    source
        As for :func:`thalweg.data.reading.table.read_table`.
    target
        Column to explain; examples have one by default.
    formula
        ``"y ~ x1 + log(x2) + C(region)"`` instead of a target.
    model
        "ols", "logistic", "poisson" or "softmax"; by the kind of the outcome if None.
    covariance
        "classical", "HC0" … "HC3" or "cluster"; "cluster" if there are clusters, else "classical", if None.
    clusters
        Column of groups: for the covariance, and no fold cuts one.
    weights
        Column that says how often each row counts.
    path
        "ridge", "lasso", "elastic-net" or "components": least squares along penalties; likelihoods have "ridge" alone.
    search
        "forward", "backward" or, for least squares, "best-subset": the best columns of each number.
    descents
        Run gradient descent and its kin on the same cost and keep their curves.
    folds, seed
        Of the cross-validation of path and search.
    axes
        Two numeric columns of the design for the picture of ridge and lasso; not for "softmax".
    out
        Folder for report, tables and JSON, or a file ending in .html for the report alone.
    command
        How to repeat it, for the report.

    Returns
    -------
    LinearAnswer
        Estimates and what else was asked for. If columns separate the classes, so that the likelihood has no finite
        maximum, coefficients with a ridge, no standard errors, and a warning that names the columns.

    Raises
    ------
    DataError
        If the table cannot be used, or too few rows are left.
    SettingError
        If settings make no sense, or do not fit the model.

    Examples
    --------
    >>> answer = fit_linear("example:diabetes", path="lasso")
    >>> answer.estimates.certificate.verdict, answer.path.nonzero[answer.path.one_se] < 10
    ('exact', np.True_)
    """
    wanted = {"search": search, "descents": descents or None, "axes": axes}
    _check(model, path, search, axes, folds)
    chosen = covariance or ("classical" if clusters is None else "cluster")
    if chosen == "cluster" and clusters is None:
        raise SettingError("Clustered standard errors need clusters.", "Name their column as clusters.")
    if chosen != "cluster" and clusters is not None:
        raise SettingError(f"Clusters were given, but covariance is {chosen!r}.", "Choose cluster, or leave one out.")
    problem = _pose(source, target, formula, weights, clusters, None if model is None else MODELS[model].task)
    model = model or default_model(problem.task).key
    MODELS[model].check(path=path, search=search, axes=axes, descents=descents, weighted=problem.weights is not None)
    X, y = problem.features, np.asarray(problem.outcome, dtype=np.float64)
    fit = _estimate_or_shrink(model, problem, chosen)
    if fit.cov_type == "none":
        _refuse_without_maximum(fit, wanted)
    held = fold_numbers(problem, folds, seed) if path or search else None
    names = tuple(map(str, X.columns))
    answer = LinearAnswer(
        table=problem.name,
        outcome=problem.target,
        estimates=fit,
        spreads=dict(zip(names, standardise(X.to_numpy(), problem.weights).deviation.tolist(), strict=True)),
        notes=problem.notes,
        repeat=_repeat(problem, command, folds if held is not None else None, seed),
    )
    if path is not None and held is not None:
        roles: dict[str, Any] = {"names": names, "folds": held, "weights": problem.weights}
        shrunk = penalty_path(path, X, y, model=model, classes=problem.classes, **roles)
        answer = replace(answer, path=shrunk)
    if search is not None:
        answer = replace(answer, selection=select_columns(model, problem, search, held))
    if axes is not None:
        answer = replace(answer, axes=axes, geometry=draw_geometry(model, problem, axes))
    if descents:
        answer = replace(answer, descents=run_descents(model, problem))
    if out is not None:
        _write(answer, Path(out))
    return answer


def _check(model: str | None, path: str | None, search: str | None, axes: tuple[str, str] | None, folds: int) -> None:
    """Refuse unknown settings before the table is read."""
    for name, value, choices in (("model", model, MODELS), ("path", path, PATHS), ("search", search, SEARCHES)):
        if value is not None:
            check_choice(name, value, tuple(choices))
    if axes is not None and (len(axes) != 2 or axes[0] == axes[1]):
        raise SettingError(f"axes needs two different columns, got {listed(list(axes))}.", "Name two columns.")
    check_count("folds", folds, low=2)


def _pose(
    source: object, target: str | None, formula: str | None, weights: str | None, clusters: str | None, task: str | None
) -> Problem:
    """Pose the question as a formula, written here unless it is given, and give dummies readable names."""
    table = read_table(source)
    outcome, notes = target or table.target, list[Note]()
    if formula is None:
        if outcome is None or outcome not in table.frame:
            return pose(table.frame, target=outcome)  # says what is wrong
        formula, notes = _formula(table, outcome, {outcome, weights, clusters})
        target = None
    problem = pose(table.frame, target=target, formula=formula, weights=weights, groups=clusters, task=task)
    names = [re.sub(r"\[T\.(.*?)\]", r"=\1", str(name)) for name in problem.features]
    return replace(
        problem, name=table.name, features=problem.features.set_axis(names, axis=1), notes=(*notes, *problem.notes)
    )


def _formula(table: Table, outcome: str, taken: set[str | None]) -> tuple[str, list[Note]]:
    """Return the formula that explains a column by all others, and notes on those that cannot be used."""
    frame = pd.DataFrame({name: canonical_column(table.frame[name])[0] for name in table.frame if name not in taken})
    kept, notes = screen_features(frame)
    kinds = {name: kind_of(frame[name]) for name in kept}
    dates = [name for name in kept if kinds[name] == "date"]
    many = [name for name in kept if kinds[name] == "categorical" and frame[name].nunique() > MAX_LEVELS]
    for names, code, why in ((dates, "date", "Dates"), (many, "many_levels", f"More than {MAX_LEVELS} levels")):
        if names:
            notes.append(Note(code, f"{why}, so left out: {listed(names)}.", tuple(names)))
    terms = [f"`{name}`" for name in kept if name not in {*dates, *many}]
    if not terms:
        raise SettingError(f"No column is left to explain {outcome!r} by.", "Write a formula.")
    return f"`{outcome}` ~ {' + '.join(terms)}", notes


def _estimate(model: str, problem: Problem, covariance: str) -> Estimates:
    answer = _explained(model, problem)
    settings: dict[str, Any] = {"weights": problem.weights, "covariance": covariance, "answer": answer}
    if covariance == "cluster":
        settings["clusters"] = problem.groups
    if model == "softmax":
        settings["classes"] = problem.classes
    fit: Estimates = MODELS[model].public("estimator")(problem.features, problem.outcome, **settings)
    return fit


def _estimate_or_shrink(model: str, problem: Problem, covariance: str) -> Estimates:
    """Estimate, or shrink what has no finite maximum."""
    try:
        return _estimate(model, problem, covariance)
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
    return f"{problem.target} = {problem.classes[1]}" if model == "logistic" else problem.target


def _refuse_without_maximum(fit: Estimates, wanted: Mapping[str, object]) -> None:
    """Refuse extras that need a finite maximum."""
    needy = [name for name in wanted if wanted[name] is not None]
    if needy:
        raise DataError(
            f"{setting(needy[0])} needs a finite maximum, but {fit.certificate.separation}.",
            f"Leave out {setting(needy[0])}, or the columns that separate.",
        )


def _repeat(problem: Problem, command: str | None, folds: int | None, seed: int) -> dict[str, str]:
    return {
        **({"command": command} if command else {}),
        "formula": problem.formula.text if problem.formula else "",
        "data fingerprint": problem.fingerprint,
        "rows": f"{len(problem):,}",
        **({"folds": f"{folds}, seed {seed}"} if folds else {}),
        "versions": f"thalweg {__version__}",
    }


def _write(answer: LinearAnswer, place: Path) -> None:
    """Write the report, and into a folder also tables and JSON."""
    page = render_linear_page(answer)
    files = {place: page}
    if place.suffix != ".html":
        table = coefficient_table(answer)
        plain = json.dumps(answer.to_dict(), ensure_ascii=False, indent=1)
        texts = {"linear.html": page, "coefficients.csv": to_csv(table), "coefficients.tex": to_latex(table)}
        files = {place / name: text for name, text in {**texts, "linear.json": plain}.items()}
    try:
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SettingError(f"{place} cannot be written: {error.strerror}.", "Choose another place.") from error
