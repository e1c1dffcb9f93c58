"""The loss around trained networks, without and with skip connections, on planes of filter-normalised directions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.checks import check_count
from thalweg.base.errors import TrainingError, setting
from thalweg.base.seeds import derived_seed
from thalweg.net.activation import Activation
from thalweg.net.dense import Dense
from thalweg.net.init import He, Normal, Zeros
from thalweg.net.residual import Residual
from thalweg.net.spec import Network
from thalweg.optim.adam import Adam
from thalweg.study.sample import StudySample
from thalweg.study.surfaces.contours import Piece, contour_pieces
from thalweg.study.surfaces.directions import filter_directions
from thalweg.study.surfaces.spectrum import Curvature, hessian_product, spectrum_of
from thalweg.study.watching import Told, train
from thalweg.train.many_losses import ManyLosses
from thalweg.train.population import Member

PLANES: Final = 3
POINTS: Final = 31
SPAN: Final = 1.0  # of a unit's own length, to each side
CURVED: Final = 0.02  # share of the larger curvature that the other must be below zero to count as curving down
LEVELS: Final = 8
MOST_ROWS: Final = 512
CURVATURE_ROWS: Final = 256
LEAST_SKIPPED: Final = 3  # hidden layers of one width from which skip connections are tried too


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """One kind of network and the loss around its trained members.

    Parameters
    ----------
    name
        "without skips" or "with skips".
    training
        Loss of every trained network on all rows [S]; infinite where it diverged.
    shown
        Number of the network whose surroundings are drawn, that of the median loss.
    ticks
        Grid lines of either axis [G], in lengths of the weights.
    planes
        Losses on planes around it [K G G].
    contours
        Lines of equal loss on the first plane, for some levels.
    levels
        Those levels.
    down
        Share of each plane's inner points where the loss curves down in some direction of the plane, by network and
        plane [S K].
    highest
        Largest loss on each plane, by network and plane [S K].
    spectrum
        Curvature at the network that is drawn.
    """

    name: str
    training: FloatArray
    shown: int
    ticks: FloatArray
    planes: FloatArray
    contours: tuple[tuple[Piece, ...], ...]
    levels: FloatArray
    down: FloatArray
    highest: FloatArray
    spectrum: Curvature


@dataclass(frozen=True, slots=True, eq=False)
class LandscapeStudy:
    """Surfaces side by side.

    Parameters
    ----------
    table, target, loss_name
        On what, and what was minimised.
    rows, parameters
        Rows the loss is measured on, and parameters of a network.
    network
        It in words.
    epochs
        Passes over the rows.
    surfaces
        Without skip connections and, if there are enough layers of one width, with them.
    """

    table: str
    target: str
    loss_name: str
    rows: int
    parameters: int
    network: str
    epochs: int
    surfaces: tuple[Surface, ...]

    @property
    def sentence(self) -> str:
        """How rough the surroundings are, and what skip connections change, with ranges over networks."""
        told = " and ".join(f"{_share(surface)} of the points {surface.name}" for surface in self.surfaces)
        seeds, planes = self.surfaces[0].down.shape
        text = f"Around {seeds} trained networks of each kind, on {planes} planes each, the loss curves down at {told}."
        return f"{text} The largest Hessian eigenvalue of the one drawn is {self._curvatures()}."

    def _curvatures(self) -> str:
        return ", ".join(f"{s.spectrum.top[0]:.3g} {s.name}" for s in self.surfaces)


def _share(surface: Surface) -> str:
    """Return the median share over networks with its range."""
    by_network = np.nanmean(surface.down, axis=1)
    low, high = np.nanmin(by_network), np.nanmax(by_network)
    return f"{np.nanmedian(by_network):.0%} ({low:.0%} to {high:.0%})"


def landscape_study(
    sample: StudySample,
    *,
    hidden: Sequence[int] = (16,) * 20,
    activation: str = "relu",
    batch: int = 32,
    epochs: int = 30,
    seeds: int = 8,
    seed: int = 0,
    workers: int | None = 1,
    watch: Told = None,
) -> LandscapeStudy:
    """Train networks and measure the loss around them; grids are evaluated as populations.

    Both kinds of network have the same parameters: with skip connections every hidden layer but the first adds to what
    entered it, and its weights start smaller by the square root of the number of layers.

    Parameters
    ----------
    sample
        The rows; the loss is measured on at most 512 of them.
    hidden, activation
        The network.
    batch, epochs
        Of the training, by Adam at rate 0.001.
    seeds
        Networks of each kind.
    seed
        Names all randomness.
    workers, watch
        Processes, and who is told how far training has come.

    Returns
    -------
    LandscapeStudy
        Planes, contours, shares and curvatures.

    Raises
    ------
    SettingError
        If a setting makes no sense.
    TrainingError
        If every network diverged.

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> from thalweg.study.sample import sample_of
    >>> study = landscape_study(sample_of(pose("example:iris")), hidden=(4, 4, 4), epochs=2, seeds=2)
    >>> [surface.name for surface in study.surfaces], study.surfaces[0].planes.shape
    (['without skips', 'with skips'], (3, 31, 31))
    """
    for name, value in (("batch", batch), ("epochs", epochs), ("seeds", seeds)):
        check_count(name, value)
    few = sample if sample.rows <= MOST_ROWS else sample.some(_spread(sample.rows, MOST_ROWS))
    kinds = {"without skips": deep_network(hidden, activation, skips=False)}
    if len(hidden) >= LEAST_SKIPPED and len(set(hidden)) == 1:
        kinds["with skips"] = deep_network(hidden, activation, skips=True)
    table, rows = sample.table(), np.arange(sample.rows, dtype=np.int32)
    starts = [derived_seed(seed, "init", 17, k) for k in range(seeds)]
    surfaces = []
    for name, network in kinds.items():
        members = [
            Member(network, sample.loss, rows, seed=start, optimizer=Adam(1e-3), batch=batch, epochs=epochs)
            for start in starts
        ]
        fits = train(table, members, f"networks {name}", workers, watch)
        vectors = [fit.parameters.astype(np.float64) if fit.usable else None for fit in fits]
        surfaces.append(_surface(name, network, few, vectors, seed))
    first = next(iter(kinds.values()))
    words = f"{len(hidden)} hidden layers of {'-'.join(map(str, dict.fromkeys(hidden)))} {activation} units"
    count = first.count(sample.x.shape[1], sample.outputs)
    return LandscapeStudy(sample.name, sample.target, sample.loss_name, few.rows, count, words, epochs, tuple(surfaces))


def deep_network(hidden: Sequence[int], activation: str, *, skips: bool) -> Network:
    """Return a network of many layers, without or with skip connections, of the same parameters.

    Parameters
    ----------
    hidden
        Widths; all equal if ``skips``.
    activation
        Its name.
    skips
        Whether every layer but the first is added to what enters it.

    Examples
    --------
    >>> plain, skipped = (deep_network((8, 8, 8), "relu", skips=skips) for skips in (False, True))
    >>> plain.count(4, 1) == skipped.count(4, 1)
    True
    """
    if not hidden:
        return Network()
    layers: list[Dense | Activation | Residual] = [Dense(hidden[0], He(), Zeros())]
    for width in hidden[1:]:
        start = Normal(float(np.sqrt(2 / width / len(hidden)))) if skips else He()
        block = (Activation(activation), Dense(width, start, Zeros()))
        layers += [Residual(block)] if skips else list(block)
    return Network((*layers, Activation(activation)))


def _spread(count: int, most: int) -> IntArray:
    return np.unique(np.linspace(0, count - 1, most).astype(np.int64))


def _surface(
    name: str, network: Network, sample: StudySample, vectors: Sequence[FloatArray | None], seed: int
) -> Surface:
    losses = ManyLosses(network, sample.loss, sample.table())
    training = np.array([np.inf if v is None else losses.losses(v[None])[0] for v in vectors])
    if not np.isfinite(training).any():
        raise TrainingError(f"Every network {name} diverged.", f"Give fewer or narrower layers as {setting('hidden')}.")
    order = np.argsort(training)
    shown = int(order[(int(np.isfinite(training).sum()) - 1) // 2])
    ticks = np.linspace(-SPAN, SPAN, POINTS)
    down, highest = np.full((2, len(vectors), PLANES), np.nan)
    planes = np.empty((PLANES, POINTS, POINTS))
    for number, vector in enumerate(vectors):
        if vector is None or not np.isfinite(training[number]):
            continue
        for k in range(PLANES):
            directions = filter_directions(network, sample.x.shape[1], sample.outputs, vector, seed + 101 * k)
            plane = plane_losses(losses, vector, directions, ticks)
            down[number, k], highest[number, k] = share_down(plane), np.nanmax(plane)
            if number == shown:
                planes[k] = plane
    centre = vectors[shown]
    assert centre is not None
    levels = _levels(planes[0])
    few = _spread(sample.rows, CURVATURE_ROWS)
    product, size = hessian_product(network, sample.loss, centre, sample.x[few], sample.y[few])
    return Surface(
        name,
        training,
        shown,
        ticks,
        planes,
        tuple(contour_pieces(ticks, ticks, planes[0], level) for level in levels),
        levels,
        down,
        highest,
        spectrum_of(product, size, seed),
    )


def plane_losses(
    losses: ManyLosses, centre: FloatArray, directions: tuple[FloatArray, FloatArray], ticks: FloatArray
) -> FloatArray:
    """Return the loss at ``centre + a d₁ + b d₂`` for all pairs of ticks [G G], rows by b, columns by a.

    Examples
    --------
    >>> from thalweg.loss.squared import Squared
    >>> from thalweg.train.population import training_table
    >>> losses = ManyLosses(Network(), Squared(), training_table(np.array([[1.0]]), np.array([0.0])))
    >>> plane_losses(losses, np.zeros(2), (np.array([1.0, 0.0]), np.array([0.0, 1.0])), np.array([0.0, 1.0])).tolist()
    [[0.0, 1.0], [1.0, 4.0]]
    """
    along = ticks[:, None] * directions[0]
    found = np.empty((len(ticks), len(ticks)))
    for row, b in enumerate(ticks):
        found[row] = losses.losses(centre + b * directions[1] + along)
    return found


def share_down(plane: FloatArray) -> float:
    """Return the share of a grid's inner points where it curves down in some direction.

    The smaller eigenvalue of the 2 x 2 matrix of second differences is below −0.02 of the larger one's size.

    Examples
    --------
    >>> t = np.linspace(-1, 1, 9)
    >>> share_down(t[:, None] ** 2 + t**2), share_down(t[:, None] ** 2 - t**2)
    (0.0, 1.0)
    """
    with np.errstate(invalid="ignore", over="ignore"):
        xx = plane[1:-1, 2:] - 2 * plane[1:-1, 1:-1] + plane[1:-1, :-2]
        yy = plane[2:, 1:-1] - 2 * plane[1:-1, 1:-1] + plane[:-2, 1:-1]
        xy = (plane[2:, 2:] - plane[2:, :-2] - plane[:-2, 2:] + plane[:-2, :-2]) / 4
        middle, spread = (xx + yy) / 2, np.sqrt(((xx - yy) / 2) ** 2 + xy**2)
        low, high = middle - spread, middle + spread
    finite = np.isfinite(low) & np.isfinite(high)
    curved = low < -CURVED * np.maximum(np.abs(low), np.abs(high))
    return float((curved & finite).sum() / max(finite.sum(), 1))


def _levels(plane: FloatArray) -> FloatArray:
    """Return levels for contours, evenly on a logarithmic scale."""
    finite = plane[np.isfinite(plane) & (plane > 0)]
    if not len(finite):
        return np.array([])
    low, high = float(finite.min()), float(finite.max())
    return np.geomspace(low, high, LEVELS + 2)[1:-1] if high > low else np.array([])
