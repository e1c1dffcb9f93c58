"""Logistic and Poisson regression of rows in batches is that of the same rows in memory."""

import numpy as np
import pytest

from linear.streamed.parts import parts_of
from linear.streamed.test_stream_regression import SAME
from thalweg.linear import logistic_regression, poisson_regression
from thalweg.linear.likelihoods.families import BINOMIAL, POISSON
from thalweg.linear.likelihoods.separation import SeparatedError
from thalweg.linear.streamed.likelihood import streamed_likelihood
from thalweg.linear.streamed.stream_regression import StreamQuestion


@pytest.fixture(scope="module")
def rows():
    random = np.random.default_rng(0)
    X = random.normal(size=(3000, 4)) * [1, 1, 10, 0.1] + [0, 50, 0, 0]
    eta = (X - X.mean(axis=0)) @ [0.5, -0.5, 0.03, 2.0]
    return X, (random.uniform(size=3000) < 1 / (1 + np.exp(-eta))) * 1.0, random.poisson(np.exp(eta / 2)) * 1.0


NAMES = ("x1", "x2", "x3", "x4")


@pytest.mark.parametrize("kind", ["classical", "HC1", "cluster"])
@pytest.mark.parametrize(
    ("family", "regression", "place"),
    [
        (BINOMIAL, logistic_regression, 1),
        (POISSON, poisson_regression, 2),
    ],
)
def test_the_same_as_in_memory(rows, family, regression, place, kind):
    firms = np.random.default_rng(1).integers(0, 50, 3000)
    asked = StreamQuestion(NAMES, covariance=kind, sizes=(50,) if kind == "cluster" else ())
    found = streamed_likelihood(parts_of(rows[0], rows[place], clusters=(firms,)), family, asked).estimates
    other = regression(rows[0], rows[place], covariance=kind, clusters=firms if kind == "cluster" else None)
    np.testing.assert_allclose(found.estimate, other.estimate, rtol=SAME)
    np.testing.assert_allclose(np.diag(found.covariance), np.diag(other.covariance), rtol=SAME)
    assert (found.llf, found.llnull) == pytest.approx((other.llf, other.llnull), rel=SAME)
    assert found.df == other.df
    assert found.certificate.verdict == "exact"


def test_separated_classes_are_refused_by_the_column(rows):
    with pytest.raises(SeparatedError, match=r"^The likelihood has no finite maximum: x1 separates"):
        streamed_likelihood(parts_of(rows[0], (rows[0][:, 0] > 1) * 1.0), BINOMIAL, StreamQuestion(NAMES))


def test_counts_that_are_zero_wherever_a_column_is_one_are_refused(rows):
    X = rows[0].copy()
    X[:, 3] = np.arange(3000) % 100 == 3
    y = np.where(X[:, 3] > 0, 0.0, rows[2] + 1)
    with pytest.raises(SeparatedError, match=r"x4 separates the answers completely"):
        streamed_likelihood(parts_of(X, y), POISSON, StreamQuestion(NAMES))


def test_separation_by_a_rare_level_is_found(rows):
    X = rows[0].copy()
    X[:, 3] = np.arange(3000) % 100 == 3
    y = np.where(X[:, 3] > 0, 1.0, rows[1])
    with pytest.raises(SeparatedError, match=r"x4 separates the answers in part \(30 of 3,000 rows\)"):
        streamed_likelihood(parts_of(X, y), BINOMIAL, StreamQuestion(NAMES))


def test_extreme_fitted_values_alone_are_no_separation():
    x = np.concatenate([np.linspace(-1, 1, 2000), [60.0, -60.0]])
    y = np.concatenate([np.arange(2000) % 2 * 1.0, [1.0, 0.0]])
    y[1500:2000:4] = 1.0
    found = streamed_likelihood(parts_of(x[:, None], y), BINOMIAL, StreamQuestion(("x",))).estimates
    other = logistic_regression(x[:, None], y)
    assert np.abs(other.estimate[0] + other.estimate[1] * 60) > 12
    np.testing.assert_allclose(found.estimate, other.estimate, rtol=1e-9)
