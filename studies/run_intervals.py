"""Coverage of the nominal 90 % intervals of a run: prediction ± a high value of held-out residuals.

    python studies/run_intervals.py [TABLES] > studies/run_intervals.txt

The models are those of all rows, the residuals those of five folds, as ``Run.predict(level=...)`` has them. Designs
chosen to hurt: few rows; noise that grows with a feature; heavy tails; a network that overfits; groups of rows.
"""

import datetime as dt
import os
import platform
import sys
import warnings

import numpy as np
import sklearn
import torch

from thalweg.estimators import LinearRegressor, NetRegressor
from thalweg.select.scoring.covering import covering_value

LEVEL, NEW = 0.9, 300
NETWORK = {"seeds": 2, "epochs": 80, "learning_rate": 0.01, "workers": 1, "folds": 5}
MODELS = {
    "least squares": (LinearRegressor, {"folds": 5}),
    "network 16, patience": (NetRegressor, NETWORK | {"hidden": (16,)}),
    "network 64, none": (NetRegressor, NETWORK | {"hidden": (64,), "patience": None}),
}


def even(rng, rows):
    x = rng.normal(size=(rows, 3))
    return x, np.sin(2 * x[:, 0]) + x[:, 1] + 0.5 * rng.normal(size=rows), None


def growing(rng, rows):
    x = rng.normal(size=(rows, 3))
    return x, x[:, 0] + (0.2 + np.abs(x[:, 1])) * rng.normal(size=rows), None


def heavy(rng, rows):
    x = rng.normal(size=(rows, 3))
    return x, x[:, 0] + 0.5 * rng.standard_t(3, size=rows), None


def grouped(rng, rows):
    code = np.arange(rows) // 4 if rows < NEW else np.arange(rows)  # new rows are of new groups, one each
    x = rng.normal(size=(rows, 3))
    return x, x[:, 0] + rng.normal(size=code.max() + 1)[code] + 0.5 * rng.normal(size=rows), code


def main():
    tables = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    warnings.simplefilter("ignore")
    versions = f"numpy {np.__version__}, scikit-learn {sklearn.__version__}, torch {torch.__version__}"
    print(f"{dt.date.today()}, {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{versions}; nominal coverage {LEVEL}, {tables} tables (networks {tables // 5}) x {NEW} new rows\n")
    print(f"{'model':22} {'design':10} {'rows':>5} {'coverage':>9} {'s.e.':>6}")
    for name, (face, settings) in MODELS.items():
        for design in (even, growing, heavy, grouped):
            for rows in (40, 120):
                held = []
                for seed in range(tables if face is LinearRegressor else max(2, tables // 5)):
                    rng = np.random.default_rng(seed)
                    x, y, code = design(rng, rows)
                    new, outcome, _ = design(rng, NEW)
                    model = face(**settings, random_state=seed).fit(x, y, groups=code)
                    population = model.population_
                    size = np.abs(population.rows.y - population.out_of_fold)
                    reach = covering_value(size, LEVEL, population.rows.groups)
                    held.append(np.mean(np.abs(outcome - model.predict(new)) <= reach))
                error = np.std(held) / np.sqrt(len(held))
                print(f"{name:22} {design.__name__:10} {rows:5} {np.mean(held):9.3f} {error:6.3f}", flush=True)


if __name__ == "__main__":
    main()
