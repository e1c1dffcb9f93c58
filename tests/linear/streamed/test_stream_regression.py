"""Least squares of rows in batches is that of the same rows in memory."""

import numpy as np
import pytest

from linear.streamed.parts import parts_of
from thalweg.base.errors import DataError
from thalweg.linear import regress
from thalweg.linear.streamed.stream_regression import StreamQuestion, streamed_least_squares
from thalweg.linear.streamed.within import within_levels

SAME = 1e-12  # relative; sums in another order


@pytest.fixture(scope="module")
def rows():
    random = np.random.default_rng(0)
    X = random.normal(size=(3000, 6)) + np.arange(6) * 100
    X[:, 3] = 2 * X[:, 2] + 1
    return X, X @ np.arange(6) * 0.1 + random.normal(size=3000) * (1 + np.abs(X[:, 0]))


def names(width):
    return tuple(f"x{j + 1}" for j in range(width))


def agree(fit, other, same=SAME):
    assert fit.names == other.names
    np.testing.assert_allclose(fit.estimate, other.estimate, rtol=same)
    errors = (np.sqrt(np.diag(one.covariance)) for one in (fit, other))
    np.testing.assert_allclose(*errors, rtol=same)
    assert (fit.df, fit.nobs, fit.undefined) == (other.df, other.nobs, other.undefined)
    assert fit.llf == pytest.approx(other.llf, rel=same)
    assert fit.rsquared == pytest.approx(other.rsquared, rel=same)


@pytest.mark.parametrize("kind", ["classical", "HC0", "HC1", "HC2", "HC3"])
def test_every_kind_of_errors_is_the_same(rows, kind):
    found = streamed_least_squares(parts_of(*rows), StreamQuestion(names(6), covariance=kind)).estimates
    agree(found, regress(*rows, covariance=kind))
    assert found.certificate.verdict == "exact"
    assert found.certificate.dropped == ("x4",)


@pytest.mark.parametrize("kind", ["cluster", "CR2", "CR3"])
def test_clusters_that_lie_in_several_parts(rows, kind):
    firms = np.random.default_rng(1).integers(0, 40, 3000)
    found = streamed_least_squares(
        parts_of(*rows, clusters=(firms,)), StreamQuestion(names(6), covariance=kind, sizes=(40,))
    ).estimates
    agree(found, regress(*rows, covariance=kind, clusters=firms))


def test_clusters_that_cross(rows):
    ways = tuple(np.random.default_rng(1).integers(0, size, 3000) for size in (40, 9))
    asked = StreamQuestion(names(6), covariance="cluster", sizes=(40, 9))
    found = streamed_least_squares(parts_of(*rows, clusters=ways), asked).estimates
    agree(found, regress(*rows, covariance="cluster", clusters=np.column_stack(ways)))


@pytest.mark.parametrize("weights_kind", ["frequency", "analytic"])
def test_weights(rows, weights_kind):
    weights = np.random.default_rng(2).integers(1, 4, 3000).astype(float)
    scaled = weights if weights_kind == "frequency" else weights / weights.mean()
    asked = StreamQuestion(names(6), covariance="HC1", weights_kind=weights_kind)
    found = streamed_least_squares(parts_of(*rows, weights=scaled), asked).estimates
    agree(found, regress(*rows, weights=weights, weights_kind=weights_kind, covariance="HC1"))


def test_no_constant(rows):
    asked = StreamQuestion(names(6), intercept=False)
    found = streamed_least_squares(parts_of(*rows), asked).estimates
    agree(found, regress(*rows, intercept=False), same=1e-10)  # columns far from zero are nearly collinear


def test_a_row_that_decides_a_coefficient_alone_has_no_robust_error(rows):
    X, y = rows
    X = np.column_stack([X, np.arange(len(X)) == 7])
    found = streamed_least_squares(parts_of(X, y), StreamQuestion(names(7), covariance="HC3")).estimates
    assert found.undefined == ("x7",)


def test_powers_that_are_nearly_collinear_lose_no_digits():
    x = np.linspace(1, 2, 4000)
    X = np.column_stack([x**k for k in range(1, 7)])
    truth = np.arange(1.0, 8.0)
    y = truth[0] + X @ truth[1:]
    found = streamed_least_squares(parts_of(X, y), StreamQuestion(names(6))).estimates
    assert found.certificate.condition > 1e6
    np.testing.assert_allclose(found.estimate, truth, rtol=1e-7)  # ten digits of the condition, sixteen stored


@pytest.mark.parametrize("kind", ["classical", "HC1", "cluster"])
def test_an_absorbed_effect(rows, kind):
    X, y = rows
    firms = np.random.default_rng(3).integers(0, 900, 3000)
    X = np.column_stack([X, firms // 2 * 3.0])  # the effect says all of it
    y = y + firms
    regions = firms // 10
    sizes = {"region": 90} if kind == "cluster" else {}
    stream = parts_of(X, y, clusters=(regions,), levels=firms)
    within, absorbed = within_levels(stream, 7, "firm", sizes, None)
    asked = StreamQuestion(names(7), covariance=kind, intercept=False, sizes=tuple(sizes.values()), absorbed=absorbed)
    found = streamed_least_squares(within, asked).estimates
    other = regress(X, y, absorb={"firm": firms}, covariance=kind, clusters=regions if sizes else None)
    agree(found, other)
    assert (found.singletons, found.absorbed) == (other.singletons, other.absorbed)


def test_parts_may_be_summed_anywhere_but_keep_their_order(rows):
    one, two = (streamed_least_squares(parts_of(*rows), StreamQuestion(names(6))).estimates for _ in range(2))
    assert np.array_equal(one.estimate, two.estimate)


def test_answers_that_are_all_equal_are_refused(rows):
    with pytest.raises(DataError, match="all equal"):
        streamed_least_squares(parts_of(rows[0], np.full(3000, 0.1)), StreamQuestion(names(6)))
