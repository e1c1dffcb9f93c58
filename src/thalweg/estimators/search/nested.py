"""Nested cross-validation as one population: the honest score of a search; importing this file loads torch."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.metrics import check_scoring
from sklearn.utils import _safe_indexing, indexable

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.errors import SettingError, rows_at
from thalweg.estimators.ensemble.frame_encoding import FrameEncoder
from thalweg.estimators.ensemble.inputs import base_seed
from thalweg.estimators.ensemble.networks import plan_networks, train_lessons
from thalweg.estimators.search.candidates import list_candidates, score_table
from thalweg.estimators.search.net_search import GRID, RANDOM, NetSearch, check_search
from thalweg.estimators.search.routing import READ, Routed, chosen_rows, encoder_of, route, search_splits, split_rows
from thalweg.estimators.search.trials import lay_out
from thalweg.estimators.setting_checks import check_settings


@dataclass(frozen=True, slots=True, eq=False)
class NestedScores:
    """What a search reaches on rows it never saw.

    Parameters
    ----------
    scores
        Of the search of each outer fold, on its held-out rows [F].
    inner_scores
        The best score of each search in its own folds [F]: optimistic, since it is the best of many.
    best_params
        What each search chose.
    """

    scores: FloatArray
    inner_scores: FloatArray
    best_params: tuple[dict[str, Any], ...]

    @property
    def optimism(self) -> float:
        """How much better searches look to themselves than they are, on average."""
        return float((self.inner_scores - self.scores).mean())


def nested_scores(
    search: NetSearch, X: Any, y: Any, *, cv: Any = 5, sample_weight: Any = None, **params: Any
) -> NestedScores:
    """Search within every outer training part and score what it chose on the outer held-out part.

    All outer folds x candidates x inner folds x seeds train as one population, then what was chosen as another. Every
    score equals that of ``cross_val_score(search, X, y, cv=cv)``, number by number.

    Parameters
    ----------
    search
        A search over a grid or drawn candidates.
    X, y
        Features [N D] and outcomes.
    cv
        Outer folds: their number, or a splitter.
    sample_weight, params
        As for :meth:`~thalweg.estimators.search.net_search.NetSearch.fit`; ``groups`` are kept together in both
        layers of folds, and with ``time`` both are in its order.

    Returns
    -------
    NestedScores
        Honest scores.

    Raises
    ------
    SettingError
        If the search draws candidates by what it saw: those are searched one after the other.
    TrainingError
        If a search has no candidate with a score in every fold.

    References
    ----------
    Varma & Simon (2006), doi:10.1186/1471-2105-7-91; Cawley & Talbot (2010), JMLR 11:2079-2107.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from thalweg.estimators.regressor import NetRegressor
    >>> X, y = load_diabetes(return_X_y=True)
    >>> search = NetSearch(NetRegressor(hidden=(8,), seeds=1, epochs=20), {"learning_rate": [1e-4, 1e-2]}, cv=3)
    >>> [chosen["learning_rate"] for chosen in nested_scores(search, X, y, cv=3).best_params]
    [0.01, 0.01, 0.01]
    """
    check_search(search)
    if search.strategy not in {GRID, RANDOM}:
        raise SettingError(
            f"strategy={search.strategy!r} decides while it searches and cannot be nested in one population.",
            "Use cross_val_score(search, X, y).",
        )
    X, y = indexable(X, y)
    routed = route(search, sample_weight, params)
    outer = split_rows(cv, search.estimator, X, y, routed)
    scorer = check_scoring(search.estimator, scoring=search.scoring)
    parts = [
        (
            _safe_indexing(X, train),
            _safe_indexing(y, train),
            Routed(*(chosen_rows(v, train) for v in _by_receiver(routed))),
        )
        for train, _ in outer
    ]
    count = None if search.strategy == GRID else search.candidates
    candidates = list_candidates(search.space, count, base_seed(search.random_state))
    everything, encoder = np.arange(len(y)), encoder_of(X)
    splits = [
        search_splits(search, *part, everything[train], encoder)[0]
        for part, (train, _) in zip(parts, outer, strict=True)
    ]
    beside = [split for inner in splits for split in inner]
    trials = [lay_out(inner, candidates, scorer, beside=beside) for inner in splits]
    where = {"workers": search.workers, "executor": search.estimator.executor}
    fits = iter(train_lessons([lesson for trial in trials for lesson in trial.lessons], **where))
    chosen = []
    for trial in trials:
        mine = {number: next(fits) for number in range(len(trial.lessons))}
        scores = np.array([trial.score(number, mine)[0] for number in range(len(candidates))])
        judged = clone(search)
        judged.cv_results_ = score_table(candidates, scores, *np.zeros((2, *scores.shape)))
        judged._choose()  # noqa: SLF001 - the estimators' own tool
        chosen.append(judged)
    best = [judged.best_params_ for judged in chosen]
    models = _refit(search, parts, best, [everything[train] for train, _ in outer], encoder)
    outer_scores = [
        float(scorer(model, _safe_indexing(X, test), _safe_indexing(y, test), **chosen_rows(routed.score, test)))
        for model, (_, test) in zip(models, outer, strict=True)
    ]
    inner = np.array([judged.best_score_ for judged in chosen])
    return NestedScores(np.array(outer_scores), inner, tuple(judged.best_params_ for judged in chosen))


def _by_receiver(routed: Routed) -> tuple[Any, Any, Any]:
    return routed.fit, routed.score, routed.split


def _refit(
    search: NetSearch,
    parts: list[tuple[Any, Any, Routed]],
    chosen: list[dict[str, Any]],
    positions: list[IntArray],
    encoder: FrameEncoder | None,
) -> list[Any]:
    """Fit what each search chose to its outer training part, all as one population."""
    models = [clone(search.estimator).set_params(**best) for best in chosen]
    read = []
    for model, (x, y, routed), numbers in zip(models, parts, positions, strict=True):
        model._given_encoder = encoder  # noqa: SLF001 - the estimators' own tool
        with rows_at(numbers):
            read.append(model._read(x, y, **{name: routed.fit.get(name) for name in READ}))  # noqa: SLF001 - the estimators' own tool
    beside = [rows for rows, _ in read]
    plans = [
        plan_networks(
            rows,
            task,
            check_settings(model.get_params(deep=False)),
            seed=base_seed(model.random_state),
            positions=numbers,
            beside=beside,
        )
        for model, (rows, task), numbers in zip(models, read, positions, strict=True)
    ]
    where = {"workers": search.workers, "executor": search.estimator.executor}
    fits = iter(train_lessons([lesson for plan in plans for lesson in plan.lessons], **where))
    for model, plan in zip(models, plans, strict=True):
        model._learned(plan.collect([next(fits) for _ in plan.lessons]))  # noqa: SLF001 - see above
    return models
