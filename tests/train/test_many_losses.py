import numpy as np
import pytest

from thalweg.loss.softmax import Softmax
from thalweg.net.spec import mlp
from thalweg.train.many_losses import ManyLosses
from thalweg.train.population import training_table
from thalweg.train.predict import predict_outputs


@pytest.mark.parametrize("rows", [1, 31, 513])
@pytest.mark.parametrize("normalise", [None, "batch"])
def test_losses_are_those_of_the_outputs(rows, normalise):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(rows, 3)), np.eye(4)[rng.integers(4, size=rows)]
    network = mlp((5,), normalise=normalise)
    size = sum(int(np.prod(spec.shape)) for spec in network.parameters(3, 4).values())
    vectors = rng.uniform(0.1, 1, size=(37, size))
    found = ManyLosses(network, Softmax(), training_table(x, y)).losses(vectors)
    q = predict_outputs(network, Softmax(), list(vectors), x, classes=4)
    expected = (np.log(np.exp(q).sum(-1)) - (q * y).sum(-1)).mean(1)
    np.testing.assert_allclose(found, expected, rtol=2e-6)  # float32


def test_vectors_of_another_network_are_refused():
    table = training_table(np.zeros((2, 1)), np.ones((2, 2)))
    with pytest.raises(ValueError, match="expected vectors of 4 numbers"):
        ManyLosses(mlp(()), Softmax(), table).losses(np.zeros((1, 5)))
