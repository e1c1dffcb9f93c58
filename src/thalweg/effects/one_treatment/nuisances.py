"""Nuisances of one treatment, cross-fitted: what predicts units best that it never saw is used; all losses are told.

A nuisance that is worse than a constant does more harm than none: propensities learned from noise made the standard
error of a randomised trial ten times too large. So the constant is always among those compared.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from scipy.special import softmax
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # untyped, scikit-learn brings it

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.errors import TrainingError
from thalweg.base.seeds import derived_seed
from thalweg.effects.experiment.cell_folds import learning_rows, part_count, stratified_folds
from thalweg.effects.experiment.experiment import Experiment
from thalweg.effects.one_treatment.effort import Effort
from thalweg.effects.one_treatment.learners import BINARY_OUTCOMES, CHANCES, OUTCOMES, Learner, LevelLesson
from thalweg.effects.recipes import recipe_of
from thalweg.effects.training import Training
from thalweg.linear.likelihood_regression import logistic_regression
from thalweg.linear.likelihoods.separation import SeparatedError
from thalweg.loss.softmax import Softmax
from thalweg.loss.squared import Squared
from thalweg.net.init import He
from thalweg.net.spec import mlp
from thalweg.select.learning.lessons import member_on
from thalweg.train.fit import fit_population
from thalweg.train.population import training_table
from thalweg.train.predict import predict_outputs

LEAST_CHANCE: Final = 1e-3  # in losses: a learner that is sure and wrong pays no more
NETWORK: Final = "network, ridge = {:g}"
OUTCOME: Final = "outcome"
ASSIGNMENT: Final = "assignment"


@dataclass(frozen=True, slots=True)
class NuisanceChoice:
    """Which learner was used for a nuisance, and why.

    Parameters
    ----------
    nuisance
        :data:`OUTCOME` or :data:`ASSIGNMENT`.
    loss
        Name of the loss: ``mean squared error`` or ``log loss``.
    losses
        Out-of-fold loss of every learner in the first split; the first is the constant.
    chosen
        The learner of least loss.
    slope
        Of chances: slope of the logit of what was received on the logit of the chance, 1 if calibrated; None elsewhere.

    Examples
    --------
    >>> NuisanceChoice(OUTCOME, "mean squared error", {"means": 2.0, "linear": 1.0}, "linear", None).gain
    0.5
    """

    nuisance: str
    loss: str
    losses: Mapping[str, float]
    chosen: str
    slope: float | None

    @property
    def gain(self) -> float:
        """Share of the constant's loss that the learner saves; never negative."""
        constant = next(iter(self.losses.values()))
        return 1.0 - self.losses[self.chosen] / constant if constant > 0.0 else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Nuisances:
    """Out-of-fold predictions.

    Parameters
    ----------
    folds
        Fold of every unit, per split [R N].
    means
        Outcome under every level, per split [R N J].
    chances
        Probability of every level given the covariates, per split [R N J].
    choices
        What was chosen for outcome and assignment; the second is missing where chances are known.
    """

    folds: IntArray
    means: FloatArray
    chances: FloatArray
    choices: tuple[NuisanceChoice, ...]


def learn_nuisances(
    trial: Experiment, training: Training, *, seed: int, known: bool, effort: Effort | None = None
) -> Nuisances:
    """Choose and cross-fit what predicts outcomes and, unless known, the assignment.

    Parameters
    ----------
    trial
        Units whose cells are the levels [J 1].
    training
        Folds, splits, and how the networks among the learners are trained.
    seed
        Decides everything random.
    known
        Whether the chances are those of the trial.
    effort
        With what it is learned.

    Returns
    -------
    Nuisances
        Predictions for units that were left out, and the choices.

    Raises
    ------
    DataError
        If a level has fewer units, or there are fewer clusters, than folds.

    Examples
    --------
    >>> draw = np.random.default_rng(0)
    >>> x, t = draw.normal(size=(200, 2)), np.arange(200) % 2
    >>> trial = Experiment(x, x[:, 0] + t + draw.normal(size=200), np.array([[0], [1]]), t, np.array([0.5, 0.5]))
    >>> found = learn_nuisances(trial, Training(epochs=5, folds=2, repeats=1, workers=1), seed=0, known=False)
    >>> [choice.chosen in choice.losses for choice in found.choices]
    [True, True]
    """
    folds, effort = split(trial, training, seed), effort or Effort()
    means, outcome = learn_outcome(trial, folds, training, seed, effort)
    if known:
        chances = np.broadcast_to(trial.probabilities, (len(folds), *trial.probabilities.shape))
        return Nuisances(folds, means, np.asarray(chances), (outcome,))
    chances, assignment = _assignment(trial, folds, training, seed, effort)
    return Nuisances(folds, means, chances, (outcome, assignment))


