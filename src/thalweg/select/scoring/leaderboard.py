"""Every model's out-of-fold scores, their spread, and its difference from the linear model and baseline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from thalweg.base.arrays import FloatArray
from thalweg.base.errors import SettingError
from thalweg.select.scoring.difference import IN_TIME, METHOD, Difference, compare
from thalweg.select.scoring.metrics import Metric, metrics_of_task
from thalweg.select.scoring.predictions import HeldOutRows, ModelPredictions
from thalweg.select.scoring.spread import Spread, decompose


@dataclass(frozen=True, slots=True)
class Score:
    """One metric of one model.

    Parameters
    ----------
    value
        Mean over folds (by their row weight) of the mean over seeds.
    spread
        Standard deviations of a single fit's score in one fold, by source.
    folds
        Number of folds in which the metric was defined.

    Examples
    --------
    >>> Score(0.9, Spread(0.02, 0.01, 0.0224), folds=5).value
    0.9
    """

    value: float
    spread: Spread
    folds: int


@dataclass(frozen=True, slots=True)
class Row:
    """One model of the leaderboard.

    Parameters
    ----------
    model, family, note
        As in :class:`~thalweg.select.scoring.predictions.ModelPredictions`.
    scores
        By metric name, the primary metric first.
    seeds
        Number of seeds R.
    left_out
        Number of fits (seed and fold) without finite predictions; no score contains them.

    Examples
    --------
    >>> Row("mean", "baseline", {}, seeds=1, left_out=0).family
    'baseline'
    """

    model: str
    family: str
    scores: Mapping[str, Score]
    seeds: int
    left_out: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """All models, best first by the primary metric.

    Parameters
    ----------
    task
        One of :data:`~thalweg.select.scoring.predictions.TASKS`.
    metric
        Name of the primary metric.
    rows
        Best first; models without any score last.
    reference, baseline, challenger
        Names of the linear model, of the model without features, and of the network or ensemble of networks the
        verdict is about; the last two are empty if there is none.
    differences
        Of the primary metric: every other model minus the reference, then every other model minus the
        baseline, then the challenger minus boosting.
    folds, observations
        Number of folds and of rows.
    network
        The network whose seeds tell luck from the rest, a member of the ensemble; empty if there is none.
    in_time
        Whether folds are blocks in time order.
    boosting
        Name of the boosted trees the verdict is about too; empty if there are none.

    Examples
    --------
    >>> Leaderboard("binary", "log_loss", (), "logistic regression", "", "", (), 5, 100).folds
    5
    """

    task: str
    metric: str
    rows: tuple[Row, ...]
    reference: str
    baseline: str
    challenger: str
    differences: tuple[Difference, ...]
    folds: int
    observations: int
    network: str = ""
    in_time: bool = False
    boosting: str = ""

    def row(self, model: str) -> Row:
        """Return the row of a model by name."""
        return next(row for row in self.rows if row.model == model)

    def difference(self, model: str, reference: str) -> Difference | None:
        """Return a model's difference from the reference or baseline, None if the two were not compared."""
        found = (d for d in self.differences if (d.model, d.reference) == (model, reference))
        return next(found, None)


@dataclass(frozen=True, slots=True, eq=False)
class _Scored:
    """Fold scores [R F] and seed-averaged row values [N] of one metric of one model."""

    scores: FloatArray
    rows: FloatArray


def _score(held_out: HeldOutRows, model: ModelPredictions, metric: Metric) -> _Scored:
    scores = np.full((len(model.values), held_out.folds), np.nan)
    rows = np.full(len(held_out.outcome), np.nan)
    for number in range(held_out.folds):
        here = np.flatnonzero(held_out.fold == number)
        weights = held_out.row_weights[here]
        finite = np.isfinite(model.values[:, here]).all((1, 2))
        if not finite.any() or weights.sum() == 0:
            continue
        values = metric.rows(model.values[finite][:, here], held_out.outcome[here].astype(np.float64), weights)
        scores[finite, number] = values @ weights / weights.sum()
        rows[here] = values.mean(0)
    return _Scored(scores, rows)


