"""Trained networks and what they predict; importing this file loads torch."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from thalweg.base.arrays import FloatArray
from thalweg.base.contracts import Loss, NetworkSpec
from thalweg.base.errors import SettingError, setting
from thalweg.loss.quantile import Quantile
from thalweg.select.learning.lessons import Scaling
from thalweg.select.learning.outputs import outputs_to_predictions
from thalweg.train.predict import predict_outputs
from thalweg.train.result import MemberFit


@dataclass(frozen=True, slots=True, eq=False)
class TrainedNetwork:
    """A network and what became of it.

    Parameters
    ----------
    network, loss, classes
        What its parameters mean.
    scaling
        Scale of features and outcomes.
    fit
        Parameters, status and curves.
    """

    network: NetworkSpec
    loss: Loss
    classes: int
    scaling: Scaling
    fit: MemberFit


@dataclass(frozen=True, slots=True, eq=False)
class NetworkGroup:
    """Trained networks that predict the same outcome.

    Parameters
    ----------
    networks
        The networks [P].
    task
        What their outputs mean.
    """

    networks: Sequence[TrainedNetwork]
    task: str

    def predict(self, x: FloatArray) -> FloatArray:
        """Return predictions or probabilities of every network [P N C]; of several quantiles the one nearest 1/2."""
        return network_predictions(self.networks, x, self.task)

    def band(self, x: FloatArray) -> FloatArray:
        """Return the lowest and the highest quantile of every network [P N 2 C].

        Raises
        ------
        SettingError
            If the networks did not learn two or more quantiles.
        """
        loss = self.networks[0].loss
        if not isinstance(loss, Quantile) or len(loss.levels) < 2:
            raise SettingError(
                f"method='cqr' needs networks that learned quantiles, these minimised {loss}.",
                "Fit with loss='quantile', or Quantile((0.05, 0.5, 0.95)).",
            )
        return np.stack([network_predictions(self.networks, x, self.task, level) for level in (0, -1)], axis=2)

    def __len__(self) -> int:
        return len(self.networks)


def network_predictions(
    networks: Sequence[TrainedNetwork], x: FloatArray, task: str, level: int | None = None
) -> FloatArray:
    """Predict by every network.

    Parameters
    ----------
    networks
        Trained networks of one outcome.
    x
        Features [N D], unscaled.
    task
        What the outputs mean.
    level
        Place of the quantile that is wanted; None for the one nearest 1/2.

    Returns
    -------
    numpy.ndarray
        Predictions in units of the outcome, or probabilities, [P N C].

    Examples
    --------
    >>> from thalweg.estimators import NetRegressor
    >>> x = np.linspace(-1.0, 1.0, 40)[:, None]
    >>> model = NetRegressor(hidden=(4,), seeds=3, epochs=2).fit(x, x[:, 0])
    >>> network_predictions(model.population_.final.networks, x[:5], "regression").shape
    (3, 5, 1)
    """
    groups: dict[object, list[int]] = {}
    for place, trained in enumerate(networks):
        groups.setdefault((trained.scaling.key, trained.network, trained.loss), []).append(place)
    found: list[FloatArray | None] = [None] * len(networks)
    for places in groups.values():
        one = networks[places[0]]
        vectors = [networks[place].fit.parameters for place in places]
        outputs = predict_outputs(one.network, one.loss, vectors, one.scaling.features(x), one.classes)
        if task == "regression":
            outputs = _numeric(outputs, one.loss, level)
        values = outputs_to_predictions(outputs, task, one.scaling.centre_y, one.scaling.scale_y)
        for place, value in zip(places, values, strict=True):
            found[place] = value
    return np.stack([value for value in found if value is not None])


def centre_place(loss: Quantile) -> int:
    """Return the place of the level nearest 1/2."""
    return int(np.abs(np.array(loss.levels) - 0.5).argmin())


def _numeric(outputs: FloatArray, loss: Loss, level: int | None) -> FloatArray:
    """Return what outputs predict in units of the scaled outcome [P N C]; one of several quantiles."""
    predicted = loss.prediction(torch.from_numpy(outputs).mT).mT.numpy()  # [P N C·L]
    if not isinstance(loss, Quantile):
        return np.asarray(predicted)
    place = centre_place(loss) if level is None else level
    by_level = predicted.reshape(*predicted.shape[:2], -1, len(loss.levels))
    return np.asarray(by_level[:, :, :, place])


def curves(series: Sequence[NDArray[np.float64]]) -> FloatArray:
    """Return losses as a matrix [P E], NaN after a member stopped."""
    matrix = np.full((len(series), max(map(len, series))), np.nan)
    for line, values in zip(matrix, series, strict=True):
        line[: len(values)] = values
    return matrix


def by_width(widths: Sequence[int]) -> list[list[int]]:
    """Return the numbers of networks with equally many inputs, which can train together.

    Parameters
    ----------
    widths
        How many inputs each has.

    Examples
    --------
    >>> by_width([3, 11, 3])
    [[0, 2], [1]]
    """
    found: dict[int, list[int]] = {}
    for number, width in enumerate(widths):
        found.setdefault(width, []).append(number)
    return list(found.values())


def refuse_widths(*, together: bool) -> None:
    """Refuse networks of several widths where all must train together.

    Parameters
    ----------
    together
        Whether they must: to race each other, or to be kept.

    Raises
    ------
    SettingError
        If so.

    Examples
    --------
    >>> refuse_widths(together=False)
    """
    if together:
        raise SettingError(
            f"Candidates differ in {setting('ramps')}, and networks that train together have equally many inputs.",
            f"Give all the same {setting('ramps')}, or search without halving and without a folder.",
        )


def in_parts(parts: Sequence[Sequence[int]], train: Callable[[Sequence[int]], Sequence[MemberFit]]) -> list[MemberFit]:
    """Train one part of the lessons after the other; return what became of them in order.

    Examples
    --------
    >>> in_parts([], lambda numbers: [])
    []
    """
    found: dict[int, MemberFit] = {}
    for numbers in parts:
        for number, fit in zip(numbers, train(numbers), strict=True):
            found[number] = replace(fit, number=number)
    return [found[number] for number in sorted(found)]
