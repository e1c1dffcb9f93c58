import pytest
import torch

from loss.rows import predicted, row_loss
from thalweg.base.errors import SettingError
from thalweg.loss.quantile import Quantile


def test_errors_above_and_below_cost_by_their_level():
    loss = Quantile((0.9,))
    assert row_loss(loss, (1.0,), (3.0,)) == pytest.approx(0.9 * 2)
    assert row_loss(loss, (5.0,), (3.0,)) == pytest.approx(0.1 * 2)


def test_predictions_are_sorted_within_an_outcome():
    assert predicted(Quantile((0.1, 0.9)), 2.0, 1.0, 5.0, 7.0) == [1.0, 2.0, 5.0, 7.0]


def test_quantiles_never_cross():
    q = 2 * torch.randn(2, 6, 24, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    for ordered in (False, True):
        quantiles = Quantile((0.1, 0.5, 0.9), ordered).prediction(q).view(2, 2, 3, 24)
        assert (quantiles.diff(dim=2) >= 0).all()


@pytest.mark.parametrize("levels", [(), (0.5, 0.1), (0.5, 0.5), (0.0,), (1.0,)])
def test_levels_are_checked(levels):
    with pytest.raises(SettingError, match=r"[Qq]uantile level"):
        Quantile(levels)
