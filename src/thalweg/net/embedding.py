"""Embedding of categories: a column of codes becomes a few learned numbers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from thalweg.base.checks import check_count
from thalweg.base.contracts import Backward, ParameterSpec, Planner, Signal
from thalweg.base.errors import DataError, SettingError, row
from thalweg.base.seeds import Stream
from thalweg.net.init import Initial, Normal


class Codes(NamedTuple):
    """A column of the table that holds category codes.

    Parameters
    ----------
    column
        Its place among the inputs, from 0.
    levels
        Number of categories L; codes are 0 … L − 1.
    width
        Numbers learned for each category.
    """

    column: int
    levels: int
    width: int


@dataclass(frozen=True, slots=True)
class Embedding:
    """First layer that replaces code columns by learned vectors, y = [other columns | E₁[k₁] | E₂[k₂] | …].

    The other columns pass in their order, then follow the vectors in the order of ``codes``; Guo & Berkhahn (2016),
    arXiv:1604.06737. The tables E [L width] are weights of a dense layer behind one-hot codes: ridge and decay act
    on them, the lasso on the weights behind them.

    Parameters
    ----------
    codes
        The columns that hold codes.
    init
        Start of the tables; a setting. N(0, 1) unless said, as ``torch.nn.Embedding``.

    Raises
    ------
    SettingError
        If there is no code column, one is named twice or the layer is not the first.

    Notes
    -----
    Backward: row k of ∂E is the sum of ∂y over the rows of code k, added in the order of the batch
    (on a GPU in no fixed order).

    Examples
    --------
    >>> Embedding((Codes(column=0, levels=12, width=3),)).width(5)
    7
    """

    codes: tuple[Codes, ...]
    init: Initial = field(default=Normal(1.0), compare=False)

    def __post_init__(self) -> None:
        columns = [code.column for code in self.codes]
        if not columns or len(set(columns)) < len(columns):
            raise SettingError(f"Code columns must be named once each, got {columns}.", "Give one Codes per column.")
        for code in self.codes:
            check_count("column", code.column, low=0)
            check_count("levels", code.levels)
            check_count("width", code.width)

    def width(self, inputs: int) -> int:
        """Return the number of other columns plus the widths of all vectors.

        Raises
        ------
        SettingError
            If a column of codes is not among the inputs.
        """
        highest = max(code.column for code in self.codes)
        if highest >= inputs:
            raise SettingError(
                f"Column {highest} holds codes, but the inputs are columns 0 to {inputs - 1}.", "Mend the column."
            )
        return inputs - len(self.codes) + sum(code.width for code in self.codes)

    def settings(self) -> Mapping[str, float]:
        """Return nothing: starts are no settings of the step."""
        return {}

    def parameters(self, inputs: int, has_ones: bool) -> Mapping[str, ParameterSpec]:
        """Return a table [L width] per code column, named ``3.weight`` for column 3."""
        self.width(inputs)
        if not has_ones:
            raise SettingError("Codes come from the table, got an embedding behind other layers.", "Put it first.")
        return {
            f"{code.column}.weight": ParameterSpec(
                (code.levels, code.width), _draw(self.init, code), (slice(None), slice(None)), lookup=True
            )
            for code in self.codes
        }

    def check(self, x: NDArray[np.floating]) -> None:
        """Raise if a code column of features [N D] holds anything but 0 … L − 1.

        Raises
        ------
        DataError
            With the column and the first offending row.
        """
        for code in self.codes:
            values = x[:, code.column]
            bad = np.flatnonzero(~((values >= 0) & (values < code.levels) & (values == np.floor(values))))
            if len(bad):
                raise DataError(
                    f"Column {code.column} must hold codes 0 to {code.levels - 1}, "
                    f"row {row(int(bad[0]))} holds {values[bad[0]]:g}.",
                    "Encode the categories as whole numbers, or raise the number of levels.",
                )

    def wire(self, planner: Planner, x: Signal) -> tuple[Signal, Backward]:
        """Plan y [S B H] and the gradients of the tables."""
        S, B, D = x.features.shape
        y = planner.buffer(S, B, self.width(D))
        place = self._pass(planner, x.features, y)
        lookups: list[tuple[Tensor, Tensor, slice]] = []  # (∂E, codes [S B width], columns of y)
        for code in self.codes:
            table = planner.parameter(f"{code.column}.weight")
            rows = planner.integers(S, B, 1)
            wide, columns = rows.expand(S, B, code.width), slice(place, place + code.width)
            planner.op("k = code", rows.copy_, x.features[:, :, code.column : code.column + 1])
            planner.op("y = E[k]", torch.gather, table.value, 1, wide, out=y[:, :, columns])
            lookups.append((table.gradient, wide, columns))
            place += code.width

        def backward(dy: Tensor, wanted: bool) -> Tensor | None:  # noqa: ARG001 - codes have no gradient
            planner.release(y)
            for gradient, rows, columns in lookups:
                planner.op("dE = 0", gradient.zero_)
                planner.op("dE[k] += dy", gradient.scatter_add_, 1, rows, dy[:, :, columns], flops=rows.numel())
            planner.release(dy)
            return None

        return Signal(y, overwritable=True), backward

    def _pass(self, planner: Planner, x: Tensor, y: Tensor) -> int:
        """Plan the copy of the other columns, stretch by stretch; return how many there are."""
        place = 0
        for first, last in _stretches(x.shape[2], [code.column for code in self.codes]):
            target = y[:, :, place : place + last - first]
            planner.op("y = x", target.copy_, x[:, :, first:last])
            place += last - first
        return place


def _draw(init: Initial, code: Codes) -> Callable[[Stream], NDArray[np.float64]]:
    return lambda stream: init.draw(stream, code.levels, code.width)


def _stretches(columns: int, codes: Sequence[int]) -> list[tuple[int, int]]:
    """Return the stretches [first, last) between code columns."""
    edges = [-1, *sorted(codes), columns]
    return [(left + 1, right) for left, right in pairwise(edges) if right > left + 1]
