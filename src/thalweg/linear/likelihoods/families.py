"""Likelihoods with canonical links: each owns its checks of the answers, its link, its loss and its separation test.

The one place to write a likelihood. Everything else in this room (regressions, certificates, crowds, paths, searches,
descents) asks a family and knows none by name.
"""

from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
from scipy.special import expit, gammaln, log_softmax

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_choice
from thalweg.base.errors import DataError, row
from thalweg.linear.likelihoods.contract import MeanFamily
from thalweg.linear.likelihoods.costs import RowCost, SoftmaxCost
from thalweg.linear.likelihoods.separation import Separation, binary_rows, find_separation, multinomial_rows


@dataclass(frozen=True, slots=True)
class BinomialFamily:
    """``log(1 + exp η) - y η`` for y in {0, 1}; the mean is ``1 / (1 + exp -η)``."""

    name: str = "logistic"
    outputs: int = 1
    free: int = 1
    separable: bool = True
    bounds: tuple[float, float] = (0.0, 0.25)
    remedy: str = "Drop that column, or predict with fit_logistic, whose ridge keeps coefficients finite."

    def checked(self, y: FloatArray, weights: FloatArray, classes: int | None = None) -> Self:  # noqa: ARG002 - always two
        """Refuse answers that are not 0 and 1, or all alike.

        Raises
        ------
        DataError
            If one is not 0 or 1, naming its row, or only one of them occurs.
        """
        wrong = np.flatnonzero(~np.isin(y, (0.0, 1.0)))
        if len(wrong):
            raise DataError(
                f"The answers must be 0 or 1, got {y[wrong[0]]:g} in row {row(wrong[0])}.",
                "Code the two classes as 0 and 1.",
            )
        present = y[weights > 0]
        if present.min() == present.max():
            raise DataError(
                f"Both answers must occur, all {len(present)} rows have {present[0]:g}.",
                "Use rows of both classes, for example a stratified split.",
            )
        return self

    def lacking(self, y: FloatArray, seen: FloatArray) -> str | None:  # noqa: ARG002 - both must always be there
        """Say that one class is left."""
        return "only one class is left" if seen.min() == seen.max() else None

    def predictors(self, A: FloatArray, theta: FloatArray) -> FloatArray:
        """Return ``A θ``."""
        return A @ theta

    def link(self, mean: float) -> float:
        """Logit."""
        share = np.float64(mean)
        return float(np.log(share / (1 - share)))

    def mean(self, eta: FloatArray) -> FloatArray:
        """Return the probability of a 1."""
        return np.asarray(expit(eta))

    def loss(self, eta: FloatArray, y: FloatArray) -> FloatArray:
        """Return the cross entropy of each row."""
        return np.asarray(np.logaddexp(0.0, eta) - y * eta)

    def curvature(self, eta: FloatArray) -> FloatArray:
        """``p (1 - p)``."""
        return np.asarray(expit(eta) * expit(-eta))

    def constant(self, y: FloatArray) -> FloatArray:
        """Nothing is left out."""
        return np.zeros_like(y)

    def spread(self, y: FloatArray) -> float:
        """``p (1 - p)`` with p the share of ones."""
        return float(y.var())

    def cost(self, A: FloatArray, y: FloatArray, weights: FloatArray, penalty: FloatArray) -> RowCost:
        """Return the cost of the design."""
        return RowCost(self, A, y, weights, penalty)

    def extreme(self, eta: FloatArray) -> float:
        """Largest |η|."""
        return float(np.abs(eta).max())

    def splits(self, eta: FloatArray, y: FloatArray) -> bool:
        """Whether every 1 has a positive η and every 0 a negative one."""
        return bool(np.all(np.where(y > 0, eta, -eta) > 0))

    def margin(self, eta: FloatArray, y: FloatArray) -> FloatArray:
        """η of a 1, and -η of a 0."""
        return np.where(y > 0, eta, -eta)

    def separation(self, A: FloatArray, y: FloatArray) -> Separation | None:
        """Ones on one side, zeros on the other."""
        return find_separation(binary_rows(A, y))


