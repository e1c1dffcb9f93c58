"""From views and recipes to the members of a population: samples, their scale, lessons; importing it loads torch.

This is the one place where members are made, of a comparison and of an estimator alike.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.elementary import ordered_sum
from thalweg.base.errors import rows_at, setting
from thalweg.base.seeds import stream
from thalweg.data.dependence.time_folds import latest_rows
from thalweg.data.notes import counted
from thalweg.data.reading.gentle_scale import gentle_scale
from thalweg.data.reading.ramps import RampPlan, Ramps, learn_ramps
from thalweg.select.learning.observations import InputError, Observations, filled_mean
from thalweg.select.learning.recipe import Recipe
from thalweg.select.learning.views import View
from thalweg.train.population import Member, TrainingTable, training_table

TINY = 1e-12  # standard deviation, relative to the largest number of a column, under which the column is constant


@dataclass(frozen=True, slots=True, eq=False)
class Scaling:
    """Centre and scale of features [D] and outcomes [C], and the ramps networks see beside the features.

    Parameters
    ----------
    centre_x, scale_x, centre_y, scale_y
        A value v becomes (v − centre) / scale; an infinite scale makes it 0.
    fill_x
        What a missing feature counts as [D].
    ramps
        Of the scaled features.
    """

    centre_x: FloatArray
    scale_x: FloatArray
    centre_y: FloatArray
    scale_y: FloatArray
    fill_x: FloatArray
    ramps: Ramps = field(default_factory=Ramps.none)

    @property
    def width(self) -> int:
        """How many inputs a network has: features and ramps."""
        return len(self.centre_x) + len(self.ramps)

    @property
    def key(self) -> tuple[bytes, ...]:
        """What equal scales have in common."""
        own = (self.centre_x, self.scale_x, self.centre_y, self.scale_y, self.fill_x)
        return tuple(a.tobytes() for a in (*own, *self.ramps.arrays().values()))

    def features(self, x: FloatArray) -> FloatArray:
        """Return features as networks see them [N D+R], finite."""
        z = (x - self.centre_x) / self.scale_x
        missing = np.isnan(z)
        if missing.any():
            np.copyto(z, (self.fill_x - self.centre_x) / self.scale_x, where=missing)
        return self.ramps.beside(z)

    def outcomes(self, y: FloatArray) -> FloatArray:
        """Return outcomes as networks see them [N C]."""
        return (y - self.centre_y) / self.scale_y


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """What the members of one view learn from, with the scale learned on it.

    Parameters
    ----------
    x, y
        Rows [N D] and outcomes as the loss wants them [N C], unscaled.
    weights
        Relative weights [N]; None for 1.
    rows
        Places among them that are learned from, repeats allowed.
    scaling
        Learned on those rows.
    origin
        Number of each row in the table it came from [N], for errors.
    validation
        Places of validation rows that every member watches; None for none.
    groups
        Of each row [N]; None where every one is a group of its own.
    time
        Place in time of each row [N]; None where rows come in any order.
    """

    x: FloatArray
    y: FloatArray
    weights: FloatArray | None
    rows: IntArray
    scaling: Scaling
    origin: IntArray
    validation: IntArray | None = None
    groups: IntArray | None = None
    time: IntArray | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """One network to train.

    Parameters
    ----------
    sample, recipe, seed
        On which rows, how, and the name of its random stream.
    rows, watched
        Places in the sample that it learns from, and those that early stopping watches; None for none.
    label
        What reports call it.
    start
        Parameters to start from [Θ]; None draws them.
    resumable
        Whether its fit holds all it trains with.
    """

    sample: Sample
    recipe: Recipe
    seed: int
    rows: IntArray
    watched: IntArray | None = None
    label: Mapping[str, object] = field(default_factory=dict)
    start: NDArray[np.floating] | None = None
    resumable: bool = False


def learn_scaling(
    x: FloatArray,
    y: FloatArray,
    weights: FloatArray | None,
    *,
    features: bool,
    outcomes: bool,
    ramps: RampPlan | None = None,
) -> Scaling:
    """Learn means and standard deviations (divisor Σ w), of features where dividing by them makes sense.

    Indicators and rare values are left alone as :func:`~thalweg.data.reading.gentle_scale.gentle_scale` says. A feature
    that never varies is 0 ever after, whatever new rows hold: nothing was learned about it. A missing feature counts as
    the mean. A constant outcome keeps its scale.

    Parameters
    ----------
    x, y
        Rows to learn from, [N D] with NaN where a feature is missing, and [N C].
    weights
        Relative weights [N]; None for 1.
    features, outcomes
        Whether to scale them; if not, centre 0 and scale 1.
    ramps
        How many each feature has; None for none.

    Returns
    -------
    Scaling
        The scale.

    Examples
    --------
    >>> scaling = learn_scaling(np.array([[0.0], [2.0]]), np.ones((2, 1)), None, features=True, outcomes=True)
    >>> scaling.centre_x.item(), scaling.scale_x.item(), scaling.scale_y.item()
    (1.0, 1.0, 1.0)
    """
    fill = filled_mean(x, weights)
    known = np.where(np.isnan(x), fill, x)
    centre, scale = _moments(known, weights, wanted=features)
    if features:
        centre, scale = gentle_scale(known, weights, centre, scale)
        low, high = known.min(axis=0), known.max(axis=0)
        constant = (high - low) <= TINY * np.maximum(np.abs(low), np.abs(high))
        centre[constant], scale[constant] = low[constant], np.inf
    learned = Ramps.none() if ramps is None else learn_ramps((known - centre) / scale, weights, ramps)
    return Scaling(centre, scale, *_moments(y, weights, wanted=outcomes), fill, learned)


def _moments(values: FloatArray, weights: FloatArray | None, *, wanted: bool) -> tuple[FloatArray, FloatArray]:
    if not wanted:
        return np.zeros(values.shape[1]), np.ones(values.shape[1])
    shares = np.full(len(values), 1.0) if weights is None else np.asarray(weights, dtype=np.float64)
    whole = ordered_sum(shares)
    mean = ordered_sum(values * shares[:, None]) / whole
    sd = np.sqrt(ordered_sum(np.square(values - mean) * shares[:, None]) / whole)
    constant = sd <= TINY * np.abs(values).max(axis=0, initial=0.0)
    return mean, np.where(constant, 1.0, sd)


def view_sample(
    observations: Observations, view: View, *, features: bool, outcomes: bool, ramps: RampPlan | None = None
) -> Sample:
    """Return the rows of a view with the scale learned on them.

    Parameters
    ----------
    observations, view
        What there is, and the part of it that is seen.
    features, outcomes, ramps
        Whether they are scaled, and how many ramps each feature has, as for :func:`learn_scaling`.

    Examples
    --------
    >>> from thalweg.select.learning.observations import canonical_rows
    >>> x = np.arange(4.0)[:, None]
    >>> view = View("bootstrap", 0, np.array([0, 0, 2, 3]), np.array([1]))
    >>> sample = view_sample(canonical_rows(x, x), view, features=True, outcomes=False)
    >>> len(sample.x), sample.rows.tolist()
    (3, [0, 0, 1, 2])
    """
    distinct, places = np.unique(view.rows, return_inverse=True)
    x, y = observations.x[distinct], observations.y[distinct]
    weights = None if observations.weights is None else observations.weights[distinct]
    drawn = None if weights is None else weights[places]
    scaling = learn_scaling(x[places], y[places], drawn, features=features, outcomes=outcomes, ramps=ramps)
    groups = None if observations.groups is None else observations.groups[distinct]
    time = None if observations.time is None else observations.time[distinct]
    return Sample(x, y, weights, places, scaling, observations.origin[distinct], groups=groups, time=time)


def stopping_rows(sample: Sample, share: float, seed: int, gap: int = 0) -> tuple[IntArray, IntArray | None]:
    """Set a share of a sample aside for early stopping; copies of a row, and rows of a group, stay on one side.

    Of rows with times the latest are set aside, whatever the seed.

    Parameters
    ----------
    sample
        One with validation rows of its own keeps them.
    share
        Of the distinct rows, or groups; 0 for none.
    seed
        Names the draw.
    gap
        Times between the two, where rows have times.

    Returns
    -------
    tuple
        Places to learn from, and places to watch or None.

    Raises
    ------
    DataError
        If all rows belong to one group, or have one time.
    """
    if sample.validation is not None or not share:
        return sample.rows, sample.validation
    if sample.time is not None:
        return latest_rows(sample.time, sample.rows, share, gap)
    units = sample.rows if sample.groups is None else sample.groups[sample.rows]
    distinct = np.unique(units)
    if len(distinct) < 2:
        if sample.groups is not None:
            raise InputError(
                f"The {counted(len(sample.rows), 'row')} of a training part belong to one group, which cannot be cut "
                f"for {setting('patience')}.",
                f"Set {setting('patience')}=None, or {setting('folds')} lower.",
            )
        return sample.rows, None
    count = min(len(distinct) - 1, max(1, round(share * len(distinct))))
    held = np.sort(distinct[stream(seed, "split").permutation(len(distinct))[:count]])
    inside = np.isin(units, held)
    return sample.rows[~inside], sample.rows[inside]


def population_of(lessons: Sequence[Lesson]) -> tuple[TrainingTable, list[Member]]:
    """Return the table and the members of some lessons; lessons on one sample share its rows."""
    samples = list({id(lesson.sample): lesson.sample for lesson in lessons}.values())
    return samples_table(samples), members_of(lessons, samples)


def samples_table(samples: Sequence[Sample]) -> TrainingTable:
    """Lay the scaled rows of samples one after the other."""
    with np.errstate(over="ignore"):  # what does not fit is infinite, which is refused
        x = np.concatenate([sample.scaling.features(sample.x).astype(np.float32) for sample in samples])
    y = np.concatenate([sample.scaling.outcomes(sample.y) for sample in samples])
    with rows_at(np.concatenate([sample.origin for sample in samples])):
        return training_table(x, y)


def members_of(lessons: Sequence[Lesson], samples: Sequence[Sample]) -> list[Member]:
    """Return the members of lessons on the table of some samples."""
    ends = np.cumsum([len(sample.x) for sample in samples]).tolist()
    first = {id(sample): end - len(sample.x) for sample, end in zip(samples, ends, strict=True)}
    return [_member(lesson, first[id(lesson.sample)]) for lesson in lessons]


def _member(lesson: Lesson, first: int) -> Member:
    weights, watched = lesson.sample.weights, lesson.watched
    return member_on(
        lesson.recipe,
        first + lesson.rows,
        seed=lesson.seed,
        weights=None if weights is None else weights[lesson.rows],
        watched=None if watched is None else first + watched,
        watched_weights=None if watched is None or weights is None else weights[watched],
        label=lesson.label,
        start=lesson.start,
        resumable=lesson.resumable,
    )


def member_on(
    recipe: Recipe,
    rows: IntArray,
    *,
    seed: int,
    weights: FloatArray | None = None,
    watched: IntArray | None = None,
    watched_weights: FloatArray | None = None,
    label: Mapping[str, object] | None = None,
    start: NDArray[np.floating] | None = None,
    resumable: bool = False,
) -> Member:
    """Return the member that follows a recipe on some rows of a table; without rows to watch it has no patience.

    Parameters
    ----------
    recipe, seed
        How it learns, and the name of its random stream.
    rows, weights
        Rows of the table it learns from [n], repeats allowed, and their weights.
    watched, watched_weights
        Rows that early stopping watches, and their weights.
    label
        What reports call it.
    start
        Parameters to start from.
    resumable
        Whether its fit holds all it trains with.

    Examples
    --------
    >>> from thalweg.loss.squared import Squared
    >>> from thalweg.net.spec import mlp
    >>> from thalweg.optim.adam import Adam
    >>> from thalweg.optim.schedule import Constant
    >>> from thalweg.loss.penalty import Penalty
    >>> recipe = Recipe(mlp((4,)), Squared(), Adam(), Constant(), Penalty(), batch=4, epochs=2, patience=None)
    >>> member_on(recipe, np.arange(10), seed=0).steps
    3
    """
    return Member(
        network=recipe.network,
        loss=recipe.loss,
        rows=rows.astype(np.int32),
        weights=weights,
        validation=None if watched is None else watched.astype(np.int32),
        validation_weights=watched_weights,
        seed=seed,
        optimizer=recipe.optimizer,
        schedule=recipe.schedule,
        penalty=recipe.penalty,
        batch=recipe.batch,
        epochs=recipe.epochs,
        patience=None if watched is None else recipe.patience,
        label={} if label is None else label,
        start=start,
        tolerance=recipe.tolerance,
        resumable=resumable,
    )


def smoothed(sample: Sample, task: str, smoothing: float) -> Sample:
    """Return a sample whose labels are (1 − s) y + s / C, C = 2 for labels that are not exclusive.

    References
    ----------
    Szegedy et al. (2016), doi:10.1109/CVPR.2016.308, section 7.
    """
    if not smoothing or task == "regression":
        return sample
    columns = sample.y.shape[1]
    centre = -smoothing / ((columns if task == "multiclass" else 2) * (1.0 - smoothing))
    scale = 1.0 / (1.0 - smoothing)
    labels: dict[str, Any] = {"centre_y": np.full(columns, centre), "scale_y": np.full(columns, scale)}
    return replace(sample, scaling=replace(sample.scaling, **labels))
