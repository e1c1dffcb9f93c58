"""The report of a linear model: one HTML file that needs nothing else."""

from markupsafe import Markup

from thalweg.data.notes import rows_sentence
from thalweg.linear.analysis import LinearAnalysis
from thalweg.report.drawing.document import Facts, Page, Prose, Section
from thalweg.report.linear.coefficient_figures import coefficient_figure
from thalweg.report.linear.descent_figures import bounds_figure, errors_figure
from thalweg.report.linear.finding import finding_sentence
from thalweg.report.linear.shrinkage_figures import error_figure, geometry_figure, path_figure
from thalweg.report.linear.tables import (
    certificate_table,
    coefficient_table,
    descent_table,
    inflation_table,
    influence_table,
    margins_table,
    path_table,
    selection_table,
    shrunken_table,
    tests_table,
)

_CERTIFICATE = Markup(
    "An estimate is off for two reasons: chance, which standard errors measure, and an optimiser that stops early. The "
    "certificate states the second in units of the first. From the gradient <i>g</i> and the Hessian <i>H</i> at the "
    "reported coefficients it computes √(<i>g</i>′<i>H</i>⁻¹<i>g</i>), which bounds the distance of every contrast "
    "from its optimum in that contrast’s standard errors, exactly for least squares and to second order for other "
    "likelihoods."
)


def linear_page(answer: LinearAnalysis) -> Page:
    """Return the page about a linear answer.

    Parameters
    ----------
    answer
        What to report; sections that were not asked for are left out.

    Returns
    -------
    Page
        As HTML well under one megabyte.

    Examples
    --------
    >>> from thalweg.linear import regress
    >>> fit = regress([[1.0], [2.0], [3.0], [4.0]], [1.1, 1.9, 3.2, 3.8], names=["price"])
    >>> linear_page(LinearAnalysis("t", "y", fit, {"price": 1.1}, (), {})).heading
    'What explains y?'
    """
    fit, certificate = answer.estimates, answer.estimates.certificate
    sections = (
        _coefficients(answer),
        _certified(answer),
        Section("h-margins", "Marginal effects", (margins_table(answer),)),
        Section("h-tests", "Joint tests", (tests_table(answer),)),
        Section("h-rows", "Columns that overlap, rows that count", (inflation_table(answer), influence_table(answer))),
        _path(answer),
        Section("h-geometry", "Why the lasso sets coefficients to zero", (geometry_figure(answer),)),
        Section("h-selection", "Selection of columns", (selection_table(answer),)),
        _descent(answer),
        Section(
            "h-notes",
            "Notes",
            (
                None if answer.warnings else Prose("No check gave a warning."),
                *(Prose(note.text, "method") for note in answer.notes if not note.is_warning),
            ),
        ),
        Section("h-repeat", "How to repeat it", (_repeat(answer),)),
    )
    rows = rows_sentence(*answer.rows).rstrip(".") or f"{fit.nobs:,.10g} rows"
    return Page(
        title=f"{fit.answer} in {answer.table}: {fit.model}",
        heading=f"What explains {answer.outcome}?",
        facts=f"{answer.table} · {fit.model} of {fit.answer} · {rows} · {certificate.rank} coefficients",
        label="Finding",
        verdict=finding_sentence(answer),
        advice=_advice(answer),
        sections=sections,
        warnings=tuple(Markup("<strong>Warning.</strong> {}").format(text) for text in answer.warnings),
    )


def _advice(answer: LinearAnalysis) -> str:
    """Say how far the coefficients can be relied on."""
    if not answer.has_inference:
        text = "The optimum is that of the penalised likelihood: do not read these coefficients as effects."
    elif answer.estimates.source:
        text = "The numbers below are those of that package; tests and intervals follow from its covariance."
    elif answer.estimates.certificate.verdict in {"exact", "negligible"}:
        text = "What is uncertain about the coefficients is chance, told by the standard errors."
    else:
        text = "The optimiser has not reached its optimum: do not rely on the standard errors below."
    return f"{answer.estimates.certificate.sentence()} {text}"


def _coefficients(answer: LinearAnalysis) -> Section:
    return Section("h-coefficients", "Coefficients", (coefficient_table(answer), coefficient_figure(answer)))


def _certified(answer: LinearAnalysis) -> Section:
    certificate = answer.estimates.certificate
    parts = () if certificate.unchecked else (Prose(_CERTIFICATE), certificate_table(certificate))
    return Section("h-certificate", "How exact the optimum is", parts)


def _path(answer: LinearAnalysis) -> Section:
    path = answer.path
    if path is None:
        return Section("h-path", "Shrinkage", ())
    parts = (error_figure(path), path_figure(answer, path), path_table(path), shrunken_table(path))
    return Section("h-path", f"Shrinkage: {path.model}", parts)


def _descent(answer: LinearAnalysis) -> Section:
    if not answer.descents:
        return Section("h-descent", "Descent", ())
    run = answer.descents.get("gradient")
    scaled = ", the outcome divided by its standard deviation" if answer.estimates.model == "least squares" else ""
    parts = (
        None if run is None else bounds_figure(run),
        errors_figure(answer),
        descent_table(answer),
        Prose(
            f"The cost is the mean loss on standardised columns{scaled}, from zero. Adam is the engine’s own, at a "
            "rate of 0.05.",
            "method",
        ),
    )
    return Section("h-descent", "Descent, and what theory promises", parts)


def _repeat(answer: LinearAnalysis) -> Facts:
    libraries = ", ".join(f"{name} {text}" for name, text in answer.estimates.certificate.versions().items())
    return Facts({**answer.repeat, "libraries": libraries})
