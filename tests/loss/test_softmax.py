import math

import pytest

from loss.rows import predicted, row_loss
from thalweg.loss.softmax import Softmax


def test_a_row_costs_minus_the_log_of_its_class():
    scores = tuple(map(math.log, (0.2, 0.3, 0.5)))
    assert predicted(Softmax(), *scores) == pytest.approx([0.2, 0.3, 0.5], rel=1e-14)
    assert row_loss(Softmax(), scores, (0.0, 0.0, 1.0)) == pytest.approx(-math.log(0.5), rel=1e-14)


def test_shares_of_classes_weigh_the_costs():
    shares = (0.25, 0.75)
    both = [row_loss(Softmax(), (0.3, -1.0), one) for one in ((1.0, 0.0), (0.0, 1.0))]
    mixed = row_loss(Softmax(), (0.3, -1.0), shares)
    assert mixed == pytest.approx(shares[0] * both[0] + shares[1] * both[1], rel=1e-14)


def test_a_constant_on_all_scores_changes_nothing_however_large():
    assert predicted(Softmax(), 1000.0, 1001.0) == pytest.approx(predicted(Softmax(), 0.0, 1.0), rel=1e-13)
