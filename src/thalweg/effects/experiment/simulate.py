"""Experiments whose effects are known: the synthetic studies of the literature, and departures from their model.

The outcome is Y = c(x) σ(θ₀ + Σ θ_k t_k) + γ xᵀ B (1, t) + cluster effect + noise, with θ_k = xᵀ a_k (linear), its
cube (cubic), xᵀ |a_k| (positive) or xᵀ a_k / 20 (flat: the curve is hardly bent there), x uniform on [0, 1]^D, a_k
uniform on ±½, c uniform on 10 … 20, noise uniform on ±0.05. With γ = 0 and no clusters this is the validation protocol
of Ye et al. (2025), section 6; γ > 0 is their study of a wrong link.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit
from scipy.stats.qmc import Sobol

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.checks import check_choice, check_count, check_number
from thalweg.effects.experiment.experiment import Experiment

SHAPES = ("linear", "cubic", "positive", "flat")


def standard_cells(treatments: int, *, extra: bool = False) -> IntArray:
    """Return the m + 2 cells of the studies: none, each alone, the first two together; ``extra`` adds all together.

    Examples
    --------
    >>> standard_cells(3).tolist()
    [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0]]
    """
    check_count("treatments", treatments, low=2)
    pair = np.zeros((1, treatments), dtype=np.int64)
    pair[0, :2] = 1
    cells = [np.zeros((1, treatments), dtype=np.int64), np.eye(treatments, dtype=np.int64), pair]
    if extra:
        cells.append(np.ones((1, treatments), dtype=np.int64))
    return np.unique(np.concatenate(cells), axis=0) if treatments == 2 else np.concatenate(cells)


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """A data-generating process with its effects.

    Parameters
    ----------
    index
        Coefficients of θ [D m+1].
    shape
        ``linear``, ``cubic``, ``positive`` or ``flat``.
    scale, scale_slope
        c(x) = scale (1 + slope (2 x₁ − 1)).
    wrong
        Coefficients of the part the link cannot express [D m+1], γ included.
    noise
        Half-width of the uniform noise.
    silent
        Numbers of treatments, counted from 0, without any effect.

    Examples
    --------
    >>> _, truth = simulate(0, rows=10, treatments=2)
    >>> truth.effects(np.array([[0, 0], [1, 1]]), draws=1024)[0]
    np.float64(0.0)
    """

    index: FloatArray
    shape: str
    scale: float
    scale_slope: float
    wrong: FloatArray
    noise: float
    silent: tuple[int, ...] = ()

    def parameters(self, x: FloatArray) -> FloatArray:
        """Return θ(x) [N m+1]."""
        theta = x @ self.index
        if self.shape == "cubic":
            theta = theta**3
        theta[:, [k + 1 for k in self.silent]] = 0.0
        return theta

    def scales(self, x: FloatArray) -> FloatArray:
        """Return c(x) [N]."""
        return self.scale * (1.0 + self.scale_slope * (2.0 * x[:, 0] - 1.0))

    def means(self, x: FloatArray, cells: IntArray) -> FloatArray:
        """Return E[Y | x, t] for every combination [N L]."""
        design = np.concatenate([np.ones((len(cells), 1)), cells], axis=1)
        mean = self.scales(x)[:, None] * expit(self.parameters(x) @ design.T)
        return np.asarray(mean + (x @ self.wrong) @ design.T)

    def effects(self, cells: IntArray, *, draws: int = 1 << 16, seed: int = 0) -> FloatArray:
        """Return the population's mean outcome under each combination, less that of the first [L].

        The mean over x is taken at scrambled Sobol points, so that its error is far below any standard error.
        """
        points = Sobol(len(self.index), rng=np.random.default_rng([seed, 99])).random(draws)
        total = np.zeros(len(cells))
        for block in np.array_split(points, max(1, draws >> 13)):
            total += self.means(block, cells).sum(0)
        return np.asarray((total - total[0]) / draws)


def simulate(
    seed: int,
    *,
    rows: int = 4000,
    treatments: int = 4,
    features: int = 10,
    shape: str = "linear",
    noise: float = 0.05,
    cells: IntArray | None = None,
    scale_slope: float = 0.0,
    misfit: float = 0.0,
    silent: tuple[int, ...] = (),
    cluster_rows: int = 1,
    cluster_share: float = 0.0,
    whole_clusters: bool = False,
    last_rate: float = 0.0,
) -> tuple[Experiment, Truth]:
    """Draw an experiment and its truth.

    Parameters
    ----------
    seed
        Decides everything.
    rows, treatments, features
        N, m and D.
    shape
        How θ depends on x, see the module.
    noise
        Half-width of the uniform noise.
    cells
        Combinations that are run, equally often; None for :func:`standard_cells`.
    scale_slope
        How far c varies between units: ±slope around its mean.
    misfit
        γ, the weight of the part that the generalised sigmoid cannot express.
    silent
        Treatments without effect.
    cluster_rows, cluster_share
        Rows per cluster, and the share of the noise variance that a cluster has in common.
    whole_clusters
        Whether the rows of a cluster receive the same combination.
    last_rate
        Rate of an exponential law of the last covariate in the sample; the truth stays that of the uniform
        population. 0 for a sample like the population.

    Returns
    -------
    tuple
        The experiment, with equal shares of the cells, and the truth.

    Raises
    ------
    SettingError
        If a number makes no sense, or there is no such shape.

    Examples
    --------
    >>> experiment, truth = simulate(0, rows=60)
    >>> experiment.counts.sum(), truth.effects(experiment.cells, draws=1024).shape
    (np.int64(60), (6,))
    """
    check_count("seed", seed, low=0)
    check_count("rows", rows)
    check_count("features", features)
    check_count("cluster_rows", cluster_rows)
    check_choice("shape", shape, SHAPES)
    check_number("noise", noise, low=0.0, open_low=True)
    rng = np.random.default_rng([seed, 1])
    index = rng.uniform(-0.5, 0.5, (features, treatments + 1))
    if shape == "positive":
        index[:, 1:] = np.abs(index[:, 1:])
    if shape == "flat":
        index /= 20.0
    scale = float(rng.uniform(10.0, 20.0))
    wrong = misfit * rng.uniform(-0.5, 0.5, (features, treatments + 1))
    truth = Truth(index, shape, scale, scale_slope, wrong, noise, silent)
    cells = standard_cells(treatments) if cells is None else np.asarray(cells, dtype=np.int64)
    x = rng.uniform(size=(rows, features))
    if last_rate > 0.0:
        x[:, -1] = -np.log1p(-x[:, -1]) / last_rate
    received = rng.integers(0, len(cells), rows)
    clusters = np.arange(rows) // cluster_rows if cluster_rows > 1 else None
    if clusters is not None and whole_clusters:
        received = received[clusters * cluster_rows]
    error = rng.uniform(-noise, noise, rows) * np.sqrt(1.0 - cluster_share)
    if clusters is not None:
        error += np.sqrt(cluster_share) * rng.uniform(-noise, noise, clusters[-1] + 1)[clusters]
    y = truth.means(x, cells)[np.arange(rows), received] + error
    shares = np.full(len(cells), 1.0 / len(cells))
    return Experiment(x, y, cells, received, shares, clusters), truth
