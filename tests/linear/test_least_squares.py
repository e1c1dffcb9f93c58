from collections.abc import Callable

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from thalweg.base.errors import DataError
from thalweg.linear import fit_least_squares


def draw(count, width, seed=0, outputs=None):
    random = np.random.default_rng(seed)
    X = random.normal(size=(count, width))
    noise = random.normal(size=count if outputs is None else (count, outputs))
    slopes = random.normal(size=width if outputs is None else (width, outputs))
    return X, 3 + X @ slopes + noise


@pytest.mark.parametrize(("count", "method"), [(200, "qr"), (20_000, "gram")])
@pytest.mark.parametrize("outputs", [None, 3])
@pytest.mark.parametrize("intercept", [True, False])
def test_equals_scikit_learn_on_benign_data(count, method, outputs, intercept):
    X, y = draw(count, 6, outputs=outputs)
    fit = fit_least_squares(X, y, intercept=intercept)
    peer = LinearRegression(fit_intercept=intercept, tol=1e-15).fit(X, y)
    assert fit.method == method
    np.testing.assert_allclose(fit.coefficients, peer.coef_.T, rtol=1e-10)
    np.testing.assert_allclose(fit.intercept, peer.intercept_, rtol=1e-10)
    np.testing.assert_allclose(fit.predict(X), peer.predict(X), rtol=1e-9, atol=1e-9)


def test_mixed_units_lose_no_coefficient():
    random = np.random.default_rng(0)
    revenue, rate = random.lognormal(18, 1, 5000), random.uniform(0, 0.1, 5000)
    y = 2e-9 * revenue + 30 * rate + random.normal(size=5000)
    X = np.column_stack([revenue, rate])
    unit = np.column_stack([revenue / 1e9, rate])
    fit, rescaled = fit_least_squares(X, y), fit_least_squares(unit, y)
    np.testing.assert_allclose(fit.coefficients * [1e9, 1], rescaled.coefficients, rtol=1e-12)
    assert abs(fit.coefficients[1] - 30) < 2
    assert abs(LinearRegression().fit(X, y).coef_[1]) < 1e-6  # what this guards against


@pytest.mark.parametrize("count", [200, 20_000])
def test_collinear_and_constant_columns_are_named_and_harmless(count):
    X, y = draw(count, 4)
    trap = np.column_stack([X[:, :2], X[:, 0] - 2 * X[:, 1], np.full(count, 0.1), X[:, 2:]])
    fit, clean = fit_least_squares(trap, y), fit_least_squares(X, y)
    assert fit.dropped == (2, 3)
    assert fit.rank == 4
    np.testing.assert_allclose(fit.coefficients[[0, 1, 4, 5]], clean.coefficients, rtol=1e-9)
    assert not fit.coefficients[[2, 3]].any()


def test_a_far_mean_costs_no_digits():
    X, y = draw(20_000, 3)
    far = fit_least_squares(X * 1e-3 + 1e4, y)
    near = fit_least_squares(X * 1e-3 + 1e4 - 1e4, y)
    np.testing.assert_allclose(far.coefficients, near.coefficients, rtol=1e-11)


def test_more_columns_than_rows_still_answers():
    X, y = draw(10, 30)
    fit = fit_least_squares(X, y)
    assert fit.rank == 9
    np.testing.assert_allclose(fit.predict(X), y, atol=1e-9)


@pytest.mark.parametrize(
    ("X", "y", "weights", "words"),
    [
        ([[1.0], [np.nan]], [1, 2], None, "row 2, column 1"),
        ([[1.0], [2.0]], [1, np.inf], None, "answers must be finite"),
        ([[1.0], [2.0]], [1, 2, 3], None, "answers must have shape"),
        ([1.0, 2.0], [1, 2], None, "must be a table"),
        ([["a"], ["b"]], [1, 2], None, "must be numbers"),
        ([[1.0], [2.0]], [1, 2], [1, -1], "must not be negative"),
        ([[1.0], [2.0]], [1, 2], [0, 0], "All weights are 0"),
        ([[1.0], [2.0]], [1, 2], [1], "weights must have shape"),
    ],
)
def test_bad_input_is_named(X, y, weights, words):
    with pytest.raises(DataError, match=words):
        fit_least_squares(X, y, weights=weights)


