"""How a network is built and trained, as one value; the loss of each task."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from thalweg.base.checks import check_choice, check_count
from thalweg.base.contracts import Loss, NetworkSpec, Optimizer, Schedule
from thalweg.base.errors import SettingError, setting
from thalweg.data.reading.ramps import RAMPS
from thalweg.loss.function import FunctionLoss
from thalweg.loss.gaussian import Gaussian
from thalweg.loss.huber import Huber
from thalweg.loss.logistic import Logistic
from thalweg.loss.penalty import Penalty
from thalweg.loss.poisson import Poisson
from thalweg.loss.quantile import Quantile
from thalweg.loss.softmax import Softmax
from thalweg.loss.squared import Squared
from thalweg.net.spec import mlp
from thalweg.optim.schedule import Constant, Cosine, InverseTime, StepDecay, Warmup
from thalweg.select.settings import OPTIMIZERS, decay_of
from thalweg.train.adopted import network_of

TASK_LOSSES: Mapping[str, Loss] = {
    "regression": Squared(),
    "binary": Logistic(),
    "multiclass": Softmax(),
    "multilabel": Logistic(),
}
NUMERIC_LOSSES: Mapping[str, Loss] = {
    "squared": Squared(),
    "absolute": Quantile((0.5,)),
    "huber": Huber(),
    "gaussian": Gaussian(),
    "poisson": Poisson(),
    "quantile": Quantile((0.05, 0.5, 0.95)),
}
SCHEDULES: Final[Mapping[str, Schedule]] = {
    "constant": Constant(),
    "cosine": Cosine(),
    "step": StepDecay(),
    "warmup": Warmup(),
    "inverse_time": InverseTime(),
}


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything about a member but its rows and its seed; see :class:`thalweg.train.population.Member`."""

    network: NetworkSpec
    loss: Loss
    optimizer: Optimizer
    schedule: Schedule
    penalty: Penalty
    batch: int | None
    epochs: int
    patience: int | None
    tolerance: float = 0.0

    @property
    def scales_outcome(self) -> bool:
        """Whether a numeric outcome may be shifted and scaled: rates of counts may not."""
        return not isinstance(self.loss, Poisson)


def wanted_ramps(settings: Mapping[str, Any]) -> int:
    """Return how many ramps the networks of an estimator see of a column at most.

    By default as many as in a comparison, unless the network is the user's own, or the scale of the features is.

    Examples
    --------
    >>> wanted_ramps({"ramps": None, "network": None, "standardise": True})
    8
    """
    if settings["ramps"] is not None:
        return int(settings["ramps"])
    return RAMPS if settings["network"] is None and settings["standardise"] else 0


def make_recipe(settings: Mapping[str, Any], task: str, columns: tuple[int, int]) -> Recipe:
    """Turn settings into a recipe; a setting may be a name, a number, or the value itself.

    Parameters
    ----------
    settings
        ``network``, or ``hidden``, ``activation`` and ``dropout``; ``optimizer`` and ``learning_rate``; ``schedule``,
        ``ridge``, ``decay``, ``lasso``, ``batch``, ``epochs``, ``patience``, ``tol``; ``loss``, None for the task's.
    task
        One of :data:`TASK_LOSSES`.
    columns
        How many the features and the outcomes have, for torch modules.

    Returns
    -------
    Recipe
        Checked.

    Raises
    ------
    SettingError
        If a value makes no sense.

    Examples
    --------
    >>> settings = dict.fromkeys(("network", "schedule", "batch", "patience"))
    >>> settings |= {"hidden": 8, "activation": "relu", "dropout": 0.0, "optimizer": "adam", "learning_rate": 0.01}
    >>> settings |= {"ridge": 0.0, "decay": 0.0, "lasso": 0.0, "epochs": 5}
    >>> recipe = make_recipe(settings, "binary", (3, 1))
    >>> recipe.loss, recipe.optimizer.learning_rate
    (Logistic(), 0.01)
    """
    network, optimizer, schedule = settings["network"], settings["optimizer"], settings["schedule"]
    decay = decay_of(optimizer, settings["decay"])
    if network is None:
        hidden = settings["hidden"]
        widths = hidden if isinstance(hidden, Iterable) else [hidden]
        network = mlp(tuple(widths), settings["activation"], dropout=settings["dropout"] or None)
    if isinstance(optimizer, str):
        kind = OPTIMIZERS[check_choice("optimizer", optimizer, list(OPTIMIZERS))]
        optimizer = kind(learning_rate=settings["learning_rate"])
    given = settings.get("loss")
    loss: Any = TASK_LOSSES[task] if given is None else given
    if task != "regression" and (isinstance(loss, str) or (hasattr(loss, "wire") and loss != TASK_LOSSES[task])):
        raise SettingError(
            f"{setting('loss')} of a classifier is None, its log loss, or a function of torch, got {given!r}.",
            "Give f(q, y), of log-odds or scores and labels [B C].",
        )
    if isinstance(loss, str):
        loss = NUMERIC_LOSSES[check_choice("loss", loss, list(NUMERIC_LOSSES))]
    elif not hasattr(loss, "wire"):
        loss = FunctionLoss(loss)
    if schedule is None or isinstance(schedule, str):
        schedule = SCHEDULES[check_choice("schedule", schedule or "constant", list(SCHEDULES))]
    for name in ("batch", "patience"):
        if settings[name] is not None:
            check_count(name, settings[name])
    return Recipe(
        network=network_of(network, columns[0], loss.outputs(columns[1])),
        loss=loss,
        optimizer=optimizer,
        schedule=schedule,
        penalty=Penalty(ridge=settings["ridge"], decay=decay, lasso=settings["lasso"]),
        batch=settings["batch"],
        epochs=check_count("epochs", settings["epochs"]),
        patience=settings["patience"],
        tolerance=settings.get("tol", 0.0),
    )
