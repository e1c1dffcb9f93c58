"""How often what DeDL says holds on designs that looked weak: each interval, all at once, the winner after selection.

    python studies/dedl_weak.py [replications] [design ...] > studies/dedl_weak.txt

What is asked is what a user is told: own intervals, those wide enough for other links, all at once, the picked best
with its interval after selection, its lead, and the set that holds the best. One split into five folds; many
experiments train as one population.
"""

import os
import platform
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import torch
from scipy.special import expit

from thalweg.base.errors import TrainingError
from thalweg.effects.answering import answer_of_fits
from thalweg.effects.crossfit import cross_fit
from thalweg.effects.experiment.experiment import Experiment, all_combinations
from thalweg.effects.experiment.reading import Reading
from thalweg.effects.experiment.rebalance import rebalancing_weights
from thalweg.effects.experiment.simulate import simulate, standard_cells
from thalweg.effects.inference.cross_fitted import Model
from thalweg.effects.inference.intervals import median_over_repeats
from thalweg.effects.links.link import LINKS
from thalweg.effects.training import Training

NOISY = Training(repeats=1, workers=1, ridge=(1e-3,), hidden=(16,), epochs=25)
QUIET = Training(repeats=1, workers=1, ridge=(5e-6,))
LARGE = Training(repeats=1, workers=1, ridge=(1e-3,), hidden=(16,), batch=512, epochs=40)
POPULATION = 1 << 18
BLOCK = 50


