"""How far an optimiser stopped from its optimum, in the unit that matters: standard errors.

For a log-likelihood with gradient g and Hessian H at the reported coefficients, Cauchy and Schwarz bound the
distance of every contrast c'β from its optimum by the Newton decrement, ``|c'(β - β̂)| ≤ √(g'H⁻¹g) ·
se(c'β̂)``: exactly for least squares, to second order otherwise. "Statistics convergence against optimization
convergence", as one number.
"""

import math
import platform
from dataclasses import dataclass
from importlib.metadata import version
from typing import Final

import numpy as np

from thalweg.base.arrays import FloatArray
from thalweg.linear.numerics.factor import Factor

EXACT: Final = 1e-6
NEGLIGIBLE: Final = 0.01
VISIBLE: Final = 0.3


def verdict_of(error: float) -> str:
    """Return the word for an optimisation error in standard errors.

    Examples
    --------
    >>> verdict_of(1e-8), verdict_of(0.005), verdict_of(0.2), verdict_of(3.0)
    ('exact', 'negligible', 'visible', 'not converged')
    >>> verdict_of(float("nan"))
    'not converged'
    """
    for bound, word in ((EXACT, "exact"), (NEGLIGIBLE, "negligible"), (VISIBLE, "visible")):
        if error < bound:
            return word
    return "not converged"


@dataclass(frozen=True, slots=True)
class Certificate:
    """What is known about one convex fit.

    Parameters
    ----------
    model
        Name of the likelihood.
    rows, columns, rank
        Size of the problem: Σw, the coefficients asked for, and those that can be told apart.
    condition
        Condition number of the centred, scaled design.
    dropped
        Columns left out because earlier ones already say the same.
    decrement
        Newton decrement: bound on the optimisation error of every contrast, in its standard errors; far from the
        optimum the distance to the optimum that was then solved for; infinite if neither can be computed.
    worst, worst_name
        The largest ``|distance to the optimum| / standard error`` of a single coefficient, and whose it is.
    gradient
        Largest absolute derivative of the log-likelihood.
    orthogonality
        Largest |cosine| between the residuals and a column (least squares; else None).
    separation
        "none", or in words what separates the classes.
    ridge
        Penalty ``½ ridge Σ β²`` of the objective; a positive one has a finite optimum also where classes separate.
    unchecked
        Whose estimates these are, where nothing was certified; "" otherwise.
    """

    model: str
    rows: float
    columns: int
    rank: int
    condition: float
    dropped: tuple[str, ...]
    decrement: float
    worst: float
    worst_name: str
    gradient: float
    orthogonality: float | None = None
    separation: str = "none"
    ridge: float = 0.0
    unchecked: str = ""

    @property
    def boundless(self) -> bool:
        """Whether the objective has no finite optimum."""
        return self.separation != "none" and self.ridge == 0

    @property
    def verdict(self) -> str:
        """``"exact"``, ``"negligible"``, ``"visible"`` or ``"not converged"``; ``"not checked"`` of other packages.

        Bounds of the decrement: 10⁻⁶, 0.01 and 0.3 standard errors. A separated likelihood has no optimum, so
        its fit is never converged.
        """
        if self.unchecked:
            return "not checked"
        return "not converged" if self.boundless else verdict_of(self.decrement)

    def sentence(self) -> str:
        """Return the certificate in plain words.

        Examples
        --------
        >>> c = Certificate("logistic", 100, 3, 3, 2.0, (), 0.002, 0.001, "age", 1e-3, None, "none")
        >>> c.sentence()
        'Optimisation error at most 0.002 standard errors of any coefficient (negligible).'
        """
        if self.unchecked:
            return self.unchecked
        if self.boundless:
            return f"Not converged: {self.separation}, so the likelihood has no finite maximum."
        words = f"Optimisation error at most {self.decrement:.2g} standard errors of any coefficient"
        if self.verdict == "not converged":
            if not math.isfinite(self.worst):
                return "Not converged: so far from the optimum that its distance cannot be computed."
            far = f"{self.worst_name} is about {self.worst:.2g} standard errors from its optimum"
            return f"Not converged: {far}."
        lost = f" {len(self.dropped)} collinear: {', '.join(self.dropped)}." if self.dropped else ""
        held = "" if self.separation == "none" else f" {self.separation}; the ridge alone keeps coefficients finite."
        return f"{words} ({self.verdict}).{lost}{held}"

    def versions(self) -> dict[str, str]:
        """Return the versions that produced the numbers."""
        packages = ("numpy", "scipy")
        return {"python": platform.python_version()} | {name: version(name) for name in packages}


def certify_residuals(
    factor: Factor, labels: tuple[str, ...], gradient: FloatArray, *, rss: float, best: float, floor: float
) -> Certificate:
    """Return the certificate of a least-squares fit.

    Parameters
    ----------
    factor
        Of the design.
    labels
        Names of the constant and of all columns, [1 + D].
    gradient
        ``-A'Wr`` of the constant, if there is one, and the kept columns.
    rss, best
        Weighted sum of squared residuals of the fit, and at the optimum.
    floor
        What a mean square of rounding is at least.

    Examples
    --------
    >>> from thalweg.linear.least_squares import fit_least_squares
    >>> factor = fit_least_squares([[0.0], [1.0], [3.0]], [0.0, 1.0, 2.0]).factor
    >>> certify_residuals(factor, ("Intercept", "x"), np.zeros(2), rss=0.07, best=0.07, floor=0.0).verdict
    'exact'
    """
    kept = np.concatenate([[0], 1 + factor.kept]) if factor.intercept else 1 + factor.kept
    names = tuple(labels[j] for j in kept)
    variance = max(best / max(1.0, factor.total - len(names)), floor, float(np.finfo(float).tiny))
    coordinates = factor.whiten(gradient)
    standard_errors = np.sqrt(variance * np.diag(factor.inverse()))
    worst, worst_name = worst_error(factor.unwhiten(coordinates), standard_errors, names)
    squares = factor.scale**2 + factor.total * factor.mean**2
    squares = np.concatenate([[factor.total], squares]) if factor.intercept else squares
    lengths = np.sqrt(squares * rss)
    cosines = np.divide(np.abs(gradient), lengths, out=np.zeros_like(lengths), where=lengths > 0)
    return Certificate(
        model="least squares",
        rows=factor.total,
        columns=len(labels) - 1 + factor.intercept,
        rank=len(names),
        condition=factor.condition,
        dropped=tuple(name for name in labels[1:] if name not in names),
        decrement=float(np.linalg.norm(coordinates) / np.sqrt(variance)),
        worst=worst,
        worst_name=worst_name,
        gradient=float(np.abs(gradient).max() / variance),
        orthogonality=float(cosines.max()),
        separation="none",
    )


def worst_error(step: FloatArray, standard_errors: FloatArray, names: tuple[str, ...]) -> tuple[float, str]:
    """Return the largest ``|Newton step| / standard error`` of a coefficient, and its name.

    Parameters
    ----------
    step
        Newton step, shape [K].
    standard_errors
        Classical ones, shape [K].
    names
        K names.

    Examples
    --------
    >>> worst_error(np.array([0.1, -0.4]), np.array([1.0, 2.0]), ("age", "price"))
    (0.2, 'price')
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        errors = np.abs(step) / standard_errors
    errors = np.where(np.isnan(errors), np.where(step == 0, 0.0, np.inf), errors)
    worst = int(errors.argmax())
    return float(errors[worst]), names[worst]
