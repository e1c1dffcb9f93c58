"""A network that starts at a belief network learned without labels, beside the same network started at random.

Run it with ``python examples/belief_network.py``; with a path behind it, it writes a page there. One split and four
seeds show how it is done; what it is worth is measured in ``studies/pretraining.txt``.
"""

import sys
from pathlib import Path

import numpy as np
from scipy.stats import t
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from thalweg.base.interval import Interval
from thalweg.energy import DBN
from thalweg.estimators import NetClassifier
from thalweg.net.init import Glorot
from thalweg.net.spec import mlp
from thalweg.report.energy.page import Pretraining, belief_network_page

SIDE, SEEDS = 8, 4
SETTINGS = {"standardise": False, "epochs": 100, "patience": None, "batch": None, "learning_rate": 0.01, "seeds": 1}


def accuracies(network, X, y, X_test, y_test) -> np.ndarray:
    """Return the accuracy of every seed."""
    models = (NetClassifier(network=network, random_state=seed, **SETTINGS) for seed in range(SEEDS))
    return np.array([model.fit(X, y).score(X_test, y_test) for model in models])


def main() -> None:
    X, y = load_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X / 16, y, test_size=500, random_state=0, stratify=y)
    stack = DBN((64, 64)).fit(X_train)  # no labels
    gains = []
    for labels in (30, 300):
        few = X_train[:labels], y_train[:labels], X_test, y_test
        start = accuracies(stack.network(), *few)
        random = accuracies(mlp((64, 64), "sigmoid", init=Glorot()), *few)
        gain = start - random
        ends = t.interval(0.95, SEEDS - 1, gain.mean(), gain.std(ddof=1) / np.sqrt(SEEDS))
        gains.append(Pretraining(labels, start.mean(), random.mean(), Interval(gain.mean(), *ends)))
        print(f"{labels} labels: pre-trained {start.mean():.3f}, random start {random.mean():.3f}")
    for path in sys.argv[1:]:
        Path(path).write_text(belief_network_page(stack, SIDE, gains), encoding="utf-8")


if __name__ == "__main__":
    main()
