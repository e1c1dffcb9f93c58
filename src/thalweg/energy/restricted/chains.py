"""The gradient of a crowd of machines from a batch and from Gibbs chains, in buffers that are made once."""

from typing import Any

import numpy as np
from scipy.special import expit

from thalweg.energy.restricted.model import Numbers, RBMParameters


class ChainGradient:
    """Batch and chains lie in one buffer [P B+M D], so that one product serves both.

    The first B rows are data, the others states of the model; weights and counts enter where rows are summed:
    data by w/B, chains by −1/M.

    Parameters
    ----------
    model
        The crowd [P …]; its arrays are read in every call.
    batch, chains, steps
        B, M and Gibbs steps k.
    persistent
        Whether chains go on from update to update; else they start at the batch, and M is B.
    generators
        The stream of each machine.
    """

    def __init__(
        self,
        model: RBMParameters,
        *,
        batch: int,
        chains: int,
        steps: int,
        persistent: bool,
        generators: list[np.random.Generator],
    ) -> None:
        machines, visible, hidden = model.weights.shape
        self._model, self._batch, self._steps, self._persistent = model, batch, steps, persistent
        self._generators, self._kind = generators, model.weights.dtype.type
        count = chains if persistent else batch
        self._data, self._chain = slice(None, batch), slice(batch, None)
        self._v: Numbers = np.empty((machines, batch + count, visible), dtype=self._kind)
        self._seen = self._v if model.variance is None else np.empty_like(self._v)
        self._h: Numbers = np.empty((machines, batch + count, hidden), dtype=self._kind)
        self._state: Numbers = np.empty((machines, count, hidden), dtype=self._kind)
        self._drawn_v: Numbers = np.empty((machines, count, visible), dtype=self._kind)
        self._drawn_h: Numbers = np.empty_like(self._state)
        self._products: Numbers = np.empty_like(model.weights)
        self._sign: Numbers = np.empty((machines, batch + count, 1), dtype=self._kind)
        self._sign[:, self._data], self._sign[:, self._chain] = 1.0 / batch, -1.0 / count
        if persistent:
            self._draw_hidden(np.full_like(self._state, 0.5))

    def gradient(self, rows: Numbers, weight: Numbers | None) -> list[Numbers]:
        """Return ∂W, ∂a, ∂b and, for Gaussian units, ∂log σ² of the mean log-likelihood of rows [P B D].

        The first of them is a buffer that the next call fills again.
        """
        self._v[:, self._data] = rows
        if self._persistent:
            self._walk()
            self._hidden(slice(None))
            self._draw_hidden(self._h[:, self._chain])
        else:
            self._hidden(self._data)
            self._draw_hidden(self._h[:, self._data])
            self._walk()
            self._hidden(self._chain)
        sign = self._sign
        if weight is not None:
            sign[:, self._data] = weight / self._kind(self._batch)
        if self._model.variance is None:
            self._h *= sign
            np.matmul(np.swapaxes(self._v, 1, 2), self._h, out=self._products)
            return [self._products, _summed(self._v, sign), self._h.sum(axis=1)]
        return self._gaussian_gradient(sign)

    def _gaussian_gradient(self, sign: Numbers) -> list[Numbers]:
        """Sum −∂E/∂θ over rows; that of log σ² is ((v − a)²/2 − v (W h))/σ²."""
        model = self._model
        assert model.variance is not None
        away = self._v - model.visible_bias[:, None, :]
        curvature = 0.5 * away**2 - self._v * (self._h @ np.swapaxes(model.weights, 1, 2))
        self._h *= sign
        np.matmul(np.swapaxes(self._seen, 1, 2), self._h, out=self._products)
        return [
            self._products,
            _summed(away, sign) / model.variance,
            self._h.sum(axis=1),
            _summed(curvature, sign) / model.variance,
        ]

    def _walk(self) -> None:
        """Draw v given h, and between steps h given v: k times."""
        for step in range(self._steps):
            if step:
                self._hidden(self._chain)
                self._draw_hidden(self._h[:, self._chain])
            self._draw_visible()

    def _hidden(self, part: slice) -> None:
        """Fill p(h = 1 | v) of some rows."""
        if self._model.variance is not None:
            np.divide(self._v[:, part], self._model.variance[:, None, :], out=self._seen[:, part])
        h = self._h[:, part]
        np.matmul(self._seen[:, part], self._model.weights, out=h)
        h += self._model.hidden_bias[:, None, :]
        expit(h, out=h)

    def _draw_hidden(self, mean: Numbers) -> None:
        for place, generator in enumerate(self._generators):
            generator.random(out=self._drawn_h[place], dtype=self._kind)
        np.less(self._drawn_h, mean, out=self._state)

    def _draw_visible(self) -> None:
        model, v = self._model, self._v[:, self._chain]
        np.matmul(self._state, np.swapaxes(model.weights, 1, 2), out=v)
        v += model.visible_bias[:, None, :]
        if model.variance is None:
            expit(v, out=v)
            for place, generator in enumerate(self._generators):
                generator.random(out=self._drawn_v[place], dtype=self._kind)
            np.less(self._drawn_v, v, out=v)
            return
        for place, generator in enumerate(self._generators):
            generator.standard_normal(out=self._drawn_v[place], dtype=self._kind)
        self._drawn_v *= np.sqrt(model.variance)[:, None, :]
        v += self._drawn_v


def _summed(values: Numbers, sign: Numbers) -> Numbers:
    """Return Σ_rows sign · values [P D] for values [P B D]."""
    total: Any = np.matmul(np.swapaxes(sign, 1, 2), values)[:, 0]
    return np.asarray(total)
