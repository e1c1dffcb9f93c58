"""Rows are dealt as often as they weigh, and no batch is short."""

import numpy as np
import pytest

from thalweg.energy.restricted.dealing import Deal, by_content, pass_length


def generators(count=1):
    return [np.random.default_rng(seed) for seed in range(count)]


def dealt(weights, batch, batches):
    """How often each row was dealt to every machine."""
    deal = Deal(generators(len(weights)), np.array(weights, dtype=float), batch)
    places = np.concatenate([deal.next() for _ in range(batches)], axis=1)
    return np.stack([np.bincount(of_one, minlength=len(weights[0])) for of_one in places])


def test_whole_weights_are_dealt_exactly_in_every_pass():
    assert dealt([[1, 2, 3], [4, 1, 1]], batch=3, batches=4).tolist() == [[2, 4, 6], [8, 2, 2]]
    assert dealt([[0.2, 0.2, 0.2, 0.2]], batch=2, batches=2).tolist() == [[1, 1, 1, 1]]


def test_other_weights_are_dealt_on_average():
    """A systematic sample: in each pass the count is the weight rounded up or down, over 500 passes its mean."""
    weights = [0.3, 1.7, 2.4, 0.6]  # five rows a pass
    for _ in range(3):
        once = dealt([weights], batch=5, batches=1)[0]
        assert (np.abs(once - weights) < 1).all()
    counts = dealt([weights], batch=5, batches=500)[0] / 500
    assert counts == pytest.approx(weights, abs=4 * 0.5 / np.sqrt(500))


def test_light_weights_are_scaled_up_to_a_pass_over_the_rows():
    assert pass_length(np.full(7, 1e-3)) == 7
    assert dealt([[0.002, 0.002, 0.001, 0.003]], batch=4, batches=100).sum() == 400


def test_the_order_of_rows_is_that_of_their_content():
    x = np.random.default_rng(0).integers(-1, 2, (30, 3)) * 0.5
    shuffled = x[np.random.default_rng(1).permutation(30)]
    shuffled[shuffled == 0] = -0.0
    assert x[by_content(x)].tolist() == (shuffled[by_content(shuffled)] + 0.0).tolist()


def test_a_sample_is_one_whatever_was_dealt():
    deal = Deal(generators(), np.array([[1.0, 5.0, 2.0]]), 3)
    first = deal.some(8).tolist()
    deal.next()
    assert deal.some(8).tolist() == first
    assert np.bincount(first[0]).tolist() == [1, 5, 2]
