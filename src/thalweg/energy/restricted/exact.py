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
    rows
        Data [N D].
    shares
        Of each row in the mean, [P N]; they sum to 1.

    Raises
    ------
    SettingError
        If both layers are too large.

    Examples
    --------
    >>> crowd = RBMParameters(np.zeros((1, 2, 3)), np.zeros((1, 2)), np.zeros((1, 3)))
    >>> [moment.tolist() for moment in ExactGradient(crowd, np.eye(2), np.full((1, 2), 0.5)).moments()[1:]]
    [[[0.5, 0.5]], [[0.5, 0.5, 0.5]]]
    """

    def __init__(self, model: RBMParameters, rows: FloatArray, shares: FloatArray) -> None:
        smaller = min(model.visible, model.hidden)
        if smaller > ENUMERABLE:
            raise SettingError(
                f"The exact gradient sums over 2^{smaller} states in every update; up to 2^{ENUMERABLE} are done.",
                "Use learner='pcd', or fewer hidden units.",
            )
        self._model, self._rows, self._shares = model, rows, shares[..., None]
        self._mean = (self._shares * rows).sum(axis=1)
        self._states = np.concatenate(list(configurations(smaller)))  # [2^D D]

    def gradient(self) -> Numbers:
        """Return ∂W, ∂a and ∂b of the mean log-likelihood of the rows, side by side [P S]."""
        h = self._shares * hidden_mean(self._model, self._rows)
        data = [self._rows.T @ h, self._mean, h.sum(axis=1)]
        parts = [there - here for there, here in zip(data, self.moments(), strict=True)]
        return np.concatenate([part.reshape(len(part), -1) for part in parts], axis=1)

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
