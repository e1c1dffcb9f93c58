"""Time NetSearch against GridSearchCV(MLPRegressor): 30 settings, 5 folds, all cores, equal epochs and batches.

Run: python -P benchmarks/estimators_search.py [rows] [epochs]
"""

import os
import sys
import time

import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import make_friedman1
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from thalweg.estimators import NetRegressor, NetSearch

RATES = np.geomspace(1e-4, 3e-2, 15)


def main() -> None:
    rows, epochs = (int(a) for a in (sys.argv[1:] + ["1000", "100"][len(sys.argv) - 1 :]))
    x, y = make_friedman1(2 * rows, n_features=20, noise=1.0, random_state=0)
    x, y, x_new, y_new = x[:rows], y[:rows], x[rows:], y[rows:]
    folds = KFold(5, shuffle=True, random_state=0)
    cores = os.cpu_count()
    print(f"{rows} rows, 20 features, {epochs} epochs of batches of 64, 30 settings x 5 folds, {cores} cores")

    net = NetRegressor(hidden=(64,), epochs=epochs, patience=None, seeds=1)
    NetSearch(net.set_params(epochs=2), {"ridge": [0.0]}, cv=2).fit(x[:50], y[:50])  # loads torch
    net.set_params(epochs=epochs)
    space = {"learning_rate": RATES, "ridge": [0.0, 1e-3]}
    seconds = {}
    for strategy in ("grid", "halving"):
        started = time.perf_counter()
        search = NetSearch(net, space, cv=folds, strategy=strategy, refit=False).fit(x, y)
        seconds[strategy] = time.perf_counter() - started
        best = net.set_params(**search.best_params_).fit(x, y)
        report(strategy, seconds[strategy], search.best_score_, best.score(x_new, y_new), search.best_params_)

    mlp = MLPRegressor(
        hidden_layer_sizes=(64,), batch_size=64, max_iter=epochs, tol=0.0, n_iter_no_change=epochs, random_state=0
    )
    peer = TransformedTargetRegressor(make_pipeline(StandardScaler(), mlp), transformer=StandardScaler())
    named = "regressor__mlpregressor__"
    grid = {f"{named}learning_rate_init": RATES, f"{named}alpha": [0.0, 1e-3]}
    GridSearchCV(peer, {f"{named}max_iter": [1]}, cv=folds, n_jobs=cores, refit=False).fit(x, y)  # starts the workers
    started = time.perf_counter()
    search = GridSearchCV(peer, grid, cv=folds, n_jobs=cores, refit=False).fit(x, y)
    took = time.perf_counter() - started
    best = peer.set_params(**search.best_params_).fit(x, y)
    report("GridSearchCV(MLPRegressor)", took, search.best_score_, best.score(x_new, y_new), search.best_params_)
    for strategy, own in seconds.items():
        print(f"{strategy}: {took / own:.1f} times faster")


def report(name: str, seconds: float, score: float, fresh: float, params: dict) -> None:
    print(f"{name:28s} {seconds:7.2f} s   best R2 in folds {score:.4f}   R2 on new rows {fresh:.4f}   {params}")


if __name__ == "__main__":
    import warnings

    from sklearn.exceptions import ConvergenceWarning

    warnings.simplefilter("ignore", ConvergenceWarning)
    os.environ["PYTHONWARNINGS"] = "ignore"
    main()
