"""Hyper-parameter search as one population."""

import time
from collections.abc import Callable, Sequence
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import joblib  # type: ignore[import-untyped] # joblib has no types
import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, MetaEstimatorMixin, clone
from sklearn.metrics import check_scoring
from sklearn.model_selection import check_cv
from sklearn.utils import get_tags, indexable
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from thalweg.base.checks import check_choice, check_count, check_flag, check_number, shown
from thalweg.base.durations import seconds_of
from thalweg.base.errors import SettingError, TrainingError, setting
from thalweg.base.files import path_of
from thalweg.estimators.ensemble.inputs import base_seed
from thalweg.estimators.search.candidates import Candidate, list_candidates, score_table
from thalweg.estimators.search.routing import route, search_splits
from thalweg.estimators.search.standings import stages
from thalweg.estimators.search.suggest import Columns, suggested
from thalweg.estimators.setting_checks import check_settings
from thalweg.select.learning.observations import InputError

if TYPE_CHECKING:
    from thalweg.estimators.search.trials import SearchFold

GRID, RANDOM, HALVING, OPTUNA = "grid", "random", "halving", "optuna"


Method = TypeVar("Method", bound=Callable[..., Any])


def _where_best_can(method: Method) -> Method:
    """Offer a method if the estimator behind the search has it."""
    name = method.__name__
    offered = available_if(lambda search: hasattr(getattr(search, "best_estimator_", search.estimator), name))
    return cast("Method", offered(method))


