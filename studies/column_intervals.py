"""What the intervals of a comparison about columns cover: importance, average effects, points of effect curves.

Tables of six columns: a (effect 1, or a step), b and c (0.9 correlated, effects 0.5 and 0), d (noise), e (a category of
three levels), f (heavy tails, effect 0.3). 5 folds, 95 %. What is estimated is what models of tables of that size do on
average: truth is the mean over all tables of the estimate, which has no bias for it. "false" is the share of tables in
which d, or c of a linear model, is said to matter: 2.5 % at most is what its interval promises.

    python studies/column_intervals.py [repetitions] > studies/column_intervals.txt
"""

import sys
from collections import defaultdict
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from thalweg.base.arrays import FloatArray
from thalweg.data.problem import pose
from thalweg.jobs.in_time.comparison import Means, train_networks
from thalweg.select.boosting import train_boosting
from thalweg.select.compare_models import compare_models, fit_linear_models, held_out_rows, linear_model_predictions
from thalweg.select.crossval import cross_validation
from thalweg.select.explaining.explain import explain
from thalweg.select.scoring.leaderboard import build_leaderboard
from thalweg.select.settings import Settings, grid_of
from thalweg.train.versions import versions

LINEAR = Settings(networks=(), trees=0)
BOOSTED = Settings(networks=())
NETWORKS = Settings(networks=grid_of([(16,)], learning_rate=[0.005], dropout=[0.0]), trees=0, seeds=2, epochs=60)
DESIGNS = {
    "line, ridge": ("line", 150, "ridge regression", LINEAR),
    "line, 1 % outliers, ridge": ("outliers", 150, "ridge regression", LINEAR),
    "classes, logistic": ("classes", 200, "logistic regression", LINEAR),
    "clusters of 5, ridge": ("clusters", 200, "ridge regression", LINEAR),
    "step, boosting": ("step", 200, "gradient boosting", BOOSTED),
    "step, networks": ("step", 200, "network ensemble", NETWORKS),
}


def table(kind: str, rows: int, seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    b = random.standard_normal(rows)
    frame = pd.DataFrame(
        {
            "a": random.standard_normal(rows),
            "b": b,
            "c": 0.9 * b + np.sqrt(1 - 0.81) * random.standard_normal(rows),
            "d": random.standard_normal(rows),
            "e": random.choice(["p", "q", "r"], rows, p=[0.5, 0.3, 0.2]),
            "f": random.standard_t(3, rows),
        }
    )
    first = np.where(frame["a"] > 0.5, 3.0, 0.0) if kind == "step" else frame["a"]
    mean = first + 0.5 * b + frame["e"].map({"p": 0.0, "q": 0.5, "r": -1.0}) + 0.3 * frame["f"]
    noise: FloatArray = random.standard_normal(rows)
    if kind == "clusters":
        frame["group"] = np.arange(rows) // 5
        noise = 0.7 * random.standard_normal(rows // 5)[frame["group"]] + 0.7 * noise
        frame["d"] = random.standard_normal(rows // 5)[frame["group"]]
    if kind == "outliers":
        noise = noise + np.where(random.random(rows) < 0.01, random.choice([-15.0, 15.0], rows), 0.0)
    y = mean + noise
    return frame.assign(y=np.where(y > 0.5, "yes", "no") if kind == "classes" else y)


def found(kind: str, rows: int, model: str, settings: Settings, seed: int) -> dict[str, tuple[float, ...]]:
    """Return estimate and ends by what is estimated."""
    problem = pose(table(kind, rows, seed), target="y", groups="group" if kind == "clusters" else None)
    plan = cross_validation(problem, replace(settings, seed=seed))
    fitted, boosted = fit_linear_models(plan), train_boosting(plan, 1)
    trained = train_networks(plan, None, Means(1))
    models = compare_models(plan, trained.search, trained.chosen, boosted, linear_model_predictions(plan, fitted))
    judged = held_out_rows(plan)
    board = replace(build_leaderboard(judged, models), challenger="")
    explained = explain(plan, judged, board, model, trained.chosen, fitted, boosted)
    told = {}
    for one in explained[0].importances:
        told[f"importance {one.column}"] = (one.rise.value, one.rise.low, one.rise.high)
    for effect in explained[0].effects:
        if effect.slope is not None:
            told[f"slope {effect.column}"] = (effect.slope.value, effect.slope.low, effect.slope.high)
            bounds = [[getattr(one, end) for one in effect.changes] for end in ("value", "low", "high")]
            for place in (-1.0, 1.0):
                there = tuple(float(np.interp(place, effect.numbers, bound)) for bound in bounds)
                told[f"effect at {place:+g} {effect.column}"] = there
        for level, change in zip(effect.levels, effect.changes, strict=False):
            if level == "r" and effect.levels[0] == "p":
                told[f"{effect.column}: r against p"] = (change.value, change.low, change.high)
    return told


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    wanted = sys.argv[2:] or list(DESIGNS)
    print(f"Nominal 95 %, {count} tables a design. {date.today()}, {versions()}\n")
    heads = f"{'least covered %':>17}{'of':>16}{'mean covered %':>16}{'false d %':>11}{'false c %':>11}"
    print(f"{'design':28}{'what':14}{heads}")
    for name in wanted:
        kind, rows, model, settings = DESIGNS[name]
        gathered: dict[str, list[tuple[float, ...]]] = defaultdict(list)
        for seed in range(count):
            for what, ends in found(kind, rows, model, settings, seed).items():
                gathered[what].append(ends)
        for group in ("importance", "slope", "effect at -1", "effect at +1", "e:"):
            shares = {}
            for what, several in gathered.items():
                if what.startswith(group):
                    estimate, low, high = np.array(several).T
                    shares[what.removeprefix(group).strip()] = float(
                        ((low <= estimate.mean()) & (estimate.mean() <= high)).mean()
                    )
            least = min(shares, key=lambda what: shares[what])
            false = [float((np.array(gathered[f"importance {column}"])[:, 1] > 0).mean()) for column in ("d", "c")]
            told = [f"{100 * share:.1f}" for share in false] if group == "importance" else ["", ""]
            cells = f"{100 * shares[least]:>17.1f}{least:>16}{100 * np.mean(list(shares.values())):>16.1f}"
            print(f"{name:28}{group:14}{cells}{told[0]:>11}{told[1]:>11}", flush=True)


if __name__ == "__main__":
    main()
