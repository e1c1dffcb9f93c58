"""Learning curves of a population: a median, a band, the stops and a few members, thinned for a report."""

from dataclasses import dataclass

import numpy as np

from thalweg.base.arrays import FloatArray
from thalweg.base.errors import SettingError

_MOST_EPOCHS = 120
_SAMPLE_MEMBERS = 3


@dataclass(frozen=True, slots=True)
class CurveBand:
    """Quantiles over the members still training at each epoch kept.

    Examples
    --------
    >>> CurveBand(median=(1.0,), low=(0.9,), high=(1.2,)).high
    (1.2,)
    """

    median: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Curves:
    """Training and validation loss by epoch over a population.

    Parameters
    ----------
    model
        Whose members these are.
    epoch
        Epochs kept, counted from 1.
    train, validation
        Median and 10 % to 90 % band over the members still training.
    training
        Number of members still training at each epoch kept.
    stopped
        Epochs at which members stopped before the last one, sorted.
    samples
        Validation loss of a few single members at the epochs kept.
    loss
        What the curves measure, such as "log loss".

    Examples
    --------
    >>> one = np.array([[2.0, 1.0]])
    >>> learning_curves("network", one, one).epoch
    (1, 2)
    """

    model: str
    epoch: tuple[int, ...]
    train: CurveBand
    validation: CurveBand
    training: tuple[int, ...]
    stopped: tuple[int, ...]
    samples: tuple[tuple[float, ...], ...]
    loss: str = "loss"

    @property
    def best(self) -> int:
        """Place in ``epoch`` where the median validation loss is lowest."""
        return self.validation.median.index(min(self.validation.median))


def plain(values: FloatArray) -> tuple[float, ...]:
    """Return floats with seven significant digits, as many as a picture or its table can use.

    Examples
    --------
    >>> plain(np.array([1 / 3]))
    (0.3333333,)
    """
    return tuple(float(f"{value:.7g}") for value in values)


def _band(losses: FloatArray) -> CurveBand:
    low, median, high = np.nanquantile(losses, [0.1, 0.5, 0.9], axis=0)
    return CurveBand(plain(median), plain(low), plain(high))


def learning_curves(model: str, train: FloatArray, validation: FloatArray, loss: str = "loss") -> Curves:
    """Thin the losses of a population to a band, its stops and a few members.

    Epochs are kept up to the last one at which at least half of the members still train: beyond it the
    median is one of a shrinking, untypical rest. At most 120 evenly spaced epochs are kept.

    Parameters
    ----------
    model
        Whose members these are.
    train, validation
        ``[P E]`` losses by epoch, NaN after a member stopped or diverged.
    loss
        What they measure.

    Returns
    -------
    Curves
        The thinned curves.

    Raises
    ------
    SettingError
        If the shapes differ or no loss is finite.

    Examples
    --------
    >>> losses = np.array([[3.0, 2.0, 1.0], [3.0, 2.0, np.nan]])
    >>> learning_curves("network", losses, losses).stopped
    (2,)
    """
    if train.shape != validation.shape or train.ndim != 2:
        raise SettingError(
            f"Both losses must have the axes [P E], got shapes {train.shape} and {validation.shape}.",
            "Record both after every epoch.",
        )
    running = np.isfinite(train) & np.isfinite(validation)
    epochs = running.sum(1)
    if not epochs.any():
        raise SettingError(f"No member of {model!r} has a finite loss.", "Lower the learning rate.")
    started = epochs > 0
    train, validation = (np.where(running, losses, np.nan)[started] for losses in (train, validation))
    epochs, training = epochs[started], running.sum(0)
    last = int(np.flatnonzero(2 * training >= len(epochs))[-1]) + 1
    kept = np.unique(np.linspace(0, last - 1, min(last, _MOST_EPOCHS)).round().astype(int))
    return Curves(
        model,
        tuple((kept + 1).tolist()),
        _band(train[:, kept]),
        _band(validation[:, kept]),
        tuple(training[kept].tolist()),
        tuple(np.sort(epochs[epochs < train.shape[1]]).tolist()),
        tuple(plain(member) for member in validation[:_SAMPLE_MEMBERS, kept]),
        loss,
    )
