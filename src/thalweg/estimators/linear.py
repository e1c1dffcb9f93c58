"""Linear models as scikit-learn estimators, with the folds and bootstrap samples of the networks."""

from time import perf_counter
from typing import Any

from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, MultiOutputMixin, RegressorMixin

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_choice
from thalweg.estimators.ensemble.dependence import look_for_dependence
from thalweg.estimators.ensemble.faces import check_fitted
from thalweg.estimators.ensemble.inputs import base_seed, classification_rows, new_rows, regression_rows, takes_frames
from thalweg.estimators.ensemble.linear_group import LinearGroup, fit_linear_views
from thalweg.estimators.setting_checks import check_settings
from thalweg.estimators.uncertainty.predictive import (
    BOOTSTRAP,
    SEEDS,
    PredictiveDistribution,
    distribution,
    prediction_interval,
)
from thalweg.estimators.uncertainty.probabilities import calibrated, decisions, labels, log_of, temperature_of


class LinearRegressor(MultiOutputMixin, RegressorMixin, BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    """Least squares, or ridge regression, of one or several outcomes.

    Parameters
    ----------
    ridge
        Penalty λ of Σ w r² + λ Σ β² over standardised features; 0 is least squares, None takes the λ of least
        leave-one-out error.
    weights_kind
        What ``sample_weight`` means: ``frequency`` (the row stands for that many), ``analytic`` (a precision) or
        ``probability`` (the inverse of the chance to be sampled). None is ``analytic``, but lets a fixed ``ridge``
        stand beside the weights as they are, as scikit-learn does; said, only ratios of weights matter.
    folds
        Number of folds, or a splitter; None for none.
    gap
        With ``time``, times between the rows a fold learns from and those it holds out.
    bootstrap
        Number of bootstrap samples; None for none.
    out
        Folder of runs: every fit keeps its models, and with folds its out-of-fold predictions and answer, in a folder
        of its own there. None keeps nothing.
    random_state
        Names all randomness of folds and samples.

    Attributes
    ----------
    coef_, intercept_
        In units of the features, [D] and a number; [C D] and [C] for several outcomes.
    population_
        The models of all rows, folds and samples.
    run_folder_
        Where this fit is kept, with ``out``.
    notes_
        What makes rows doubtful as independent ones, where folds or samples part them.

    Examples
    --------
    >>> model = LinearRegressor(folds=5).fit([[0.0], [1.0], [2.0], [3.0], [4.0]], [1.0, 3.0, 5.0, 7.0, 9.0])
    >>> model.coef_.round(6).tolist(), round(float(model.intercept_), 6)
    ([2.0], 1.0)
    """

    def __init__(
        self,
        *,
        ridge: float | None = 0.0,
        weights_kind: str | None = None,
        folds: Any = None,
        gap: int = 0,
        bootstrap: int | None = None,
        out: Any = None,
        random_state: Any = 0,
    ) -> None:
        self.ridge = ridge
        self.weights_kind = weights_kind
        self.folds = folds
        self.gap = gap
        self.bootstrap = bootstrap
        self.out = out
        self.random_state = random_state

    def __sklearn_tags__(self) -> Any:
        return takes_frames(super().__sklearn_tags__())

    def fit(
        self, X: Any, y: Any, sample_weight: Any = None, *, groups: Any = None, time: Any = None
    ) -> "LinearRegressor":
        """Fit to features [N D] and outcomes [N] or [N C]; groups [N], one label per row, are never cut.

        With ``time`` [N] a number of folds is of blocks in its order, each held out from what came before.
        """
        settings = check_settings(self.get_params(deep=False))
        rows, self._single_outcome = regression_rows(self, X, y, sample_weight, groups=groups, time=time)
        self.notes_ = look_for_dependence(self, X, y, rows)
        seed, started = base_seed(self.random_state), perf_counter()
        self.population_ = fit_linear_views(
            rows,
            "regression",
            ridge=settings["ridge"],
            folds=settings["folds"],
            bootstrap=settings["bootstrap"],
            seed=seed,
            gap=settings["gap"],
        )
        seconds = perf_counter() - started
        final = self.population_.final
        assert isinstance(final, LinearGroup)
        coefficients, intercept = final.coefficients.T, final.intercept
        self.coef_: FloatArray = coefficients[0] if self._single_outcome else coefficients
        self.intercept_: Any = intercept[0] if self._single_outcome else intercept
        if self.out is not None:
            from thalweg.estimators.keeping.tracking import keep_linear  # noqa: PLC0415 - loads torch

            self.run_folder_ = keep_linear(self, "regression", seed=seed, seconds=seconds)
        return self

    def predict(self, X: Any) -> FloatArray:
        """Return intercept + x'β [N] or [N C]."""
        check_fitted(self)
        return self._in_shape(self.population_.predict(new_rows(self, X)))

    def predict_interval(self, X: Any, *, level: float = 0.9, method: str | None = None) -> FloatArray:
        """Return lower and upper bounds for the outcome of each row [N 2], or [N 2 C] for several outcomes.

        See :func:`~thalweg.estimators.uncertainty.predictive.prediction_interval` for the methods.
        """
        check_fitted(self)
        return self._in_shape(prediction_interval(self.population_, new_rows(self, X), level, method))

    def predict_distribution(self, X: Any, *, source: str = "outcome") -> PredictiveDistribution:
        """Return equally likely values for each row: over ``bootstrap`` samples, or of the ``outcome``."""
        check_fitted(self)
        return distribution(self.population_, new_rows(self, X), source)

    def _in_shape(self, values: FloatArray) -> FloatArray:
        """Drop the axis of outcomes if the fit saw one column without it."""
        return values[..., 0] if self._single_outcome else values


class LogisticClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    """Logistic regression for two classes, softmax regression for more, with a ridge penalty.

    Parameters
    ----------
    ridge
        Positive penalty λ of −log L + ½ λ Σ β² over standardised features; 1 is scikit-learn's ``C=1``.
    class_weight
        Weight of each class, multiplied with ``sample_weight``; ``balanced`` gives classes equal sums.
    weights_kind, folds, gap, bootstrap, out, random_state
        As for :class:`LinearRegressor`.
    calibrate
        Learn a temperature on out-of-fold probabilities and apply it; needs folds.

    Attributes
    ----------
    classes_
        Class labels [C].
    coef_, intercept_
        In units of the features, [1 D] and [1] for two classes, else [C D] and [C].
    temperature_
        1 without ``calibrate``.
    population_
        The models of all rows, folds and samples.
    run_folder_, notes_
        As for :class:`LinearRegressor`.

    Examples
    --------
    >>> model = LogisticClassifier().fit([[0.0], [1.0], [2.0], [3.0]], ["no", "no", "yes", "yes"])
    >>> model.predict([[0.2], [2.9]]).tolist()
    ['no', 'yes']
    """

    def __init__(
        self,
        *,
        ridge: float = 1.0,
        weights_kind: str | None = None,
        class_weight: Any = None,
        folds: Any = None,
        gap: int = 0,
        bootstrap: int | None = None,
        calibrate: bool = False,
        out: Any = None,
        random_state: Any = 0,
    ) -> None:
        self.ridge = ridge
        self.weights_kind = weights_kind
        self.class_weight = class_weight
        self.folds = folds
        self.gap = gap
        self.bootstrap = bootstrap
        self.calibrate = calibrate
        self.out = out
        self.random_state = random_state

    def __sklearn_tags__(self) -> Any:
        return takes_frames(super().__sklearn_tags__())

    def fit(
        self, X: Any, y: Any, sample_weight: Any = None, *, groups: Any = None, time: Any = None
    ) -> "LogisticClassifier":
        """Fit to features [N D] and classes [N]; groups [N], one label per row, are never cut.

        With ``time`` [N] a number of folds is of blocks in its order, each held out from what came before.
        """
        settings = check_settings(self.get_params(deep=False))
        rows, self._classes = classification_rows(
            self, X, y, sample_weight, self.class_weight, groups=groups, time=time
        )
        self.notes_ = look_for_dependence(self, X, y, rows)
        self.classes_ = self._classes.labels
        task, seed, started = self._classes.task, base_seed(self.random_state), perf_counter()
        self.population_ = fit_linear_views(
            rows,
            task,
            ridge=settings["ridge"],
            folds=settings["folds"],
            bootstrap=settings["bootstrap"],
            seed=seed,
            gap=settings["gap"],
        )
        seconds = perf_counter() - started
        self.temperature_ = temperature_of(self.population_, self._classes) if self.calibrate else 1.0
        final = self.population_.final
        assert isinstance(final, LinearGroup)
        self.coef_, self.intercept_ = final.coefficients.T, final.intercept
        if self.out is not None:
            from thalweg.estimators.keeping.tracking import keep_linear  # noqa: PLC0415 - loads torch

            self.run_folder_ = keep_linear(self, task, seed=seed, seconds=seconds)
        return self

    def predict_proba(self, X: Any) -> FloatArray:
        """Return the probability of each class [N C]."""
        check_fitted(self)
        return calibrated(self.population_.predict(new_rows(self, X)), self._classes, self.temperature_)

    def predict_log_proba(self, X: Any) -> FloatArray:
        """Return the logarithm of each probability [N C]."""
        return log_of(self.predict_proba(X))

    def decision_function(self, X: Any) -> FloatArray:
        """Return log-odds for two classes [N], else log probabilities [N C]."""
        return decisions(self.predict_proba(X), self._classes)

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the most probable class [N]."""
        return labels(self.predict_proba(X), self._classes)

    def predict_distribution(self, X: Any, *, source: str = "bootstrap") -> PredictiveDistribution:
        """Return probabilities [K N C] over ``bootstrap`` samples, before calibration."""
        check_fitted(self)
        check_choice("source", source, (SEEDS, BOOTSTRAP))
        return distribution(self.population_, new_rows(self, X), source)
