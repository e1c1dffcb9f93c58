"""The eigenvectors of a scaled design: along them ridge and components regression are diagonal."""

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from thalweg.base.arrays import FloatArray
from thalweg.linear.folds import deviations
from thalweg.linear.moments import Moments
from thalweg.linear.rows import Rows


@dataclass(frozen=True, slots=True)
class Spectrum:
    """Eigenvalues and eigenvectors of scaled cross products, largest first, and the answers along them.

    Parameters
    ----------
    values
        Shape [K], K at most D.
    vectors
        Shape [D K].
    along
        ``V'c``, shape [K M].
    deviation
        What the columns were divided by, shape [D].
    """

    values: FloatArray
    vectors: FloatArray
    along: FloatArray
    deviation: FloatArray

    @staticmethod
    def of(total: Moments, *, standardise: bool) -> "Spectrum":
        """Decompose the moments of one set of rows."""
        deviation = deviations(total, standardise=standardise)
        values, vectors = np.linalg.eigh(total.gram / np.outer(deviation, deviation))
        vectors = vectors[:, ::-1]
        along = vectors.T @ (total.cross / deviation[:, None])
        return Spectrum(np.maximum(values[::-1], 0.0), vectors, along, deviation)

    @staticmethod
    def of_rows(rows: Rows, total: Moments) -> "Spectrum":
        """Decompose the standardised rows themselves: small eigenvalues keep their digits."""
        deviation = deviations(total, standardise=True)
        Z = (rows.X - total.mean_x) / deviation * np.sqrt(rows.weight_vector())[:, None]
        _, s, Vt = linalg.svd(Z, full_matrices=False)
        values = np.where(s > s[0] * max(Z.shape) * np.finfo(float).eps, s**2, 0.0)
        return Spectrum(values, Vt.T, Vt @ (total.cross / deviation[:, None]), deviation)

    def gains(self, penalties: FloatArray) -> FloatArray:
        """Return ``1 / (value + λ)``, 0 where both are 0, shape [K L]."""
        room = self.values[:, None] + penalties
        return np.asarray(np.divide(1.0, room, out=np.zeros_like(room), where=room > 0))

    def back(self, inverse: FloatArray, m: int = 0) -> FloatArray:
        """Return coefficients in the columns' units for weights on the components, shape [D L]."""
        return np.asarray((self.vectors @ (inverse * self.along[:, m, None])) / self.deviation[:, None])
