import numpy as np
import pytest

from thalweg.data.reading.gentle_scale import RARE, gentle_scale


def scaled(column, weights=None):
    x = np.asarray(column, dtype=np.float64)[:, None]
    mean = np.average(x, axis=0, weights=weights)
    centre, scale = gentle_scale(x, weights, mean, np.sqrt(np.average((x - mean) ** 2, axis=0, weights=weights)))
    return ((x - centre) / scale)[:, 0]


@pytest.mark.parametrize("share", [0.5, 0.1, 0.01, 0.0005])
def test_an_indicator_stays_as_it_is_however_rare(share):
    column = (np.arange(4000) < 4000 * share).astype(float)
    assert scaled(column).tolist() == column.tolist()


def test_rare_values_have_a_root_mean_square_of_one_whatever_their_share_up_to_one_in_twenty():
    for rare in (1, 20, int(RARE * 4000)):
        column = np.full(4000, 3.0)
        column[:rare] = 3.0 + np.linspace(100.0, 200.0, rare)
        found = scaled(column)
        assert np.sqrt(np.mean(found[:rare] ** 2)) == pytest.approx(1.0)
        assert not found[rare:].any()


def test_what_varies_keeps_its_mean_and_deviation():
    column = np.random.default_rng(0).standard_t(3, size=4000)
    assert scaled(column) == pytest.approx((column - column.mean()) / column.std())
    once_in_ten = np.where(np.arange(4000) % 10, 0.0, 7.0)
    assert scaled(once_in_ten) == pytest.approx((once_in_ten - once_in_ten.mean()) / once_in_ten.std())


def test_weights_count_rows():
    column, weights = np.array([0.0] * 39 + [9.0]), np.array([5.0] * 39 + [3.0])
    repeated = np.repeat(column, weights.astype(int))
    assert scaled(column, weights)[-1] == pytest.approx(scaled(repeated)[-1])
