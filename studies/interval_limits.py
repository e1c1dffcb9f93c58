"""Where the interval of a paired difference is too short: unstable learners, and far outliers in the outcome.

A regression tree (leaves of at least 5 rows) minus least squares, RMSE, 200 rows, 6 features, 5 folds. Truth is the
mean of the cross-validated difference over all tables. "1 % of rows" is the share of the squared error of least squares
that the 1 % of rows make up with the largest: what `select/remarks.py` warns of from a half on.

    python studies/interval_limits.py [repetitions] > studies/interval_limits.txt
"""

import sys
from datetime import date

import numpy as np
from sklearn.tree import DecisionTreeRegressor

from thalweg.base.arrays import FloatArray
from thalweg.select.remarks import HEAVY, concentration
from thalweg.select.scoring.difference import compare
from thalweg.select.scoring.metrics import METRICS
from thalweg.train.versions import versions

ROWS, FEATURES, FOLDS = 200, 6, 5
RMSE = METRICS["regression"]["rmse"]


def table(kind: str, random: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    X, noise = random.standard_normal((ROWS, FEATURES)), random.standard_normal(ROWS)
    if kind == "exclusive or":
        return X, 2 * np.sign(X[:, 0] * X[:, 1]) + noise
    far = np.where(random.random(ROWS) < 0.01, random.choice([-20.0, 20.0], ROWS), 0.0)
    return X, X[:, 0] + noise + (far if kind == "1 % outliers" else 0.0)


def difference(kind: str, seed: int) -> tuple[float, float, float, float]:
    """Return estimate, ends, and the share of the heaviest rows."""
    random = np.random.default_rng(seed)
    X, y = table(kind, random)
    fold = random.permutation(np.arange(ROWS) % FOLDS)
    values, errors = np.empty((2, ROWS)), np.empty(ROWS)
    for number in range(FOLDS):
        held = fold == number
        A = np.column_stack([np.ones(ROWS), X])
        line = np.linalg.lstsq(A[~held], y[~held], rcond=None)[0]
        errors[held] = y[held] - A[held] @ line
        tree = DecisionTreeRegressor(min_samples_leaf=5, random_state=seed).fit(X[~held], y[~held])
        for model, predicted in enumerate((tree.predict(X[held]), A[held] @ line)):
            values[model, held] = RMSE.rows(predicted[None, :, None], y[held], np.ones(held.sum()))[0]
    ends = compare(values[0], values[1], fold)
    return ends.estimate, ends.low, ends.high, concentration(np.square(errors))


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    print(f"Nominal 95 %, {count} tables per line. {date.today()}, {versions()}\n")
    heads = f"{'1 % of rows, median':>22}{'warned %':>10}{'covered, not warned %':>24}"
    print(f"{'table':16}{'covered %':>12}{'error':>8}{heads}")
    for kind in ("linear", "exclusive or", "1 % outliers"):
        estimate, low, high, share = np.array([difference(kind, seed) for seed in range(count)]).T
        covered = (low <= estimate.mean()) & (estimate.mean() <= high)
        quiet = share < HEAVY
        error = 100 * np.sqrt(covered.mean() * (1 - covered.mean()) / count)
        told = f"{np.median(share):.2f}", f"{100 * (~quiet).mean():.1f}", f"{100 * covered[quiet].mean():.1f}"
        print(f"{kind:16}{100 * covered.mean():>12.1f}{error:>8.1f}{told[0]:>22}{told[1]:>10}{told[2]:>24}")


if __name__ == "__main__":
    main()
