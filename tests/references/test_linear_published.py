"""Published and certified numbers: NIST StRD (US government work), Spector & Mazzeo, election study 1996."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm
from sklearn.datasets import load_diabetes

from thalweg.linear import fit_lasso, logistic_regression, multinomial_regression, regress

ANCHORS = json.loads(Path(__file__).with_name("linear.json").read_text())
NIST = ANCHORS["nist"]
# digits float64 columns allow: Filip's powers x², …, x¹⁰ are rounded before any solver sees them
DIGITS = {"filip": 7.4, "pontius": 12.0}


def columns(data, number):
    """The design as published, in the given arithmetic, without the constant."""
    if data["model"][0] == "poly":
        base = [number(x) for x in data["x"]]
        return [[x**k for x in base] for k in range(1, data["model"][1] + 1)]
    return [[number(x) for x in column] for column in data["x"]]


def has_constant(data):
    return data["model"][0] == "poly" or data["model"][1] == "intercept"


def exact_solution(data):
    """Least squares in rational arithmetic, by Gauss-Jordan elimination of the normal equations."""
    y = [Fraction(v) for v in data["y"]]
    design = columns(data, Fraction)
    if has_constant(data):
        design = [[Fraction(1)] * len(y), *design]
    table = [[sum(p * q for p, q in zip(a, b, strict=True)) for b in [*design, y]] for a in design]
    for k in range(len(table)):
        table[k] = [v / table[k][k] for v in table[k]]
        for j in range(len(table)):
            if j != k:
                table[j] = [v - table[j][k] * w for v, w in zip(table[j], table[k], strict=True)]
    return np.array([float(row[-1]) for row in table])


def digits(value, certified):
    """Decimal digits that agree, at most 15."""
    error = np.abs(np.asarray(value) - certified) / np.where(certified == 0, 1, np.abs(certified))
    return float(-np.log10(np.maximum(error, 1e-15)).min())


def fit_of(data):
    X = np.array(columns(data, float)).T
    return regress(X, np.array(data["y"], dtype=float), intercept=has_constant(data))


@pytest.mark.parametrize("name", NIST)
def test_the_certified_coefficients_are_the_exact_ones(name):
    assert digits(exact_solution(NIST[name]), np.array(NIST[name]["beta"], dtype=float)) >= 14


@pytest.mark.parametrize("name", NIST)
def test_nist_coefficients(name):
    fit = fit_of(NIST[name])
    assert digits(fit.estimate, exact_solution(NIST[name])) >= DIGITS.get(name, 13)
    assert fit.certificate.verdict in {"exact", "negligible"}


@pytest.mark.parametrize("name", [name for name in NIST if float(NIST[name]["residual_sd"]) > 0])
def test_nist_standard_errors_and_fit(name):
    data, fit = NIST[name], fit_of(NIST[name])
    wanted = 5 if name == "filip" else 11
    assert digits(fit.bse.to_numpy(), np.array(data["sd"], dtype=float)) >= wanted
    if has_constant(data):
        assert digits(fit.rsquared, float(data["r2"])) >= wanted
    else:  # NIST takes R² of a line through the origin about zero, as here
        assert digits(fit.rsquared, float(data["r2"])) >= wanted


def test_spector_logit_to_all_published_digits():
    rows = np.array(ANCHORS["spector"]["rows"])
    fit = logistic_regression(rows[:, :3], rows[:, 3], names=["GPA", "TUCE", "PSI"])
    order = [1, 2, 3, 0]
    assert digits(fit.estimate[order], np.array(ANCHORS["spector"]["params"], dtype=float)) >= 14
    assert digits(fit.bse.to_numpy()[order], np.array(ANCHORS["spector"]["se"], dtype=float)) >= 13
    assert digits(fit.llf, float(ANCHORS["spector"]["llf"])) >= 14


def test_election_study_softmax():
    data = sm.datasets.anes96.load_pandas()
    fit = multinomial_regression(data.exog, data.endog)
    assert abs(fit.llf + 1461.922747248146) < 1e-9
    peer = sm.MNLogit(data.endog, sm.add_constant(data.exog)).fit(disp=0, method="newton", tol=1e-14)
    np.testing.assert_allclose(fit.estimate, peer.params.to_numpy().T.ravel(), rtol=1e-9)
    np.testing.assert_allclose(fit.bse, peer.bse.to_numpy().T.ravel(), rtol=1e-9)


def test_lasso_follows_the_exact_homotopy_on_the_diabetes_data():
    """Between the knots of the exact path, an unrelated algorithm, the active set is the one it lists."""
    anchors = ANCHORS["diabetes_lasso"]
    data = load_diabetes()
    knots = np.array(anchors["knots_times_n"], dtype=float)
    middles = (knots[:-1] + knots[1:]) / 2 / len(data.target)
    fit = fit_lasso(data.data, data.target, penalties=middles, standardise=False, folds=2, tolerance=1e-13)
    active: set[int] = set()
    for event, coefficients in zip(anchors["events"], fit.coefficients[0], strict=True):
        column = int(event[1:]) - 1
        active = active | {column} if event[0] == "+" else active - {column}
        assert set(np.flatnonzero(coefficients)) == active


def test_diabetes_least_squares_ends_that_path():
    data = load_diabetes()
    fit = regress(data.data, data.target)
    ends = [-10.0098663, -239.8156437, 519.8459201, 324.3846455, -792.1756386]
    np.testing.assert_allclose(fit.estimate[1:6], ends, rtol=1e-8)
    assert abs(fit.estimate[0] - 152.1334842) < 1e-7
