"""Accelerated proximal gradient for many elastic nets at once: matrix products alone, on any torch device."""

from typing import TYPE_CHECKING

import numpy as np

from thalweg.base.arrays import FloatArray

if TYPE_CHECKING:
    import torch

_STEPS = 20_000
_CHECK = 10


def fista_path(
    grams: FloatArray,
    crosses: FloatArray,
    squares: FloatArray,
    alphas: FloatArray,
    ratio: float,
    *,
    tolerance: float,
    device: str = "cpu",
) -> FloatArray:
    """Minimise ``½ w'Gw - c'w + α (r |w|₁ + (1 - r)/2 ||w||²)`` for F problems and L penalties together.

    Parameters
    ----------
    grams, crosses, squares
        ``X'X/n`` [F D D], ``X'y/n`` [F D] and ``y'y/n`` [F].
    alphas
        Shape [L].
    ratio
        Share r of the absolute penalty.
    tolerance
        Stop when every duality gap is below this share of ``y'y/n``.
    device
        A torch device.

    Returns
    -------
    FloatArray
        Coefficients, shape [F D L].

    Examples
    --------
    >>> one, alphas = np.ones((1, 1)), np.array([0.25])
    >>> fista_path(one[None], one, one[0], alphas, 1.0, tolerance=1e-12).round(6)
    array([[[0.75]]])

    Notes
    -----
    Beck & Teboulle (2009, SIAM J. Imaging Sci. 2, 183-202) with the gradient restart of O'Donoghue & Candès
    (2015, Found. Comput. Math. 15, 715-732); the gap is that of :mod:`thalweg.linear.paths.elastic_net`.
    """
    import torch  # noqa: PLC0415 (two seconds that every other solver here does without)

    G = torch.as_tensor(grams, dtype=torch.float64, device=device)
    c = torch.as_tensor(crosses, dtype=torch.float64, device=device)[:, None]
    square = torch.as_tensor(squares, dtype=torch.float64, device=device)[:, None]
    l1 = torch.as_tensor(alphas * ratio, dtype=torch.float64, device=device)
    l2 = torch.as_tensor(alphas * (1 - ratio), dtype=torch.float64, device=device)
    step = (1 / (torch.linalg.eigvalsh(G)[:, -1:] + l2))[..., None]
    threshold, ridge = l1[:, None] * step, l2[:, None]
    W = torch.zeros(len(G), len(alphas), G.shape[1], dtype=torch.float64, device=device)
    Z, speed = W, torch.ones_like(step)
    for iteration in range(_STEPS):
        V = Z - step * (Z @ G - c + ridge * Z)
        new = V - V.clamp(-threshold, threshold)
        restart = ((Z - new) * (new - W)).sum(-1, keepdim=True) > 0
        faster = (1 + torch.sqrt(1 + 4 * speed**2)) / 2
        Z = torch.where(restart, new, new + (speed - 1) / faster * (new - W))
        speed = torch.where(restart, torch.ones_like(speed), faster)
        W = new
        if iteration % _CHECK == _CHECK - 1:
            gaps = _gaps(G, c, square, W, penalties=torch.stack([l1, l2]))
            if bool((gaps <= tolerance * square).all()):
                break
    return np.asarray(W.transpose(1, 2).cpu().numpy())


def _gaps(
    G: "torch.Tensor",
    c: "torch.Tensor",
    square: "torch.Tensor",
    W: "torch.Tensor",
    *,
    penalties: "torch.Tensor",
) -> "torch.Tensor":
    """Duality gaps, shape [F L]; penalties l1 and l2, shape [2 L]."""
    l1, l2 = penalties
    curved = W @ G
    fitted = (W * c).sum(-1)
    residual = square - 2 * fitted + (W * curved).sum(-1) + l2 * (W * W).sum(-1)
    correlation = (c - curved - l2[:, None] * W).abs().amax(-1)
    shrink = (l1 / correlation).clamp(max=1.0)
    dual = shrink * (square - fitted) - 0.5 * shrink**2 * residual
    gaps: torch.Tensor = 0.5 * residual + l1 * W.abs().sum(-1) - dual
    return gaps
