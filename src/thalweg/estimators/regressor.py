"""Networks as a scikit-learn regressor."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin

from thalweg.base.arrays import FloatArray
from thalweg.estimators.callbacks import CallbackSupport, watched
from thalweg.estimators.ensemble.elsewhere import TrainedElsewhere
from thalweg.estimators.ensemble.faces import check_fitted
from thalweg.estimators.ensemble.inputs import new_rows, regression_rows, takes_frames
from thalweg.estimators.fitting import continue_estimator, fit_estimator, going_on, keep_settings, streamed
from thalweg.estimators.uncertainty.predictive import PredictiveDistribution, distribution, prediction_interval
from thalweg.select.learning.observations import Observations

if TYPE_CHECKING:
    from thalweg.estimators.ensemble.networks import NetworkFit


class NetRegressor(TrainedElsewhere, CallbackSupport, MultiOutputMixin, RegressorMixin, BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
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
        In place of the three settings above: a :class:`~thalweg.net.spec.Network`; a torch module, every network then
        starts from its parameters; or its class, or a function that makes it, see
        :func:`~thalweg.train.adopted.network_of`.
    loss
        ``squared``, ``absolute`` (half the absolute error: the median), ``huber``, ``gaussian`` (mean and variance),
        ``poisson`` (log link, counts), ``quantile`` (levels 0.05, 0.5 and 0.95), a loss, or a plain function of torch,
        see :class:`~thalweg.loss.function.FunctionLoss`. All but Poisson see the scaled outcome.
    optimizer
        ``adam``, ``adamw`` (with ``decay`` 0.01 unless another is given), ``sgd``, ``momentum``, ``adagrad``,
        ``rmsprop``, or an optimizer with its own learning rate.
    learning_rate
        Step size.
    schedule
        How the learning rate changes: ``cosine``, ``step``, ``warmup``, ``inverse_time``, or a schedule of
        :mod:`thalweg.optim.schedule`; None keeps it.
    ridge, lasso, decay
        Penalties, see :class:`~thalweg.loss.penalty.Penalty`.
    batch
        Rows of a mini-batch; None for all rows.
    epochs
        Passes over the rows.
    patience
        Epochs without a better validation loss before a network stops; it keeps its best. None runs all epochs on all
        rows.
    validation
        Share of the rows, other ones for every seed, that patience watches unless ``fit`` is given ``X_val``.
    tol
        By how much the validation loss must fall to count as better for patience.
    seeds
        How many networks, or which seeds.
    folds
        Number of folds, or a splitter; None for none.
    gap
        With ``time``, times between the rows a fold learns from and those it holds out.
    bootstrap
        Number of bootstrap samples; None for none.
    standardise
        Scale features and outcomes by the rows learned from.
    ramps
        Piecewise-linear ramps that networks see beside each number, see :mod:`thalweg.data.reading.ramps`; 0 for none.
        None is 8, unless ``network`` is given or ``standardise`` is off: then it is 0. Networks that ``partial_fit``
        starts have none, for bins need all rows.
    weights_kind
        What ``sample_weight`` means: ``frequency`` (the row stands for that many), ``analytic`` (a precision) or
        ``probability`` (the inverse of the chance to be sampled). None is ``analytic``.
    out
        Folder of runs: every fit keeps its networks, out-of-fold predictions and answer in a folder of its own there,
        and goes on where it was if it was killed. None keeps nothing.
    workers
        Most networks at work at once; None decides by the size of the work. It never changes a number.
    executor
        Trains the networks elsewhere: an executor of ``concurrent.futures`` or a ``distributed.Client``. A clone has it
        too, a pickle has not. It never changes a number. ``partial_fit`` trains here.
    random_state
        Names all randomness: equal numbers give equal fits.
    warm_start
        Let ``fit`` start from the networks of the last fit, in their scale.
    verbose
        Write the number of parameters, progress and losses to standard error.

    Attributes
    ----------
    population_
        The trained :class:`~thalweg.estimators.ensemble.model_population.ModelPopulation`.
    loss_curve_, validation_curve_
        Mean loss over networks after each epoch [E], of the scaled outcome; the second is None without validation rows.
    n_iter_
        Epochs of the network that ran longest.
    parameter_count_
        Trained parameters of one network.
    encoder_
        How columns of a frame become numbers; None if the features were a matrix of numbers.
    run_folder_
        Where this fit is kept, with ``out``.
    notes_
        What makes rows doubtful as independent ones: repeated units, near-copies, order in time.

    Notes
    -----
    A row is one observation, whatever it weighs, and equal rows are one that weighs what they weigh together: folds,
    samples and rows set aside for patience never part them. Weight 2 equals the row twice and weight 0 equals no row,
    bit for bit, and the scale of the weights is nothing: networks minimise Σ w ℓ / Σ w. The order of the rows never
    matters. Rows with equal features and several outcomes are units of their own, and so are equal rows where there
    would else be too few for the folds.

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
        tol: float = 0.0,
        seeds: Any = 5,
        folds: Any = None,
        gap: int = 0,
        bootstrap: int | None = None,
        standardise: bool = True,
        ramps: int | None = None,
        weights_kind: str | None = None,
        out: Any = None,
        workers: int | None = None,
        executor: Any = None,
        random_state: Any = 0,
        warm_start: bool = False,
        verbose: bool = False,
    ) -> None:
        keep_settings(self, locals())

    def __sklearn_tags__(self) -> Any:
        return takes_frames(super().__sklearn_tags__())

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
    ) -> "NetRegressor":
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

        groups
            Label of every row [N], such as a person: no fold, no rows set aside for patience and no bootstrap sample
            cuts a group, and intervals are for rows of new groups. None where rows are independent.
        time
            When every row was [N], numbers or dates: folds, given as a number, are blocks in its order, each held out
            from models of what came before, and patience watches the latest rows. There are no intervals for outcomes
            then, for new rows are not exchangeable with old ones. None where rows may come in any order.

        Returns
        -------
        NetRegressor
            Itself.
        """
        fit_estimator(self, X, y, sample_weight, X_val, y_val, groups=groups, time=time)
        return self

    @streamed
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> "NetRegressor":
        """Train every network for one more pass over these rows, from where the last call or ``fit`` ended.

        After ``fit`` weights, optimizer and scale go on: with the weights of the best epoch, if rows were watched, and
        what the optimizer remembered at the end. A stream that starts here is scaled by all its rows so far. There are
        no validation rows in a pass: ``patience`` is for ``fit``. With ``out`` every call keeps the estimator as it is
        in ``run_folder_``.

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
        settings, before = going_on(self)
        rows, task = self._read(X, y, sample_weight, reset=before is None)
        continue_estimator(self, rows, task, settings, before)
        return self

    def _read(
        self, X: Any, y: Any, sample_weight: Any, groups: Any = None, time: Any = None, *, reset: bool = True
    ) -> tuple[Observations, str]:
        """Check rows to learn from; return them with the task."""
        rows, self._single_outcome = regression_rows(self, X, y, sample_weight, groups=groups, time=time, reset=reset)
        return rows, "regression"

    def _outcomes(self, y: NDArray[Any]) -> FloatArray:
        """Return outcomes as the loss wants them [N C]."""
        return y.astype(np.float64).reshape(len(y), -1)

    def _learned(self, found: "NetworkFit") -> None:
        self.population_ = found.population
        self.loss_curve_, self.validation_curve_ = found.mean_curves()
        self.n_iter_ = len(self.loss_curve_)

    def predict(self, X: Any) -> FloatArray:
        """Return the mean over seeds [N] or [N C]."""
        check_fitted(self)
        return self._in_shape(self.population_.predict(new_rows(self, X)))

    def predict_interval(self, X: Any, *, level: float = 0.9, method: str | None = None) -> FloatArray:
        """Return lower and upper bounds for the outcome of each row [N 2], or [N 2 C] for several outcomes.

        See :func:`~thalweg.estimators.uncertainty.predictive.prediction_interval` for the methods ``split``, ``cv+``,
        ``jackknife+ab`` and ``cqr``.
        """
        check_fitted(self)
        return self._in_shape(prediction_interval(self.population_, new_rows(self, X), level, method))

    def predict_distribution(self, X: Any, *, source: str = "outcome") -> PredictiveDistribution:
        """Return equally likely values for each row: over ``seeds``, ``bootstrap`` samples, or of the ``outcome``."""
        check_fitted(self)
        return distribution(self.population_, new_rows(self, X), source)

    def _in_shape(self, values: FloatArray) -> FloatArray:
        """Drop the axis of outcomes if the fit saw one column without it."""
        return values[..., 0] if self._single_outcome else values
