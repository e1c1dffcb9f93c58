"""Networks as a scikit-learn classifier."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_choice, shown
from thalweg.estimators.callbacks import CallbackSupport, watched
from thalweg.estimators.ensemble.elsewhere import TrainedElsewhere
from thalweg.estimators.ensemble.faces import check_fitted
from thalweg.estimators.ensemble.inputs import Classes, classification_rows, find_classes, new_rows, takes_frames
from thalweg.estimators.fitting import continue_estimator, fit_estimator, going_on, keep_settings, streamed
from thalweg.estimators.uncertainty.predictive import BOOTSTRAP, SEEDS, PredictiveDistribution, distribution
from thalweg.estimators.uncertainty.probabilities import calibrated, decisions, labels, log_of, temperature_of
from thalweg.select.learning.observations import InputError, Observations

if TYPE_CHECKING:
    from thalweg.estimators.ensemble.networks import NetworkFit


class NetClassifier(TrainedElsewhere, CallbackSupport, ClassifierMixin, BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    """Networks for classes or sets of labels; probabilities are means over seeds.

    Parameters
    ----------
    hidden, activation, dropout, network, optimizer, learning_rate, schedule, ridge, lasso, decay, batch, epochs
        As for :class:`~thalweg.estimators.regressor.NetRegressor`.
    patience, validation, tol, seeds, folds, gap, bootstrap, out, workers, executor, random_state, warm_start, verbose
        As for :class:`~thalweg.estimators.regressor.NetRegressor`.
    loss
        None for log loss, or a plain function of torch, f(q, y) of log-odds [B 1] or scores [B C] and labels of that
        shape, see :class:`~thalweg.loss.function.FunctionLoss`; probabilities are the sigmoid or softmax of q.
    standardise
        Scale features by the rows learned from.
    ramps
        As for :class:`~thalweg.estimators.regressor.NetRegressor`.
    weights_kind
        As for :class:`~thalweg.estimators.regressor.NetRegressor`.
    label_smoothing
        Share s of every label that is spread evenly over the C classes, (1 − s) y + s / C; 0 for none.
    class_weight
        Weight of each class, multiplied with ``sample_weight``; ``balanced`` gives classes equal sums.
    calibrate
        Learn a temperature on out-of-fold probabilities and apply it; needs folds.

    Attributes
    ----------
    classes_
        Class labels [C]; label numbers if the outcome is a matrix of 0 and 1.
    temperature_
        1 without ``calibrate``; above 1 if the networks were too sure of themselves.
    population_, loss_curve_, validation_curve_, n_iter_, parameter_count_, encoder_, run_folder_, notes_
        As for :class:`~thalweg.estimators.regressor.NetRegressor`.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> model = NetClassifier(hidden=(16,), epochs=50, seeds=3, folds=5, calibrate=True).fit(X, y)
    >>> model.predict_proba(X[:1]).shape, model.temperature_ > 0
    ((1, 3), True)
    """

    def __init__(
        self,
        *,
        hidden: Any = (64,),
        activation: str = "relu",
        dropout: float = 0.0,
        network: Any = None,
        loss: Any = None,
        optimizer: Any = "adam",
        learning_rate: float = 0.001,
        schedule: Any = None,
        ridge: float = 0.0,
        lasso: float = 0.0,
        decay: float = 0.0,
        batch: int | None = 64,
        epochs: int = 200,
        patience: int | None = 20,
        validation: float = 0.15,
        tol: float = 0.0,
        seeds: Any = 5,
        folds: Any = None,
        gap: int = 0,
        bootstrap: int | None = None,
        standardise: bool = True,
        ramps: int | None = None,
        weights_kind: str | None = None,
        label_smoothing: float = 0.0,
        class_weight: Any = None,
        calibrate: bool = False,
        out: Any = None,
        workers: int | None = None,
        executor: Any = None,
        random_state: Any = 0,
        warm_start: bool = False,
        verbose: bool = False,
    ) -> None:
        keep_settings(self, locals())

    def __sklearn_tags__(self) -> Any:
        tags = takes_frames(super().__sklearn_tags__())
        tags.classifier_tags.multi_label = not self.calibrate  # a temperature is that of classes
        return tags

    @watched
    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        X_val: Any = None,
        y_val: Any = None,
        *,
        groups: Any = None,
        time: Any = None,
    ) -> "NetClassifier":
        """Train the population.

        Parameters
        ----------
        X, y
            Features [N D]; classes [N], or labels 0 and 1 [N C].
        sample_weight
            Weight of every row [N].
        X_val, y_val
            Validation rows of your own, for ``patience`` and the validation curve.

        groups
            Label of every row [N], such as a person: no fold, no rows set aside for patience and no bootstrap sample
            cuts a group, and intervals are for rows of new groups. None where rows are independent.
        time
            When every row was [N], numbers or dates: folds, given as a number, are blocks in its order, each held out
            from models of what came before, and patience watches the latest rows. There are no intervals for outcomes
            then, for new rows are not exchangeable with old ones. None where rows may come in any order.

        Returns
        -------
        NetClassifier
            Itself.
        """
        fit_estimator(self, X, y, sample_weight, X_val, y_val, groups=groups, time=time)
        return self

    @streamed
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None) -> "NetClassifier":
        """Train every network for one more pass over these rows, from where the last call or ``fit`` ended.

        After ``fit`` weights, optimizer and scale go on: with the weights of the best epoch, if rows were watched, and
        what the optimizer remembered at the end. A stream that starts here is scaled by all its rows so far. There are
        no validation rows in a pass: ``patience`` is for ``fit``. With ``out`` every call keeps the estimator as it is
        in ``run_folder_``.

        Parameters
        ----------
        X, y
            Features [N D]; classes [N], or labels 0 and 1 [N C].
        sample_weight
            Weight of every row [N].
        classes
            All classes there will be [C]; needed in the first call if its rows do not show all.

        Returns
        -------
        NetClassifier
            Itself.
        """
        settings, before = going_on(self)
        if before is not None and classes is not None and not np.array_equal(np.unique(classes), self.classes_):
            raise InputError(
                f"classes must stay {self.classes_.tolist()}, those of the first call, got {shown(classes)}.",
                "Leave them out, or start anew with fit.",
            )
        known = self._classes if before is not None else None if classes is None else find_classes(np.asarray(classes))
        rows, task = self._read(X, y, sample_weight, known=known, reset=before is None)
        continue_estimator(self, rows, task, settings, before)
        return self

    def _read(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        groups: Any = None,
        time: Any = None,
        *,
        known: Classes | None = None,
        reset: bool = True,
    ) -> tuple[Observations, str]:
        """Check rows to learn from; return them with the task."""
        rows, self._classes = classification_rows(
            self,
            X,
            y,
            sample_weight,
            self.class_weight,
            groups=groups,
            time=time,
            multilabel=True,
            known=known,
            reset=reset,
        )
        self.classes_ = self._classes.labels
        return rows, self._classes.task

    def _outcomes(self, y: NDArray[Any]) -> FloatArray:
        """Return outcomes as the loss wants them [N C]."""
        return self._classes.encode(y)

    def _learned(self, found: "NetworkFit") -> None:
        self.population_ = found.population
        self.temperature_ = temperature_of(found.population, self._classes) if self.calibrate else 1.0
        self.loss_curve_, self.validation_curve_ = found.mean_curves()
        self.n_iter_ = len(self.loss_curve_)

    def predict_proba(self, X: Any) -> FloatArray:
        """Return the probability of each class, or of each label [N C]."""
        check_fitted(self)
        return calibrated(self.population_.predict(new_rows(self, X)), self._classes, self.temperature_)

    def predict_log_proba(self, X: Any) -> FloatArray:
        """Return the logarithm of each probability [N C]."""
        return log_of(self.predict_proba(X))

    def decision_function(self, X: Any) -> FloatArray:
        """Return log-odds for two classes [N] or for labels [N C], else log probabilities [N C]."""
        return decisions(self.predict_proba(X), self._classes)

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the most probable class [N], or the labels that are more likely than not [N C]."""
        return labels(self.predict_proba(X), self._classes)

    def predict_distribution(self, X: Any, *, source: str = "seeds") -> PredictiveDistribution:
        """Return probabilities [K N C] over ``seeds`` or ``bootstrap`` samples, before calibration."""
        check_fitted(self)
        check_choice("source", source, (SEEDS, BOOTSTRAP))
        return distribution(self.population_, new_rows(self, X), source)
