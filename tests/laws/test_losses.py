"""What every loss says of itself, checked against its own rows and torch's losses."""

import pytest
import torch

from laws.oracle import row_losses
from laws.registry import LOSSES, outcomes
from thalweg.loss.gaussian import Gaussian
from thalweg.loss.huber import Huber
from thalweg.loss.quantile import Quantile

ROWS = 24


def sample(loss, classes):
    """Outputs [S C B] of two slots and outcomes [S C B]."""
    generator = torch.Generator().manual_seed(1)
    q = 2 * torch.randn(2, loss.outputs(classes), ROWS, generator=generator, dtype=torch.float64)
    y = torch.stack([torch.from_numpy(outcomes(loss, classes, ROWS, seed)).T for seed in (3, 4)])
    return q, y.contiguous()


@pytest.mark.parametrize("loss", LOSSES)
def test_rows_are_torchs_losses(loss):
    loss, classes = LOSSES[loss]
    q, y = sample(loss, classes)
    rows = loss.rows(q, y)
    for slot in range(2):
        assert torch.allclose(rows[slot], row_losses(loss, q[slot].T, y[slot].T), rtol=1e-12)


@pytest.mark.parametrize("loss", LOSSES)
def test_curvature_bounds_the_hessian_of_a_row(loss):
    loss, classes = LOSSES[loss]
    q, y = sample(loss, classes)

    def at(row, slot=0):
        return lambda v: loss.rows(v[None, :, None], y[slot : slot + 1, :, row : row + 1]).sum()

    hessians = [torch.autograd.functional.hessian(at(row), q[0, :, row]) for row in range(ROWS)]
    largest = max(float(torch.linalg.eigvalsh(h).max()) for h in hessians)
    bound = loss.curvature(loss.outputs(classes))
    if bound is None:
        assert loss.curvature(7) is None
    else:
        assert 0.4 * bound < largest <= bound * (1 + 1e-12)


@pytest.mark.parametrize("loss", LOSSES)
def test_predictions_minimise_the_loss_in_units_of_the_outcome(loss):
    """Outputs fitted to a table without inputs predict its mean, shares or quantiles."""
    loss, classes = LOSSES[loss]
    y = torch.from_numpy(outcomes(loss, classes, 400)).T.contiguous()[None]
    q = torch.zeros(1, loss.outputs(classes), 1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([q], max_iter=500, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        value = loss.rows(q.expand(-1, -1, y.shape[2]), y).mean()
        value.backward()
        return value

    for _ in range(20):
        optimizer.step(closure)
    predicted = loss.prediction(q.detach())[0, :, 0]
    if isinstance(loss, Quantile):
        expected = torch.quantile(y[0], torch.tensor(loss.levels, dtype=y.dtype), dim=1).T.reshape(-1)
        assert torch.allclose(predicted, expected, atol=0.1)
    else:
        assert torch.allclose(predicted, y[0].mean(1), atol=0.05 if isinstance(loss, Huber) else 1e-4)
    if isinstance(loss, Gaussian):
        assert torch.allclose(loss.deviation(q.detach())[0, :, 0], y[0].std(1, correction=0), rtol=1e-4)
