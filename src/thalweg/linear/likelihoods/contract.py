"""What the room asks of a likelihood: checks, link, loss, cost and separation test."""

from typing import Protocol, Self

from thalweg.base.arrays import FloatArray
from thalweg.linear.likelihoods.separation import Separation
from thalweg.linear.numerics.newton import Cost


class LikelihoodCost(Cost, Protocol):
    """The penalised negative log-likelihood of a design."""

    def gradient(self, theta: FloatArray) -> FloatArray:
        """Gradient alone, shape [K]."""


class Family(Protocol):
    """A likelihood whose negative logarithm is convex in one linear predictor η, or in one per class."""

    @property
    def name(self) -> str:
        """What it is called in tables and sentences."""

    @property
    def outputs(self) -> int:
        """Linear predictors of a row: 1, or C for classes."""

    @property
    def free(self) -> int:
        """Parameters that each column brings: one fewer than the classes."""

    @property
    def separable(self) -> bool:
        """Whether answers can lie so that no finite maximum exists."""

    @property
    def bounds(self) -> tuple[float, float]:
        """Smallest and largest second derivative of a row's loss, over all η."""

    @property
    def remedy(self) -> str:
        """What to do where no finite maximum exists."""

    def checked(self, y: FloatArray, weights: FloatArray, classes: int | None = None) -> Self:
        """Return the family for these answers, of C classes where it has classes.

        Raises
        ------
        DataError
            Naming the first row whose answer it cannot explain, or that all answers are alike.
        """

    def lacking(self, y: FloatArray, seen: FloatArray) -> str | None:
        """Return what answers [N] have and some of them, ``seen``, lack; None if nothing."""

    def predictors(self, A: FloatArray, theta: FloatArray) -> FloatArray:
        """Return η of each row of a design with its column of ones, shape [N] or [N C]."""

    def loss(self, eta: FloatArray, y: FloatArray) -> FloatArray:
        """Negative log-likelihood of each row, without terms free of η; η is [... N] or [... N C]."""

    def cost(self, A: FloatArray, y: FloatArray, weights: FloatArray, penalty: FloatArray) -> LikelihoodCost:
        """Return the penalised negative log-likelihood of a design [N K]; penalty [K], 0 for the constant."""

    def splits(self, eta: FloatArray, y: FloatArray) -> bool:
        """Whether fitted values by themselves tell all answers apart."""

    def separation(self, A: FloatArray, y: FloatArray) -> Separation | None:
        """Find what separates the answers; None if a finite maximum exists."""


class MeanFamily(Family, Protocol):
    """A family with one η, whose derivative of a row's loss is the mean less the answer."""

    def link(self, mean: float) -> float:
        """Return the η with this mean."""

    def mean(self, eta: FloatArray) -> FloatArray:
        """Return the expected answer."""

    def curvature(self, eta: FloatArray) -> FloatArray:
        """Second derivative of the loss in η."""

    def constant(self, y: FloatArray) -> FloatArray:
        """Terms of the negative log-likelihood free of η."""

    def spread(self, y: FloatArray) -> float:
        """Return the curvature of a row's loss where every row has the mean of the answers."""

    def extreme(self, eta: FloatArray) -> float:
        """How far the most extreme fitted value has gone where only separated answers lead."""

    def margin(self, eta: FloatArray, y: FloatArray) -> FloatArray:
        """How far a step of η improves each row for ever, shape [N]; negative where it makes the row worse."""
