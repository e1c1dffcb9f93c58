"""How often the interval of a difference covers with folds in time order, against two other rules.

Truth is the expectation of the difference over held-out blocks, estimated by the mean over all repetitions of a design.

    python studies/time_interval.py [repetitions] > studies/time_interval.txt

Designs: outcomes y = f(x) + e, three features x and the noise e both autoregressive (AR) of the coefficients shown, or
random walks; "trend" adds a slope in time that no model sees, "break" changes f after two thirds of the rows.
"blocks" is Student's t of the block means alone, "exchangeable" the rule for rows in no order; "warned" is the share of
tables whose answer says that outcome and features wander, "rest" what ours covered in the others.
"""

import platform
import sys
from datetime import date

import numpy as np
import pandas as pd
import scipy
from scipy.signal import lfilter

from thalweg.base.arrays import FloatArray
from thalweg.data.dependence.time_folds import time_folds
from thalweg.data.dependence.wandering import wandering
from thalweg.select.scoring.difference import compare
from thalweg.select.scoring.metrics import METRICS

FOLDS = 5
DESIGNS = {  # of x, of e, and what changes in time
    "independent": (0.0, 0.0, ""),
    "AR 0.5": (0.5, 0.5, ""),
    "AR 0.9": (0.9, 0.9, ""),
    "AR 0.9, gap 10": (0.9, 0.9, "gap"),
    "walk": (0.0, 1.0, ""),
    "both walk": (1.0, 1.0, ""),
    "trend": (0.5, 0.5, "trend"),
    "break": (0.5, 0.5, "break"),
}


def series(draw: np.random.Generator, rows: int, columns: int, coefficient: float) -> FloatArray:
    shocks = draw.standard_normal((rows + 50, columns)) * (np.sqrt(1 - coefficient**2) if coefficient < 1 else 1.0)
    return np.asarray(lfilter([1.0], [1.0, -coefficient], shocks, axis=0))[50 if coefficient < 1 else 0 :][:rows]


def table(draw: np.random.Generator, rows: int, design: str) -> tuple[FloatArray, FloatArray]:
    of_x, of_e, change = DESIGNS[design]
    x, e = series(draw, rows, 3, of_x), series(draw, rows, 1, of_e)[:, 0]
    y = 0.5 * x[:, 0] + 0.5 * np.sin(2 * x[:, 1]) + e
    if change == "trend":
        y = y + np.linspace(0, 3, rows)
    if change == "break":
        y[2 * rows // 3 :] -= x[2 * rows // 3 :, 0]
    return x, y


def ridge(x: FloatArray, y: FloatArray, z: FloatArray) -> FloatArray:
    centre = x.mean(0)
    a = x - centre
    return np.asarray(y.mean() + (z - centre) @ np.linalg.solve(a.T @ a + np.eye(x.shape[1]), a.T @ (y - y.mean())))


def network(draw: np.random.Generator, x: FloatArray, y: FloatArray, z: FloatArray) -> FloatArray:
    """Twenty random rectifiers with a fitted last layer."""
    weights, shift = draw.standard_normal((x.shape[1], 20)), draw.standard_normal(20)
    return ridge(np.maximum(x @ weights + shift, 0), y, np.maximum(z @ weights + shift, 0))


def differences(
    draw: np.random.Generator, x: FloatArray, y: FloatArray, design: str
) -> dict[str, tuple[FloatArray, FloatArray]]:
    rows = len(y)
    folds = time_folds(np.arange(rows), FOLDS, 10 if DESIGNS[design][2] == "gap" else 0)
    lost: dict[str, list[FloatArray]] = {"network": [], "ridge": [], "mean": []}
    for fold in folds:
        learned, held = fold.learned, fold.held_out
        told = {
            "network": network(draw, x[learned], y[learned], x[held]),
            "ridge": ridge(x[learned], y[learned], x[held]),
            "mean": np.full(len(held), y[learned].mean()),
        }
        for name, values in told.items():
            one = METRICS["regression"]["rmse"].rows(values[None, :, None], y[held], np.ones(len(held)))
            lost[name].append(one[0])
    number = np.repeat(np.arange(FOLDS), [len(fold.held_out) for fold in folds])
    rows_of = {name: np.concatenate(parts) for name, parts in lost.items()}
    return {
        "network − ridge": (rows_of["network"] - rows_of["ridge"], number),
        "ridge − mean": (rows_of["ridge"] - rows_of["mean"], number),
    }


def blocks(values: FloatArray, number: FloatArray) -> tuple[float, float]:
    means = np.array([values[number == f].mean() for f in range(FOLDS)])
    half = scipy.stats.t.ppf(0.975, FOLDS - 1) * means.std(ddof=1) / np.sqrt(FOLDS)
    return means.mean() - half, means.mean() + half


def main() -> None:
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    print(
        f"{date.today()}, {platform.processor() or platform.machine()}, Python {platform.python_version()}, numpy "
        f"{np.__version__}, scipy {scipy.__version__}; {repetitions} repetitions, {FOLDS} folds, nominal 95 %\n"
    )
    head = ("ours", 7), ("blocks", 8), ("exchangeable", 14), ("half width", 12), ("warned", 9), ("rest", 7)
    print(f"{'design':<16}{'rows':>5}  {'pair':<17}{''.join(f'{name:>{width}}' for name, width in head)}")
    for design in DESIGNS:
        for rows in (120, 600):
            found: dict[str, list[tuple[float, ...]]] = {}
            for seed in range(repetitions):
                draw = np.random.default_rng(seed)
                x, y = table(draw, rows, design)
                warned = float(bool(wandering(np.arange(rows), pd.DataFrame(x), y, "y")))
                for pair, (values, number) in differences(draw, x, y, design).items():
                    zero = np.zeros_like(values)
                    ours = compare(values, zero, number, in_time=True)
                    plain = compare(values, zero, number)
                    ends = (ours.low, ours.high, *blocks(values, number), plain.low, plain.high, warned)
                    found.setdefault(pair, []).append((ours.estimate, *ends))
            for pair, told in found.items():
                numbers = np.array(told)
                truth = numbers[:, 0].mean()
                cover = [float(((numbers[:, k] <= truth) & (truth <= numbers[:, k + 1])).mean()) for k in (1, 3, 5)]
                within = (numbers[:, 1] <= truth) & (truth <= numbers[:, 2])
                rest = within[numbers[:, 7] == 0]
                left = f"{rest.mean():>7.3f}" if len(rest) >= repetitions / 8 else f"{'-':>7}"
                half = float(np.median(numbers[:, 2] - numbers[:, 1]) / 2)
                print(
                    f"{design:<16}{rows:>5}  {pair:<17}{cover[0]:>7.3f}{cover[1]:>8.3f}{cover[2]:>14.3f}{half:>12.3f}"
                    f"{numbers[:, 7].mean():>9.3f}{left}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
