"""Coverage of nominal 90 % prediction intervals for a row of a new group, groups few, unequal and alike inside.

    python studies/groups_coverage.py [TABLES] > studies/groups_coverage.txt

Every table is fitted twice: with its groups named, and as if its rows were independent, which shows what that costs.
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

LEVEL, NEW = 0.9, 200
NETWORK = {"hidden": (16,), "seeds": 1, "epochs": 100, "learning_rate": 0.01, "workers": 1}


def table(rng, groups, largest):
    """Rows of groups with an effect and a mean of features of their own; larger groups have larger effects."""
    sizes = np.maximum(1, np.floor(largest ** rng.random(groups))).astype(int)
    code = np.repeat(np.arange(groups), sizes)
    x = rng.normal(size=(groups, 3))[code] + 0.5 * rng.normal(size=(len(code), 3))
    effect = (rng.normal(size=groups) * (1.0 + sizes / largest))[code]
    return x, x[:, 0] + effect + 0.5 * rng.normal(size=len(code)), code


def new_rows(rng, largest):
    """One row each of new groups."""
    x, y, code = table(rng, NEW, largest)
    rows = [rng.choice(np.flatnonzero(code == group)) for group in range(NEW)]
    return x[rows], y[rows]


def covered(face, settings, groups, largest, tables, named):
    """Return the mean coverage, its standard error over tables and the median width."""
    held, widths = [], []
    for seed in range(tables):
        rng = np.random.default_rng(seed)
        x, y, code = table(rng, groups, largest)
        new, outcome = new_rows(rng, largest)
        low, high = face(**settings).fit(x, y, groups=code if named else None).predict_interval(new, level=LEVEL).T
        held.append(((low <= outcome) & (outcome <= high)).mean())
        widths.append(np.median(high - low))
    return np.mean(held), np.std(held) / np.sqrt(tables), np.median(widths)


def main():
    tables = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    warnings.simplefilter("ignore")
    versions = f"numpy {np.__version__}, scikit-learn {sklearn.__version__}, torch {torch.__version__}"
    print(f"{dt.date.today()}, {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{versions}; nominal coverage {LEVEL}, {tables} tables (networks {tables // 4}) x {NEW} new groups\n")
    print(f"{'model':14} {'design':14} {'groups':>6} {'rows':>8}   {'named':>22} {'not named':>22}")
    designs = ({"folds": 5}, {"folds": 10}, {"bootstrap": 20})
    for name, face, fixed in (("least squares", LinearRegressor, {}), ("network", NetRegressor, NETWORK)):
        count = tables if face is LinearRegressor else tables // 4
        for design in designs:
            for groups, largest in ((12, 20), (20, 20), (50, 20), (50, 4)):
                given = (face, fixed | design, groups, largest, count)
                one, other = covered(*given, True), covered(*given, False)
                cells = [f"{m:6.3f} ± {e:.3f}, width {w:4.1f}" for m, e, w in (one, other)]
                words = "=".join(str(part) for part in next(iter(design.items())))
                print(
                    f"{name:14} {words:14} {groups:6} {f'1 to {largest}':>8}   {cells[0]:>22} {cells[1]:>22}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
