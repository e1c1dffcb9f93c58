"""Coverage of the estimators' intervals at a nominal 90 %, 500 data sets and more for every line.

Run: python -P studies/estimator_intervals.py [prediction] [line] [network] [scores]
Lines are appended to studies/estimator_intervals.txt as they come.
"""

import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from thalweg.estimators import LinearRegressor, NetRegressor, marginal_effects, score_interval
from thalweg.estimators.ensemble.networks import plan_networks, train_lessons
from thalweg.estimators.uncertainty.predictive import prediction_interval
from thalweg.select.learning.observations import canonical_rows

OUT = Path(__file__).with_suffix(".txt")
DATA_SETS, NEW, LEVEL = 500, 50, 0.9
Draw = Callable[[int, np.random.Generator], tuple[np.ndarray, np.ndarray]]


def non_linear(rows: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    x = rng.standard_normal((rows, 2))
    return x, np.sin(2 * x[:, 0]) + x[:, 0] * x[:, 1] + 0.5 * rng.standard_normal(rows)


def heteroscedastic(rows: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    x = rng.standard_normal((rows, 2))
    return x, 2 * x[:, 0] + (0.3 + np.abs(x[:, 0])) * rng.standard_normal(rows)


def skewed(rows: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    x = rng.standard_normal((rows, 2))
    return x, np.abs(x[:, 0]) + 0.5 * rng.exponential(size=rows)


def say(text: str) -> None:
    print(text, flush=True)
    with OUT.open("a", encoding="utf-8") as file:
        file.write(text + "\n")


def share(hits: np.ndarray) -> str:
    """Return a share of hits per data set with its simulation error."""
    return f"{hits.mean():.3f} ± {hits.std(ddof=1) / np.sqrt(len(hits)):.3f}"


def populations(draw: Draw, rows: int, settings: Mapping[str, Any], rng: np.random.Generator) -> Any:
    """Yield the populations of many data sets, trained fifty at a time."""
    for first in range(0, DATA_SETS, 50):
        tables = [draw(rows, rng) for _ in range(50)]
        plans = [
            plan_networks(canonical_rows(x, y[:, None]), "regression", settings, seed=first + k)
            for k, (x, y) in enumerate(tables)
        ]
        fits = iter(train_lessons([lesson for plan in plans for lesson in plan.lessons], workers=1))
        for plan in plans:
            yield plan.collect([next(fits) for _ in plan.lessons]).population


def prediction() -> None:
    """Prediction intervals of networks, 200 rows."""
    small = {"hidden": (8,), "activation": "tanh", "learning_rate": 0.03, "batch": None, "epochs": 60, "seeds": 1}
    cases = (
        ({"folds": 10, "patience": None}, ("split", "cv+")),
        ({"folds": 10, "patience": 10}, ("cv+",)),
        ({"folds": 10, "patience": None, "loss": "quantile"}, ("cqr",)),
        ({"bootstrap": 20, "patience": None}, ("jackknife+ab",)),
    )
    for extra, methods in cases:
        for draw in (non_linear, heteroscedastic, skewed):
            rng = np.random.default_rng(20261122)
            settings = NetRegressor(**small | extra).get_params()
            hits = np.zeros((len(methods), DATA_SETS))
            started = time.perf_counter()
            for k, population in enumerate(populations(draw, 200, settings, rng)):
                x, y = draw(NEW, rng)
                for m, method in enumerate(methods):
                    low, high = prediction_interval(population, x, LEVEL, method)[:, :, 0].T
                    hits[m, k] = ((low <= y) & (y <= high)).mean()
            seconds = time.perf_counter() - started
            for method, found in zip(methods, hits, strict=True):
                say(f"prediction | {draw.__name__} | 200 rows | {extra} | {method} | {share(found)} | {seconds:.0f} s")


def line(data_sets: int = 2000) -> None:
    """Average marginal effects of least squares when the noise grows with one of the features."""
    for samples in (60, 200):
        rng = np.random.default_rng(3)
        hits = np.zeros((data_sets, 2))
        for k in range(data_sets):
            x = rng.standard_normal((120, 2))
            y = x @ [1.0, 0.5] + (0.2 + np.abs(x[:, 0])) * rng.standard_normal(120)
            found = marginal_effects(LinearRegressor(bootstrap=samples, random_state=k).fit(x, y))
            bounds = found.conf_int(0.1)
            hits[k] = (bounds[0] <= [1.0, 0.5]) & (bounds[1] >= [1.0, 0.5])
        words = ("noise grows with it", "the other")
        for j, what in enumerate(words):
            design = f"120 rows | {samples} samples | {data_sets} data sets"
            say(f"effect of least squares | {what} | {design} | {share(hits[:, j])}")


def network() -> None:
    """Average marginal effects of networks: y = x1 + x1²/2 + e, true effects 1 and 0."""
    settings = NetRegressor(
        hidden=(6,), activation="tanh", learning_rate=0.05, batch=None, epochs=80, patience=None, seeds=3, bootstrap=40
    )

    def draw(rows: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        x = rng.standard_normal((rows, 2))
        return x, x[:, 0] + x[:, 0] ** 2 / 2 + (0.3 + 0.4 * np.abs(x[:, 0])) * rng.standard_normal(rows)

    hits, params, errors = np.zeros((DATA_SETS, 2)), [], []
    for k, population in enumerate(populations(draw, 120, settings.get_params(), np.random.default_rng(5))):
        settings.population_ = population
        found = marginal_effects(settings)
        bounds = found.conf_int(0.1)
        hits[k] = (bounds[0] <= [1.0, 0.0]) & (bounds[1] >= [1.0, 0.0])
        params.append(found.params.to_numpy())
        errors.append(found.bse.to_numpy())
    sd, error = np.std(params, axis=0), np.mean(errors, axis=0)
    for j, truth in enumerate((1, 0)):
        say(
            f"effect of networks | true {truth} | 120 rows | 40 samples | {share(hits[:, j])} | "
            f"mean {np.mean(params, axis=0)[j]:.3f}, sd {sd[j]:.3f}, mean standard error {error[j]:.3f}"
        )


def scores(data_sets: int = 2000) -> None:
    """BCa intervals of a mean absolute error and of an accuracy."""
    rng = np.random.default_rng(1)
    hits = np.zeros((data_sets, 2))
    for k in range(data_sets):
        y, right = rng.standard_normal(100), (rng.random(150) < 0.8).astype(float)
        error = score_interval(lambda a, b: np.abs(a - b).mean(), y, np.zeros(100), level=0.9, samples=400, seed=k)
        accuracy = score_interval(lambda a, b: (a == b).mean(), np.ones(150), right, level=0.9, samples=400, seed=k)
        hits[k] = error.low <= np.sqrt(2 / np.pi) <= error.high, accuracy.low <= 0.8 <= accuracy.high
    say(f"score | mean absolute error | 100 rows | {data_sets} data sets | {share(hits[:, 0])}")
    say(f"score | accuracy | 150 rows | {data_sets} data sets | {share(hits[:, 1])}")


if __name__ == "__main__":
    for part in sys.argv[1:] or ["line", "scores", "network", "prediction"]:
        globals()[part]()
