"""How many patterns a Hopfield network can hold: the theory of many units, and an experiment beside it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.special import erf, erfinv

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_count, check_number
from thalweg.base.machine.free_memory import refuse_oversized
from thalweg.energy.hopfield import Hopfield

if TYPE_CHECKING:
    import pandas as pd

_HIGHEST: Final = 1e6  # of loads; no rule recalls patterns beyond 1


@dataclass(frozen=True, slots=True, eq=False)
class CapacityCurve:
    """Overlaps of recalled patterns by load, measured and in theory.

    Parameters
    ----------
    rule, units, flips
        What was tried: the rule, D, and the share of units that the probes had wrong.
    loads
        α = M/D [n].
    overlap, overlap_error
        Mean overlap of the recalled state with its pattern, and its standard error over networks [n].
    exact
        Share of patterns recalled without a wrong unit [n].
    theory
        Overlap of Hebb's rule for D → ∞ from the pattern itself [n]; NaN above the critical load and for other rules.

    Examples
    --------
    >>> capacity_curve(100, [0.05], networks=2).overlap.round(1).tolist()
    [1.0]
    """

    rule: str
    units: int
    flips: float
    loads: FloatArray = field(repr=False)
    overlap: FloatArray = field(repr=False)
    overlap_error: FloatArray = field(repr=False)
    exact: FloatArray = field(repr=False)
    theory: FloatArray = field(repr=False)

    def frame(self) -> "pd.DataFrame":
        """Return the curve, a row per load."""
        import pandas as pd  # noqa: PLC0415 - only frames need it

        names = ("overlap", "overlap_error", "exact", "theory")
        return pd.DataFrame({"load": self.loads, **{name: getattr(self, name) for name in names}})


def critical_load() -> tuple[float, float]:
    """Return the largest load α_c of Hebb's rule at which patterns stay states of rest, and the overlap there.

    α_c = max over y of ½ (erf(y)/y − (2/√π) exp(−y²))² = 0.1379, and m = erf(y) = 0.9674.

    Returns
    -------
    load, overlap
        α_c in patterns per unit, and m.

    Notes
    -----
    Amit, Gutfreund & Sompolinsky (1985), Physical Review Letters 55, 1530, at zero temperature without breaking of the
    symmetry of replicas.

    Examples
    --------
    >>> tuple(round(value, 4) for value in critical_load())
    (0.1379, 0.9674)
    """
    best = minimize_scalar(lambda y: -_load_of(y), bounds=(0.5, 5.0), method="bounded", options={"xatol": 1e-10})
    return float(-best.fun), float(erf(best.x))


def hebbian_overlap(load: float) -> float:
    """Return the overlap m(α) of the state of rest near a pattern, for many units; NaN above the critical load.

    It is erf(y) with the largest y for which erf(y) = y (√(2α) + (2/√π) exp(−y²)).

    Parameters
    ----------
    load
        α = M/D.

    Returns
    -------
    float
        m between 0.967 and 1.

    Raises
    ------
    SettingError
        If the load is not above zero.

    Notes
    -----
    Amit, Gutfreund & Sompolinsky (1985), Physical Review Letters 55, 1530.

    Examples
    --------
    >>> round(hebbian_overlap(0.1), 3)
    0.998
    """
    check_number("load", load, low=0, open_low=True)
    critical, overlap = critical_load()
    if load > critical:
        return math.nan
    peak = float(erfinv(overlap))
    return float(erf(brentq(lambda y: _load_of(y) - load, peak, 1.0 / math.sqrt(2.0 * load) + 1.0)))


def _load_of(y: float) -> float:
    """Return the load at which y solves the equation of the overlap; falls for y above its peak."""
    return 0.5 * float(erf(y) / y - 2.0 / math.sqrt(math.pi) * math.exp(-y * y)) ** 2


def capacity_curve(
    units: int,
    loads: Sequence[float],
    *,
    rule: str = "hebb",
    flips: float = 0.0,
    networks: int = 4,
    probes: int = 40,
    sweeps: int = 200,
    seed: int = 0,
) -> CapacityCurve:
    """Store random patterns at several loads and try to recall them.

    Parameters
    ----------
    units
        D.
    loads
        α = M/D to try; M is rounded to whole patterns.
    rule
        As for :class:`~thalweg.energy.hopfield.Hopfield`.
    flips
        Share of units turned in every probe.
    networks
        Networks of random patterns for each load.
    probes
        At most so many patterns of each are recalled.
    sweeps
        At most so many sweeps.
    seed
        Names the patterns and orders.

    Returns
    -------
    CapacityCurve
        Beside the theory. Networks of a few hundred units forget more smoothly than it says, and spread much near the
        critical load.

    Raises
    ------
    SettingError
        If a setting makes no sense.

    Examples
    --------
    >>> curve = capacity_curve(200, [0.05, 0.3], networks=2, probes=10)
    >>> bool(curve.overlap[0] > 0.99 > curve.overlap[1])
    True
    """
    check_count("units", units)
    check_number("flips", flips, low=0, high=1)
    check_count("networks", networks)
    check_count("probes", probes)
    check_count("seed", seed, low=0)
    overlaps, exact = np.zeros((len(loads), networks)), np.zeros((len(loads), networks))
    for place, load in enumerate(loads):
        count = max(1, round(check_number("load", load, low=0, high=_HIGHEST, open_low=True) * units))
        needs = {f"{count:,} patterns of {units:,} units": 16 * count * units, "their weights": 16 * units**2}
        refuse_oversized(needs, "Ask for fewer units or lower loads.")
        for network in range(networks):
            generator = np.random.default_rng([seed, place, network])
            patterns = 2.0 * generator.integers(0, 2, (count, units)) - 1.0
            wanted = patterns[:probes]
            turned = generator.random(wanted.shape).argsort(axis=1) < round(flips * units)
            memory = Hopfield(rule).store(patterns)
            found = memory.recall(np.where(turned, -wanted, wanted), sweeps=sweeps, seed=seed + network)
            overlap = np.einsum("kd,kd->k", found.states, wanted) / units
            overlaps[place, network], exact[place, network] = overlap.mean(), (overlap > 1 - 1 / units).mean()
    error = overlaps.std(axis=1, ddof=1) / math.sqrt(networks) if networks > 1 else np.full(len(loads), math.nan)
    theory = [hebbian_overlap(load) if rule == "hebb" else math.nan for load in loads]
    return CapacityCurve(
        rule,
        units,
        flips,
        np.asarray(loads, dtype=np.float64),
        overlaps.mean(axis=1),
        error,
        exact.mean(axis=1),
        np.array(theory),
    )
