import numpy as np
import pytest

from thalweg.base.errors import DataError
from thalweg.loss.squared import Squared
from thalweg.net.spec import mlp
from thalweg.train.population import Member, crowd_of, training_table
from thalweg.train.steps.order import epoch_order, row_weights


def setting(rows, batch, weights=None):
    table = training_table(np.zeros((100, 2)), np.zeros(100))
    member = Member(mlp((4,)), Squared(), rows, weights=weights, batch=batch, seed=3)
    return crowd_of(member, table), member, table.count


def test_every_row_appears_once_per_epoch_and_epochs_differ():
    rows = np.arange(10, 63, dtype=np.int32)
    crowd, member, null = setting(rows, 16)
    first, _ = epoch_order(crowd, member, 0, null)
    second, _ = epoch_order(crowd, member, 1, null)
    assert sorted(first[first != null]) == rows.tolist()
    assert sorted(second[second != null]) == rows.tolist()
    assert not np.array_equal(first, second)


def test_a_last_batch_is_filled_with_the_zero_row():
    crowd, member, null = setting(np.arange(50, dtype=np.int32), 17)
    order, places = epoch_order(crowd, member, 0, null)
    assert order.shape == (3, 17)
    assert (order[2, 16:] == null).all()
    assert ((order == null) == (places < 0)).all()


def test_a_partial_batch_counts_as_a_mean():
    crowd, member, null = setting(np.arange(20, dtype=np.int32), 16)
    _, places = epoch_order(crowd, member, 0, null)
    weights = row_weights(crowd, member, places)
    np.testing.assert_allclose(weights.sum(1), 16)
    np.testing.assert_allclose(weights[1, :4], 4.0)
    np.testing.assert_array_equal(weights[1, 4:], 0)


def test_weights_have_mean_one_over_the_training_rows():
    given = np.linspace(0, 4, 32)
    crowd, member, null = setting(np.arange(32, dtype=np.int32), 16, given)
    _, places = epoch_order(crowd, member, 0, null)
    weights = row_weights(crowd, member, places)
    assert np.isclose(weights.sum(), 32)
    np.testing.assert_allclose(weights.ravel(), (given / given.mean())[places].ravel() * (places >= 0).ravel())


@pytest.mark.parametrize("bad", [-0.5, np.nan, np.inf])
def test_a_weight_that_is_no_share_is_refused(bad):
    weights = np.ones(10)
    weights[3] = bad
    with pytest.raises(DataError, match="none negative"):
        Member(mlp((4,)), Squared(), np.arange(10), weights=weights)
