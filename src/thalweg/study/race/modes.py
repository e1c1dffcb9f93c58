"""Gradient descent with momentum on a quadratic, eigenvalue by eigenvalue: rates that algebra gives exactly.

On f(x) = ½ (x − x*)ᵀ H (x − x*) the method v ← β v + g, x ← x − α v acts on the coordinate along an eigenvector of
eigenvalue λ as the matrix R = [[β, λ], [−αβ, 1 − αλ]] on (v, x) (Goh 2017, *Why Momentum Really Works*). Its
determinant is β, so that complex eigenvalues have modulus √β; the page itself prints 2√β, which is not so.
"""

from dataclasses import dataclass

import numpy as np

from thalweg.base.arrays import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Modes:
    """How fast each eigenvector's error shrinks.

    Parameters
    ----------
    eigenvalues
        Of the Hessian, above 0, ascending [K].
    step, momentum
        α and β that are best for momentum on this spectrum.
    gradient_step
        α that is best without momentum.
    momentum_rates, gradient_rates
        Factor per step of each eigenvector's error [K].
    scaled_steps, momenta
        Axes of the map: αλ [A] and β [B].
    map
        Factor per step at (β, αλ) [B A]; above 1 it diverges.
    """

    eigenvalues: FloatArray
    step: float
    momentum: float
    gradient_step: float
    momentum_rates: FloatArray
    gradient_rates: FloatArray
    scaled_steps: FloatArray
    momenta: FloatArray
    map: FloatArray

    @property
    def condition(self) -> float:
        """κ, the largest eigenvalue by the smallest."""
        return float(self.eigenvalues[-1] / self.eigenvalues[0])

    @property
    def slowest(self) -> tuple[float, float]:
        """The factors per step that the worst eigenvector leaves, without and with momentum."""
        return float(self.gradient_rates.max()), float(self.momentum_rates.max())


def momentum_rate(scaled_step: FloatArray | float, momentum: FloatArray | float) -> FloatArray:
    """Return the factor per step, the spectral radius of R.

    The eigenvalues of R solve σ² − (1 + β − αλ) σ + β = 0. Below 1 for 0 < αλ < 2 + 2β.

    Parameters
    ----------
    scaled_step
        αλ, any shape.
    momentum
        β in [0, 1), any shape that fits.

    Examples
    --------
    >>> momentum_rate(1.0, 0.81).round(6), momentum_rate(0.5, 0.0).round(6)
    (np.float64(0.9), np.float64(0.5))
    """
    middle = 1 + np.asarray(momentum, dtype=np.float64) - scaled_step
    root = np.sqrt(np.asarray(middle**2 - 4 * np.asarray(momentum), dtype=np.complex128))
    found: FloatArray = np.maximum(np.abs(middle + root), np.abs(middle - root)) / 2
    return found


def modes_of(hessian: FloatArray, points: int = 41) -> Modes:
    """Return the modes of a quadratic with the steps that are best for its spectrum.

    Without momentum α = 2 / (λ₁ + λ_K) and every error shrinks at least by (κ − 1) / (κ + 1) a step; with it
    α = (2 / (√λ₁ + √λ_K))², β = ((√λ_K − √λ₁) / (√λ_K + √λ₁))², and the factor is (√κ − 1) / (√κ + 1) (Polyak 1964).

    Parameters
    ----------
    hessian
        Symmetric, positive semi-definite [K K]; directions without curvature are left out, as nothing moves there.
    points
        Of the map along each axis.

    Returns
    -------
    Modes
        Rates by eigenvector, and the map.

    Examples
    --------
    >>> modes = modes_of(np.diag([1.0, 100.0]))
    >>> [round(rate, 5) for rate in modes.slowest]
    [0.9802, 0.81818]
    """
    values = np.linalg.eigvalsh(np.asarray(hessian, dtype=np.float64))
    values = values[values > 1e-10 * max(float(values[-1]), 1e-300)]
    low, high = float(np.sqrt(values[0])), float(np.sqrt(values[-1]))
    step, momentum = (2 / (low + high)) ** 2, ((high - low) / (high + low)) ** 2
    plain = 2 / float(values[0] + values[-1])
    scaled, momenta = np.linspace(0.0, 4.0, points), np.linspace(0.0, 1.0, points)
    return Modes(
        values,
        step,
        momentum,
        plain,
        momentum_rate(step * values, momentum),
        momentum_rate(plain * values, 0.0),
        scaled,
        momenta,
        momentum_rate(scaled[None, :], momenta[:, None]),
    )
