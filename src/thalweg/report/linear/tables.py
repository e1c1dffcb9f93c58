"""Tables of a linear answer: coefficients, certificate, chosen penalties, chosen columns, descents."""

import math
from typing import Final

from thalweg.base.interval import Interval
from thalweg.linear.analysis import LinearAnalysis
from thalweg.linear.certificate import Certificate
from thalweg.linear.estimates import Estimates
from thalweg.linear.models import DESCENTS, SEARCHES
from thalweg.linear.paths.penalty_path import PenaltyPath
from thalweg.report.drawing.table import Cell, Column, Table, format_cell

ERRORS: Final = {
    "classical": "classical standard errors",
    "cluster": "standard errors robust to dependence within clusters",
    "CR2": "standard errors robust to dependence within clusters, bias-reduced (CR2)",
    "CR3": "standard errors robust to dependence within clusters, leave-one-cluster-out (CR3)",
}
_MOST_NAMES: Final = 30
_MOST_ROWS: Final = 5
_NO_MAXIMUM: Final = "the likelihood has no finite maximum"


def coefficient_table(answer: LinearAnalysis) -> Table:
    """Return the coefficients with standard errors, tests and intervals.

    Examples
    --------
    >>> from thalweg.linear import regress
    >>> fit = regress([[1.0], [2.0], [3.0], [4.0]], [1.1, 1.9, 3.2, 3.8], names=["price"])
    >>> [column.label for column in coefficient_table(LinearAnalysis("t", "y", fit, {"price": 1.0}, (), {})).columns]
    ['', 'estimate', 'std. error', 't', 'p', '95 % interval']
    """
    fit = answer.estimates
    frame = answer.frame()
    ends = zip(frame["estimate"], frame["conf_low"], frame["conf_high"], strict=True)
    intervals = [Interval(*map(float, row)) for row in ends]
    numbers = ("estimate", "std_error", "statistic", "p_value")
    columns = [[float(value) for value in frame[name]] for name in numbers]
    rows = tuple(zip(frame["term"], *columns, intervals, strict=True))
    heads = (
        Column(""),
        Column("estimate"),
        Column("std. error"),
        Column("z" if fit.df == float("inf") else "t", 2, spare=1),
        Column("p", 3, least=0.001),
        Column(f"{100 * answer.level:g} % interval"),
    )
    return Table("coefficients", f"{fit.answer}: {fit.model}, {answer.table}.", heads, rows, _fit_notes(answer))


def margins_table(answer: LinearAnalysis) -> Table | None:
    """Return the marginal effects, if they were asked for.

    Examples
    --------
    >>> from thalweg.linear import regress
    >>> fit = regress([[1.0], [2.0], [3.0], [4.0]], [1.1, 1.9, 3.2, 3.8], names=["price"])
    >>> margins_table(LinearAnalysis("t", "y", fit, {"price": 1.0}, (), {})) is None
    True
    """
    found = answer.margins
    if found is None:
        return None
    frame = found.frame()
    ends = zip(frame["estimate"], frame["conf_low"], frame["conf_high"], strict=True)
    intervals = [Interval(*map(float, row)) for row in ends]
    columns = [[float(value) for value in frame[name]] for name in ("estimate", "std_error", "statistic", "p_value")]
    heads = (
        Column(""),
        Column("effect"),
        Column("std. error"),
        Column("z" if found.df == float("inf") else "t", 2, spare=1),
        Column("p", 3, least=0.001),
        Column(f"{100 * found.level:g} % interval"),
    )
    rows = tuple(zip(frame["term"], *columns, intervals, strict=True))
    outcome = "probability" if answer.estimates.rsquared is None and answer.estimates.model != "Poisson" else "mean"
    caption = f"What one unit more changes in the {outcome} of {answer.estimates.answer}."
    return Table("margins", caption, heads, rows, (found.said,))


def tests_table(answer: LinearAnalysis) -> Table | None:
    """Return the joint tests, if they were asked for."""
    if not answer.tests:
        return None
    rows = tuple((one.hypothesis, one.statistic, one.restrictions, _ends(one.df), one.p_value) for one in answer.tests)
    name = "χ²" if answer.tests[0].df == float("inf") else "F"
    heads = (
        Column("Hypothesis"),
        Column(name, 2),
        Column("restrictions"),
        Column("residual degrees", spare=1),
        Column("p", 3, least=0.001),
    )
    return Table("tests", "Joint tests of coefficients, by the standard errors above.", heads, rows)


