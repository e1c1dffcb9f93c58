from dataclasses import replace

import numpy as np
import pytest
import torch

from thalweg.base.errors import SettingError
from thalweg.loss.logistic import Logistic
from thalweg.loss.penalty import Penalty
from thalweg.loss.poisson import Poisson
from thalweg.loss.softmax import Softmax
from thalweg.loss.squared import Squared
from thalweg.net.spec import Network, mlp
from thalweg.optim.gradient import GradientDescent
from thalweg.train.fit import fit_population
from thalweg.train.population import Member, training_table
from thalweg.train.smoothness import descending, smoothness

RNG = np.random.default_rng(0)
X = RNG.normal(size=(96, 5)) * [1, 3, 0.2, 1, 1] + 0.5
SCORE = X @ RNG.normal(size=5) + RNG.normal(size=96)
OUTCOMES = {
    "squared": (Squared(), SCORE),
    "logistic": (Logistic(), (SCORE > 0).astype(float)),
    "softmax": (Softmax(), np.eye(3)[np.digitize(SCORE, [-1, 1])]),
}


def trained(table, member, learning_rate):
    one = replace(member, optimizer=GradientDescent(learning_rate), batch=None, epochs=60)
    return fit_population(table, [one], workers=1).members[0].training_loss


@pytest.mark.parametrize("weights", [None, RNG.exponential(size=96)])
@pytest.mark.parametrize("name", OUTCOMES)
def test_every_step_of_one_over_l_lowers_the_loss(name, weights):
    loss, y = OUTCOMES[name]
    table = training_table(X, y, dtype=torch.float64)
    member = replace(descending(table, Member(Network(), loss, np.arange(96), weights=weights)), epochs=60)
    losses = fit_population(table, [member], workers=1).members[0].training_loss
    assert (np.diff(losses) < 0).all()


def test_beyond_two_over_l_squared_loss_diverges():
    table = training_table(X, SCORE, dtype=torch.float64)
    member = Member(Network(), Squared(), np.arange(96))
    largest = smoothness(table, member)
    assert trained(table, member, 1.9 / largest)[-1] < trained(table, member, 1.9 / largest)[0]
    assert trained(table, member, 2.1 / largest)[-1] > trained(table, member, 2.1 / largest)[0]


def test_ridge_adds_its_curvature():
    table = training_table(X, SCORE)
    plain = Member(Network(), Squared(), np.arange(96))
    ridged = replace(plain, penalty=Penalty(ridge=0.25))
    assert smoothness(table, ridged) == pytest.approx(smoothness(table, plain) + 0.5)


@pytest.mark.parametrize(("network", "loss"), [(mlp((4,)), Squared()), (Network(), Poisson())])
def test_where_there_is_no_such_constant(network, loss):
    with pytest.raises(SettingError, match="no bound on its curvature"):
        smoothness(training_table(X, np.abs(SCORE)), Member(network, loss, np.arange(96)))