@dataclass(frozen=True, eq=False)
class Design:
    """Three treatments or five under a curve; units alone or in households that may share a cell."""

    cells: np.ndarray
    rows: int
    curve: Callable
    columns: int = 5
    shares: tuple[float, ...] | None = None
    deviation: float = 0.5
    freedom: float = np.inf
    households: bool = False
    link: str = "sigmoid2"
    kinds: tuple[str, ...] = ("common",)
    training: Training = NOISY
    together: int = 50

    def parameters(self, x):
        """Return θ(x) [N m+1]: every treatment has an effect on everybody."""
        theta = [
            -0.6 + 0.4 * np.sin(x[:, 0]),
            0.8 + 0.25 * np.tanh(x[:, 1]),
            -0.9 + 0.25 * np.cos(x[:, 2]),
            0.6 + 0.2 * np.sin(x[:, 0] + x[:, 1]),
            0.5 + 0.2 * x[:, 3],
            -0.4 + 0.2 * np.tanh(x[:, 4]),
        ]
        return np.stack(theta[: self.cells.shape[1] + 1], axis=1)

    def means(self, x, targets):
        return self.curve(self.parameters(x) @ np.column_stack([np.ones(len(targets)), targets]).T)

    def effects(self, targets):
        x = np.random.default_rng(5).standard_normal((POPULATION // 8, self.columns))
        total = sum(self.means(np.concatenate([x + 0.0, -x])[:, order], targets).mean(0) for order in self._turns())
        return (total - total[0]) / len(self._turns())

    def _turns(self):
        return [np.roll(np.arange(self.columns), k) for k in range(4)]

    def draw(self, seed):
        rng = np.random.default_rng([seed, 777])
        x = rng.standard_normal((self.rows, self.columns))
        clusters, shared = None, 0.0
        chances = np.full(len(self.cells), 1 / len(self.cells)) if self.shares is None else np.array(self.shares)
        received = rng.choice(len(self.cells), self.rows, p=chances)
        if self.households:
            clusters = np.repeat(np.arange(self.rows), rng.integers(2, 7, self.rows))[: self.rows]
            received = received[clusters]
            x[:, 0] = np.sqrt(0.8) * rng.standard_normal(self.rows)[clusters] + np.sqrt(0.2) * x[:, 0]
            shared = 0.8 * rng.standard_normal(self.rows)[clusters]
        noise = rng.standard_normal(self.rows) if np.isinf(self.freedom) else rng.standard_t(self.freedom, self.rows)
        y = self.means(x, self.cells)[np.arange(self.rows), received] + self.deviation * noise + shared
        shares = np.bincount(received, minlength=len(self.cells)) / self.rows
        return Experiment((x - x.mean(0)) / x.std(0), y, self.cells, received, shares, clusters)


def sigmoid(u):
    return 10 * expit(u)


def cloglog(u):
    return -10 * np.expm1(-np.exp(u))


def loglog(u):
    return 10 * np.exp(-np.exp(-u))


def floored(u):
    return 20 + 10 * expit(u)


class Linear(Design):
    """Two treatments whose effects add, few units in either."""

    def parameters(self, x):
        return np.column_stack([2 * np.sin(x[:, 0]) + x[:, 1], 0.5 + 0.5 * x[:, 2] ** 2, -0.3 + 0.3 * np.abs(x[:, 0])])


class Tied(Design):
    """Four treatments that hardly differ."""

    def parameters(self, x):
        return np.column_stack([np.sin(x[:, 0]) + 0.5 * x[:, 1], np.tile([0.02, 0.0, -0.02, 0.01], (len(x), 1))])


@dataclass(frozen=True)
class Simulated:
    """An experiment of the library's own simulator, drawn anew with its truth for every seed."""

    treatments: int
    rows: int
    buckets: int = 0
    population: bool = True
    kinds: tuple[str, ...] = ("common",)
    link: str = "sigmoid2"
    training: Training = QUIET
    together: int = 10

    def draw(self, seed):
        extra = {"last_rate": 2.0} if self.buckets else {}
        drawn, _ = simulate(seed, treatments=self.treatments, rows=self.rows, **extra)
        if not self.buckets:
            return replace(drawn, x=(drawn.x - 0.5) * np.sqrt(12.0))
        edges = np.linspace(0.0, 1.0, self.buckets + 1)
        weights = rebalancing_weights(drawn.x[:, -1], edges, np.full(self.buckets, 1.0 / self.buckets))
        kept = weights > 0.0
        x = (drawn.x[kept] - 0.5) * np.sqrt(12.0)
        return replace(drawn, x=x, y=drawn.y[kept], received=drawn.received[kept], weights=weights[kept])

    def effects_of(self, seed, targets):
        """Return the truth of the population of equal shares, or of what the buckets make of the sample."""
        extra = {"last_rate": 2.0} if self.buckets else {}
        _, truth = simulate(seed, treatments=self.treatments, rows=4, **extra)
        if self.population:
            return truth.effects(targets, draws=1 << 14, seed=seed)
        x = np.random.default_rng([seed, 3]).uniform(size=(1 << 16, 10))
        low = np.floor(x[:, -1] * self.buckets) / self.buckets
        u, step = x[:, -1] * self.buckets % 1.0, 1.0 / self.buckets
        x[:, -1] = low - np.log1p(u * np.expm1(-2.0 * step)) / 2.0
        means = truth.means(x, targets).mean(0)
        return means - means[0]


C3, C5 = standard_cells(3), standard_cells(5)
DESIGNS = {
    "households share a cell": Design(C3, 1500, sigmoid, deviation=0.4, households=True),
    "five treatments, seven cells": Design(C5, 2000, sigmoid),
    "truth cloglog, m + 2 cells": Design(C3, 1500, cloglog),
    "truth loglog, m + 2 cells": Design(C3, 1500, loglog),
    "truth cloglog, m + 3 cells": Design(standard_cells(3, extra=True), 1500, cloglog),
    "truth with a floor of 20": Design(standard_cells(3, extra=True), 2000, floored, deviation=1.5),
    "shares 5/5/90, effects add": Linear(
        np.array([[0, 0], [1, 0], [0, 1]]), 1000, lambda u: u, shares=(0.9, 0.05, 0.05), deviation=1.0, link="linear",
        kinds=("known",),
    ),
    "four near ties, effects add": Tied(
        standard_cells(4)[:-1], 1000, lambda u: u, deviation=1.5, link="linear", kinds=("known",)
    ),
    "eight treatments, all at once": Simulated(8, 8000),
    "two buckets, for the population": Simulated(4, 4000, buckets=2),
    "two buckets, for what they make of the sample": Simulated(4, 4000, buckets=2, population=False),
    "20,000 units, heavy tails": Design(
        C3, 20_000, sigmoid, deviation=1.0, freedom=3, training=LARGE, together=5
    ),
}  # fmt: skip


def reading_of(experiment):
    width = experiment.treatments
    names = tuple(f"t{k + 1}" for k in range(width))
    order = np.arange(len(experiment))
    baseline = np.zeros(width, dtype=np.int64)
    features = tuple(f"x{k + 1}" for k in range(experiment.x.shape[1]))
    return Reading(experiment, names, features, "y", order, baseline, None, (), (), len(experiment))


def told(design, experiment, fits, truth, seed):
    """Return what of one answer holds, by name; numbers are means over effects."""
    targets = all_combinations(experiment.treatments)
    answer = answer_of_fits(reading_of(experiment), targets, fits, design.training, seed=seed)
    effects, together = answer.effects(), answer.effects(at_once=True)
    true = dict(zip(answer.labels, truth, strict=True))
    shown = [e for e in effects if e.estimate is not None]
    unseen = [e for e in shown if not e.observed]

    def share(some, low, high):
        return np.mean([getattr(e, low) <= true[e.combination] <= getattr(e, high) for e in some]) if some else np.nan

    found = {
        "seen": share([e for e in shown if e.observed], "low", "high"),
        "AIPW": np.mean(
            [abs(e.unstructured - true[e.combination]) <= 1.96 * e.unstructured_error for e in effects if e.observed]
        ),
        "unseen": share(unseen, "low", "high"),
        "any link": share(unseen, "low_any_link", "high_any_link"),
        "withheld": 1 - len(unseen) / max(sum(not e.observed for e in effects), 1),
        "at once": share(together, "low", "high") == 1.0 if len(shown) == len(together) else np.mean(
            [all(e.low <= true[e.combination] <= e.high for e in together if e.estimate is not None)]
        ),
        "link test": answer.evaluation.link_test.p_value < 0.05 if answer.evaluation.link_test.degrees else np.nan,
    }  # fmt: skip
    estimate, error = median_over_repeats(answer.evaluation.estimates, answer.evaluation.errors)
    found["se/rmse"] = np.array([(error[1:] ** 2).mean(), ((estimate - truth)[1:] ** 2).mean()])
    usable = [label for label, support in zip(answer.labels, answer.supports, strict=True) if support.usable]
    if len(usable) > 1:
        best = answer.best()
        mine = best.effect
        found["winner"] = mine.low <= true[best.combination] <= mine.high
        if mine.error > 0.0:
            found["winner's bias"] = (mine.estimate - true[best.combination]) / mine.error
            found["uncorrected"] = (best.as_estimated - true[best.combination]) / mine.error
        first, second = best.gap.name.split(" − ")
        found["lead"] = best.gap.low <= true[first] - true[second] <= best.gap.high
        found["set"] = max(usable, key=true.__getitem__) in best.candidates
    return found


def some_of(design, seeds):
    """Return what holds in some replications, trained as one population."""
    experiments = [design.draw(seed) for seed in seeds]
    targets = all_combinations(experiments[0].treatments)
    models = [Model(LINKS[design.link], kind) for kind in design.kinds]
    fits = cross_fit(experiments, models, design.training, seed=seeds[0])
    if isinstance(design, Design):
        true = [effects_of(design)] * len(seeds)
    else:
        true = [design.effects_of(seed, targets) for seed in seeds]
    return [told(design, *one) for one in zip(experiments, fits, true, seeds, strict=True)]


@cache
def effects_of(design):
    return design.effects(all_combinations(design.cells.shape[1]))


def show(name, design, rows, seconds, out):
    print(f"\n{name}: {len(rows)} replications, {design.rows} units, {seconds / len(rows):.2f} s each", file=out)
    for what in dict.fromkeys(key for row in rows for key in row):
        values = np.array([row[what] for row in rows if what in row], dtype=float)
        if what == "se/rmse":
            print(f"  {what}: {np.sqrt(values[:, 0].mean() / values[:, 1].mean()):.2f}", file=out)
            continue
        values = values[np.isfinite(values)]
        if len(values):
            doubt = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.nan
            print(f"  {what}: {values.mean():.3f} ± {doubt:.3f}", file=out)
    out.flush()


def main():
    count, asked = int(sys.argv[1]) if len(sys.argv) > 1 else 500, sys.argv[2:] or list(DESIGNS)
    version = f"Python {platform.python_version()}, torch {torch.__version__}, numpy {np.__version__}"
    print(f"{time.strftime('%Y-%m-%d')}, {version}; nominal 95 %; one split into five folds", flush=True)
    rows, seconds = {name: [] for name in asked}, dict.fromkeys(asked, 0.0)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what is done is told when time is over
    try:
        for first in range(0, count, BLOCK):
            for name in asked:
                start = sum(os.times()[:4])
                for part in range(first, min(first + BLOCK, count), DESIGNS[name].together):
                    last = min(part + DESIGNS[name].together, first + BLOCK, count)
                    rows[name] += some_of(DESIGNS[name], range(part, last))
                seconds[name] += sum(os.times()[:4]) - start
                show(name, DESIGNS[name], rows[name], seconds[name], sys.stderr)
    except (KeyboardInterrupt, TrainingError):
        pass
    for name in asked:
        if rows[name]:
            show(name, DESIGNS[name], rows[name], seconds[name], sys.stdout)


if __name__ == "__main__":
    main()