@dataclass(frozen=True, slots=True)
class PoissonFamily:
    """``exp η - y η`` for counts y; the mean is ``exp η``."""

    name: str = "Poisson"
    outputs: int = 1
    free: int = 1
    separable: bool = True
    bounds: tuple[float, float] = (0.0, float("inf"))
    remedy: str = "Drop that column, or the rows it separates."

    def checked(self, y: FloatArray, weights: FloatArray, classes: int | None = None) -> Self:  # noqa: ARG002 - none
        """Refuse answers that cannot be Poisson means: negative, or all 0. Fractions are quasi-likelihood's.

        Raises
        ------
        DataError
            If one is negative, naming its row, or all are 0.
        """
        wrong = np.flatnonzero(y < 0)
        if len(wrong):
            raise DataError(
                f"Counts must not be negative, got {y[wrong[0]]:g} in row {row(wrong[0])}.",
                "Use least squares, or shift.",
            )
        if not y[weights > 0].any():
            raise DataError("All counts are 0.", "There is nothing to explain; check the answer column.")
        return self

    def lacking(self, y: FloatArray, seen: FloatArray) -> str | None:  # noqa: ARG002 - some count must always be there
        """Say that zeros alone are left."""
        return None if seen.any() else "all counts are 0"

    def predictors(self, A: FloatArray, theta: FloatArray) -> FloatArray:
        """Return ``A θ``."""
        return A @ theta

    def link(self, mean: float) -> float:
        """Logarithm."""
        return float(np.log(mean))

    def mean(self, eta: FloatArray) -> FloatArray:
        """Return the expected count."""
        with np.errstate(over="ignore"):
            return np.asarray(np.exp(eta))

    def loss(self, eta: FloatArray, y: FloatArray) -> FloatArray:
        """Negative log-likelihood without log y!; infinite where exp η overflows."""
        with np.errstate(over="ignore"):
            return np.asarray(np.exp(eta) - y * eta)

    def curvature(self, eta: FloatArray) -> FloatArray:
        """Return the expected count."""
        return self.mean(eta)

    def constant(self, y: FloatArray) -> FloatArray:
        """``log y!``."""
        return np.asarray(gammaln(y + 1))

    def spread(self, y: FloatArray) -> float:
        """Return the mean count."""
        return float(y.mean())

    def cost(self, A: FloatArray, y: FloatArray, weights: FloatArray, penalty: FloatArray) -> RowCost:
        """Return the cost of the design."""
        return RowCost(self, A, y, weights, penalty)

    def extreme(self, eta: FloatArray) -> float:
        """How small the smallest mean is: zeros that a column singles out go to -∞."""
        return float(-eta.min())

    def splits(self, eta: FloatArray, y: FloatArray) -> bool:  # noqa: ARG002 - as the others
        """Return False: counts are not told apart by their means."""
        return False

    def margin(self, eta: FloatArray, y: FloatArray) -> FloatArray:
        """-η of a zero; of a positive count any step is a loss."""
        return np.where(y == 0, -eta, -np.abs(eta))

    def separation(self, A: FloatArray, y: FloatArray) -> Separation | None:
        """Zeros whose η can fall while those of positive counts stay."""
        zero = y == 0
        found = find_separation(-A[zero], A[~zero]) if zero.any() else None
        return None if found is None else replace(found, unit="zeros")


@dataclass(frozen=True, slots=True)
class GaussianFamily:
    """``½ (y - η)²``: least squares as a likelihood with variance 1."""

    name: str = "least squares"
    outputs: int = 1
    free: int = 1
    separable: bool = False
    bounds: tuple[float, float] = (1.0, 1.0)
    remedy: str = ""

    def checked(self, y: FloatArray, weights: FloatArray, classes: int | None = None) -> Self:  # noqa: ARG002 - any number
        """Take any answers."""
        return self

    def lacking(self, y: FloatArray, seen: FloatArray) -> str | None:  # noqa: ARG002 - any rows will do
        """Nothing."""
        return None

    def predictors(self, A: FloatArray, theta: FloatArray) -> FloatArray:
        """Return ``A θ``."""
        return A @ theta

    def link(self, mean: float) -> float:
        """Return the mean itself."""
        return mean

    def mean(self, eta: FloatArray) -> FloatArray:
        """η itself."""
        return eta

    def loss(self, eta: FloatArray, y: FloatArray) -> FloatArray:
        """Half the squared error of each row."""
        return np.asarray(0.5 * (y - eta) ** 2)

    def curvature(self, eta: FloatArray) -> FloatArray:
        """1."""
        return np.ones_like(eta)

    def constant(self, y: FloatArray) -> FloatArray:
        """``½ log 2π``."""
        return np.full_like(y, 0.5 * np.log(2 * np.pi))

    def spread(self, y: FloatArray) -> float:  # noqa: ARG002 - as the others
        """1."""
        return 1.0

    def cost(self, A: FloatArray, y: FloatArray, weights: FloatArray, penalty: FloatArray) -> RowCost:
        """Return the cost of the design."""
        return RowCost(self, A, y, weights, penalty)

    def extreme(self, eta: FloatArray) -> float:  # noqa: ARG002 - as the others
        """No fitted value is extreme."""
        return 0.0

    def splits(self, eta: FloatArray, y: FloatArray) -> bool:  # noqa: ARG002 - as the others
        """Return False: numbers are not told apart."""
        return False

    def margin(self, eta: FloatArray, y: FloatArray) -> FloatArray:  # noqa: ARG002 - as the others
        """Any step is a loss."""
        return -np.abs(eta)

    def separation(self, A: FloatArray, y: FloatArray) -> Separation | None:  # noqa: ARG002 - as the others
        """Return None: a minimum always exists."""
        return None


