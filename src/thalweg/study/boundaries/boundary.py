"""Decision boundaries by depth: networks on two columns with no, one and two hidden layers, and how they vote."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from sklearn.feature_selection import f_classif

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.checks import check_count
from thalweg.base.errors import DataError, TrainingError
from thalweg.base.seeds import derived_seed
from thalweg.net.spec import Network, mlp
from thalweg.optim.adam import Adam
from thalweg.study.sample import StudySample, halves
from thalweg.study.surfaces.contours import Piece, contour_pieces
from thalweg.study.watching import Told, train
from thalweg.train.population import Member
from thalweg.train.predict import predict_outputs

POINTS: Final = 41
MOST_LINES: Final = 12
MARGIN: Final = 0.05  # of the range of the rows, on each side
LEARNING_RATE: Final = 1e-2
MOST_SHOWN: Final = 300


@dataclass(frozen=True, slots=True, eq=False)
class DepthPanel:
    """Networks of one depth.

    Parameters
    ----------
    hidden
        Widths of the hidden layers.
    votes
        Share of networks for the class, at every point of the grid [G G], rows by the second column.
    lines
        Where some networks change their vote, one set of pieces per network.
    trained, held
        Share of rows each network votes right on [S]: rows it learned from, and others.
    """

    hidden: tuple[int, ...]
    votes: FloatArray
    lines: tuple[tuple[Piece, ...], ...]
    trained: FloatArray
    held: FloatArray

    @property
    def name(self) -> str:
        """The depth in words."""
        count = len(self.hidden)
        return "no hidden layer" if not count else f"{count} hidden layer{'s' if count > 1 else ''} of {self.hidden[0]}"

    @property
    def middle(self) -> float:
        """Median share of other rows that are voted right."""
        return float(np.median(self.held))


@dataclass(frozen=True, slots=True, eq=False)
class BoundaryStudy:
    """Boundaries by depth.

    Parameters
    ----------
    table, target
        On what.
    chosen
        The class that is voted for; all others are one.
    columns
        Names of the two encoded columns.
    x, y
        Grid lines of the two columns, standardised [G].
    points, member
        Some rows [n 2] and whether each is of the class [n].
    majority
        Share of other rows that the larger class has.
    activation, epochs
        Of the networks.
    panels
        By depth.
    """

    table: str
    target: str
    chosen: str
    columns: tuple[str, str]
    x: FloatArray
    y: FloatArray
    points: FloatArray
    member: IntArray
    majority: float
    activation: str
    epochs: int
    panels: tuple[DepthPanel, ...]

    @property
    def sentence(self) -> str:
        """How many other rows each depth gets right."""
        told = "; ".join(f"{p.name}: {p.middle:.1%} ({p.held.min():.1%} to {p.held.max():.1%})" for p in self.panels)
        return (
            f"Of rows they did not learn from, networks on {self.columns[0]} and {self.columns[1]} get right: {told}. "
            f"The larger class alone: {self.majority:.1%}."
        )


def boundary_study(
    sample: StudySample,
    *,
    hidden: Sequence[int] = (8,),
    activation: str = "tanh",
    batch: int = 32,
    epochs: int = 100,
    seeds: int = 16,
    seed: int = 0,
    workers: int | None = 1,
    watch: Told = None,
) -> BoundaryStudy:
    """Train networks of no, one and two hidden layers on the two strongest columns, and map their votes.

    The networks see these two columns alone, so that nothing has to be held fixed. A numeric outcome becomes whether it
    is above its median, one of several classes whether it is the most frequent.

    Parameters
    ----------
    sample
        The rows; half of them train, the others are for the shares that are right.
    hidden
        One width, of every hidden layer.
    activation, batch, epochs
        Of the networks, trained by Adam at rate 0.01.
    seeds
        Networks per depth.
    seed
        Names all randomness.
    workers, watch
        Processes, and who is told.

    Returns
    -------
    BoundaryStudy
        Votes, lines and shares by depth.

    Raises
    ------
    DataError
        If there are not two columns, or one class alone.
    TrainingError
        If every network of a depth diverged.
    SettingError
        If a setting makes no sense.

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> from thalweg.study.sample import sample_of
    >>> study = boundary_study(sample_of(pose("example:iris")), epochs=2, seeds=2)
    >>> [panel.name for panel in study.panels]
    ['no hidden layer', '1 hidden layer of 8', '2 hidden layers of 8']
    """
    for name, value in (("batch", batch), ("epochs", epochs), ("seeds", seeds)):
        check_count(name, value)
    if sample.x.shape[1] < 2:
        raise DataError("A boundary needs two columns, and the table has one.", "Give more columns.")
    outcome, chosen = _two_classes(sample)
    first, second = halves(sample, seed)
    places = _strongest(sample.x[first], outcome[first])
    flat = replace(sample, task="binary", x=sample.x[:, places], y=outcome[:, None].astype(np.float64), belongs=None)
    width = hidden[0] if hidden else 8
    grid = [_lines(column) for column in flat.x.T]
    panels = []
    for depth in range(3):
        members = _members(flat, mlp((width,) * depth, activation), first, seeds, (batch, epochs, seed))
        trained = _trained(flat, members, f"{depth} hidden layers", workers, watch)
        panels.append(_panel(flat, (width,) * depth, activation, trained, (first, second), grid))
    shown = np.linspace(0, sample.rows - 1, min(sample.rows, MOST_SHOWN)).astype(np.int64)
    held = outcome[second].mean()
    return BoundaryStudy(
        sample.name,
        sample.target,
        chosen,
        (sample.features[places[0]], sample.features[places[1]]),
        grid[0],
        grid[1],
        flat.x[shown],
        outcome[shown].astype(np.int64),
        float(max(held, 1 - held)),
        activation,
        epochs,
        tuple(panels),
    )


def _two_classes(sample: StudySample) -> tuple[IntArray, str]:
    """Return whether each row is of the class that is voted for [N], and its name."""
    if sample.task == "regression":
        above = (sample.y[:, 0] > np.median(sample.y[:, 0])).astype(np.int64)
        name = f"{sample.target} above its median"
    elif sample.task == "binary":
        above, name = sample.y[:, 0].astype(np.int64), sample.classes[1]
    else:
        largest = int(sample.y.sum(axis=0).argmax())
        above, name = sample.y[:, largest].astype(np.int64), sample.classes[largest]
    if above.min() == above.max():
        raise DataError(f"All rows have one class of {sample.target!r}.", "Choose a target that varies.")
    return above, name


def _strongest(x: FloatArray, outcome: IntArray) -> tuple[int, int]:
    """Return the two columns of the largest F statistic, in the order of the table."""
    if outcome.min() == outcome.max():
        return 0, 1
    with np.errstate(invalid="ignore", divide="ignore"):
        varied = x.std(axis=0) > 0
        strength = np.where(varied, 0.0, -1.0)
        strength[varied] = np.nan_to_num(f_classif(x[:, varied], outcome)[0])
    one, other = sorted(np.argsort(-strength, kind="stable")[:2].tolist())
    return one, other


def _lines(column: FloatArray) -> FloatArray:
    low, high = float(column.min()), float(column.max())
    room = MARGIN * (high - low) or 1.0
    return np.linspace(low - room, high + room, POINTS)


def _members(
    flat: StudySample, network: Network, rows: IntArray, seeds: int, settings: tuple[int, int, int]
) -> list[Member]:
    batch, epochs, seed = settings
    optimizer, mine = Adam(LEARNING_RATE), rows.astype(np.int32)
    starts = [derived_seed(seed, "init", 31, k) for k in range(seeds)]
    return [
        Member(network, flat.loss, mine, seed=start, optimizer=optimizer, batch=batch, epochs=epochs)
        for start in starts
    ]


def _trained(flat: StudySample, members: Sequence[Member], stage: str, workers: int | None, watch: Told) -> FloatArray:
    """Return parameters of those that can be used [P Θ]."""
    fits = train(flat.table(), members, stage, workers, watch)
    usable = [fit.parameters for fit in fits if fit.usable]
    if not usable:
        raise TrainingError(f"Every network diverged: {fits[0].reason}.", "Rescale columns of extreme values.")
    return np.stack(usable)


def _panel(
    flat: StudySample,
    widths: tuple[int, ...],
    activation: str,
    vectors: FloatArray,
    parts: tuple[IntArray, IntArray],
    grid: Sequence[FloatArray],
) -> DepthPanel:
    network = mlp(widths, activation)
    across, up = np.meshgrid(*grid)
    points = np.stack([across.ravel(), up.ravel()], axis=1)
    outputs = predict_outputs(network, flat.loss, list(vectors), points)[:, :, 0].reshape(-1, *across.shape)
    right = [
        ((predict_outputs(network, flat.loss, list(vectors), flat.x[rows])[:, :, 0] > 0) == flat.y[rows, 0]).mean(
            axis=1
        )
        for rows in parts
    ]
    lines = tuple(contour_pieces(grid[0], grid[1], q, 0.0) for q in outputs[:MOST_LINES])
    return DepthPanel(widths, (outputs > 0).mean(axis=0), lines, right[0], right[1])
