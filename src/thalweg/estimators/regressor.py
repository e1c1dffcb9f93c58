"""Networks as a scikit-learn regressor."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from thalweg.estimators.callbacks import CallbackSupport, EpochTasks, watched
from thalweg.estimators.inputs import base_seed, new_rows, regression_rows, validation_rows
from thalweg.estimators.predictive import PredictiveDistribution, distribution, prediction_interval
from thalweg.estimators.rows import Rows

if TYPE_CHECKING:
    from thalweg.estimators.incremental import Ongoing
    from thalweg.estimators.networks import NetworkFit

FloatArray = NDArray[np.float64]


class NetRegressor(CallbackSupport, MultiOutputMixin, RegressorMixin, BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    """Networks for numeric outcomes; the prediction is their mean over seeds.

    One fit trains a population at once: one network per seed on all rows, the same without each fold, and one per
    bootstrap sample. Folds and samples carry :meth:`predict_interval`.

    Parameters
    ----------
    hidden
        Widths of the hidden layers.
    activation
        Name of the activation.
    dropout
        Dropout rate behind every hidden layer.
    network
        A :class:`~thalweg.net.spec.Network` in place of the three settings above.
    loss
        ``squared``, ``huber``, ``gaussian`` (mean and variance), ``poisson`` (log link, counts), ``quantile`` (levels
        0.05, 0.5 and 0.95), or a loss. Huber, Gaussian and quantile losses see the scaled outcome.
    optimizer
        ``adam``, ``sgd``, ``momentum``, ``adagrad``, ``rmsprop``, or an optimizer with its own learning rate.
    learning_rate
        Step size.
    schedule
        How the learning rate changes; None keeps it.
    ridge, lasso, decay
        Penalties, see :class:`~thalweg.loss.penalty.Penalty`.
    batch
        Rows of a mini-batch; None for all rows.
    epochs
        Passes over the rows.
    patience
        Epochs without a better validation loss before a network stops; None to run all epochs.
    validation
        Share of the rows, other ones for every seed, that patience watches unless ``fit`` is given ``X_val``.
    seeds
        How many networks, or which seeds.
    folds
        Number of folds, or a splitter; None for none.
    bootstrap
        Number of bootstrap samples; None for none.
    standardise
        Scale features and outcomes by the rows learned from.
    workers
        Processes; None decides by the size of the work. It never changes a number.
    random_state
        Names all randomness: equal numbers give equal fits.

    Attributes
    ----------
    population_
        The trained :class:`~thalweg.estimators.population.Population`.
    loss_curve_, validation_curve_
        Mean loss over networks after each epoch [E], of the scaled outcome; the second is None without validation rows.
    n_iter_
        Epochs of the network that ran longest.

    Notes
    -----
    A whole-number ``sample_weight`` is a count: weight 2 equals the row twice and weight 0 equals no row, bit for bit,
    as long as the weights sum to at most ten times the rows. Other weights are relative: mini-batches minimise
    Σ w ℓ / Σ w. The order of the rows never matters.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = NetRegressor(hidden=(16,), epochs=30, seeds=3, folds=5).fit(X, y)
    >>> model.predict_interval(X[:2], level=0.9).shape
    (2, 2)
    """

    def __init__(
        self,
        *,
        hidden: Any = (64,),
        activation: str = "relu",
        dropout: float = 0.0,
        network: Any = None,
        loss: Any = "squared",
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
        seeds: Any = 5,
        folds: Any = None,
        bootstrap: int | None = None,
        standardise: bool = True,
        workers: int | None = None,
        random_state: Any = 0,
    ) -> None:
        self.hidden = hidden
        self.activation = activation
        self.dropout = dropout
        self.network = network
        self.loss = loss
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.ridge = ridge
        self.lasso = lasso
        self.decay = decay
        self.batch = batch
        self.epochs = epochs
        self.patience = patience
        self.validation = validation
        self.seeds = seeds
        self.folds = folds
        self.bootstrap = bootstrap
        self.standardise = standardise
        self.workers = workers
        self.random_state = random_state

    @watched
    def fit(self, X: Any, y: Any, sample_weight: Any = None, X_val: Any = None, y_val: Any = None) -> "NetRegressor":
        """Train the population.

        Parameters
        ----------
        X, y
            Features [N D] and outcomes [N] or [N C].
        sample_weight
            Weight of every row [N].
        X_val, y_val
            Validation rows of your own, for ``patience`` and the validation curve. Every network keeps the parameters
            of its best epoch on them.

        Returns
        -------
        NetRegressor
            Itself.
        """
        from thalweg.estimators.lessons import Validation  # noqa: PLC0415 - loads torch
        from thalweg.estimators.networks import fit_networks  # noqa: PLC0415 - the same

        rows, task = self._read(X, y, sample_weight)
        own = validation_rows(self, X_val, y_val)
        tasks = EpochTasks(self, self.epochs)
        found = fit_networks(
            rows,
            task,
            self.get_params(deep=False),
            seed=base_seed(self.random_state),
            validation=None if own is None else Validation(own[0], own[1].astype(np.float64).reshape(len(own[1]), -1)),
            on_progress=tasks.advance,
        )
        tasks.end()
        self._ongoing: Ongoing | None = None
        return self._learned(found)

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> "NetRegressor":
        """Train every network for one more pass over these rows; the first call's rows set the scale.

        Parameters
        ----------
        X, y
            Features [N D] and outcomes [N] or [N C].
        sample_weight
            Weight of every row [N].

        Returns
        -------
        NetRegressor
            Itself.
        """
        from thalweg.estimators.networks import continue_networks  # noqa: PLC0415 - loads torch

        before = getattr(self, "_ongoing", None)
        rows, task = self._read(X, y, sample_weight, reset=before is None)
        seed = base_seed(self.random_state)
        self._ongoing, found = continue_networks(rows, task, self.get_params(deep=False), seed=seed, before=before)
        return self._learned(found)

    def _read(self, X: Any, y: Any, sample_weight: Any, *, reset: bool = True) -> tuple[Rows, str]:
        """Check rows to learn from; return them with the task."""
        rows, self._single_outcome = regression_rows(self, X, y, sample_weight, reset=reset)
        return rows, "regression"

    def _learned(self, found: "NetworkFit") -> "NetRegressor":
        self.population_ = found.population
        self.loss_curve_, self.validation_curve_ = found.mean_curves()
        self.n_iter_ = len(self.loss_curve_)
        return self

    def predict(self, X: Any) -> FloatArray:
        """Return the mean over seeds [N] or [N C]."""
        check_is_fitted(self)
        return self._in_shape(self.population_.predict(new_rows(self, X)))

    def predict_interval(self, X: Any, *, level: float = 0.9, method: str | None = None) -> FloatArray:
        """Return lower and upper bounds for the outcome of each row [N 2], or [N 2 C] for several outcomes.

        See :func:`~thalweg.estimators.predictive.prediction_interval` for the methods ``split``, ``cv+``,
        ``jackknife+ab`` and ``cqr``.
        """
        check_is_fitted(self)
        return self._in_shape(prediction_interval(self.population_, new_rows(self, X), level, method))

    def predict_distribution(self, X: Any, *, source: str = "outcome") -> PredictiveDistribution:
        """Return equally likely values for each row: over ``seeds``, ``bootstrap`` samples, or of the ``outcome``."""
        check_is_fitted(self)
        return distribution(self.population_, new_rows(self, X), source)

    def _in_shape(self, values: FloatArray) -> FloatArray:
        """Drop the axis of outcomes if the fit saw one column without it."""
        return values[..., 0] if self._single_outcome else values
