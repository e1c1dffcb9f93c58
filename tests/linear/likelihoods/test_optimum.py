"""Distances to the maximum against 45 digits: ill-conditioned designs, and solvers that diverged."""

import math

import mpmath
import numpy as np
import pytest

from thalweg.linear import certify_likelihood, logistic_regression, multinomial_regression, poisson_regression
from thalweg.linear.numerics.newton import Local, minimise

_DIGITS = 45
_FACTOR = 2.0  # what a bound may lie above or below the truth
_ROUNDING = 1e-11  # in standard errors: of float64's own coefficients, nobody can say more


def _design(kind: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Design of 20 rows and a signal of a few units that its columns carry."""
    random = np.random.default_rng(seed)
    x = random.normal(size=20)
    columns = {
        "far from zero": [x + 1e7, random.normal(size=20)],
        "years": [np.round(2000 + 20 * random.random(20)), (2000 + 20 * random.random(20)) ** 2],
        "near copies": [x, x + 1e-6 * random.normal(size=20)],
        "units": [1e8 * x, 1e-8 * random.normal(size=20)],
        "powers": [10 + x, (10 + x) ** 2, (10 + x) ** 3],
    }[kind]
    return np.column_stack(columns), x


def _answers(model: str, signal: np.ndarray, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed + 1000)
    if model == "logistic":
        return (random.random(20) < 1 / (1 + np.exp(-0.7 * signal))).astype(float)
    return random.poisson(np.exp(0.5 + 0.4 * signal)).astype(float)


def _maximum(model: str, X: np.ndarray, y: np.ndarray) -> tuple[mpmath.matrix, mpmath.matrix]:
    """Coefficients and Hessian at the maximum, Newton's method in 45 digits on centred columns."""
    A = mpmath.matrix(np.column_stack([np.ones(len(X)), X]).tolist())
    Q, R = mpmath.qr(A, mode="skinny")
    theta = mpmath.zeros(R.rows, 1)
    theta[0] = mpmath.log(mpmath.mpf(float(y.mean()))) * R[0, 0] if model == "poisson" else 0
    for _ in range(100):
        eta = Q * theta
        mean = [mpmath.exp(e) if model == "poisson" else 1 / (1 + mpmath.exp(-e)) for e in eta]
        curve = mean if model == "poisson" else [m * (1 - m) for m in mean]
        gradient = Q.T * mpmath.matrix([m - float(a) for m, a in zip(mean, y, strict=True)])
        hessian = Q.T * mpmath.matrix([[c * q for q in row] for c, row in zip(curve, Q.tolist(), strict=True)])
        step = mpmath.lu_solve(hessian, gradient)
        size = mpmath.norm(step)
        theta = theta - step * min(1, 2 / size) if size else theta
        if size < mpmath.mpf(10) ** (-_DIGITS // 2):
            break
    else:
        pytest.fail("the truth was not found")
    return mpmath.lu_solve(R, theta), R.T * hessian * R


def _error(beta: np.ndarray, best: mpmath.matrix, hessian: mpmath.matrix) -> float:
    """Distance in standard errors."""
    away = mpmath.matrix([mpmath.mpf(float(b)) for b in beta]) - best
    return float(mpmath.sqrt((away.T * hessian * away)[0]))


@pytest.mark.parametrize("model", ["logistic", "poisson"])
@pytest.mark.parametrize("kind", ["far from zero", "years", "near copies", "units", "powers"])
def test_errors_of_ill_conditioned_fits_are_told_within_a_factor_of_two_or_refused(model: str, kind: str) -> None:
    refused = 0
    with mpmath.workdps(_DIGITS):
        for seed in range(3):
            X, signal = _design(kind, seed)
            y = _answers(model, signal, seed)
            best, hessian = _maximum(model, X, y)
            fit = (logistic_regression if model == "logistic" else poisson_regression)(X, y)
            assert _error(fit.estimate, best, hessian) < 1e-6, "an estimate is exact"
            assert fit.certificate.verdict == "exact"
            direction = np.random.default_rng(seed).normal(size=len(fit.estimate))
            direction = direction * np.sqrt(np.diag(fit.covariance))
            for size in (1e-7, 1e-3, 0.1, 3.0, 1e3):
                beta = fit.estimate + size * direction
                truth = _error(beta, best, hessian)
                told = certify_likelihood(model, X, y, beta[1:], beta[0])
                if math.isinf(told.decrement):
                    refused += 1
                    assert told.verdict == "not converged"
                    continue
                assert truth / _FACTOR - _ROUNDING <= told.decrement <= truth * _FACTOR + _ROUNDING, (seed, size)
    assert refused <= 3, "most can be told"


_SPREAD = np.random.default_rng(5).normal(size=(200, 2)) @ np.diag([3e4, 10.0]) + np.array([4e4, 40.0])
_BOTH = (np.random.default_rng(6).random(200) < 0.5).astype(float)
_COUNTS = np.random.default_rng(7).poisson(2.0, 200).astype(float)


@pytest.mark.parametrize(
    ("model", "slopes", "constant"),
    [
        ("logistic", [1e5, 0.0], 0.0),
        ("logistic", [-8.3, 4.2e3], 260.0),
        ("logistic", [0.0, 0.0], 800.0),
        ("logistic", [0.0, 0.0], -1e5),
        ("logistic", [1e110, -1e110], 0.0),
        ("poisson", [0.0, 0.0], -800.0),
        ("poisson", [0.0, 0.0], 800.0),
        ("poisson", [1e5, 1e5], 0.0),
        ("poisson", [-1e5, 0.0], 3.0),
        ("poisson", [0.0, 1e90], -1e5),
    ],
)
def test_a_solver_that_diverged_is_never_called_converged(model: str, slopes: list[float], constant: float) -> None:
    told = certify_likelihood(model, _SPREAD, _BOTH if model == "logistic" else _COUNTS, slopes, constant)
    assert told.verdict == "not converged"
    assert told.sentence().startswith("Not converged: ")
    assert told.worst > 1
    assert not math.isnan(told.decrement)
    assert "nan" not in told.sentence()


def test_coefficients_of_a_copy_are_moved_to_the_column_it_copies() -> None:
    X = np.random.default_rng(0).normal(size=(100, 1))
    y = (np.random.default_rng(1).random(100) < 0.5).astype(float)
    fit = logistic_regression(X, y)
    halves = fit.estimate[1] * np.array([0.4, 0.3])
    shared = certify_likelihood("logistic", np.hstack([X, 2 * X]), y, halves, fit.estimate[0])
    assert shared.verdict == "exact"
    assert shared.dropped == ("x2",)


def test_a_function_that_is_nowhere_finite_is_not_converged() -> None:
    class Nowhere:
        def value(self, _: np.ndarray) -> float:
            return float("nan")

        def look(self, _: np.ndarray) -> Local:
            return Local(float("nan"), np.full(2, np.nan), np.full((2, 2), np.nan))

    found = minimise(Nowhere(), np.zeros(2))
    assert math.isinf(found.decrement)
    assert not found.converged


def test_a_multinomial_fit_of_ill_conditioned_columns_is_exact_or_refused() -> None:
    X, _ = _design("near copies", 0)
    fit = multinomial_regression(X, np.arange(20.0) % 3)
    assert fit.certificate.verdict in {"exact", "not converged"}
    assert not math.isnan(fit.certificate.decrement)
