import numpy as np
import pytest

from thalweg.study.attribution.knockoffs import gaussian_knockoffs, q_values


def correlated(count, rho, rows, seed=0):
    sigma = rho ** np.abs(np.subtract.outer(np.arange(count), np.arange(count)))
    return sigma, np.random.default_rng(seed).normal(size=(rows, count)) @ np.linalg.cholesky(sigma).T


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9])
def test_knockoffs_are_correlated_as_the_columns_are_and_swap_with_them(rho):
    sigma, x = correlated(6, rho, 20_000)
    joint = np.cov(np.hstack([x, gaussian_knockoffs(x, 1, sigma)]).T)
    near = 0.05  # four standard errors of a covariance from 20 000 rows
    np.testing.assert_allclose(joint[6:, 6:], sigma, atol=near)
    np.testing.assert_allclose((joint[:6, 6:] - sigma)[~np.eye(6, dtype=bool)], 0, atol=near)
    assert (np.diag(joint[:6, 6:]) < 1 - 0.5 * np.linalg.eigvalsh(sigma)[0]).all()


def test_scales_and_centres_are_kept():
    _, x = correlated(3, 0.4, 5000)
    copies = gaussian_knockoffs(100 + x * [1.0, 50.0, 0.01], 2)
    np.testing.assert_allclose(copies.std(axis=0), x.std(axis=0) * [1.0, 50.0, 0.01], rtol=0.05)
    np.testing.assert_allclose(copies.mean(axis=0) / [1.0, 50.0, 0.01], 100 / np.array([1.0, 50.0, 0.01]), atol=0.1)


def selected(statistics, q):
    """The filter as it is defined: the smallest threshold whose estimate is at most q."""
    for t in np.sort(np.abs(statistics[statistics != 0])):
        if (1 + (statistics <= -t).sum()) / max(1, (statistics >= t).sum()) <= q:
            return statistics >= t
    return np.zeros(len(statistics), dtype=bool)


def test_q_values_select_what_the_filter_selects():
    rng = np.random.default_rng(0)
    for _ in range(50):
        statistics = rng.normal(0.7, 1, 25).round(1)
        found = q_values(statistics)
        for q in (0.05, 0.1, 0.2, 0.35, 0.5):
            np.testing.assert_array_equal(found <= q, selected(statistics, q))


def test_linear_statistics_keep_the_false_discovery_rate():
    """60 tables of 30 correlated columns of which 10 matter; importance is a ridge coefficient."""
    rng, shares, powers = np.random.default_rng(1), [], []
    for table in range(60):
        _, x = correlated(30, 0.5, 300, table)
        truth = rng.permutation(30)[:10]
        y = x[:, truth] @ rng.choice([-0.4, 0.4], 10) + rng.normal(size=300)
        doubled = np.hstack([x, gaussian_knockoffs(x, table)])
        size = np.abs(np.linalg.solve(doubled.T @ doubled + 30 * np.eye(60), doubled.T @ y))
        chosen = np.flatnonzero(q_values(size[:30] - size[30:]) <= 0.2)
        shares.append(np.mean(~np.isin(chosen, truth)) if len(chosen) else 0.0)
        powers.append(np.isin(truth, chosen).mean())
    assert np.mean(shares) <= 0.2 + 2 * np.std(shares) / np.sqrt(60)
    assert np.mean(powers) > 0.5