def _ends(degrees: float) -> float | None:
    return None if degrees == float("inf") else degrees


def inflation_table(answer: LinearAnalysis) -> Table | None:
    """Return how much each column's variance grows because others say much the same; None for fewer than two."""
    found = sorted(answer.inflation.items(), key=lambda one: -one[1])
    if len(found) < 2:
        return None
    rows = tuple((name, float(value) if value < float("inf") else None) for name, value in found[:_MOST_NAMES])
    note = "1: uncorrelated with all other columns; 10: the standard error is 3.2 times what it would be then."
    heads = (Column("Column"), Column("variance inflation", 2))
    return Table("overlap", "How much columns overlap, most first.", heads, rows, (note,))


def influence_table(answer: LinearAnalysis) -> Table | None:
    """Return the rows that move the estimates most; None where that was not computed."""
    found, numbers = answer.influence, answer.row_numbers
    if found is None or numbers is None:
        return None
    frame = found.frame().assign(row=numbers).nlargest(_MOST_ROWS, "cooks_distance")
    rows = tuple(
        (f"{int(one.row):,}", float(one.cooks_distance), float(one.leverage), float(one.studentised))
        for one in frame.itertuples()
    )
    heads = (Column("Row"), Column("Cook's distance"), Column("leverage"), Column("studentised residual", 2))
    note = "Above 1 a row alone moves the coefficients to the edge of their 50 % region or beyond: look at it."
    return Table("influence", "Rows that move the estimates most.", heads, rows, (note,))


def _fit_notes(answer: LinearAnalysis) -> tuple[str, ...]:
    fit = answer.estimates
    if not answer.has_inference:
        size = fit.model.rpartition("ridge ")[2]
        why = "there are as many coefficients as rows, or more" if answer.has_maximum else _NO_MAXIMUM
        shrunken = f"Shrunken by a ridge of {size} on standardised columns, because {why}"
        return (f"N = {fit.nobs:,.10g}. {shrunken}: no standard errors, tests or intervals.",)
    errors = errors_said(fit)
    test = "normal distribution" if fit.df == float("inf") else f"Student's t with {_degrees(fit)} degrees of freedom"
    explained = _explained(fit)
    likelihood, aic, bic = (format_cell(value, 2) for value in (fit.llf, fit.aic, fit.bic))
    told = f"; log-likelihood {likelihood}; AIC {aic}, BIC {bic}" if not math.isnan(fit.llf) else ""
    return (
        f"N = {fit.nobs:,.10g}{explained}{told}.",
        f"{errors[:1].upper()}{errors[1:]}; {test}.",
        *((fit.absorbed_said,) if fit.absorbed else ()),
    )


def _explained(fit: Estimates) -> str:
    """Say how much is explained, and how far outcomes lie from their means."""
    if fit.rsquared is None:
        return "" if fit.prsquared is None else f"; McFadden's R² = {fit.prsquared:.4f}"
    if fit.source:
        return f"; R² = {fit.rsquared:.4f}"
    spread = "" if fit.root_mse is None else f"; root MSE {format_cell(fit.root_mse)}"
    return f"; R² = {fit.rsquared:.4f}, adjusted {fit.rsquared_adj:.4f}{spread}"


def errors_said(fit: Estimates) -> str:
    """Return what the standard errors are robust to, and what the weights mean.

    Examples
    --------
    >>> from thalweg.linear import regress
    >>> errors_said(regress([[1.0], [2.0], [4.0]], [1.0, 2.0, 3.5], covariance="HC1"))
    'heteroskedasticity-robust standard errors (HC1)'
    """
    if fit.source:
        return fit.errors_said
    errors = ERRORS.get(fit.cov_type, f"heteroskedasticity-robust standard errors ({fit.cov_type})")
    return errors if fit.weights_kind is None else f"{errors}; {fit.weights_kind} weights"


def _degrees(fit: Estimates) -> str:
    """Return the degrees of freedom, from the fewest to the most where coefficients have their own."""
    fewest, most = fit.degrees_range
    return f"{fewest:,.6g}" if fewest == most else f"{fewest:,.1f} to {most:,.1f}"


