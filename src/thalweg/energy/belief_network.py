"""Deep belief networks: restricted machines stacked layer by layer, as the start of a supervised network."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_count
from thalweg.base.errors import SettingError
from thalweg.base.machine.free_memory import memory_told
from thalweg.energy.rbm import RBM

if TYPE_CHECKING:
    from thalweg.net.spec import Network


class DBN(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    """Restricted Boltzmann machines trained greedily, each on the features of the one below.

    The rows it learns from need no outcome. :meth:`network` hands the weights to a supervised network of sigmoid
    layers, which starts there instead of at random. On digits with few labels that gains over sigmoid units started at
    random; rectified units started at random are better still (``studies/pretraining.txt``).

    Parameters
    ----------
    hidden
        Width of every layer, from the inputs up.
    learner, steps, chains, learning_rate, schedule, momentum, ridge, batch, epochs
        As for :class:`~thalweg.energy.restricted.member.RBMMember`, for every layer.
    random_state
        Names all randomness.

    Attributes
    ----------
    layers_
        The fitted machines, from the inputs up.
    n_features_in_
        D.

    Notes
    -----
    Hinton, Osindero & Teh (2006), Neural Computation 18, 1527, section 4 (greedy learning).

    Examples
    --------
    >>> from thalweg.energy import bars_and_stripes
    >>> stack = DBN((6, 4), epochs=5).fit(bars_and_stripes(3))
    >>> stack.transform(bars_and_stripes(3)).shape, stack.network().count(inputs=9, outputs=2)
    ((16, 4), 98)
    """

    def __init__(
        self,
        hidden: Sequence[int] = (100, 100),
        *,
        learner: str = "cd",
        steps: int = 1,
        chains: int = 128,
        learning_rate: float = 0.1,
        schedule: str = "linear",
        momentum: float = 0.5,
        ridge: float = 0.0002,
        batch: int | None = 20,
        epochs: int = 40,
        random_state: Any = 0,
    ) -> None:
        self.hidden = hidden
        self.learner = learner
        self.steps = steps
        self.chains = chains
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.momentum = momentum
        self.ridge = ridge
        self.batch = batch
        self.epochs = epochs
        self.random_state = random_state

    @memory_told("Give fewer rows or columns, or ask for fewer units, chains or machines.")
    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> "DBN":  # noqa: ARG002 - the contract has a y
        """Learn from rows [N D], layer by layer.

        Parameters
        ----------
        X
            Rows [N D]; those not between 0 and 1 are met by Gaussian units in the first layer.
        y
            Ignored.
        sample_weight
            Weight of every row [N].

        Returns
        -------
        DBN
            Itself.

        Raises
        ------
        SettingError, DataError, TrainingError
            As for :class:`~thalweg.energy.rbm.RBM`.
        """
        rows = validate_data(self, X, dtype=np.float64)
        if isinstance(self.hidden, (str, int)) or not len(self.hidden):
            raise SettingError(f"hidden must list the width of every layer, got {self.hidden!r}.", "Give (100, 100).")
        settings = self.get_params()
        widths = settings.pop("hidden")
        for width in widths:
            check_count("hidden", width)
        self.layers_: list[RBM] = []
        for width in widths:
            self.layers_.append(RBM(width, **settings).fit(rows, sample_weight=sample_weight))
            rows = self.layers_[-1].transform(rows)
        self._n_features_out = widths[-1]
        return self

    def transform(self, X: Any) -> FloatArray:
        """Return the features of the highest layer [N H] for rows [N D]."""
        check_is_fitted(self)
        rows: FloatArray = validate_data(self, X, dtype=np.float64, reset=False)
        for layer in self.layers_:
            rows = layer.transform(rows)
        return rows

    def network(self) -> "Network":
        """Return a network of sigmoid layers that starts at these weights; its output layer starts at 0.

        Give it to :class:`~thalweg.estimators.NetClassifier` as ``network``, with ``standardise=False``, or to members
        of a population.
        """
        check_is_fitted(self)
        from thalweg.net.activation import Activation  # noqa: PLC0415 - loads torch
        from thalweg.net.dense import Dense  # noqa: PLC0415
        from thalweg.net.init import Given, Zeros  # noqa: PLC0415
        from thalweg.net.spec import Network  # noqa: PLC0415

        layers: list[Any] = []
        for layer in self.layers_:
            machine = layer.parameters_
            weights, bias = machine.weights, machine.hidden_bias
            if machine.variance is not None:
                weights = weights / machine.variance[:, None]
            layers += [Dense(machine.hidden, Given(weights), Given(bias[None])), Activation("sigmoid")]
        return Network(tuple(layers), Zeros(), Zeros())
