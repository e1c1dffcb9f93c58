"""The gradient of a crowd of machines from a batch and from Gibbs chains, in buffers that are made once."""

import numpy as np

from thalweg.base.arrays import FloatArray
from thalweg.energy.restricted.dealing import Deal
from thalweg.energy.restricted.model import Numbers, RBMParameters, side_by_side


class ChainGradient:
    """Batch and chains lie in one buffer [P B+M D], so that one product serves both.

    The first B rows are data, the others states of the model; counts enter where rows are summed: data by 1/B, chains
    by −1/M.

    Parameters
    ----------
    model
        The crowd [P …]; its arrays are read in every call.
    rows
        Data [N D].
    deal
        Deals the numbers of the rows of every batch.
    chains, steps
        M and Gibbs steps k.
    persistent
        Whether chains go on from update to update; else they start at the batch, and M is B.
    generators
        The stream of each machine.
    """

    def __init__(
        self,
        model: RBMParameters,
        rows: FloatArray,
        deal: Deal,
        *,
        chains: int,
        steps: int,
        persistent: bool,
        generators: list[np.random.Generator],
    ) -> None:
        machines, visible, hidden = model.weights.shape
        kind, batch = model.weights.dtype, deal.batch
        self._model, self._steps, self._persistent = model, steps, persistent
        self._rows, self._deal, self._generators = rows.astype(kind), deal, generators
        count = chains if persistent else batch
        self._data, self._chain = slice(None, batch), slice(batch, None)
        self._v: Numbers = np.empty((machines, batch + count, visible), dtype=kind)
        self._seen = self._v if model.variance is None else np.empty_like(self._v)
        self._h: Numbers = np.empty((machines, batch + count, hidden), dtype=kind)
        self._state: Numbers = np.empty((machines, count, hidden), dtype=kind)
        self._drawn_v: Numbers = np.empty((machines, count, visible), dtype=kind)
        self._drawn_h: Numbers = np.empty_like(self._state)
        self._sign: Numbers = np.empty((machines, batch + count, 1), dtype=kind)
        self._sign[:, self._data], self._sign[:, self._chain] = 1.0 / batch, -1.0 / count
        self._flat, self._sums = side_by_side(model)
        if persistent:
            self._draw_hidden(np.full_like(self._state, 0.5))

    def gradient(self) -> Numbers:
        """Return the gradient of the mean log-likelihood of the next batch side by side [P S].

        It lies in a buffer that the next call fills again.
        """
        self._v[:, self._data] = self._rows[self._deal.next()]
        if self._persistent:
            self._walk()
            self._hidden(slice(None))
            self._draw_hidden(self._h[:, self._chain])
        else:
            self._hidden(self._data)
            self._draw_hidden(self._h[:, self._data])
            self._walk()
            self._hidden(self._chain)
        if self._model.variance is not None:
            self._gaussian_sums()
        else:
            self._sum(self._v, self._sums.visible_bias)
        self._sum(self._h, self._sums.hidden_bias)
        self._h *= self._sign
        np.matmul(self._seen.swapaxes(1, 2), self._h, out=self._sums.weights)
        return self._flat

    def _gaussian_sums(self) -> None:
        """Sum −∂E/∂θ over rows for a and log σ²; the latter is ((v − a)²/2 − v (W h))/σ²."""
        model, sums = self._model, self._sums
        assert model.variance is not None
        assert sums.variance is not None
        away = self._v - model.visible_bias[:, None, :]
        curvature = 0.5 * away**2 - self._v * (self._h @ model.weights.swapaxes(1, 2))
        for values, total in ((away, sums.visible_bias), (curvature, sums.variance)):
            self._sum(values, total)
            np.divide(total, model.variance, out=total)

    def _sum(self, values: Numbers, total: Numbers) -> None:
        """Put Σ_rows sign · values [P D] into the total, for values [P B+M D]."""
        np.matmul(self._sign.swapaxes(1, 2), values, out=total[:, None, :])

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
        _squash(h, self._model.hidden_bias)

    def _draw_hidden(self, mean: Numbers) -> None:
        for drawn, generator in zip(self._drawn_h, self._generators, strict=True):
            generator.random(out=drawn, dtype=drawn.dtype)
        np.less(self._drawn_h, mean, out=self._state)

    def _draw_visible(self) -> None:
        model, v = self._model, self._v[:, self._chain]
        np.matmul(self._state, model.weights.swapaxes(1, 2), out=v)
        binary = model.variance is None
        for drawn, generator in zip(self._drawn_v, self._generators, strict=True):
            (generator.random if binary else generator.standard_normal)(out=drawn, dtype=drawn.dtype)
        if model.variance is None:
            _squash(v, model.visible_bias)
            np.less(self._drawn_v, v, out=v)
            return
        self._drawn_v *= np.sqrt(model.variance)[:, None, :]
        self._drawn_v += model.visible_bias[:, None, :]
        v += self._drawn_v


def _squash(field: Numbers, bias: Numbers) -> None:
    """Put sigm(x + bias) in the place of x [P B D]; exp may overflow, and the inverse is the 0 that it should be.

    numpy's exp takes several float32 at once, scipy's expit one by one.
    """
    np.subtract(-bias[:, None, :], field, out=field)
    np.exp(field, out=field)
    field += 1
    np.reciprocal(field, out=field)
