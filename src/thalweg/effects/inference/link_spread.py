"""How far other links, which the observed cells do not contradict, would put the effects of unobserved combinations.

A link is an assumption about cells that were not run, and a few cells cannot tell one curve from another: with as many
cells as parameters every curve goes through all of them. So the means of the observed cells, which need no link, are
fitted by curves of several shapes, with and without a floor; whichever the χ² of its misfit does not reject at 5 % may
be true, and its answer for an unobserved combination, less that of the link that was used, is what the choice of the
link leaves open. Parameters are those of an average unit here: the differences between links are those of their shapes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import least_squares
from scipy.special import expit
from scipy.stats import chi2

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.effects.experiment.experiment import Experiment
from thalweg.effects.inference.intervals import influence, mean_score
from thalweg.effects.inference.specification import received_probability
from thalweg.effects.links.link import Link
from thalweg.effects.links.named_links import PRODUCTS

LEVEL: Final = 0.05
HOLD: Final = 0.05  # pull of parameters to zero, in standard errors per unit: it decides what the cells leave open
Function = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, slots=True)
class Shape:
    """A curve and its slope."""

    value: Function
    slope: Function


SHAPES: Final[dict[str, Shape]] = {
    "sigmoid": Shape(expit, lambda u: expit(u) * expit(-u)),
    "complementary log-log": Shape(
        lambda u: -np.expm1(-np.exp(np.clip(u, -50.0, 5.0))),
        lambda u: np.exp(np.clip(u, -50.0, 5.0) - np.exp(np.clip(u, -50.0, 5.0))),
    ),
    "log-log": Shape(
        lambda u: np.exp(-np.exp(np.clip(-u, -50.0, 5.0))),
        lambda u: np.exp(np.clip(-u, -50.0, 5.0) - np.exp(np.clip(-u, -50.0, 5.0))),
    ),
    "exponential": Shape(lambda u: np.exp(np.clip(u, -50.0, 20.0)), lambda u: np.exp(np.clip(u, -50.0, 20.0))),
    "linear": Shape(lambda u: u, np.ones_like),
}
_UNSCALED: Final = ("exponential", "linear")
FLOORS: Final = (0.5, 0.9)  # shares of the least cell mean


@dataclass(frozen=True, slots=True, eq=False)
class LinkSpread:
    """What the choice of the link leaves open.

    Parameters
    ----------
    names
        Links that the observed cells do not contradict.
    differences
        Their answers less those of the link that was used [K L]; zero for observed combinations.
    """

    names: tuple[str, ...]
    differences: FloatArray

    def doubt(self, target: int, other: int | None = None) -> float:
        """Return the largest difference for a target, or for a target less another."""
        apart = self.differences[:, target] - (0.0 if other is None else self.differences[:, other])
        return float(np.abs(apart).max(initial=0.0))


def link_spread(
    cells: IntArray, means: FloatArray, covariance: FloatArray, targets: IntArray, baseline: IntArray, link: Link
) -> LinkSpread:
    """Fit every shape to the means of the cells and compare what they say about the targets.

    Parameters
    ----------
    cells, means, covariance
        Observed combinations [J m], their mean outcomes [J] and the covariance of these [J J].
    targets, baseline
        Combinations asked about [L m], and the one effects are measured against [m].
    link
        The link that was used.

    Examples
    --------
    >>> from thalweg.effects.links.link import LINKS
    >>> cells, asked = np.array([[0, 0], [1, 0], [0, 1]]), np.array([[0, 0], [1, 1]])
    >>> means, covariance = np.array([1.0, 2.0, 3.0]), 1e-4 * np.eye(3)
    >>> found = link_spread(cells, means, covariance, asked, cells[0], LINKS["linear"])
    >>> "exponential" in found.names, found.doubt(0), 1.5 < found.doubt(1) < 2.5
    (True, 0.0, True)
    """
    values, vectors = np.linalg.eigh(covariance)
    root = (vectors / np.sqrt(np.maximum(values, max(1e-6 * float(values.max()), 1e-300)))).T
    asked = np.vstack([targets, baseline])
    answers, reference = dict[str, FloatArray](), np.zeros(len(targets))
    for place, one in enumerate(_candidates(means, link)):
        found, rejected = _fitted(one, cells, means, root, asked)
        if found is None:
            continue
        if place == 0:
            reference = found[:-1] - found[-1]
        if not rejected:
            answers[one.name] = found[:-1] - found[-1]
    seen = (targets[:, None] == cells[None]).all(axis=2).any(axis=1)
    differences = np.array([np.where(seen, 0.0, one - reference) for one in answers.values()])
    return LinkSpread(tuple(answers), differences.reshape(len(answers), len(targets)))


def spread_over_links(
    experiment: Experiment, unstructured: FloatArray, targets: IntArray, baseline: IntArray, link: Link
) -> LinkSpread:
    """Return what the choice of the link leaves open, from AIPW scores of observed cells against the baseline [N J].

    Examples
    --------
    >>> from thalweg.effects.experiment.simulate import simulate
    >>> from thalweg.effects.links.link import LINKS
    >>> experiment, _ = simulate(0, rows=600, treatments=2)
    >>> scores = np.zeros((600, 4))
    >>> spread_over_links(experiment, scores, experiment.cells, experiment.cells[0], LINKS["full"]).names
    ()
    """
    if link.features == PRODUCTS or (targets[:, None] == experiment.cells[None]).all(axis=2).any(axis=1).all():
        return LinkSpread((), np.zeros((0, len(targets))))
    mine = experiment.received == int(np.flatnonzero((experiment.cells == baseline).all(1))[0])
    weights = np.ones(len(experiment)) if experiment.weights is None else experiment.weights
    inverse = np.where(mine, 1.0 / received_probability(experiment), 0.0)
    mean = float(np.average(experiment.y, weights=weights * inverse))
    base = mean + inverse * (experiment.y - mean) / float(np.average(inverse, weights=weights))
    scores = unstructured + base[:, None]
    rows = influence(scores, experiment.clusters, experiment.weights)
    means = mean_score(scores, experiment.weights)
    return link_spread(experiment.cells, means, rows.T @ rows, targets, baseline, link)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A shape with a scale and a floor, either of them None if the cells are to say it."""

    name: str
    shape: Shape
    scale: float | None
    floor: float | None


