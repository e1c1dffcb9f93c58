"""The units in which rows of Gaussian visible units are learned: from the middle of each column, by half its range."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from thalweg.base.arrays import FloatArray
from thalweg.base.errors import DataError
from thalweg.energy.restricted.model import RBMParameters

SMALLEST: Final = 1e-100
"""Half a range at least, whose square is a number."""


@dataclass(frozen=True, slots=True, eq=False)
class ColumnUnits:
    """Middle and half range of every column [D], which no weight and no repeated row changes.

    Examples
    --------
    >>> units = ColumnUnits.of(np.array([[10.0, 3.0], [14.0, 3.0]]))
    >>> units.middle.tolist(), units.half.tolist()
    ([12.0, 3.0], [2.0, 1.0])
    """

    middle: FloatArray
    half: FloatArray

    @classmethod
    def of(cls, x: FloatArray) -> "ColumnUnits":
        """Return those of rows [N D]; a constant column keeps its unit.

        Raises
        ------
        DataError
            If a column is so narrow that its variance is no number.
        """
        low, high = x.min(axis=0) / 2, x.max(axis=0) / 2
        narrow = np.flatnonzero((high > low) & (high - low < SMALLEST))
        if len(narrow):
            column = int(narrow[0])
            raise DataError(
                f"The values of column {column} differ by {2 * (high - low)[column]:g} at most; squares of that are no "
                "numbers.",
                "Scale the column.",
            )
        return cls(low + high, np.where(high > low, high - low, 1.0))

    def into(self, x: FloatArray) -> FloatArray:
        """Return rows in these units: between −1 and 1."""
        return np.asarray((x - self.middle) / self.half)

    def back(self, machine: RBMParameters) -> RBMParameters:
        """Return the machine for rows as they are, given one for rows in these units."""
        assert machine.variance is not None
        pull = self.middle / (self.half * machine.variance)
        return RBMParameters(
            machine.weights * self.half[:, None],
            self.middle + self.half * machine.visible_bias,
            machine.hidden_bias - pull @ machine.weights,
            machine.variance * self.half**2,
        )
