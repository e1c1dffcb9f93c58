"""Cross-fitting: every unit's parameters come from networks that never saw it; all networks train as one population."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.errors import TrainingError, setting
from thalweg.base.seeds import derived_seed
from thalweg.effects.experiment.cell_folds import learning_rows, part_count, stratified_folds
from thalweg.effects.experiment.experiment import Experiment
from thalweg.effects.inference.cross_fitted import CrossFit, Model, Nuisance, predicted, unit_losses
from thalweg.effects.links.link import COMMON, OWN, Units
from thalweg.effects.links.pilot import Start, pilot
from thalweg.effects.links.structured_loss import Structured, StructuredLogistic, StructuredSquared
from thalweg.effects.recipes import recipe_of
from thalweg.effects.training import Train, Training
from thalweg.net.init import He, Normal
from thalweg.net.spec import Network, mlp
from thalweg.optim.adam import Adam
from thalweg.select.learning.lessons import member_on
from thalweg.train.fit import fit_population
from thalweg.train.population import Member, TrainingTable, training_table
from thalweg.train.predict import predict_outputs

STUCK: Final = 3.0  # training loss, in medians of its siblings, at which a network counts as stuck
Place = tuple[int, ...]  # experiment, repeat, fold, seed
RETRIES: Final = 2


def loss_of(model: Model) -> Structured:
    """Return the loss that a model's networks minimise.

    Examples
    --------
    >>> from thalweg.effects.links.link import LINKS
    >>> loss_of(Model(LINKS["sigmoid"], binary=True))
    StructuredLogistic()
    """
    return StructuredLogistic() if model.binary else StructuredSquared(model.link.curve, model.scale_kind)


def _units(model: Model, y: FloatArray) -> Units:
    """Return the units in which the networks of a model learn; a probability has none to choose."""
    return Units(0.0, 1.0) if model.binary else model.link.units(y)


def cross_fit(
    experiments: Sequence[Experiment],
    models: Sequence[Model],
    training: Training,
    *,
    seed: int = 0,
    train: Train | None = None,
) -> list[list[CrossFit]]:
    """Train every network of every experiment at once and return the out-of-fold parameters.

    Parameters
    ----------
    experiments
        One, or many with the same treatments and covariates (for simulation studies).
    models
        Links to fit; they share folds and seeds, so that differences between them are differences of the links.
    training
        Folds, repeats, seeds, and how to train.
    seed
        Decides folds, initial weights and batch orders.
    train
        Trains a population, for example one that keeps what is done; None for
        :func:`~thalweg.train.fit.fit_population`.

    Returns
    -------
    list
        Per experiment, one result per model.

    Raises
    ------
    DataError
        If a cell is too small for the folds.
    TrainingError
        If a network diverges however small its steps.

    Examples
    --------
    >>> from thalweg.effects.experiment.simulate import simulate
    >>> from thalweg.effects.links.link import LINKS
    >>> experiment, _ = simulate(0, rows=300)
    >>> quick = Training(hidden=(4,), epochs=2, folds=2, repeats=1, workers=1)
    >>> [[answer]] = cross_fit([experiment], [Model(LINKS["linear"])], quick)
    >>> answer.nuisances[0].index.shape
    (300, 5)
    """
    folds = [
        np.stack([_split(e, training, _split_seed(seed, number, r)) for r in range(training.repeats)])
        for number, e in enumerate(experiments)
    ]
    train = train or partial(fit_population, workers=training.workers)
    by_model = [_fit_best_ridge(experiments, folds, model, training, seed, train) for model in models]
    return [list(fits) for fits in zip(*by_model, strict=True)]


def _fit_best_ridge(
    experiments: Sequence[Experiment],
    folds: Sequence[IntArray],
    model: Model,
    training: Training,
    seed: int,
    train: Train,
) -> list[CrossFit]:
    """Choose the ridge of every experiment on the first split, then train all splits with it."""
    once = replace(training, repeats=1) if len(training.ridge) > 1 else training
    tries = [_fit_model(experiments, folds, model, once, ridge, seed, train) for ridge in training.ridge]
    fits = [min(some, key=lambda fit: fit.loss) for some in zip(*tries, strict=True)]
    if once.repeats == training.repeats:
        return fits
    for ridge in sorted({fit.ridge for fit in fits}):
        mine = [number for number, fit in enumerate(fits) if fit.ridge == ridge]
        some = [experiments[number] for number in mine]
        again = _fit_model(some, [folds[number] for number in mine], model, training, ridge, seed, train)
        for number, fit in zip(mine, again, strict=True):
            fits[number] = fit
    return fits


def _split(experiment: Experiment, training: Training, seed: int) -> IntArray:
    return stratified_folds(experiment, training.folds, seed, training.gap)


def _split_seed(seed: int, experiment: int, repeat: int) -> int:
    return derived_seed(seed, "split", experiment, repeat)


def _fit_model(
    experiments: Sequence[Experiment],
    folds: Sequence[IntArray],
    model: Model,
    training: Training,
    ridge: float,
    seed: int,
    train: Train,
) -> list[CrossFit]:
    """Train the networks of one model for all experiments and collect what they say."""
    units = [_units(model, e.y) for e in experiments]
    table = _table(experiments, model, units)
    members, places = _members(experiments, folds, model, units, training, ridge, seed)
    vectors, retried = _trained(table, members, places, train)
    answers = []
    for number, (e, split, unit) in enumerate(zip(experiments, folds, units, strict=True)):
        index = np.zeros((2, training.repeats, len(e), model.link.index_size(e.treatments)))
        scale = np.zeros((2, training.repeats, len(e)))
        mine = [p for p, place in enumerate(places) if place[0] == number]
        outputs = predict_outputs(
            members[0].network, loss_of(model), [vectors[p] for p in mine], e.x, classes=table.classes
        )
        for (_, r, f, _), out in zip((places[p] for p in mine), outputs, strict=True):
            theta, c = _parameters(model, e, unit, out, learning_rows(e, split[r], f, training.folds, training.gap))
            before = (f - 1) % part_count(e, training.folds)
            for which, rows in enumerate((split[r] == f, split[r] == before)):
                index[which, r, rows] += theta[rows] / training.seeds
                scale[which, r, rows] += c[rows] / training.seeds
        nuisances, others = (
            tuple(Nuisance(index[which, r], scale[which, r]) for r in range(training.repeats)) for which in range(2)
        )
        again = sum(places[p][0] == number for p in retried)
        loss = float(np.mean([_mean_loss(e, model, nuisance) for nuisance in nuisances]))
        answers.append(CrossFit(model, split[: training.repeats], nuisances, others, again, ridge, loss))
    return answers


def _mean_loss(experiment: Experiment, model: Model, nuisance: Nuisance) -> float:
    mean = predicted(model.link, nuisance, experiment)
    return float(np.average(unit_losses(experiment.y, mean, model.binary), weights=experiment.weights))


def _table(experiments: Sequence[Experiment], model: Model, units: Sequence[Units]) -> TrainingTable:
    """Lay all experiments one below the other: [x | 1 | y 1 φ(t)]."""
    outcomes = []
    for e, unit in zip(experiments, units, strict=True):
        y = (e.y - unit.low) / unit.size
        features = model.link.design(e.cells)[e.received]
        outcomes.append(np.column_stack([y, np.ones(len(e)), features]))
    return training_table(np.concatenate([e.x for e in experiments]), np.concatenate(outcomes))


def _members(
    experiments: Sequence[Experiment],
    folds: Sequence[IntArray],
    model: Model,
    units: Sequence[Units],
    training: Training,
    ridge: float,
    seed: int,
) -> tuple[list[Member], list[Place]]:
    """Return one member per experiment, repeat, fold and seed; each starts at the pilot of its training rows."""
    body = mlp(training.hidden, training.activation, init=He(normal=False))
    last = training.hidden[-1] if training.hidden else experiments[0].x.shape[1]
    starts = np.cumsum([0, *(len(e) for e in experiments)])
    parts = part_count(experiments[0], training.folds)
    shape = (len(experiments), training.repeats, parts, training.seeds)
    members, places = [], list(np.ndindex(shape))
    for place in places:
        number, repeat, fold, _ = place
        e = experiments[number]
        rows = np.flatnonzero(learning_rows(e, folds[number][repeat], fold, training.folds, training.gap))
        network = Network(body.layers, Normal(0.3 / np.sqrt(last)), _pilot_start(e, rows, model, units[number]))
        member = member_on(
            recipe_of(training, network, loss_of(model), ridge=ridge, batch=training.batch_for(len(rows))),
            rows + starts[number],
            seed=derived_seed(seed, "init", *place),
            weights=None if e.weights is None else e.weights[rows],
            label=dict(zip(("experiment", "repeat", "fold", "seed"), place, strict=True)),
        )
        members.append(member)
    return members, places


def _pilot_start(experiment: Experiment, rows: IntArray, model: Model, unit: Units) -> Start:
    """Return the biases of the output layer at which a network answers with the pilot for everybody."""
    received = experiment.received[rows]
    counts = np.bincount(received, minlength=len(experiment.cells)).astype(np.float64)
    sums = np.bincount(received, weights=(experiment.y[rows] - unit.low) / unit.size, minlength=len(counts))
    seen = counts > 0
    means = sums[seen] / counts[seen]
    if model.binary:
        means = (sums[seen] + 0.5) / (counts[seen] + 1.0)
    theta, scale = pilot(model.link, model.link.design(experiment.cells)[seen], means, counts[seen])
    own = (scale - StructuredSquared(model.link.curve).start,) if model.scale_kind == OWN else ()
    return Start((*(float(v) for v in theta), *own))


def _trained(
    table: TrainingTable, members: Sequence[Member], places: Sequence[Place], train: Train
) -> tuple[list[FloatArray], list[int]]:
    """Return the parameters of every member, and the numbers of those that were trained again.

    Networks that diverged start again with smaller steps, those that got stuck far above the loss of their siblings
    with other weights; neither looks at the rows left out.
    """
    vectors: list[FloatArray] = [np.empty(0)] * len(members)
    losses = np.full(len(members), np.inf)
    todo, retried = list(range(len(members))), list[int]()
    for attempt in range(RETRIES + 1):
        some = [_restart(members[n], attempt, diverged=bool(np.isinf(losses[n]))) for n in todo]
        fit = train(table, some)
        if fit.interrupted:
            raise TrainingError("Training was interrupted before all networks were done.", "Start it again.")
        for found in fit.members:
            number = todo[found.number]
            if found.usable and found.training_loss[-1] < losses[number]:
                vectors[number] = np.asarray(found.parameters, dtype=np.float64)
                losses[number] = found.training_loss[-1]
        todo = _unfinished(losses, places)
        retried = retried if attempt else todo
        if not todo:
            break
    lost = int(np.isinf(losses).sum())
    if lost:
        raise TrainingError(
            f"{lost} of {len(members)} networks diverged even with a small learning rate.",
            f"Look for extreme outcomes or covariates, or choose a smaller {setting('learning_rate')}.",
        )
    return vectors, retried


def _restart(member: Member, attempt: int, *, diverged: bool) -> Member:
    """Return the member for its next attempt."""
    if attempt == 0:
        return member
    assert isinstance(member.optimizer, Adam)
    rate = member.optimizer.learning_rate / (5.0**attempt if diverged else 1.0)
    return replace(member, seed=member.seed + attempt, optimizer=Adam(rate))


def _unfinished(losses: FloatArray, places: Sequence[Place]) -> list[int]:
    """Return the members that diverged, or are stuck far above the median loss of their experiment."""
    owner = np.array([place[0] for place in places])
    todo = []
    for number in np.unique(owner):
        mine = np.flatnonzero(owner == number)
        finished = losses[mine][np.isfinite(losses[mine])]
        limit = STUCK * np.median(finished) if len(finished) else 0.0  # where most diverged, their median is infinite
        todo += [int(n) for n in mine if not (np.isfinite(losses[n]) and losses[n] <= limit)]
    return todo


def _parameters(
    model: Model, experiment: Experiment, unit: Units, outputs: FloatArray, learned: NDArray[np.bool_]
) -> tuple[FloatArray, FloatArray]:
    """Turn a network's outputs [N C] into index parameters [N K] and scales [N] in the outcome's own units."""
    link, count = model.link, len(experiment)
    size = link.index_size(experiment.treatments)
    index = outputs[:, :size].copy()
    if model.scale_kind == OWN:
        return index, (outputs[:, size] + StructuredSquared(link.curve).start) * (unit.size / link.height)
    if model.scale_kind == COMMON:
        features = link.design(experiment.cells)[experiment.received]
        a = link.curve.value(np.einsum("nk,nk->n", index, features)) * link.height
        w = np.where(learned, 1.0 if experiment.weights is None else experiment.weights, 0.0)
        c = (w * a * (experiment.y - link.low)).sum() / max((w * a * a).sum(), 1e-300)
        return index, np.full(count, c)
    if unit.low != link.low:  # a linear link takes up the level
        index[:, 0] += (unit.low - link.low) / unit.size
    return index, np.full(count, 1.0 if model.binary else unit.size / link.height)
