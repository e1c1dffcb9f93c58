"""From a table to a linear model in one call: pose the question, build the design, estimate, certify, report."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Literal

from thalweg.answers.linear import LINEAR, LinearRun, read_linear
from thalweg.answers.saving import Origin, write_run
from thalweg.answers.showing import page_place, report_beside
from thalweg.base.arrays import IntArray
from thalweg.base.checks import check_choice, check_count, check_number, plain_value
from thalweg.base.errors import SettingError, setting
from thalweg.base.machine.free_memory import OversizedError, memory_told
from thalweg.base.naming import name_of, names_of
from thalweg.base.run_folder import folder_at
from thalweg.base.version import library_versions
from thalweg.base.wording import listed
from thalweg.data.files.foreseen import OversizedFileError
from thalweg.data.formula import without_effects
from thalweg.data.problem import Problem
from thalweg.data.reading.table import RawTable, read_table
from thalweg.jobs.columns import one_or_several
from thalweg.jobs.linear_answer import Asked, analyse
from thalweg.jobs.linear_question import joined_fingerprint, pose_linear, posed_table
from thalweg.jobs.options import refuse_unknown
from thalweg.jobs.sources import data_of_run, with_outcome
from thalweg.jobs.streamed.run import fit_streamed, is_foreseen_too_large
from thalweg.linear.covariance import CLUSTERED
from thalweg.linear.models import MODELS, PATHS, SEARCHES
from thalweg.linear.postestimation.formula_rows import FormulaRows, kept_recipe, read_recipe
from thalweg.linear.postestimation.margins import AVERAGES
from thalweg.report.progress import Watch, watching
from thalweg.train.remote.executors import work_on

COVARIANCES: Final = ("classical", "HC0", "HC1", "HC2", "HC3", *CLUSTERED)


@memory_told(f"Select rows or columns by a {setting('query')}, or leave terms out.")
def fit_linear(
    source: object = None,
    y: object = None,
    *,
    target: str | None = None,
    query: str | None = None,
    formula: str | None = None,
    features: str | Sequence[str] | None = None,
    ignore: str | Sequence[str] = (),
    weights: str | None = None,
    weights_kind: str | None = None,
    groups: str | None = None,
    clusters: str | Sequence[str] | None = None,
    time: str | None = None,
    model: str | None = None,
    covariance: str | None = None,
    path: str | None = None,
    search: str | None = None,
    descents: bool = False,
    axes: Sequence[str] | None = None,
    margins: str | None = None,
    at: Mapping[str, object] | str | Sequence[str] = (),
    test: str | Sequence[str] = (),
    folds: int = 5,
    gap: int = 0,
    seed: int = 0,
    level: float = 0.95,
    out: str | Path | None = None,
    streamed: bool = False,
    executor: object = None,
    cluster: str | None = None,
    workers: int | None = None,
    watch: Watch | Literal[False] | None = None,
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
    y
        The outcome, where features and outcome come apart as ``(X, y)``, or the name of its column.
    target
        Column to explain; examples have one by default.
    formula
        ``"y ~ x1 + log(x2) + C(region)"`` instead of target and features. Behind a bar stand effects of many levels to
        absorb, such as ``"y ~ x | firm + year"``: least squares within firms and years.
    features, ignore
        Columns to explain by (all others by default), columns to leave out.
    weights
        Column of row weights.
    weights_kind
        "frequency" (the row stands for that many rows), "analytic" (a precision) or "probability" (the inverse of the
        chance to be sampled; errors are robust). "analytic" if None, with a note where it makes a difference.
    groups
        Column of groups that no fold of a cross-validation may cut; the clusters, of several the first, if None.
    clusters
        Column of clusters for the standard errors, or several that cross, such as firm and year.
    time
        Column of numbers or dates. Folds of path and search are blocks in its order, each judged by a model of what
        came before.
    model
        "ols", "logistic", "poisson" or "softmax"; by the kind of the target if None.
    covariance
        "classical", "HC0" … "HC3", "cluster", "CR2" or "CR3"; if None "cluster" if there are clusters, "HC1" for
        probability weights, else "classical".
    path
        "ridge", "lasso", "elastic-net" or "components": least squares along penalties; likelihoods have "ridge" alone.
    search
        "forward", "backward" or, for least squares, "best-subset": the best columns of each number.
    descents
        Run gradient descent and its kin on the same cost and keep their curves.
    axes
        Two numeric columns of the design for the picture of ridge and lasso; not for "softmax".
    margins
        Marginal effects: "average" over the rows, or at "means" and most frequent levels.
    at
        Values that variables are held at for marginal effects: a mapping, or texts such as "educ=12".
    test
        Restrictions on coefficients that are tested together, such as "educ = exper, tenure = 0"; or several tests.
    folds, seed
        Of the cross-validation of path and search.
    gap
        With time, times between the rows learned from and those held out.
    level
        Nominal coverage of the intervals.
    out
        Folder to keep the run in, or a file ending in .html for the report alone.
    streamed
        Whether rows are read in batches, a few passes over the files, and never all at once; by itself where they would
        not fit into memory. Least squares (with one absorbed effect at most), logistic and Poisson regression with
        every kind of standard errors; what needs all rows at once, such as ``path`` and ``margins``, is refused.
    executor, cluster
        Where the files of a streamed table are summed, each by itself: an executor of ``concurrent.futures`` or a
        ``distributed.Client``; or ``local:4`` or the address of a Dask scheduler. Where changes no bit.
    workers
        The most processes to use; a linear model needs one.
    watch
        Called with the stage and how far it has come when estimates, path, search and descents are done; None shows
        progress where somebody looks, False nothing.
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
    page = page_place(out)
    counts: dict[str, Any] = {"folds": folds, "gap": gap, "seed": seed, "level": level}
    asked = Asked(
        model,
        covariance,
        path,
        search,
        descents,
        None if axes is None else tuple(names_of(axes)),
        **{name: plain_value(value) for name, value in counts.items()},
        margins=margins,
        at=_values(at),
        test=(test,) if isinstance(test, str) else tuple(test),
    )
    source, target = with_outcome(source, y, target)
    posed = source if isinstance(source, Problem) else None
    roles: dict[str, Any] = {
        "target": name_of("target", target),
        "formula": formula,
        "features": None if features is None else names_of(features),
        "ignore": names_of(ignore),
        "weights": name_of("weights", weights),
        "weights_kind": weights_kind,
        "groups": name_of("groups", groups),
        "clusters": names_of(clusters),
        "time": name_of("time", time),
    }
    if posed is not None:
        table, roles = posed_table(posed, roles, query=query, covariance=covariance)
    ways = roles.pop("clusters")
    bare, absorb = _without_effects(formula, asked)
    _check(asked, ways, roles["time"])
    if workers is not None:
        check_count("workers", workers)
    place = work_on(executor, cluster)
    in_batches: dict[str, Any] = {"bare": bare, "clusters": ways, "absorb": absorb, "out": out, "place": place}
    in_batches |= {"watch": watch, "command": command}
    where = next((name for name, given in (("executor", executor), ("cluster", cluster)) if given is not None), "")
    held = _held(source if posed is None else table, query, streamed=streamed, where=where)
    if held is None:
        return fit_streamed(asked, source, query, roles, **in_batches)
    table = held
    problem, codes = _posed(asked, table, posed, roles | {"formula": bare}, ways, absorb)
    variables = _variables(problem, table) if asked.margins is not None else None
    if posed is not None:
        numbers = posed.row_numbers[problem.row_numbers - 1]
        problem = replace(problem, row_numbers=numbers, rows_read=posed.rows_read)
    beside = tuple(dict.fromkeys((*ways, *absorb)))
    mark = joined_fingerprint(problem, table, beside) if beside else problem.fingerprint
    config = {
        "job": LINEAR,
        "question": roles | {"clusters": one_or_several(ways or None)},
        "settings": asked.plain(),
        "data": data_of_run(source, query, mark, len(problem)),
        "versions": library_versions("numpy", "scipy"),
    }
    facts = _facts(problem, mark, ways, command) | ({"formula": str(formula)} if absorb else {})
    clustered, levels = ({name: codes[name] for name in names} for names in (ways, absorb))

    def estimated(place: Path | None = None) -> LinearRun:
        with watching(watch) as told:
            found = analyse(asked, problem, clustered, facts, told, levels, variables)
            return LinearRun(found, place, Origin(config))

    if out is None or page is not None:
        run = estimated()
        report_beside(run, page)
        return run
    folder = folder_at(out)
    with folder.opened(config):
        if folder.finished:
            return read_linear(folder)
        run = estimated(folder.path)
        write_run(run, folder)
    return run


def _held(source: object, query: str | None, *, streamed: bool, where: str) -> RawTable | None:
    """Return the table; None if its rows must come in batches."""
    if streamed or is_foreseen_too_large(source, query):
        return None
    if where:
        raise SettingError(
            f"{setting(where)} sums files that are read in batches, and these rows are not.",
            f"Leave it out, or ask for {setting('streamed')}.",
        )
    try:
        return read_table(source, query=query)
    except (OversizedError, OversizedFileError):
        return None


def _posed(
    asked: Asked,
    table: RawTable,
    posed: Problem | None,
    roles: Mapping[str, Any],
    ways: Sequence[str],
    absorb: Sequence[str],
) -> tuple[Problem, dict[str, IntArray]]:
    """Pose the question, and say what is wrong with it in the words of this job."""
    task = asked.task or (None if posed is None else posed.task)
    folded = bool(asked.path or asked.search)
    try:
        return pose_linear(table, task, **roles, clusters=ways, absorb=absorb, folded=folded)
    except SettingError as error:
        raise _in_models(error, asked.model) from error


def _variables(problem: Problem, table: RawTable) -> FormulaRows:
    """Return the rows used as the variables of the formula."""
    assert problem.formula is not None
    reader = read_recipe(kept_recipe(problem.formula, problem.styles))
    return FormulaRows.of(problem.formula, reader.read(table.frame.iloc[problem.row_numbers - 1]))


def _values(at: Mapping[str, object] | str | Sequence[str]) -> dict[str, str]:
    """Return the values of variables by name."""
    if isinstance(at, Mapping):
        return {str(name): str(value) for name, value in at.items()}
    found = {}
    for text in [at] if isinstance(at, str) else at:
        name, sign, value = str(text).rpartition("=")
        if not sign or not name.strip():
            told = f"{setting('at')} takes a variable and its value, joined by =, got {text!r}."
            raise SettingError(told, "Write both.")
        found[name.strip()] = value.strip()
    return found


def _without_effects(formula: str | None, asked: Asked) -> tuple[str | None, tuple[str, ...]]:
    """Return the formula without absorbed effects, and their columns; refuse what is not defined within them."""
    if not isinstance(formula, str):
        return formula, ()
    bare, absorb = without_effects(formula)
    extra = next((name for name, value in asked.extras.items() if value is not None), None)
    if absorb and extra is not None:
        raise SettingError(
            f"{setting(extra)} is not available with absorbed effects.",
            "Leave it out, or take the bar out of the formula.",
        )
    if absorb and asked.model not in {None, "ols"}:
        raise SettingError(
            f"Effects behind a bar are absorbed by least squares, not by {setting('model')} {asked.model!r}.",
            "Choose 'ols', or write the effects as C(…) in front of the bar.",
        )
    return bare, absorb


def _check(asked: Asked, clusters: Sequence[str], time: str | None) -> None:
    """Refuse settings that make no sense before the table is read."""
    if asked.at and asked.margins is None:
        raise SettingError(
            f"{setting('at')} holds variables at values for {setting('margins')}, which are not asked for.",
            f"Ask for {setting('margins')} 'average' or 'means', or leave it out.",
        )
    choices = {
        "margins": AVERAGES,
        "model": tuple(MODELS),
        "covariance": COVARIANCES,
        "path": tuple(PATHS),
        "search": tuple(SEARCHES),
    }
    for name, known in choices.items():
        if getattr(asked, name) is not None:
            check_choice(name, getattr(asked, name), known)
    if asked.axes is not None and (len(asked.axes) != 2 or asked.axes[0] == asked.axes[1]):
        raise SettingError(
            f"{setting('axes')} needs two different columns, got {listed(asked.axes)}.", "Name two columns."
        )
    check_count("folds", asked.folds, low=2)
    if check_count("gap", asked.gap, low=0) and time is None:
        raise SettingError(f"{setting('gap')} is between times, but no {setting('time')} is named.", "Name it.")
    check_count("seed", asked.seed, low=0)
    check_number("level", asked.level, low=0.0, high=1.0, open_low=True, open_high=True)
    if asked.covariance in CLUSTERED and not clusters:
        raise SettingError("Clustered standard errors need clusters.", f"Name their column as {setting('clusters')}.")
    if asked.covariance not in {None, *CLUSTERED} and clusters:
        raise SettingError(
            f"{setting('clusters')} are given, but {setting('covariance')} is {asked.covariance!r}.",
            f"Choose 'cluster', 'CR2' or 'CR3', or leave {setting('clusters')} out.",
        )


def _in_models(error: SettingError, model: str | None) -> SettingError:
    """Return the error in this job's words if it is about the task, which here follows from the model."""
    told = error.with_names({"task": f"model {model!r}: task"})
    if model is None or str(told) == str(error):
        return error
    return SettingError(told.problem, f"Choose another {setting('model')}, or leave it out.")


def _facts(problem: Problem, mark: str, clusters: Sequence[str], command: str | None) -> dict[str, str]:
    """Return what is needed to repeat it."""
    return {
        **({"command": command} if command else {}),
        "formula": problem.formula.text if problem.formula else "",
        **({"clusters": ", ".join(clusters)} if clusters else {}),
        "data fingerprint": mark,
        "rows": f"{len(problem):,}",
        "versions": ", ".join(f"{name} {text}" for name, text in library_versions("numpy", "scipy").items()),
    }