def split(trial: Experiment, training: Training, seed: int) -> IntArray:
    """Return the fold of every unit, per split [R N].

    Examples
    --------
    >>> from thalweg.effects.experiment.simulate import simulate
    >>> experiment, _ = simulate(0, rows=60, treatments=2)
    >>> split(experiment, Training(folds=2, repeats=3), 0).shape
    (3, 60)
    """
    seeds = [derived_seed(seed, "split", r) for r in range(training.repeats)]
    return np.stack([stratified_folds(trial, training.folds, s) for s in seeds])


def learn_outcome(
    trial: Experiment, folds: IntArray, training: Training, seed: int, effort: Effort
) -> tuple[FloatArray, NuisanceChoice]:
    """Return the outcome predicted under every level, per split [R N J], and what was chosen.

    The choice is by the squared error for the level that was received, which decides how precise an average is.

    Examples
    --------
    >>> from thalweg.effects.experiment.simulate import simulate
    >>> experiment, _ = simulate(0, rows=100, treatments=2)
    >>> quick = Training(epochs=5, folds=2, repeats=1, workers=1)
    >>> learn_outcome(experiment, split(experiment, quick, 0), quick, 0, Effort())[0].shape
    (1, 100, 4)
    """
    own = (np.arange(len(trial)), trial.received)

    def loss(found: FloatArray) -> float:
        return float(np.average((trial.y - found[own]) ** 2, weights=trial.weights))

    binary = bool(np.isin(trial.y, (0.0, 1.0)).all())
    learners = BINARY_OUTCOMES if binary else OUTCOMES
    lessons = _Lessons(trial, training, seed, effort, OUTCOME)
    means, losses, chosen = _best(lessons, folds, learners, loss)
    return means, NuisanceChoice(OUTCOME, "mean squared error", losses, chosen, None)


def _assignment(
    trial: Experiment, folds: IntArray, training: Training, seed: int, effort: Effort
) -> tuple[FloatArray, NuisanceChoice]:
    """Choose by the log loss of the level that was received."""
    own = (np.arange(len(trial)), trial.received)

    def loss(found: FloatArray) -> float:
        return float(np.average(-np.log(np.maximum(found[own], LEAST_CHANCE)), weights=trial.weights))

    lessons = _Lessons(trial, training, seed, effort, ASSIGNMENT)
    chances, losses, chosen = _best(lessons, folds, CHANCES, loss)
    return chances, NuisanceChoice(ASSIGNMENT, "log loss", losses, chosen, calibration_slope(trial, chances[0]))


@dataclass(frozen=True, slots=True, eq=False)
class _Lessons:
    """What is learned about one nuisance, and with what."""

    trial: Experiment
    training: Training
    seed: int
    effort: Effort
    nuisance: str


def _best(
    lessons: _Lessons, folds: IntArray, learners: Mapping[str, Learner], loss: Callable[[FloatArray], float]
) -> tuple[FloatArray, dict[str, float], str]:
    """Return the predictions of the learner of least loss in the first split [R N J], all losses, and its name."""
    some = bool(lessons.trial.x.shape[1])
    if not some:  # nothing to learn from
        learners = dict(list(learners.items())[:1])
    tried = _tried(lessons, folds[:1], learners)
    if some:
        tried |= _networks(lessons, folds[:1], lessons.training.ridge, lessons.seed)
    losses = {name: loss(found[0]) for name, found in tried.items()}
    for chosen in sorted(losses, key=losses.__getitem__):
        if len(folds) == 1:
            return tried[chosen], losses, chosen
        if chosen in learners:
            rest = _tried(lessons, folds[1:], {chosen: learners[chosen]})
        else:
            ridge = next(ridge for ridge in lessons.training.ridge if NETWORK.format(ridge) == chosen)
            rest = _networks(lessons, folds[1:], (ridge,), derived_seed(lessons.seed, "init", 1))
        if chosen in rest:  # networks may diverge in another split
            return np.concatenate([tried[chosen], rest[chosen]]), losses, chosen
    raise AssertionError("means and shares always have an answer")


