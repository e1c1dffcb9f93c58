"""How often intervals for single coefficients cover where columns are many: debiased lasso and its neighbours.

    python studies/debiased_lasso.py [--tables 200] [--situations 0 1 …] [--methods "debiased lasso" …]

Prints one block per situation, as it is done; studies/debiased_lasso.txt holds the last full run. Columns are normal
with correlation rho^|i - j|, errors normal or with Student's t of 5 degrees; n, p and the effects are given. Judged are
all columns that matter and ten drawn ones that do not.
"""

import argparse
import time
import warnings
from dataclasses import dataclass

import numpy as np

from thalweg.base.errors import DataError
from thalweg.linear import debiased_lasso, fit_lasso, honest_regress, lasso_stability, regress


@dataclass(frozen=True)
class Situation:
    """One way to make tables."""

    n: int
    p: int
    rho: float
    effects: tuple[float, ...]
    tails: str = "normal"

    def table(self, random):
        X = random.normal(size=(self.n, self.p))
        for j in range(1, self.p):
            X[:, j] = self.rho * X[:, j - 1] + np.sqrt(1 - self.rho**2) * X[:, j]
        beta = np.zeros(self.p)
        beta[random.choice(self.p, len(self.effects), replace=False)] = self.effects
        errors = random.normal(size=self.n) if self.tails == "normal" else random.standard_t(5, self.n) / np.sqrt(5 / 3)
        return X, X @ beta + errors, beta


SITUATIONS = (
    Situation(200, 100, 0.5, (1.0, 1.0, 0.5, -0.5, 0.2)),
    Situation(100, 200, 0.5, (1.0, 1.0, 0.5, -0.5, 0.2)),
    Situation(200, 300, 0.0, (1.0, 1.0, 0.5, -0.5, 0.2)),
    Situation(200, 300, 0.8, (1.0, 1.0, 0.5, -0.5, 0.2)),
    Situation(200, 300, 0.5, (1.0, 1.0, 0.5, -0.5, 0.2), "t"),
    Situation(200, 300, 0.5, (0.3,) * 15),
    Situation(200, 100, 0.9, (1.0, 1.0, 0.5, -0.5, 0.2)),
)


def debiased(X, y, places):
    fit = debiased_lasso(X, y, columns=[f"x{j + 1}" for j in places])
    return fit.interval()


def lasso(X, y):
    """Cross-validated lasso on 60 penalties down to a hundredth of the largest useful one."""
    Z = (X - X.mean(axis=0)) / X.std(axis=0)
    return fit_lasso(X, y, penalties=np.abs(Z.T @ (y - y.mean())).max() / len(y) * np.geomspace(1, 0.01, 60))


def kept(X, y):
    """Columns of the lasso by the one-standard-error rule."""
    path = lasso(X, y)
    return np.flatnonzero(path.coefficients[path.one_se])


def intervals_of(fit, places):
    """Intervals of an estimate by column; none for a column that was left out."""
    found = dict(zip(fit.names, fit.conf_int().to_numpy(), strict=True))
    return np.array([found.get(f"x{j + 1}", (np.nan, np.nan)) for j in places])


def naive(X, y, places):
    """Least squares on the columns the lasso keeps, as if they had been given."""
    chosen = kept(X, y)
    if not len(chosen):
        return np.full((len(places), 2), np.nan)
    return intervals_of(regress(X[:, chosen], y, names=[f"x{j + 1}" for j in chosen]), places)


def split(X, y, places):
    """Choose on half of the rows, estimate on the other."""
    try:
        return intervals_of(honest_regress(X, y, kept, covariance="classical"), places)
    except DataError:  # nothing was chosen
        return np.full((len(places), 2), np.nan)


def percentiles(X, y, places):
    """Bootstrap percentiles of the lasso at its cross-validated penalty."""
    path = lasso(X, y)
    return lasso_stability(X, y, float(path.penalties[path.best]), replicates=40).interval()[places]


METHODS = {
    "debiased lasso": debiased,
    "sample splitting": split,
    "naive after selection": naive,
    "bootstrap percentiles": percentiles,
}


def study(situation, tables, seed, methods):
    hits = {(m, kind): [] for m in methods for kind in ("matters", "does not")}
    lengths = {key: [] for key in hits}
    for t in range(tables):
        random = np.random.default_rng([seed, t])
        X, y, beta = situation.table(random)
        places = np.r_[np.flatnonzero(beta), random.choice(np.flatnonzero(beta == 0), 10, replace=False)]
        for name in methods:
            for (low, high), j in zip(METHODS[name](X, y, places), places, strict=True):
                key = (name, "matters" if beta[j] else "does not")
                if np.isfinite(low):
                    hits[key].append(low <= beta[j] <= high)
                    lengths[key].append(high - low)
                else:
                    hits[key].append(None)
    return hits, lengths


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", type=int, default=200)
    parser.add_argument("--situations", type=int, nargs="+", default=range(len(SITUATIONS)))
    parser.add_argument("--methods", nargs="+", default=list(METHODS), choices=METHODS)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    print("Nominal coverage 95 %. 'given': share of columns that got an interval at all.\n")
    for number in options.situations:
        situation = SITUATIONS[number]
        start = time.perf_counter()
        hits, lengths = study(situation, options.tables, number, options.methods)
        print(f"{situation}, {options.tables} tables")
        for (name, kind), found in hits.items():
            given = [hit for hit in found if hit is not None]
            rate = f"{np.mean(given):.3f}" if given else "    –"
            print(
                f"  {name:22} {kind:9} covers {rate}  given {len(given) / len(found):5.1%}  "
                f"mean length {np.mean(lengths[name, kind]) if given else float('nan'):.3f}"
            )
        print(f"  ({time.perf_counter() - start:.0f} s)\n", flush=True)


if __name__ == "__main__":
    main()
