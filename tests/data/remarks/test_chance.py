from itertools import pairwise, permutations

import numpy as np
import pytest

from thalweg.data.remarks.chance import log_chance_of_classes, log_chance_of_order


@pytest.mark.parametrize(
    ("x", "y"), [([1, 2, 3, 4], [1, 2, 3, 4]), ([0, 0, 1, 1, 1], [1, 2, 3, 4, 5]), ([1, 1, 2, 3], [0, 0, 1, 1])]
)
def test_the_chance_of_an_order_is_counted_right(x, y):
    def ordered(shuffled):
        low, high = {}, {}
        for one, other in zip(x, shuffled, strict=True):
            low[one], high[one] = min(low.get(one, other), other), max(high.get(one, other), other)
        keys = sorted(low)
        return all(high[a] <= low[b] for a, b in pairwise(keys))

    everything = list(permutations(y))
    share = sum(map(ordered, everything)) / len(everything)
    assert np.exp(log_chance_of_order(np.array(x), np.array(y))) == pytest.approx(2 * share)


def test_the_chance_of_classes_is_one_over_the_ways_to_place_them():
    assert np.exp(log_chance_of_classes(np.array([3, 2]), 0.0)) == pytest.approx(1 / 10)
