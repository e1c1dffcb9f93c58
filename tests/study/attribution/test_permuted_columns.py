import numpy as np

from thalweg.loss.squared import Squared
from thalweg.net.spec import mlp
from thalweg.study.attribution.permuted_columns import permutation_importance
from thalweg.train.many_losses import ManyLosses
from thalweg.train.population import training_table
from thalweg.train.predict import predict_outputs


def test_importance_is_that_of_brute_force_with_the_same_shuffles():
    rng, network = np.random.default_rng(0), mlp((5,))
    x, y = rng.normal(size=(30, 4)), rng.normal(size=30)
    vectors = rng.normal(size=(3, network.count(4, 1)))
    belongs = np.array([0, 1, 1, 2])
    orders = [rng.permutation(30) for _ in range(2)]
    losses = ManyLosses(network, Squared(), training_table(x, y))
    found = permutation_importance(losses, vectors, x, belongs, orders=orders)

    def loss(features):
        q = predict_outputs(network, Squared(), list(vectors), features)[:, :, 0]
        return ((q - y) ** 2).mean(axis=1)

    for column in range(3):
        expected = np.zeros(3)
        for order in orders:
            shuffled = x.copy()
            shuffled[:, belongs == column] = x[order][:, belongs == column]
            expected += (loss(shuffled) - loss(x)) / 2
        np.testing.assert_allclose(found[:, column], expected, atol=2e-6)


def test_a_column_that_no_network_reads_is_worth_nothing():
    x = np.random.default_rng(1).normal(size=(20, 2))
    losses = ManyLosses(mlp(()), Squared(), training_table(x, x[:, 0]))
    found = permutation_importance(losses, np.array([[1.0, 0.0, 0.0]]), x, np.arange(2))
    assert found[0, 0] > 0.5
    assert found[0, 1] == 0
