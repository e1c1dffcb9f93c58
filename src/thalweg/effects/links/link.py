"""Links G(θ, t): how the parameters of a unit and its treatments make the expected outcome.

Every link is an index passed through a curve: u = φ(t)ᵀθ, G = low + c a(u). The treatments enter by features φ(t)
(1 and t, t alone, or all products), the scale c is fixed at 1, or a parameter. Ye, Zhang, Zhang, Zhang & Zhang
(2025), Management Science, doi:10.1287/mnsc.2024.04625, Assumption 1, list these families; their multiplicative link
θ₀ Π (1 + θ_k t_k) is written here as exp(u) with θ = log(θ₀, 1 + θ_k), the same functions where both are positive.
"""

import itertools
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_choice, check_number
from thalweg.base.errors import SettingError, setting
from thalweg.effects.links.curve import CURVES, NOTHING, SIZE, SIZE_AND_LEVEL, Curve
from thalweg.effects.links.named_links import MAIN, NAMED_LINKS, PRODUCTS, TREATED

KNOWN, COMMON, OWN = "known", "common", "own"
"""Kinds of a scale: fixed by the link, one parameter for all units, one of every unit's own."""


@dataclass(frozen=True, slots=True)
class Units:
    """How the outcome is measured while networks learn: y = low + size · learned."""

    low: float
    size: float


@dataclass(frozen=True, slots=True)
class Link:
    """G(θ, t) = low + height · c · a(φ(t)ᵀ θ).

    Parameters
    ----------
    name
        What it is called.
    curve
        a(u) and its slope.
    features
        ``main`` for φ = (1, t), ``treated`` for φ = t, ``products`` for the products of all subsets of t.
    scaled
        Whether c is a parameter; otherwise c = 1.
    low, height
        Known constants b and a of the sigmoid a σ(u) + b.

    Raises
    ------
    SettingError
        If the features are unknown, or low and height make no sense.

    Examples
    --------
    >>> link = LINKS["sigmoid2"]
    >>> link.index_size(4), link.size(4)
    (5, 6)
    """

    name: str
    curve: Curve
    features: str = MAIN
    scaled: bool = False
    low: float = 0.0
    height: float = field(default=1.0)

    def __post_init__(self) -> None:
        check_choice("features", self.features, (MAIN, TREATED, PRODUCTS))
        check_number("low", self.low)
        check_number("height", self.height)
        if self.height == 0.0:
            raise SettingError(f"{setting('height')} must not be 0, got 0.", "Give the range of the outcome.")

    def index_size(self, treatments: int) -> int:
        """Return the number K of index parameters for m treatments."""
        return {MAIN: treatments + 1, TREATED: treatments, PRODUCTS: 1 << treatments}[self.features]

    def size(self, treatments: int) -> int:
        """Return the number d of parameters per unit, the scale among them."""
        return self.index_size(treatments) + int(self.scaled)

    @property
    def linear(self) -> bool:
        """Whether G is linear in the parameters, so that one regression finds them and any point shows their rank."""
        return self.curve.absorbs == SIZE_AND_LEVEL and not self.scaled

    @property
    def takes_constants(self) -> bool:
        """Whether the ends of the curve lie at constants that may be known, ``low`` and ``low + height``."""
        return bool(np.isfinite(self.curve.limits).all()) and not self.scaled

    @property
    def gives_probability(self) -> bool:
        """Whether G is the probability whose log odds the index is, so that the logistic loss fits it."""
        return self.curve.log_odds and not self.scaled and (self.low, self.height) == (0.0, 1.0)

    def check_outcome(self, y: FloatArray) -> None:
        """Refuse an outcome that the link cannot have.

        Raises
        ------
        SettingError
            If the curve is positive and the mean outcome is not.
        """
        if self.curve.limits == (0.0, np.inf) and y.mean() <= 0.0:
            raise SettingError(
                f"Link {self.name!r} needs a positive outcome, the mean is {y.mean():.4g}.",
                f'Choose {setting("link")}="linear".',
            )

    def units(self, y: FloatArray) -> Units:
        """Return units in which the outcome is of order one and the link keeps its form."""
        if self.scaled or self.curve.absorbs == SIZE:
            level = np.abs(y - self.low).mean()
            return Units(self.low, float(np.copysign(level, (y - self.low).mean() or 1.0)))
        if self.curve.absorbs == NOTHING:
            return Units(self.low, self.height)
        return Units(self.low if self.features == TREATED else float(y.mean()), float(y.std()) or 1.0)

    def design(self, cells: NDArray[np.number]) -> FloatArray:
        """Return φ(t) [J K] for treatment vectors t [J m]."""
        t = np.asarray(cells, dtype=np.float64)
        if self.features == TREATED:
            return t
        if self.features == MAIN:
            return np.concatenate([np.ones((len(t), 1)), t], axis=1)
        columns = range(t.shape[1])
        subsets = itertools.chain.from_iterable(itertools.combinations(columns, k) for k in range(t.shape[1] + 1))
        return np.stack([t[:, list(subset)].prod(axis=1) for subset in subsets], axis=1)

    def value(self, index: FloatArray, scale: FloatArray, design: FloatArray) -> FloatArray:
        """Return G [N J] for index parameters θ [N K], scales c [N] and cells φ [J K]."""
        return self.low + self.height * scale[:, None] * self.curve.value(index @ design.T)

    def gradient(self, index: FloatArray, scale: FloatArray, design: FloatArray) -> FloatArray:
        """Return ∂G/∂(θ, c) [N J K+1]; the last column is the derivative in c, also where c is known to be 1."""
        u = index @ design.T
        slope = self.height * scale[:, None] * self.curve.slope(u)
        by_index = slope[:, :, None] * design[None]
        return np.concatenate([by_index, self.height * self.curve.value(u)[:, :, None]], axis=2)


LINKS: Final = {
    name: Link(name, CURVES[row.curve], features=row.features, scaled=row.scaled) for name, row in NAMED_LINKS.items()
}


def find_link(link: str | Link, *, low: float = 0.0, height: float = 1.0) -> Link:
    """Return a link by name, or the link itself.

    Parameters
    ----------
    link
        One of :data:`LINKS`, or a :class:`Link`.
    low, height
        b and a of the sigmoid a σ(u) + b; other named links have none.

    Raises
    ------
    SettingError
        If there is no link of that name, or it has no such constants.

    Examples
    --------
    >>> find_link("sigmoid", height=10.0).height
    10.0
    """
    if isinstance(link, Link):
        return link
    found = LINKS[check_choice("link", link, sorted(LINKS))]
    if (low, height) == (0.0, 1.0):
        return found
    if not found.takes_constants:
        bounded = " or ".join(f'"{name}"' for name, one in LINKS.items() if one.takes_constants)
        raise SettingError(
            f"Link {found.name!r} takes no {setting('low')} and {setting('height')}.",
            f"Leave them out, or use {setting('link')}={bounded}.",
        )
    return replace(found, low=low, height=height)
