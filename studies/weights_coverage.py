"""Coverage of nominal 90 % intervals with weights of every kind, on designs chosen to hurt.

    python studies/weights_coverage.py [TABLES] > studies/weights_coverage.txt
    python studies/weights_coverage.py TABLES surveys     # probability weights alone

Prediction: networks and least squares on pure noise with whole-number weights, where copies that are dealt apart leak.
Slopes: regressions on counted cells (frequency), on means of groups of 1 to 30 (analytic), and on rows sampled by their
outcome (probability), each read under every kind: the wrong kind shows what it costs.
Surveys: probability weights that come about in six ways.
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
from thalweg.estimators import LinearRegressor, NetRegressor
from thalweg.linear import regress

LEVEL = 0.9
NETWORK = {"hidden": (64,), "seeds": 1, "patience": None, "epochs": 200, "learning_rate": 0.005, "workers": 1}
STOPPED = NETWORK | {"patience": 20}
SMALL = {"hidden": (8,), "seeds": 1, "patience": None, "epochs": 60, "learning_rate": 0.01, "workers": 1}


def sampled(rng, kind, rows=120):
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


def surveyed(rng, design, rows):
    """Rows of a survey with their probability weights; the slope of the first column in the population is 1."""
    x = rng.exponential(size=(rows, 1)) if design == "skewed" else rng.normal(size=(rows, 5 if design == "five" else 1))
    noise = rng.normal(size=rows) * (np.exp(0.5 * x[:, 0]) if design in {"by outcome", "by feature"} else 1.0)
    if design == "skewed":
        noise = (rng.exponential(size=rows) - 1.0) * (0.5 + x[:, 0])
    y = 1.0 + x[:, 0] + noise
    if design in {"lognormal", "five", "skewed"}:
        return x, y, np.exp((0.8 if design == "skewed" else 1.0) * rng.normal(size=rows))
    if design == "rare stratum":  # a tenth of the rows stands for seven tenths of the population
        rare = np.arange(rows) < rows // 10
        return x, y + rare * 0.5 * noise, np.where(rare, 0.7 / rare.sum(), 0.3 / (~rare).sum())
    chance = 1.0 / (1.0 + np.exp(-y if design == "by outcome" else -1.5 * x[:, 0]))
    seen = rng.random(rows) < chance
    return x[seen], y[seen], 1.0 / chance[seen]


def surveys(tables):
    """Print how often intervals with probability weights hold the population's slope."""
    print(f"\nSurveys by regress, {tables} tables; the worth of rows is Kish's\n")
    print(f"{'design':14} {'rows':>6} {'worth':>6} {'HC1':>6} {'HC3':>6}")
    for design in ("by outcome", "by feature", "lognormal", "rare stratum", "skewed", "five"):
        for rows in (150, 600):
            held, sizes = [], []
            for seed in range(tables):
                X, y, weights = surveyed(np.random.default_rng(seed), design, rows)
                both = [
                    regress(X, y, weights=weights, weights_kind="probability", covariance=one).conf_int(1 - LEVEL)
                    for one in ("HC1", "HC3")
                ]
                held.append([ends.iloc[1, 0] <= 1.0 <= ends.iloc[1, 1] for ends in both])
                sizes.append([len(y), weights.sum() ** 2 / (weights @ weights)])
            (count, worth), (one, three) = np.mean(sizes, axis=0), np.mean(held, axis=0)
            print(f"{design:14} {count:6.0f} {worth:6.0f} {one:6.3f} {three:6.3f}", flush=True)


def prediction(tables):
    """Print how often intervals hold new outcomes of pure noise."""
    print(f"\nPrediction, 200 rows of pure noise, 10 features, {tables} tables x 2000 new rows\n")
    print(f"{'weights':22} {'kind':12} {'model':22} {'folds=10':>9} {'bootstrap=20':>13}")
    draws = {
        "none": lambda _: None,
        "all 3": lambda _: np.full(200, 3.0),
        "whole, 2 to 5": lambda rng: rng.integers(2, 6, 200).astype(float),
        "whole, 1 to 50": lambda rng: np.floor(50.0 ** rng.random(200)),
        "2 to 5 and 1e-6": lambda rng: rng.integers(2, 6, 200) + 1e-6,
    }
    models = {"network": (NetRegressor, NETWORK), "network, patience 20": (NetRegressor, STOPPED)}
    models["least squares"] = (LinearRegressor, {})
    for name, draw in draws.items():
        kinds = (None,) if name == "none" else (None, *WEIGHTS_KINDS)
        for kind in kinds if "1e-6" not in name else (None,):
            for model, (face, settings) in models.items():
                line = [f"{name:22} {kind or 'not said':12} {model:22}"]
                for design, width in (({"folds": 10}, 9), ({"bootstrap": 20}, 13)):
                    held = []
                    for seed in range(tables):
                        rng = np.random.default_rng(seed)
                        X, y = rng.normal(size=(200, 10)), rng.normal(size=200)
                        new, outcomes = rng.normal(size=(2000, 10)), rng.normal(size=2000)
                        fit = face(**settings, **design, weights_kind=kind).fit(X, y, sample_weight=draw(rng))
                        ends = fit.predict_interval(new, level=LEVEL)
                        held.append(np.mean((ends[:, 0] <= outcomes) & (outcomes <= ends[:, 1])))
                    line.append(f"{np.mean(held):{width}.3f}")
                print(" ".join(line), flush=True)


def slopes(tables):
    """Print how often intervals of a slope hold the population's."""
    print(f"\nSlopes by regress, {tables} tables\n")
    print(
        f"{'design':14} {'read as':12} {'covariance':11} {'coverage':>8} {'mean half-width':>16} {'mean estimate':>14}"
    )
    for design in WEIGHTS_KINDS:
        for kind in WEIGHTS_KINDS:
            if kind == "frequency" and design == "probability":
                continue  # its weights are no counts, and refused
            for covariance in ("classical", "HC1", "HC3") if kind != "probability" else ("HC1", "HC3"):
                held, halves, centres = [], [], []
                for seed in range(tables):
                    X, y, weights = sampled(np.random.default_rng(seed), design)
                    fit = regress(X, y, weights=weights, weights_kind=kind, covariance=covariance)
                    low, high = fit.conf_int(1 - LEVEL).iloc[1]
                    held.append(low <= 1.0 <= high)
                    halves.append((high - low) / 2)
                    centres.append(fit.estimate[1])
                print(
                    f"{design:14} {kind:12} {covariance:11} {np.mean(held):8.3f} {np.mean(halves):16.3f} "
                    f"{np.mean(centres):14.3f}",
                    flush=True,
                )


def main():
    tables = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    warnings.simplefilter("ignore")
    versions = f"numpy {np.__version__}, scikit-learn {sklearn.__version__}, torch {torch.__version__}"
    print(f"{dt.date.today()}, {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{versions}; nominal coverage {LEVEL}")
    if "surveys" not in sys.argv:
        slopes(150 * tables)
        prediction(tables)
    surveys(150 * tables)


if __name__ == "__main__":
    main()
