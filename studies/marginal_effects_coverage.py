"""Coverage of nominal 90 % intervals of average marginal effects, with weights of every kind and with clusters.

    python studies/marginal_effects_coverage.py [TABLES] > studies/marginal_effects_coverage.txt

Weights: counted cells (frequency), means of groups of 1 to 30 (analytic), rows that answer by their outcome
(probability); the effect in the population is 1. Clusters: a feature that is the same in each cluster beside one that
is nearly not, effects of the clusters, sizes equal or 1 to 2m, and errors that grow with the feature. Every table is
also read without clusters, which shows what that costs.
"""

import datetime as dt
import os
import platform
import sys
import warnings

import numpy as np
import sklearn
import torch

from thalweg.base.weighing import WEIGHTS_KINDS
from thalweg.estimators import LinearRegressor, NetRegressor, marginal_effects

LEVEL, SAMPLES = 0.9, 50
NETWORK = {"hidden": (8,), "activation": "tanh", "seeds": 1, "epochs": 60, "learning_rate": 0.02, "patience": None}
MODELS = (("least squares", LinearRegressor, {}, 1), ("network", NetRegressor, NETWORK | {"workers": 1}, 6))


def weighted(rng, kind, rows=120):
    """Rows with the weights their kind describes; the slope in the population is 1."""
    if kind == "frequency":
        cells = rng.integers(0, 3, rows), rng.integers(0, 4, rows)
        x, y = cells[0] - 1.0, cells[0] + cells[1] - 1.5
        pairs, counts = np.unique(np.column_stack([x, y]), axis=0, return_counts=True)
        return pairs[:, :1], pairs[:, 1], counts.astype(float)
    x = rng.normal(size=(rows if kind == "analytic" else 4 * rows, 1))
    noise = rng.normal(size=len(x))
    if kind == "analytic":
        sizes = rng.integers(1, 30, rows).astype(float)
        return x, 1.0 + x[:, 0] + noise / np.sqrt(sizes), sizes
    y = 1.0 + x[:, 0] + noise * np.exp(0.5 * x[:, 0])
    chance = 1.0 / (1.0 + np.exp(-y))
    seen = rng.random(len(x)) < chance
    return x[seen], y[seen], 1.0 / chance[seen]


def clustered(rng, clusters, size, *, unequal):
    """Rows of clusters; both slopes are 1."""
    sizes = np.maximum(1, np.floor(2 * size * rng.random(clusters))).astype(int) if unequal else np.full(clusters, size)
    code = np.repeat(np.arange(clusters), sizes)
    own = rng.normal(size=clusters)[code]
    x = np.column_stack([own, 0.5 * rng.normal(size=clusters)[code] + rng.normal(size=len(code))])
    effect = rng.normal(size=clusters)[code] * (1.0 + (np.abs(own) if unequal else 0.0))
    return x, x.sum(axis=1) + effect + 0.5 * rng.normal(size=len(code)), code


def holds(effects):
    """Whether the intervals hold 1 [D]."""
    ends = effects.conf_int(1 - LEVEL).to_numpy()
    return (ends[:, 0] <= 1.0) & (ends[:, 1] >= 1.0)


def main():
    tables = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    warnings.simplefilter("ignore")
    versions = f"numpy {np.__version__}, scikit-learn {sklearn.__version__}, torch {torch.__version__}"
    print(f"{dt.date.today()}, {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{versions}; nominal coverage {LEVEL}, {SAMPLES} samples, {tables} tables (networks {tables // 6})")
    print(f"\n{'model':14} {'weights':12} {'coverage':>8}")
    for name, face, fixed, part in MODELS:
        for kind in WEIGHTS_KINDS:
            held = []
            for seed in range(tables // part):
                x, y, weights = weighted(np.random.default_rng(seed), kind)
                model = face(**fixed, bootstrap=SAMPLES, weights_kind=kind, random_state=seed)
                held.append(holds(marginal_effects(model.fit(x, y, sample_weight=weights)))[0])
            print(f"{name:14} {kind:12} {np.mean(held):8.3f}", flush=True)
    print(f"\n{'':14} {'':>8} {'':10} {'by clusters':>23} {'rows as independent':>23}")
    columns = f"{'constant in':>12} {'varying':>10}"
    print(f"{'model':14} {'clusters':>8} {'sizes':10} {columns} {columns}")
    for name, face, fixed, part in MODELS:
        for clusters, size in ((12, 10), (40, 5)):
            for unequal in (False, True):
                held, plain = [], []
                for seed in range(tables // part):
                    x, y, code = clustered(np.random.default_rng(seed), clusters, size, unequal=unequal)
                    model = face(**fixed, bootstrap=SAMPLES, random_state=seed)
                    held.append(holds(marginal_effects(model.fit(x, y, groups=code))))
                    plain.append(holds(marginal_effects(model.fit(x, y))))
                one, two = np.mean(held, axis=0), np.mean(plain, axis=0)
                sizes = f"1 to {2 * size}" if unequal else f"{size}"
                cells = f"{one[0]:12.3f} {one[1]:10.3f} {two[0]:12.3f} {two[1]:10.3f}"
                print(f"{name:14} {clusters:8} {sizes:10} {cells}", flush=True)


if __name__ == "__main__":
    main()