def calibration_slope(trial: Experiment, chances: FloatArray) -> float | None:
    """Return the slope of a logistic regression of the last level on the logit of its chance [N J], 1 if calibrated.

    Below 1 chances are too extreme, above 1 too timid (Cox 1958, Biometrika 45, 562); None where they do not vary, or
    tell the levels apart without fail.

    Examples
    --------
    >>> draw = np.random.default_rng(0)
    >>> true = 1 / (1 + np.exp(-draw.normal(size=4000)))
    >>> t = (draw.uniform(size=4000) < true).astype(int)
    >>> trial = Experiment(true[:, None], true, np.array([[0], [1]]), t, np.array([0.5, 0.5]))
    >>> bool(abs(calibration_slope(trial, np.column_stack([1 - true, true])) - 1) < 0.2)
    True
    """
    last = np.clip(chances[:, -1], LEAST_CHANCE, 1.0 - LEAST_CHANCE)
    logit = np.log(last / (1.0 - last))
    within = logit.std()
    answer = (trial.received == len(trial.cells) - 1).astype(float)
    if within < 0.05:  # between folds a constant varies too
        return None
    try:
        found = logistic_regression((logit / within)[:, None], answer, weights=trial.weights)
    except SeparatedError:
        return None
    return float(found.estimate[1] / within)


def _tried(lessons: _Lessons, folds: IntArray, learners: Mapping[str, Learner]) -> dict[str, FloatArray]:
    """Return the out-of-fold predictions [R N J] of every learner; those that are known are not learned again."""
    known, place = lessons.effort.known, lessons.nuisance
    todo = [(parts, name) for parts in folds for name in learners if (place, name, parts.tobytes()) not in known]
    started = time.monotonic()
    with threadpool_limits(1):  # sums of several threads depend on their number
        for number, (parts, name) in enumerate(todo):
            lessons.effort.told(number, len(todo), started)
            known[place, name, parts.tobytes()] = _out_of_fold(lessons, parts, learners[name])
    return {name: np.stack([known[place, name, parts.tobytes()] for parts in folds]) for name in learners}


def _out_of_fold(lessons: _Lessons, parts: IntArray, learner: Learner) -> FloatArray:
    trial, folds, levels = lessons.trial, lessons.training.folds, len(lessons.trial.cells)
    weights = np.ones(len(trial)) if trial.weights is None else trial.weights
    found = np.empty((len(trial), levels))
    for part in range(part_count(trial, folds)):
        rows, test = learning_rows(trial, parts, part, folds), parts == part
        lesson = LevelLesson(trial.x[rows], trial.received[rows], trial.y[rows], weights[rows], levels)
        found[test] = learner(lesson, trial.x[test])
    return found


def _networks(lessons: _Lessons, folds: IntArray, ridges: Sequence[float], seed: int) -> dict[str, FloatArray]:
    """Return the out-of-fold predictions [R N J] of networks, one entry per ridge; one that diverged has none.

    A network of outcomes learns all levels together: covariates and level go in, the outcome comes out.
    """
    trial, training, outcome = lessons.trial, lessons.training, lessons.nuisance == OUTCOME
    every = np.ones(len(trial))
    x = LevelLesson(trial.x, trial.received, trial.y, every, len(trial.cells)).scaled(trial.x)[0]
    dummies = np.eye(len(trial.cells))
    centre, spread = float(trial.y.mean()), float(trial.y.std()) or 1.0
    loss = Squared() if outcome else Softmax()
    design = np.column_stack([x, dummies[trial.received]]) if outcome else x
    answers = ((trial.y - centre) / spread)[:, None] if outcome else dummies[trial.received]
    asked = [np.column_stack([x, np.tile(row, (len(x), 1))]) for row in dummies] if outcome else [x]
    network = mlp(training.hidden, training.activation, init=He(normal=False))
    table = training_table(design, answers)
    parts = part_count(trial, training.folds)
    places = [(k, r, f) for k in range(len(ridges)) for r in range(len(folds)) for f in range(parts)]
    members = []
    for k, r, f in places:
        rows = np.flatnonzero(learning_rows(trial, folds[r], f, training.folds))
        recipe = recipe_of(training, network, loss, ridge=ridges[k], batch=training.batch_for(len(rows)))
        weights = None if trial.weights is None else trial.weights[rows]
        members.append(member_on(recipe, rows, seed=derived_seed(seed, "init", k, r, f), weights=weights))
    train = lessons.effort.train or partial(fit_population, workers=training.workers)
    fit = train(table, members)
    if fit.interrupted:
        raise TrainingError("Training was interrupted before all networks were done.", "Start it again.")
    found: dict[str, FloatArray] = {}
    for k, ridge in enumerate(ridges):
        mine = [number for number, place in enumerate(places) if place[0] == k]
        if not all(fit.members[number].usable for number in mine):
            continue
        out = np.empty((len(folds), len(trial), len(trial.cells)))
        for number in mine:
            _, r, f = places[number]
            test = folds[r] == f
            vectors = [fit.member(number).parameters]
            said = [predict_outputs(network, loss, vectors, d[test], classes=answers.shape[1])[0] for d in asked]
            joined = np.concatenate(said, axis=1)
            out[r, test] = centre + spread * joined if outcome else softmax(joined, axis=1)
        if np.isfinite(out).all():
            found[NETWORK.format(ridge)] = out
    return found
