"""Do the intervals of ``thalweg.guide`` cover? Tables whose truth is known, linear and not, many times over.

Two goals are tried: what such networks find on average over tables of this size, and the slope of the truth itself,
|β| sd(x) / sd(y) where it is linear. Only columns that matter are counted.
    python studies/guide_intervals.py [tables] [design]
"""

import sys
from datetime import date

import numpy as np
import torch

from thalweg.study.attribution.findings import METHODS
from thalweg.study.attribution.guide import guide_study
from thalweg.study.sample import StudySample

COLUMNS = 6
DESIGNS = {
    "linear, 400 rows": (400, "linear", 0.0, 1.0),
    "linear, 120 rows": (120, "linear", 0.0, 1.0),
    "linear, correlated 0.7": (400, "linear", 0.7, 1.0),
    "steps and bends": (400, "bent", 0.0, 0.5),
    "heavy tails": (400, "linear", 0.0, -1.0),
}
BETA = np.array([1.0, -0.7, 0.5, 0.3, 0.0, 0.0])


def draw(rng, rows, shape, rho, noise):
    common = rng.normal(size=(rows, 1))
    x = np.sqrt(rho) * common + np.sqrt(1 - rho) * rng.normal(size=(rows, COLUMNS))
    mean = x @ BETA if shape == "linear" else 1.5 * np.tanh(2 * x[:, 0]) + np.abs(x[:, 1]) + 0.5 * x[:, 2] * x[:, 3]
    e = rng.normal(size=rows) if noise > 0 else rng.standard_t(2.5, size=rows)
    return x, mean + abs(noise) * e


def sample_from(x, y):
    x, y = (x - x.mean(0)) / x.std(0), (y - y.mean()) / y.std()
    names = tuple(f"x{k}" for k in range(x.shape[1]))
    return StudySample("t", "y", "regression", names, x, y[:, None], (), None, names, np.arange(x.shape[1]))


def truth(shape, rho, noise):
    """Saliency in the population by column."""
    rng = np.random.default_rng(10**6)
    x, y = draw(rng, 200_000, shape, rho, noise)
    if shape == "linear":
        return np.abs(BETA) / y.std()
    at = torch.from_numpy(x).requires_grad_()
    mean = 1.5 * torch.tanh(2 * at[:, 0]) + at[:, 1].abs() + 0.5 * at[:, 2] * at[:, 3]
    mean.sum().backward()
    return at.grad.abs().mean(0).numpy() / y.std()


def covered(low, high, goal):
    """Share of intervals that hold their goal, with the standard error over tables."""
    there = (low <= goal) & (goal <= high)
    return f"{there.mean():.3f} ± {there.mean(axis=1).std() / np.sqrt(len(there)):.3f}"


def main(tables, wanted=""):
    torch.set_num_threads(1)
    print(f"{date.today()}, thalweg.guide, {tables} tables per design, torch {torch.__version__}, 95 % intervals")
    for name, (rows, shape, rho, noise) in DESIGNS.items():
        if wanted not in name:
            continue
        known, ends = truth(shape, rho, noise), []
        matter = known > 0.05
        for number in range(tables):
            x, y = draw(np.random.default_rng(number), rows, shape, rho, noise)
            study = guide_study(
                sample_from(x, y), hidden=(16,), epochs=60, seeds=2, permutations=1, resamples=12, keep=2, seed=number
            )
            by_name = {one.column: one.values for one in study.attributions}
            ends.append([[by_name[f"x{k}"][method][:3] for k in range(COLUMNS)] for method in METHODS])
        centre, low, high = np.array(ends).transpose(3, 1, 0, 2)[:, :, :, matter]  # [method table column]
        told = {f"{method}, average": covered(low[m], high[m], centre[m].mean(0)) for m, method in enumerate(METHODS)}
        told["saliency, true slope"] = covered(low[0], high[0], known[matter])
        print(name, *(f"  {goal:30s} {share}" for goal, share in told.items()), sep="\n")
        print(f"  true slopes {known[matter].round(2)}, found {centre[0].mean(0).round(2)}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40, *sys.argv[2:3])
