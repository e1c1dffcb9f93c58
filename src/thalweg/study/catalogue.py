"""The studies there are: what each asks, what it takes, and where it is. Loading this table loads nothing heavy."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

NETWORK: Final = ("hidden", "activation")


@dataclass(frozen=True, slots=True)
class Study:
    """One study.

    Parameters
    ----------
    question
        What it answers, for the help.
    home
        Module, function and class of the result.
    takes
        Settings besides the table, ``seed`` and ``workers``.
    groups
        Whether it cuts the rows, so that rows of one group must stay together.

    Examples
    --------
    >>> STUDIES["race"].result().__name__
    'OptimizerRace'
    """

    question: str
    home: tuple[str, str, str]
    takes: tuple[str, ...]
    groups: bool = False

    def function(self) -> Callable[..., Any]:
        """Return what carries it out."""
        found: Callable[..., Any] = getattr(import_module(self.home[0]), self.home[1])
        return found

    def result(self) -> type[Any]:
        """Return the class of what it returns."""
        found: type[Any] = getattr(import_module(self.home[0]), self.home[2])
        return found


STUDIES: Final[Mapping[str, Study]] = {
    "race": Study(
        "which optimizer gets down fastest",
        ("thalweg.study.race.optimizer_race", "race_optimizers", "OptimizerRace"),
        (*NETWORK, "batch", "epochs", "seeds"),
    ),
    "signal": Study(
        "what reaches each layer at the start, by initialisation",
        ("thalweg.study.signals.signal", "signal_study", "SignalStudy"),
        (*NETWORK, "batch", "epochs", "seeds"),
    ),
    "landscape": Study(
        "what the loss looks like around trained networks, without and with skip connections",
        ("thalweg.study.surfaces.landscape", "landscape_study", "LandscapeStudy"),
        (*NETWORK, "batch", "epochs", "seeds"),
    ),
    "boundary": Study(
        "what networks of no, one and two hidden layers separate, on the two strongest columns",
        ("thalweg.study.boundaries.boundary", "boundary_study", "BoundaryStudy"),
        (*NETWORK, "batch", "epochs", "seeds"),
        groups=True,
    ),
    "backprop": Study(
        "what one training step computes, operation by operation, and what it costs",
        ("thalweg.study.boundaries.network_steps", "backprop_study", "BackpropStudy"),
        (*NETWORK, "batch", "epochs"),
    ),
    "capacity": Study(
        "how loss on other rows splits into bias and variance as networks grow, and what regularisation does",
        ("thalweg.study.capacity.bias_variance", "capacity_study", "CapacityStudy"),
        ("activation", "batch", "epochs", "seeds"),
        groups=True,
    ),
    "guide": Study(
        "which columns matter, on one half of the rows, and whether they suffice, on the other",
        ("thalweg.study.attribution.guide", "guide_study", "GuideStudy"),
        (*NETWORK, "batch", "epochs", "seeds", "keep", "permutations", "resamples", "level"),
        groups=True,
    ),
    "deck": Study(
        "the slides of a first lecture, one by one, with a glossary",
        ("thalweg.study.deck.deck", "deck_study", "DeckStudy"),
        (),
        groups=True,
    ),
}
