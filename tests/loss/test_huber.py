import pytest

from loss.rows import row_loss
from thalweg.base.errors import SettingError
from thalweg.loss.huber import Huber


def test_small_errors_are_squared_and_large_ones_grow_like_a_line():
    loss = Huber(0.5)
    assert row_loss(loss, (0.3,), (0.0,)) == pytest.approx(0.3**2 / 2)
    assert row_loss(loss, (4.0,), (0.0,)) == pytest.approx(0.5 * (4.0 - 0.25))
    assert row_loss(loss, (-5.0,), (0.0,)) - row_loss(loss, (-4.0,), (0.0,)) == pytest.approx(0.5)


@pytest.mark.parametrize("delta", [0.0, -1.0, float("nan")])
def test_delta_is_checked(delta):
    with pytest.raises(SettingError, match="delta"):
        Huber(delta)