class NetSearch(MetaEstimatorMixin, BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    """Search over settings of a network estimator: candidates x folds x seeds, trained as one population.

    Every score equals that of ``GridSearchCV`` with the same estimator, folds and metadata, number by number. A
    number of folds deals observations, of which rows of weight 0 are none and equal rows one; scikit-learn deals rows.
    Ramps are counted over all rows: a fold that alone would find fewer values has as many as the others.

    Parameters
    ----------
    estimator
        A :class:`~thalweg.estimators.regressor.NetRegressor` or :class:`~thalweg.estimators.classifier.NetClassifier`.
    space
        Lists of values by parameter; for drawn candidates also scipy distributions; for ``optuna`` its distributions.
    strategy
        ``grid``, ``random``, ``halving`` (successive halving over epochs) or ``optuna`` (suggestions in batches).
    candidates
        How many candidates to draw; needed by ``random`` and ``optuna``. ``halving`` takes the grid if it is None.
    factor
        Of successive halving: one in ``factor`` candidates goes on, with ``factor`` times the epochs.
    cv
        Number of folds, or a splitter; a number never cuts ``groups``, and with ``time`` it is of blocks in its
        order, with the estimator's ``gap``.
    scoring
        Name of a score or a scorer; None for the estimator's own.
    refit
        Whether to fit the best candidate to all rows.
    out
        Where trained networks are kept, so that an interrupted search goes on where it was; None for nowhere.
    workers
        Most networks at work at once; None decides by the size of the work. Networks are trained by the estimator's
        ``executor``, if it has one.
    time_limit
        How long the search may take: seconds, or text such as ``"10m"``. Candidates are then tried in their order, and
        those that could be scored in every fold stand; for ``grid`` and ``random``. None for as long as it takes.
    random_state
        Names the draw of candidates.

    Attributes
    ----------
    cv_results_
        Columns of ``GridSearchCV.cv_results_``; ``halving`` adds ``iter`` and ``n_resources`` (epochs). Fit times are
        shares of the population's time.
    best_index_, best_params_, best_score_, best_estimator_
        The candidate of rank 1.
    n_splits_, refit_time_
        Folds, and seconds of the last fit.

    Notes
    -----
    The score of the best of many candidates is optimistic. ``cross_val_score(NetSearch(...), X, y)`` is nested
    cross-validation and judges the search as a whole on rows it never saw;
    :func:`~thalweg.estimators.search.nested.nested_scores` gives the same numbers from one population.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from thalweg.estimators.regressor import NetRegressor
    >>> X, y = load_diabetes(return_X_y=True)
    >>> net = NetRegressor(hidden=(8,), seeds=1, epochs=20)
    >>> search = NetSearch(net, {"learning_rate": [1e-4, 1e-2]}, cv=3).fit(X, y)
    >>> search.best_params_
    {'learning_rate': 0.01}
    """

    def __init__(
        self,
        estimator: Any,
        space: Any,
        *,
        strategy: str = GRID,
        candidates: int | None = None,
        factor: float = 3.0,
        cv: Any = 5,
        scoring: Any = None,
        refit: bool = True,
        out: Any = None,
        workers: int | None = None,
        time_limit: Any = None,
        random_state: Any = 0,
    ) -> None:
        self.estimator = estimator
        self.space = space
        self.strategy = strategy
        self.candidates = candidates
        self.factor = factor
        self.cv = cv
        self.scoring = scoring
        self.refit = refit
        self.out = out
        self.workers = workers
        self.time_limit = time_limit
        self.random_state = random_state

    def __sklearn_tags__(self) -> Any:
        tags, inner = super().__sklearn_tags__(), get_tags(self.estimator)
        tags.estimator_type = inner.estimator_type
        tags.classifier_tags = deepcopy(inner.classifier_tags)
        tags.regressor_tags = deepcopy(inner.regressor_tags)
        tags.target_tags = deepcopy(inner.target_tags)
        tags.input_tags = deepcopy(inner.input_tags)
        return tags

    def get_metadata_routing(self) -> MetadataRouter:
        """Return who gets which metadata: the estimator's fit, the scorer and the splitter."""
        router = MetadataRouter(owner=self)
        to_fit, to_score, to_split = (MethodMapping() for _ in range(3))
        to_score.add(caller="score", callee="score").add(caller="fit", callee="score")
        router.add(estimator=self.estimator, method_mapping=to_fit.add(caller="fit", callee="fit"))
        router.add(scorer=check_scoring(self.estimator, scoring=self.scoring), method_mapping=to_score)
        router.add(splitter=check_cv(self.cv), method_mapping=to_split.add(caller="fit", callee="split"))
        return router

    def fit(self, X: Any, y: Any, sample_weight: Any = None, **params: Any) -> "NetSearch":
        """Search, and fit the best candidate to all rows.

        Parameters
        ----------
        X, y
            Features [N D] and outcomes.
        sample_weight
            Weight of every row [N], in training and in scores; with metadata routing, where it was requested.
        params
            ``groups`` [N] for the splitter and for training, or ``time`` [N]; with metadata routing whatever estimator,
            scorer and splitter requested.

        Returns
        -------
        NetSearch
            Itself.

        Raises
        ------
        SettingError
            If nobody takes a parameter.
        TrainingError
            If no candidate has a score in every fold.
        """
        check_search(self)
        if y is None:
            raise InputError("NetSearch requires y to be passed, but the target y is None.", "Give the outcomes.")
        X, y = indexable(X, y)
        routed = route(self, sample_weight, params)
        splits, folds = search_splits(self, X, y, routed)
        self.n_splits_ = len(splits)
        settings = {name: value for name, value in self.estimator.get_params().items() if name != "executor"}
        key = [X, y, routed, folds, settings, repr(self.space), self.candidates, self.factor]
        self.cv_results_ = self._scores(splits, joblib.hash(key))
        self._choose()
        if self.refit:
            started = time.perf_counter()
            best = clone(self.estimator).set_params(**self.best_params_)
            self.best_estimator_ = best.fit(X, y, **routed.fit)
            self.refit_time_ = time.perf_counter() - started
        return self

    def _choose(self) -> None:
        """Take note of the candidate of rank 1."""
        self.best_index_ = int(self.cv_results_["rank_test_score"].argmin())
        self.best_params_ = dict(self.cv_results_["params"][self.best_index_])
        self.best_score_ = float(self.cv_results_["mean_test_score"][self.best_index_])
        if not np.isfinite(self.best_score_):
            raise TrainingError("No candidate has a score in every fold.", "Lower the learning rates of the space.")

    def _scores(self, splits: "Sequence[SearchFold]", key: str) -> dict[str, Any]:
        """Train and score all candidates by the strategy."""
        from thalweg.estimators.search.in_time import scores_in_time  # noqa: PLC0415 - loads torch
        from thalweg.estimators.search.race import race_trials  # noqa: PLC0415 - the same
        from thalweg.estimators.search.trials import lay_out, run_trials  # noqa: PLC0415 - the same
        from thalweg.train.store import MemberStore  # noqa: PLC0415 - the same

        scorer, seed = check_scoring(self.estimator, scoring=self.scoring), base_seed(self.random_state)
        where = {"workers": self.workers, "executor": self.estimator.executor}
        folder = None if self.out is None else Path(self.out) / f"{key}-{self.strategy}"

        def run(candidates: Sequence[Candidate], batch: int) -> Columns:
            store = None if folder is None else MemberStore(folder / str(batch), run=f"{folder.name} {batch}")
            found = run_trials(lay_out(splits, candidates, scorer), store=store, **where)
            return found.scores, found.fit_seconds, found.score_seconds

        if self.strategy == OPTUNA:
            candidates, columns = suggested(self.space, int(self.candidates or 0), seed, run)
            return score_table(candidates, *columns)
        candidates = list_candidates(self.space, None if self.strategy == GRID else self.candidates, seed)
        if self.time_limit is not None:
            searched, columns = scores_in_time(candidates, run, seconds_of("time_limit", self.time_limit))
            return score_table(searched, *columns)
        if self.strategy != HALVING:
            return score_table(candidates, *run(candidates, 0))
        plan = stages(len(candidates), check_count("epochs", self.estimator.epochs), self.factor)
        trials = lay_out(splits, candidates, scorer, epochs=plan[-1][1])
        found, standings = race_trials(trials, plan, folder=folder, **where)
        epochs = np.array([length for _, length in plan])[standings.stage]
        columns = (found.scores, found.fit_seconds, found.score_seconds)
        return score_table(candidates, *columns, stage=standings.stage, epochs=epochs)

    @property
    def classes_(self) -> NDArray[Any]:
        """Class labels."""
        found: NDArray[Any] = self.best_estimator_.classes_
        return found

    @property
    def n_features_in_(self) -> int:
        """Number of features."""
        return int(self.best_estimator_.n_features_in_)

    def score(self, X: Any, y: Any, sample_weight: Any = None, **params: Any) -> float:
        """Return the score of the best estimator; with metadata routing the scorer gets what it requested."""
        check_is_fitted(self)
        scorer = check_scoring(self.estimator, scoring=self.scoring)
        return float(scorer(self.best_estimator_, X, y, **route(self, sample_weight, params, "score").score))

    def predict(self, X: Any) -> NDArray[Any]:
        """Predict by the best estimator."""
        return self._best().predict(X)  # type: ignore[no-any-return] # estimators have no common type

    @_where_best_can
    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return probabilities of the best estimator [N C]."""
        return self._best().predict_proba(X)  # type: ignore[no-any-return] # see predict

    @_where_best_can
    def predict_log_proba(self, X: Any) -> NDArray[np.float64]:
        """Return logarithms of the probabilities of the best estimator [N C]."""
        return self._best().predict_log_proba(X)  # type: ignore[no-any-return] # see predict

    @_where_best_can
    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """Return decision values of the best estimator."""
        return self._best().decision_function(X)  # type: ignore[no-any-return] # see predict

    @_where_best_can
    def predict_interval(self, X: Any, *, level: float = 0.9, method: str | None = None) -> NDArray[np.float64]:
        """Return prediction intervals of the best estimator."""
        return self._best().predict_interval(X, level=level, method=method)  # type: ignore[no-any-return] # see predict

    def _best(self) -> Any:
        check_is_fitted(self, "best_estimator_")
        return self.best_estimator_


def check_search(search: NetSearch) -> None:
    """Raise if a setting of a search, or of its estimator, makes no sense.

    Raises
    ------
    SettingError
        That names it.

    Examples
    --------
    >>> from thalweg.estimators import LinearRegressor
    >>> check_search(NetSearch(LinearRegressor(), {"ridge": [0.0, 1.0]}))
    Traceback (most recent call last):
    thalweg.base.errors.SettingError: estimator must be a NetRegressor or a NetClassifier, got LinearRegressor. ...
    """
    estimator = search.estimator
    if not hasattr(estimator, "_learned"):
        raise SettingError(
            f"{setting('estimator')} must be a NetRegressor or a NetClassifier, got {type(estimator).__name__}.",
            "Put the search into the pipeline, make_pipeline(scaler, NetSearch(NetRegressor(), space)), or use "
            "GridSearchCV.",
        )
    check_settings(estimator.get_params(deep=False))
    check_choice("strategy", search.strategy, (GRID, RANDOM, HALVING, OPTUNA))
    check_number("factor", search.factor, low=1.0, open_low=True)
    check_flag("refit", search.refit)
    for name in ("candidates", "workers"):
        if getattr(search, name) is not None:
            check_count(name, getattr(search, name))
    if search.time_limit is not None:
        seconds_of("time_limit", search.time_limit)
        if search.strategy not in {GRID, RANDOM}:
            raise SettingError(
                f"{setting('time_limit')} does not go with {setting('strategy')}={search.strategy!r}: what is tried "
                "next depends on all that was tried before.",
                f"Take {setting('strategy')}='random', or ask for fewer {setting('candidates')}.",
            )
    if search.out is not None:
        path_of("out", search.out, "folder")
    if not (search.scoring is None or isinstance(search.scoring, str) or callable(search.scoring)):
        raise SettingError(
            f"{setting('scoring')} must be one score, by name or as a scorer, got {shown(search.scoring)}.",
            "Name the score that chooses; others can be computed from best_estimator_.",
        )
    if search.strategy in {RANDOM, OPTUNA} and search.candidates is None:
        raise SettingError(
            f"{setting('strategy')}={search.strategy!r} needs a number of candidates, got None.",
            f"Give {setting('candidates')}=30, for example.",
        )
