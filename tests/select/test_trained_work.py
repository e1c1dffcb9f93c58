import numpy as np

from thalweg.loss.squared import Squared
from thalweg.net.spec import mlp
from thalweg.select.trained_work import total_work, work_by_member
from thalweg.train.fit import fit_population
from thalweg.train.population import Member, training_table

X = np.random.default_rng(0).normal(size=(96, 5))
TABLE = training_table(X, X[:, 0])


def test_work_is_that_of_the_epochs_that_were_run_and_of_every_kind_of_network():
    members = [
        Member(mlp((8,)), Squared(), np.arange(64), batch=16, epochs=2),
        Member(mlp((8,)), Squared(), np.arange(64), batch=16, epochs=6),
        Member(mlp((4, 3)), Squared(), np.arange(96), batch=None, epochs=1),
    ]
    fits = fit_population(TABLE, members, workers=1).members
    work = work_by_member(TABLE, members, fits)
    assert [work[n].parameters for n in range(3)] == [57, 57, 43]
    assert work[1].flops == 3 * work[0].flops
    assert work[1].bytes == 3 * work[0].bytes
    products = 6 * 16 * (5 * 8 + 8) - 2 * 16 * 5 * 8  # of a step; optimizer and activations come on top
    assert products < work[0].flops / 8 < 2 * products
    assert total_work(work.values()).networks == 3


def test_members_that_stopped_early_or_are_missing_count_for_what_they_did():
    noise = training_table(X, np.random.default_rng(1).normal(size=96))
    validation = np.arange(64, 96)
    members = [
        Member(mlp((8,)), Squared(), np.arange(64), validation=validation, patience=1, epochs=500, seed=seed)
        for seed in range(2)
    ]
    [first] = fit_population(noise, members[:1], workers=1).members
    assert first.epochs < 500
    found = work_by_member(noise, members, [first])
    assert list(found) == [0]
    assert found[0].flops % first.epochs == 0


def test_one_network_is_told_in_the_singular():
    assert total_work([]).sentence.startswith("0 networks of 0 parameters")