def _left_out(held_out: HeldOutRows, model: ModelPredictions) -> int:
    broken = ~np.isfinite(model.values.sum(2))
    return sum(int(np.any(broken[:, held_out.fold == number], axis=1).sum()) for number in range(held_out.folds))


def _summary(held_out: HeldOutRows, scored: _Scored) -> Score:
    seen = np.isfinite(scored.rows)
    weights = held_out.row_weights[seen]
    value = float(weights @ scored.rows[seen] / weights.sum()) if weights.sum() > 0 else float("nan")
    return Score(value, decompose(scored.scores), int(np.isfinite(scored.scores).any(0).sum()))


def _first(models: Sequence[ModelPredictions], family: str) -> str:
    return next((model.name for model in models if model.family == family), "")


def _check_names(held_out: HeldOutRows, models: Sequence[ModelPredictions]) -> None:
    names = [model.name for model in models]
    if len(set(names)) < len(names):
        raise SettingError(f"Every model needs its own name, got {names}.", "Rename the models that share one.")
    if held_out.reference not in names:
        raise SettingError(f"The reference model {held_out.reference!r} is not among {names}.", "Add or rename it.")
    for model in models:
        held_out.check(model)


def build_leaderboard(
    held_out: HeldOutRows, models: Sequence[ModelPredictions], level: float = 0.95, metric: str | None = None
) -> Leaderboard:
    """Score all models on the same held-out rows and compare each with the linear model and the baseline.

    The baseline is the first model of family "baseline", the challenger the first of family "ensemble" or, without
    one, of family "network". Put the network first that was chosen *without* looking at these rows, so that the
    verdict is not the best of many.

    Parameters
    ----------
    held_out
        The held-out rows.
    models
        At least the reference.
    level
        Nominal coverage of the intervals.
    metric
        The primary one; None for the task's own.

    Returns
    -------
    Leaderboard
        Rows sorted by the primary metric.

    Raises
    ------
    SettingError
        If names repeat, the reference is missing, predictions do not fit the rows, or the metric is unknown.

    Examples
    --------
    >>> held_out = HeldOutRows("regression", np.arange(4.0), np.array([0, 1, 0, 1]), "ridge regression")
    >>> flat = ModelPredictions("mean", "baseline", np.full((1, 4, 1), 1.5))
    >>> exact = ModelPredictions("ridge regression", "linear", np.arange(4.0)[None, :, None])
    >>> [row.model for row in build_leaderboard(held_out, [flat, exact]).rows]
    ['ridge regression', 'mean']
    """
    _check_names(held_out, models)
    metrics = metrics_of_task(held_out.task, metric)
    primary = next(iter(metrics.values()))
    scored = {m.name: {name: _score(held_out, m, one) for name, one in metrics.items()} for m in models}
    baseline, boosting = _first(models, "baseline"), _first(models, "boosting")
    challenger = _first(models, "ensemble") or _first(models, "network")

    def difference(model: str, reference: str) -> Difference:
        ends = compare(
            scored[model][primary.name].rows,
            scored[reference][primary.name].rows,
            held_out.fold,
            held_out.weights,
            level,
            held_out.groups,
            held_out.weights_kind,
            in_time=held_out.in_time,
        )
        method = IN_TIME if held_out.in_time else METHOD
        return Difference(model, reference, primary.name, ends.estimate, ends.low, ends.high, level, method)

    rows = [
        Row(
            m.name,
            m.family,
            {name: _summary(held_out, scored[m.name][name]) for name in metrics},
            len(m.values),
            _left_out(held_out, m),
            m.note,
        )
        for m in models
    ]
    sign = -1 if primary.higher_is_better else 1
    rows.sort(key=lambda row: (np.isnan(row.scores[primary.name].value), sign * row.scores[primary.name].value))
    pairs = [
        (row.model, other) for other in (held_out.reference, baseline) if other for row in rows if row.model != other
    ]
    pairs += [(challenger, boosting)] if challenger and boosting else []
    return Leaderboard(
        held_out.task,
        primary.name,
        tuple(rows),
        held_out.reference,
        baseline,
        challenger,
        tuple(difference(*pair) for pair in pairs),
        held_out.folds,
        len(held_out.outcome),
        _first(models, "network"),
        held_out.in_time,
        boosting,
    )