def certificate_table(certificate: Certificate) -> Table:
    """Return the certificate's numbers, each with what it means.

    Examples
    --------
    >>> c = Certificate("logistic", 100, 3, 3, 2.0, (), 0.002, 0.001, "age", 1e-3, None, "none")
    >>> certificate_table(c).rows[0][:2]
    ('Newton decrement', '0.002')
    """
    rows: list[tuple[Cell, ...]] = [
        (
            "Newton decrement",
            _short(certificate.decrement),
            "no coefficient, difference or prediction is farther from its optimum, in its own standard errors",
        ),
        (
            "worst coefficient",
            _short(certificate.worst),
            f"standard errors from the optimum: {certificate.worst_name}",
        ),
        (
            "rank",
            f"{certificate.rank} of {certificate.columns}",
            "coefficients that the rows can tell apart",
        ),
        (
            "condition",
            _short(certificate.condition),
            "1 if columns are uncorrelated; of centred, scaled columns, so no unit can improve it",
        ),
        ("separation", certificate.separation, "what splits the answers, so that no finite maximum would exist"),
        (
            "largest derivative",
            _short(certificate.gradient),
            "of the log-likelihood or the sum of squares; 0 at the optimum",
        ),
    ]
    if certificate.orthogonality is not None:
        rows.append(
            (
                "largest cosine",
                _short(certificate.orthogonality),
                "between residuals and a column; 0 at the optimum",
            )
        )
    if certificate.dropped:
        rows.append(("left out", ", ".join(certificate.dropped), "columns that earlier ones already say"))
    columns = (Column("Number"), Column("Value"), Column("Meaning"))
    return Table("certificate", "The certificate in numbers.", columns, tuple(rows))


def _short(value: float) -> str:
    """Two digits; a minus sign that no line ends with."""
    return f"{value:.2g}".replace("-", "−")


def path_table(path: PenaltyPath) -> Table:
    """Return both choices of a path: the smallest error, and the simplest within one standard error of it."""
    places = (("smallest error (min)", path.best), ("one-standard-error rule (1se)", path.one_se))
    rows = tuple(
        (
            name,
            float(path.settings[place]),
            float(path.mean_error[place]),
            float(path.standard_error[place]),
            int(path.nonzero[place]),
            float(path.degrees[place]),
        )
        for name, place in places
    )
    columns = (
        *map(Column, ("Choice", path.setting, path.error, "std. error", "nonzero")),
        Column("degrees of freedom", spare=1),
    )
    notes = (f"Minimised: {path.objective}.", path.standardisation, path.certificate)
    return Table("path", f"Choices along the path of {path.model}, by cross-validation.", columns, rows, notes)


def shrunken_table(path: PenaltyPath) -> Table:
    """Return the coefficients of both choices, in the units of the columns."""
    both = zip(path.names, path.coefficients[path.best], path.coefficients[path.one_se], strict=True)
    rows = tuple((name, float(best), float(simple)) for name, best, simple in both)
    columns = (Column(""), Column("smallest error"), Column("one-standard-error rule"))
    notes = ("They are shrunken on purpose and carry no standard errors.",)
    return Table("shrunken", f"Coefficients of {path.model}, in the units of the columns.", columns, rows, notes)


def selection_table(answer: LinearAnalysis) -> Table | None:
    """Return the columns each criterion chooses."""
    path = answer.selection
    if path is None:
        return None
    rows = tuple(
        (
            criterion,
            path.size(criterion),
            float(values[path.size(criterion)]),
            _enumerated([path.names[j] for j in path.columns(criterion)]),
        )
        for criterion, values in path.criteria.items()
    )
    columns = (Column("Criterion"), Column("columns"), Column("value"), Column("chosen, in order"))
    caption = f"Columns chosen by {SEARCHES[path.search]} search."
    return Table("selection", caption, columns, rows, (path.warning,))


def _enumerated(names: list[str]) -> str:
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more or "none"


def descent_table(answer: LinearAnalysis) -> Table:
    """Return how each gradient method ended, in standard errors."""
    rows = tuple(
        (
            DESCENTS[key],
            run.step,
            len(run.values) - 1,
            run.enough(),
            None if run.errors is None else float(run.errors[-1]),
            run.verdict,
            run.words.split(":")[0],
        )
        for key, run in answer.descents.items()
    )
    heads = tuple(map(Column, ("Method", "step t", "steps", "enough after", "error at the end", "certificate")))
    note = (
        "Errors are in standard errors of the estimates; enough: from there on below 0.01 of them, so that further "
        "steps buy no statistics."
    )
    return Table("descents", "How the methods ended.", (*heads, Column("gradient", spare=1)), rows, (note,))
