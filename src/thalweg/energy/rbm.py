"""Restricted Boltzmann machines as scikit-learn transformers."""

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_choice, check_count
from thalweg.base.errors import SettingError
from thalweg.base.machine.free_memory import memory_told, refuse_oversized
from thalweg.energy.restricted.machines import RBMPopulation, check_values, fit_rbm_population, refuse_large_machines
from thalweg.energy.restricted.member import RBMMember
from thalweg.energy.restricted.model import (
    RBMParameters,
    draw_hidden,
    draw_visible,
    free_energy,
    hidden_mean,
    pseudo_log_likelihood,
    visible_mean,
)
from thalweg.energy.restricted.partition import LogPartition, log_likelihood, log_partition


class RBM(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    """A restricted Boltzmann machine whose likelihood can be asked for, with its error.

    Parameters
    ----------
    hidden
        Hidden units H: the features that :meth:`transform` returns.
    visible
        ``bernoulli`` for values between 0 and 1, ``gaussian`` for any numbers, ``auto`` by the rows.
    learner, steps, chains, learning_rate, schedule, momentum, ridge, batch, epochs
        As for :class:`~thalweg.energy.restricted.member.RBMMember`. Many persistent chains and a rate that falls to
        0 are the default, since few chains and a constant rate let the likelihood fall apart late in training.
    seeds
        Machines of equal settings, trained at once; the one of best likelihood of the training rows is used, and the
        spread over all is kept.
    random_state
        Names all randomness.

    Attributes
    ----------
    parameters_
        The machine that is used.
    population_
        All machines with their curves.
    visible_kind_
        ``bernoulli`` or ``gaussian``.
    n_features_in_
        D.

    Notes
    -----
    Smolensky (1986); Hinton (2010), *A Practical Guide to Training Restricted Boltzmann Machines*, UTML TR 2010-003.
    Each phase of the gradient is divided by its own number of rows, and no batch is short, so that one row more or less
    is no disaster.

    Examples
    --------
    >>> from thalweg.energy import bars_and_stripes
    >>> machine = RBM(hidden=8, epochs=20).fit(bars_and_stripes(3))
    >>> machine.transform(bars_and_stripes(3)).shape, machine.log_partition().method
    ((16, 8), 'exact')
    """

    def __init__(
        self,
        hidden: int = 64,
        *,
        visible: str = "auto",
        learner: str = "pcd",
        steps: int = 1,
        chains: int = 128,
        learning_rate: float = 0.2,
        schedule: str = "linear",
        momentum: float = 0.5,
        ridge: float = 0.0,
        batch: int | None = 32,
        epochs: int = 50,
        seeds: int = 1,
        random_state: Any = 0,
    ) -> None:
        self.hidden = hidden
        self.visible = visible
        self.learner = learner
        self.steps = steps
        self.chains = chains
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.momentum = momentum
        self.ridge = ridge
        self.batch = batch
        self.epochs = epochs
        self.seeds = seeds
        self.random_state = random_state

    @memory_told("Give fewer rows or columns, or ask for fewer units, chains or machines.")
    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> "RBM":  # noqa: ARG002 - the contract has a y
        """Learn from rows [N D].

        Parameters
        ----------
        X
            Rows [N D].
        y
            Ignored.
        sample_weight
            How many rows each stands for [N]: weight 3 is three such rows, 0 none. Weights that sum to less than N
            are scaled up to it.

        Returns
        -------
        RBM
            Itself.

        Raises
        ------
        SettingError, DataError, TrainingError
            If a setting or value makes no sense, or training leaves the finite numbers.
        """
        x = validate_data(self, X, dtype=np.float64, ensure_min_samples=1)
        weights = None if sample_weight is None else _check_sample_weight(sample_weight, x)
        check_choice("visible", self.visible, ("auto", "bernoulli", "gaussian"))
        check_count("seeds", self.seeds)
        binary = bool(((x >= 0) & (x <= 1)).all())
        self.visible_kind_ = ("bernoulli" if binary else "gaussian") if self.visible == "auto" else self.visible
        refuse_large_machines(self._member(0), self.seeds, x.shape[1])
        members = [self._member(seed) for seed in self._seeds()]
        self.population_: RBMPopulation = fit_rbm_population(x, members, weights=weights)
        best = int(np.argmax([curve[-1, 1] for curve in self.population_.curves]))
        self.parameters_: RBMParameters = self.population_.parameters[best]
        mean = (np.average(x, axis=0, weights=weights) * len(x) + 1.0) / (len(x) + 2.0)
        self._base = np.log(mean / (1.0 - mean)) if self.visible_kind_ == "bernoulli" else None
        self._n_features_out = self.hidden
        return self

    def transform(self, X: Any) -> FloatArray:
        """Return p(h = 1 | v) of rows [N D]: [N H]."""
        return np.asarray(hidden_mean(self._machine(), self._rows(X)))

    def reconstruct(self, X: Any) -> FloatArray:
        """Return the mean of the visible units given the features of rows [N D]: [N D]."""
        machine, x = self._machine(), self._rows(X)
        return np.asarray(visible_mean(machine, hidden_mean(machine, x)))

    def free_energy(self, X: Any) -> FloatArray:
        """Return F(v) of rows [N D] in nats: [N]; log p(v) = −F(v) − log Z."""
        return free_energy(self._machine(), self._rows(X))

    def log_partition(self, *, method: str = "auto", chains: int = 200, temperatures: int = 2000) -> LogPartition:
        """Return log Z with its error; see :func:`~thalweg.energy.restricted.partition.log_partition`."""
        return log_partition(self._machine(), method=method, base=self._base, chains=chains, temperatures=temperatures)

    def log_likelihood(self, X: Any, *, partition: LogPartition | None = None) -> FloatArray:
        """Return log p(v) of rows [N D] in nats [N], with a partition function that is given or computed."""
        x = self._rows(X)
        return log_likelihood(self._machine(), x, partition or self.log_partition())

    def pseudo_log_likelihood(self, X: Any) -> FloatArray:
        """Return Σ_i log p(v_i | the other units) of rows [N D]: [N], every unit turned in turn.

        Raises
        ------
        SettingError
            For Gaussian units.
        """
        machine = self._machine()
        if machine.variance is not None:
            raise SettingError("Pseudo-likelihoods turn binary units, got Gaussian ones.", "Use log_likelihood.")
        return pseudo_log_likelihood(machine, self._rows(X))

    def score(self, X: Any, y: Any = None) -> float:  # noqa: ARG002 - the contract has a y
        """Return the mean log-likelihood of rows [N D] in nats."""
        return float(self.log_likelihood(X).mean())

    def sample(self, count: int, *, sweeps: int = 1000, seed: int = 0) -> FloatArray:
        """Return states [count D] after so many Gibbs sweeps of chains that start at random.

        Raises
        ------
        SettingError
            If a number is no whole number above zero, or so many states do not fit into memory.
        """
        machine = self._machine()
        check_count("count", count)
        check_count("sweeps", sweeps)
        check_count("seed", seed, low=0)
        units = self.n_features_in_ + self.hidden
        refuse_oversized({f"{count:,} states and the chances of their units": 16 * count * units}, "Ask for fewer.")
        generator = np.random.default_rng(seed)
        h = generator.integers(0, 2, (count, machine.hidden)).astype(np.float64)
        for _ in range(sweeps):
            v = draw_visible(machine, h, generator)
            h = draw_hidden(machine, v, generator)
        return v

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64"]
        return tags

    def _member(self, seed: int) -> RBMMember:
        return RBMMember(
            hidden=self.hidden,
            visible=self.visible_kind_,
            learner=self.learner,
            steps=self.steps,
            chains=self.chains,
            learning_rate=self.learning_rate,
            schedule=self.schedule,
            momentum=self.momentum,
            ridge=self.ridge,
            batch=self.batch,
            epochs=self.epochs,
            seed=seed,
        )

    def _seeds(self) -> list[int]:
        if isinstance(self.random_state, (int, np.integer)):
            return [int(self.random_state) + place for place in range(self.seeds)]
        drawn = check_random_state(self.random_state).randint(2**31 - 1, size=self.seeds)
        return list(map(int, drawn))

    def _machine(self) -> RBMParameters:
        check_is_fitted(self)
        return self.parameters_

    def _rows(self, X: Any) -> FloatArray:
        check_is_fitted(self)
        x: FloatArray = validate_data(self, X, dtype=np.float64, reset=False)
        check_values(x, self.visible_kind_)
        return x