@dataclass(frozen=True, slots=True)
class MultinomialFamily:
    """``log Σ_c exp η_c - η_y`` for classes y in {0, …, C - 1}, every class with its own η.

    Parameters
    ----------
    outputs
        C; 0 until answers have been looked at.
    """

    outputs: int = 0
    name: str = "multinomial logistic"
    separable: bool = True
    bounds: tuple[float, float] = (0.0, 0.5)
    remedy: str = "Drop that column, or predict with fit_multinomial, whose ridge keeps coefficients finite."

    @property
    def free(self) -> int:
        """C - 1: a number added to all classes changes nothing."""
        return self.outputs - 1

    def checked(self, y: FloatArray, weights: FloatArray, classes: int | None = None) -> Self:
        """Refuse codes that are not 0 … C - 1, C the largest and 1 more if not given, or all alike.

        Raises
        ------
        DataError
            If one is no such code, naming its row, or only one class occurs.
        """
        count = classes if classes is not None else int(y.max()) + 1
        wrong = np.flatnonzero((y != np.floor(y)) | (y < 0) | (y >= count))
        if len(wrong):
            raise DataError(
                f"Codes must be whole numbers 0 to {count - 1}, got {y[wrong[0]]:g} in row {row(wrong[0])}.",
                "Number the classes from 0.",
            )
        present = y[weights > 0]
        if present.min() == present.max():
            raise DataError(
                f"At least two classes must occur, all {len(present)} rows have {present[0]:g}.",
                "Use rows of several classes.",
            )
        return replace(self, outputs=count)

    def lacking(self, y: FloatArray, seen: FloatArray) -> str | None:
        """Name a class."""
        lost = np.setdiff1d(np.unique(y), seen)
        return f"class {lost[0]:g} has no rows" if len(lost) else None

    def indicators(self, y: FloatArray) -> FloatArray:
        """Return 1 for each row's own class, shape [N C]."""
        return np.eye(self.outputs)[y.astype(np.int64)]

    def predictors(self, A: FloatArray, theta: FloatArray) -> FloatArray:
        """Return ``A θ``, θ [K C] flat."""
        return A @ theta.reshape(A.shape[1], -1)

    def loss(self, eta: FloatArray, y: FloatArray) -> FloatArray:
        """Return the negative log probability of each row's own class."""
        logs = log_softmax(eta, axis=-1)
        return np.asarray(-logs[..., np.arange(len(y)), y.astype(np.int64)])

    def cost(self, A: FloatArray, y: FloatArray, weights: FloatArray, penalty: FloatArray) -> SoftmaxCost:
        """Return the cost of the design."""
        return SoftmaxCost(A, self.indicators(y), weights, penalty)

    def splits(self, eta: FloatArray, y: FloatArray) -> bool:
        """Whether every row's own class has its largest η."""
        own = self.indicators(y) > 0
        return bool(np.all(eta[own] > np.where(own, -np.inf, eta).max(axis=1)))

    def separation(self, A: FloatArray, y: FloatArray) -> Separation | None:
        """One class against another, told by columns of the design."""
        found = find_separation(multinomial_rows(A, y.astype(np.int64), self.outputs))
        return None if found is None else found.by_class(self.outputs)


BINOMIAL: Final[MeanFamily] = BinomialFamily()
POISSON: Final[MeanFamily] = PoissonFamily()
GAUSSIAN: Final[MeanFamily] = GaussianFamily()
MULTINOMIAL: Final = MultinomialFamily()

FAMILIES: Final[dict[str, MeanFamily | MultinomialFamily]] = {
    "ols": GAUSSIAN,
    "logistic": BINOMIAL,
    "poisson": POISSON,
    "softmax": MULTINOMIAL,
}
"""By the key of :data:`thalweg.linear.models.MODELS`."""


def mean_family(model: str) -> MeanFamily:
    """Return the family of a likelihood with one linear predictor.

    Raises
    ------
    SettingError
        If the model is another.

    Examples
    --------
    >>> mean_family("poisson").name
    'Poisson'
    """
    families = {key: family for key, family in FAMILIES.items() if family.separable}
    known = {key: family for key, family in families.items() if not isinstance(family, MultinomialFamily)}
    return known[check_choice("model", model, tuple(known))]
