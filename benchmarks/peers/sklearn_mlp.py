"""scikit-learn's MLP: one fit, or fits side by side over joblib."""

from peers.host import Train
from peers.net import Net


def _fit(net: Net, x: object, y: object, seed: int, epochs: int) -> None:
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    kind = MLPClassifier if net.loss == "softmax" else MLPRegressor
    model = kind(
        hidden_layer_sizes=net.hidden,
        batch_size=net.batch,
        alpha=0.0,
        max_iter=epochs,
        n_iter_no_change=epochs,
        tol=0.0,
        random_state=seed,
    )
    model.fit(x, y)


def prepare(net: Net, members: int, cores: int) -> Train:
    """Return a training by epochs of as many members as keep all cores busy for four rounds."""
    from joblib import Parallel, delayed

    x, y = net.data()
    y = y.ravel()
    count = min(members, 4 * cores)

    def train(epochs: int) -> int:
        if members == 1:
            _fit(net, x, y, 0, epochs)
        else:
            Parallel(n_jobs=cores)(delayed(_fit)(net, x, y, seed, epochs) for seed in range(count))
        return count * epochs * net.steps

    return train