def _candidates(means: FloatArray, link: Link) -> Iterator[_Candidate]:
    """Return the link that was used, then others: the same with other floors, and other shapes."""
    own = link.curve.name
    name = {"identity": "linear"}.get(own, own)
    scale = None if link.scaled else link.height
    yield _Candidate(name, SHAPES.get(name, Shape(link.curve.value, link.curve.slope)), scale, link.low)
    for other, shape in SHAPES.items():
        if other != name and (other != "exponential" or means.min() > 0.0):
            yield _Candidate(
                other, shape, 1.0 if other in _UNSCALED else scale, 0.0 if other in _UNSCALED else link.low
            )
    if link.scaled:
        yield _Candidate("sigmoid with a floor", SHAPES["sigmoid"], None, None)
        for share in FLOORS if means.min() > 0.0 else ():
            yield _Candidate(
                f"sigmoid above {share:g} of the least mean", SHAPES["sigmoid"], None, share * float(means.min())
            )


def _fitted(
    one: _Candidate, cells: IntArray, means: FloatArray, root: FloatArray, asked: IntArray
) -> tuple[FloatArray | None, bool]:
    """Return the answers of a candidate [L + 1], None if the cells do not determine it, and whether they reject it."""
    design, wanted = (np.column_stack([np.ones(len(c)), c]).astype(np.float64) for c in (cells, asked))
    width, scaled = design.shape[1], one.scale is None
    count = width + int(scaled) + int(one.floor is None)
    if count > len(cells):
        return None, True
    size, lowest = float(np.ptp(means)) or 1.0, float(means.min())

    def answer(theta: FloatArray, rows: FloatArray) -> FloatArray:
        scale = size * np.exp(theta[width]) if one.scale is None else one.scale
        floor = lowest - size * np.exp(theta[-1]) if one.floor is None else one.floor
        return np.asarray(floor + scale * one.shape.value(rows @ theta[:width]))

    def misfit(theta: FloatArray) -> FloatArray:
        return np.concatenate([root @ (answer(theta, design) - means), HOLD * theta[1:]])

    def slopes(theta: FloatArray) -> FloatArray:
        index = design @ theta[:width]
        scale = size * np.exp(theta[width]) if one.scale is None else one.scale
        columns = [scale * one.shape.slope(index)[:, None] * design]
        columns += [scale * one.shape.value(index)[:, None]] if one.scale is None else []
        columns += [np.full((len(means), 1), -size * np.exp(theta[-1]))] if one.floor is None else []
        pull = HOLD * np.eye(count)[1:]
        return np.vstack([root @ np.concatenate(columns, axis=1), pull])

    best, least = None, np.inf
    for start in _starts(one, design, means, size):
        found = least_squares(misfit, start, jac=slopes, max_nfev=100, x_scale="jac")
        value = float((misfit(found.x)[: len(means)] ** 2).sum())
        if value < least:
            best, least = found.x, value
    if best is None:
        return None, True
    return answer(best, wanted), least > chi2.isf(LEVEL, max(len(means) - count, 1))


def _starts(one: _Candidate, design: FloatArray, means: FloatArray, size: float) -> Iterator[FloatArray]:
    """Return starting values: the index fitted by least squares to what the shape's inverse makes of the means."""
    grid = np.linspace(-6.0, 6.0, 601)
    floor = float(means.min()) - 0.1 * size if one.floor is None else one.floor
    for tail in (np.log(1.1), np.log(2.0), np.log(5.0)) if one.scale is None else (0.0,):
        scale = max(size * np.exp(tail), 1.05 * float(means.max() - floor)) if one.scale is None else one.scale
        share = (means - floor) / scale
        index = share if one.name == "linear" else np.interp(share, one.shape.value(grid), grid)
        theta = np.linalg.lstsq(design, index, rcond=None)[0]
        yield np.concatenate([theta, [np.log(scale / size)] * (one.scale is None), [np.log(0.1)] * (one.floor is None)])
