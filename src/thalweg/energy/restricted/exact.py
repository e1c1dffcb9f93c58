"""The gradient of small machines by enumeration: no sampling in the negative phase."""

from typing import Final

import numpy as np
from scipy.special import expit, softmax

from thalweg.base.arrays import FloatArray
from thalweg.base.errors import SettingError
from thalweg.energy.configurations import configurations
from thalweg.energy.restricted.model import Numbers, RBMParameters, hidden_mean, softplus

ENUMERABLE: Final = 16
"""Units of the smaller layer up to which every update sums over all its states."""


class ExactGradient:
    """∂W = ⟨v p(h|v)′⟩_data − E[v h′], and so on, for a crowd with binary visible units.

    Parameters
    ----------
    model
        The crowd [P …]; its arrays are read in every call.

    Raises
    ------
    SettingError
        If both layers are too large.

    Examples
    --------
    >>> crowd = RBMParameters(np.zeros((1, 2, 3)), np.zeros((1, 2)), np.zeros((1, 3)))
    >>> [moment.tolist() for moment in ExactGradient(crowd).moments()[1:]]
    [[[0.5, 0.5]], [[0.5, 0.5, 0.5]]]
    """

    def __init__(self, model: RBMParameters) -> None:
        smaller = min(model.visible, model.hidden)
        if smaller > ENUMERABLE:
            raise SettingError(
                f"The exact gradient sums over 2^{smaller} states in every update; up to 2^{ENUMERABLE} are done.",
                "Use learner='pcd', or fewer hidden units.",
            )
        self._model = model
        self._states = np.concatenate(list(configurations(smaller)))  # [2^D D]

    def gradient(self, rows: Numbers, weight: Numbers | None) -> list[Numbers]:
        """Return ∂W, ∂a and ∂b of the mean log-likelihood of rows [P B D]."""
        h = hidden_mean(self._model, rows)
        share = np.full((*rows.shape[:2], 1), 1.0 / rows.shape[1]) if weight is None else weight / rows.shape[1]
        data = [np.swapaxes(rows, 1, 2) @ (share * h), (share * rows).sum(axis=1), (share * h).sum(axis=1)]
        return [there - here for there, here in zip(data, self.moments(), strict=True)]

    def moments(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return E[v h′] [P D H], E[v] [P D] and E[h] [P H]."""
        W, a, b = self._model.weights, self._model.visible_bias, self._model.hidden_bias
        if self._model.visible <= self._model.hidden:
            return self._sum(W, a, b)
        products, hidden, visible = self._sum(np.swapaxes(W, 1, 2), b, a)
        return np.swapaxes(products, 1, 2), visible, hidden

    def _sum(self, W: FloatArray, a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return E[s t′], E[s] and E[t], with the states s enumerated and t summed out."""
        fields = self._states @ W + b[:, None, :]  # [P 2^D H]
        share = softmax((self._states @ a[..., None])[..., 0] + softplus(fields).sum(axis=2), axis=1)
        weighted = share[..., None] * expit(fields)
        visible = (share[:, None, :] @ self._states)[:, 0]  # a product for each machine: alone it must round the same
        return self._states.T @ weighted, visible, weighted.sum(axis=1)