def test_predicting_another_width_is_refused():
    fit = fit_least_squares([[1.0], [2.0], [4.0]], [1, 2, 3])
    with pytest.raises(DataError, match="fitted with 1 columns, got 2"):
        fit.predict([[1.0, 2.0]])


def test_numbers_too_large_to_square_are_refused():
    with pytest.raises(DataError, match="below 1e\\+120"):
        fit_least_squares([[1e200], [1.0]], [1, 2])


def test_a_nearly_collinear_column_is_kept_and_exact():
    X, y = draw(20_000, 3)
    extra = np.random.default_rng(9).normal(size=20_000)
    near = np.column_stack([X, X[:, 0] + X[:, 1] + 1e-7 * extra])
    fit, clean = fit_least_squares(near, y), fit_least_squares(np.column_stack([X, extra]), y)
    assert (fit.method, fit.dropped) == ("qr", ())
    assert fit.condition > 1e6
    np.testing.assert_allclose(fit.coefficients[3] * 1e-7, clean.coefficients[3], rtol=1e-7)


def test_a_column_that_varies_in_its_last_digits_is_kept():
    X, y = draw(20_000, 2)
    fit = fit_least_squares(np.column_stack([X, 1e6 + 1e-3 * X[:, 0] ** 2]), y)
    assert fit.dropped == ()
    clean = fit_least_squares(np.column_stack([X, X[:, 0] ** 2]), y)
    np.testing.assert_allclose(fit.coefficients[2] * 1e-3, clean.coefficients[2], rtol=1e-5)


def test_rank_is_at_most_what_distinct_rows_tell() -> None:
    for seed in range(40):
        random = np.random.default_rng(seed)
        rows, width = int(random.integers(2, 8)), int(random.integers(1, 9))
        X = np.repeat(random.random((rows, width)), random.integers(1, 4, rows), axis=0)
        y = random.random(len(X))
        weights = random.uniform(0.01, 2, len(X)) * (random.random(len(X)) < 0.8)
        weights[0] = 1.0
        seen = len(np.unique(X[weights > 0], axis=0))
        fit = fit_least_squares(X, y, weights=weights)
        assert fit.rank == min(width, seen - 1)
        assert fit_least_squares(X, y, weights=weights, intercept=False).rank == min(width, seen)
        assert np.abs(fit.coefficients).max(initial=0.0) < 1e6


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
@pytest.mark.parametrize(
    "computed",
    [lambda t: 12 * t, lambda t: t * 1.8 + 32, lambda t: (t - 1970) * 31556952 + 1e6, lambda t: t / 7 * 1e-9],
)
def test_one_column_in_two_units_is_one_column(computed: Callable[[np.ndarray], np.ndarray], order: list[int]) -> None:
    for seed in range(10):
        random = np.random.default_rng(seed)
        t = 2010 + random.uniform(0, 10, 50)
        X = np.column_stack([t, computed(t)])[:, order]
        y = t - t.mean() + random.normal(size=50)
        assert fit_least_squares(X, y).dropped == (1,)
        assert fit_least_squares(np.tile(X, (400, 1)), np.tile(y, 400)).dropped == (1,)


def test_a_column_more_never_explains_less() -> None:
    for seed in range(30):
        random = np.random.default_rng(seed)
        X = random.normal(size=(40, 3)) * 10.0 ** random.integers(-6, 7, 3) + 10.0 ** random.integers(-6, 7, 3)
        near = X @ random.normal(size=3) * (1 + 10.0 ** random.integers(-17, -10) * random.normal(size=40))
        y = random.normal(size=40)
        left = [
            np.square(y - fit_least_squares(M, y).predict(M)).sum() for M in (X[:, :2], X, np.column_stack([X, near]))
        ]
        assert left[0] >= left[1] * (1 - 1e-9)
        assert left[1] >= left[2] * (1 - 1e-9)
