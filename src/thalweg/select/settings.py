"""What is to be compared, in plain values that go into the run's folder."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from itertools import product
from typing import Any, Final

from thalweg.base.checks import check_choice, check_count, check_number, plain_value
from thalweg.base.contracts import Optimizer
from thalweg.base.errors import SettingError
from thalweg.base.errors import setting as marked
from thalweg.data.reading.ramps import RAMPS
from thalweg.loss.penalty import Penalty
from thalweg.net.spec import Network, mlp
from thalweg.optim.adagrad import AdaGrad
from thalweg.optim.adam import Adam
from thalweg.optim.gradient import GradientDescent
from thalweg.optim.momentum import Momentum
from thalweg.optim.rmsprop import RMSProp

OPTIMIZERS: Final = {
    "adam": Adam,
    "adamw": Adam,
    "sgd": GradientDescent,
    "momentum": Momentum,
    "adagrad": AdaGrad,
    "rmsprop": RMSProp,
}
TREES: Final = 500  # of gradient boosting
ADAMW, ADAMW_DECAY = "adamw", 0.01  # Adam with decay, as strong as torch.optim.AdamW by default


def decay_of(optimizer: object, decay: float = 0.0) -> float:
    """Return the decay of :class:`~thalweg.loss.penalty.Penalty` that a named optimizer brings, unless one is given.

    Examples
    --------
    >>> decay_of("adam"), decay_of("adamw"), decay_of("adamw", 0.1)
    (0.0, 0.01, 0.1)
    """
    named = isinstance(optimizer, str) and optimizer == ADAMW
    return ADAMW_DECAY if named and not decay else decay


@dataclass(frozen=True, slots=True)
class NetworkSetting:
    """One network of the grid.

    Parameters
    ----------
    hidden
        Widths of the hidden layers.
    activation
        Name of the activation.
    learning_rate
        Step size.
    dropout
        Dropout rate behind every hidden layer.
    ridge
        Penalty λ Σ w² on the weights.
    optimizer
        One of :data:`OPTIMIZERS`.

    Raises
    ------
    SettingError
        If a value makes no sense.

    Examples
    --------
    >>> NetworkSetting((64, 64)).name
    'network 64-64, rate 0.001'
    """

    hidden: tuple[int, ...] = (64,)
    activation: str = "relu"
    learning_rate: float = 0.001
    dropout: float = 0.0
    ridge: float = 0.0
    optimizer: str = "adam"

    def __post_init__(self) -> None:
        check_choice("optimizer", self.optimizer, list(OPTIMIZERS))
        check_number("dropout", self.dropout, low=0.0, high=1.0, open_high=True)
        if not self.hidden:
            raise SettingError(
                f"{marked('hidden')} names no layer: a network needs at least one.",
                "Give widths such as 64 or 64-64; linear models are always compared.",
            )
        self.network()
        self.stepper()
        self.penalty()

    @property
    def name(self) -> str:
        """How leaderboards call it."""
        parts = [f"network {'-'.join(map(str, self.hidden))}", f"rate {self.learning_rate:g}"]
        parts += [f"dropout {self.dropout:g}"] if self.dropout else []
        parts += [f"ridge {self.ridge:g}"] if self.ridge else []
        parts += [self.activation] if self.activation != "relu" else []
        parts += [self.optimizer] if self.optimizer != "adam" else []
        return ", ".join(parts)

    def network(self) -> Network:
        """Return the architecture; without dropout the layers are left out."""
        return mlp(self.hidden, self.activation, dropout=self.dropout or None)

    def stepper(self) -> Optimizer:
        """Return the optimizer."""
        optimizer: Optimizer = OPTIMIZERS[self.optimizer](learning_rate=self.learning_rate)
        return optimizer

    def penalty(self) -> Penalty:
        """Return the penalty."""
        return Penalty(ridge=self.ridge, decay=decay_of(self.optimizer))


def grid_of(
    hidden: Sequence[tuple[int, ...]] = ((64,), (64, 64)),
    activation: Sequence[str] = ("relu",),
    learning_rate: Sequence[float] = (0.0005, 0.002),
    dropout: Sequence[float] = (0.0, 0.3),
    ridge: Sequence[float] = (0.0,),
    optimizer: Sequence[str] = ("adam",),
) -> tuple[NetworkSetting, ...]:
    """Return every combination of the values; ``hidden=[(0,)]`` asks for no network at all.

    Parameters
    ----------
    hidden, activation, learning_rate, dropout, ridge, optimizer
        Values of the fields of :class:`NetworkSetting`.

    Returns
    -------
    tuple of NetworkSetting
        The grid.

    Raises
    ------
    SettingError
        If a value makes no sense.

    Examples
    --------
    >>> [setting.name for setting in grid_of([(8,)], dropout=[0.0])]
    ['network 8, rate 0.0005', 'network 8, rate 0.002']
    """
    if list(hidden) == [(0,)]:
        return ()
    combinations = product(hidden, activation, learning_rate, dropout, ridge, optimizer)
    return tuple(
        NetworkSetting(h, activation=a, learning_rate=r, dropout=d, ridge=p, optimizer=o)
        for h, a, r, d, p, o in combinations
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """How models are compared.

    Parameters
    ----------
    folds
        Parts of the table, each held out once.
    seeds
        Networks per fold and setting that differ by chance alone: initial weights, batch order, validation rows.
    seed
        Names all randomness of the run.
    gap
        With folds in time order, times between the rows learned from and those held out.
    networks
        The grid.
    epochs
        Most passes over the training rows.
    patience
        Epochs without a better validation loss before a network stops.
    validation
        Share of the training rows, never of the held-out fold, that early stopping watches.
    batch
        Rows of a mini-batch.
    level
        Nominal coverage of intervals.
    ramps
        Piecewise-linear ramps that networks see beside each number; 0 for none.
    trees
        Most trees of gradient boosting (of each class); 0 leaves it out.
    metric
        Which decides; None for RMSE, or log loss where classes are predicted. Models are trained by their own losses.

    Raises
    ------
    SettingError
        If a value makes no sense.

    Examples
    --------
    >>> Settings(folds=5, seeds=10).members
    400
    """

    folds: int = 5
    seeds: int = 5
    seed: int = 0
    networks: tuple[NetworkSetting, ...] = field(default_factory=grid_of)
    epochs: int = 300
    patience: int = 20
    validation: float = 0.15
    batch: int = 64
    level: float = 0.95
    gap: int = 0
    ramps: int = RAMPS
    trees: int = TREES
    metric: str | None = None

    def __post_init__(self) -> None:
        check_count("folds", self.folds, low=2)
        check_count("gap", self.gap, low=0)
        check_count("ramps", self.ramps, low=0)
        check_count("trees", self.trees, low=0)
        check_count("seed", self.seed, low=0)
        for name in ("seeds", "epochs", "patience", "batch"):
            check_count(name, getattr(self, name))
        check_number("validation", self.validation, low=0.0, high=0.5, open_low=True)
        check_number("level", self.level, low=0.5, high=1.0, open_high=True)
        names = [setting.name for setting in self.networks]
        if len(set(names)) < len(names):
            raise SettingError(f"Networks of the grid repeat: {', '.join(names)}.", "Give each setting once.")

    @property
    def members(self) -> int:
        """Networks trained for the comparison."""
        return self.folds * self.seeds * len(self.networks)


def make_settings(values: Mapping[str, Any]) -> Settings:
    """Build settings from keywords, networks as settings or mappings.

    Parameters
    ----------
    values
        Fields of :class:`Settings`.

    Returns
    -------
    Settings
        Checked.

    Raises
    ------
    SettingError
        If a name is unknown or a value makes no sense.

    Examples
    --------
    >>> make_settings({"folds": 3, "networks": [{"hidden": [8]}]}).networks[0].name
    'network 8, rate 0.001'
    """
    prepared = plain_value(dict(values))
    if "networks" in prepared:
        given = prepared["networks"]
        if isinstance(given, (str, Mapping)) or not isinstance(given, Iterable):
            raise _no_networks(given)
        prepared["networks"] = tuple(map(_network_setting, given))
    return Settings(**_known(Settings, prepared))


def _network_setting(given: NetworkSetting | Mapping[str, Any]) -> NetworkSetting:
    if isinstance(given, NetworkSetting):
        return given
    if not isinstance(given, Mapping):
        raise _no_networks(given)
    values = dict(given)
    if "hidden" in values:
        widths = values["hidden"]
        values["hidden"] = tuple(widths) if isinstance(widths, (list, tuple)) else (widths,)
    return NetworkSetting(**_known(NetworkSetting, values))


def _no_networks(given: object) -> SettingError:
    return SettingError(
        f"{marked('networks')} must be a list of mappings, got {given!r}.", 'Write [{"hidden": [8]}], for example.'
    )


def _known(kind: type[Any], given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Refuse names a record does not have, with the nearest it has."""
    known = [field.name for field in fields(kind)]
    for name in given:
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f"Did you mean {near[0]!r}?" if near else f"Known settings: {', '.join(known)}."
            raise SettingError(f"There is no setting {name!r}.", hint)
    return given
