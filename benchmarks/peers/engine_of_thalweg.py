"""thalweg's engine, end to end: table, start of workers, initial weights, shuffles, results."""

import numpy as np

from peers.host import Train
from peers.net import ROWS, Net


def prepare(net: Net, members: int, cores: int) -> Train:
    """Return a training by epochs."""
    from thalweg.loss.softmax import Softmax
    from thalweg.loss.squared import Squared
    from thalweg.net.spec import mlp
    from thalweg.train.fit import fit_population
    from thalweg.train.population import Member, training_table

    x, y = net.data()
    if net.loss == "softmax":
        y = np.eye(net.outputs, dtype=np.float32)[y]
    loss = Softmax() if net.loss == "softmax" else Squared()
    rows = np.arange(ROWS, dtype=np.int32)

    def train(epochs: int) -> int:
        population = [
            Member(mlp(net.hidden), loss, rows, seed=seed, batch=net.batch, epochs=epochs) for seed in range(members)
        ]
        fit_population(training_table(x, y), population, workers=cores)
        return members * epochs * net.steps

    return train
