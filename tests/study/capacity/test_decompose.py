import numpy as np
import pytest

from thalweg.study.capacity.decompose import (
    cross_entropy_decomposition,
    ridgeless_risk,
    squared_decomposition,
    zero_one_decomposition,
)

RNG = np.random.default_rng(0)


def test_parts_of_squared_error_add_up_and_the_variance_is_that_of_rows_and_starts():
    f, y = RNG.normal(size=(5, 3, 40)), RNG.normal(size=40)
    parts = squared_decomposition(f, y)
    assert parts.bias + parts.variance == pytest.approx(((f - y) ** 2).mean(), abs=1e-12)
    assert parts.seed == pytest.approx(f.var(axis=1, ddof=1).mean(), abs=1e-12)
    assert parts.bias == pytest.approx(((f.mean((0, 1)) - y) ** 2).mean() - f.mean(1).var(0, ddof=1).mean() / 5)


def test_parts_of_squared_error_are_unbiased():
    """Truth: bias² 0.25, 1 from the rows, 0.5 from the start."""
    found = []
    for _ in range(3000):
        f = 0.5 + RNG.normal(size=(4, 1, 1)) + np.sqrt(0.5) * RNG.normal(size=(4, 3, 1))
        parts = squared_decomposition(f, np.zeros(1))
        found.append((parts.bias, parts.data, parts.seed))
    means, errors = np.mean(found, axis=0), np.std(found, axis=0) / np.sqrt(3000)
    assert (np.abs(means - [0.25, 1.0, 0.5]) < 4 * errors).all()


def test_parts_of_cross_entropy_add_up_and_the_mean_is_geometric():
    chances = RNG.dirichlet(np.ones(3), size=(6, 20))
    codes = RNG.integers(3, size=20)
    parts = cross_entropy_decomposition(chances, codes)
    risk = -np.log(chances[:, np.arange(20), codes]).mean()
    middle = np.exp(np.log(chances).mean(axis=0))
    middle /= middle.sum(axis=1, keepdims=True)
    divergence = (middle * np.log(middle / chances)).sum(axis=2).mean()
    assert parts.risk == pytest.approx(risk, abs=1e-12)
    assert parts.variance == pytest.approx(divergence, abs=1e-12)
    assert parts.bias == pytest.approx(-np.log(middle[np.arange(20), codes]).mean(), abs=1e-12)


def test_parts_of_wrong_votes_add_up():
    votes, codes = RNG.integers(3, size=(7, 50)), RNG.integers(3, size=50)
    parts = zero_one_decomposition(votes, codes)
    assert parts.bias + parts.variance == pytest.approx((votes != codes).mean(), abs=1e-12)
    assert zero_one_decomposition(np.tile(codes, (4, 1)), codes).risk == 0


def test_the_double_descent_of_least_squares_is_its_formula():
    rows, draws = 60, 80
    for columns in (30, 120):
        errors = []
        for _ in range(draws):
            x, beta = RNG.normal(size=(rows, columns)), RNG.normal(size=columns)
            beta /= np.linalg.norm(beta)
            found = np.linalg.lstsq(x, x @ beta + 0.5 * RNG.normal(size=rows), rcond=None)[0]
            errors.append(((found - beta) ** 2).sum())
        theory = ridgeless_risk(rows, np.array([columns]), 1.0, 0.5)[0]
        assert abs(np.mean(errors) - theory) < 4 * np.std(errors) / np.sqrt(draws)


def test_the_published_anchors_of_the_formula():
    found = ridgeless_risk(60, np.array([30, 54, 80, 120, 240, 600]), 1.0, 0.5)
    np.testing.assert_allclose(found, [0.2586, 2.700, 1.040, 0.754, 0.8338, 0.928], atol=1e-3)


def test_dropped_inputs_of_a_line_are_a_ridge():
    """Masks m / (1 − p) on the columns: the expected loss is least squares with a ridge p / (1 − p) diag(X'X)."""
    x, share = RNG.normal(size=(50, 3)), 0.3
    y = x @ [1.0, -2.0, 0.5] + 0.1 * RNG.normal(size=50)
    gram, moment = np.zeros((3, 3)), np.zeros(3)
    for _ in range(4000):
        dropped = x * (RNG.random((50, 3)) >= share) / (1 - share)
        gram, moment = gram + dropped.T @ dropped, moment + dropped.T @ y
    ridge = np.linalg.solve(x.T @ x + share / (1 - share) * np.diag(np.diag(x.T @ x)), x.T @ y)
    np.testing.assert_allclose(np.linalg.solve(gram, moment), ridge, rtol=0.01)
