"""What the intervals of a comparison about columns cover: importance, average effects, points of effect curves.

Tables of six columns: a (effect 1, or a step), b and c (0.9 correlated, effects 0.5 and 0), d (noise), e (a category of
three levels), f (heavy tails, effect 0.3). 5 folds, 95 %. What is estimated is what models of tables of that size do on
average: truth is the mean over all tables of the estimate, which has no bias for it. "false" is the share of tables in
which d, or c of a linear model, is said to matter: 2.5 % at most is what its interval promises.

    python studies/column_intervals.py [repetitions] > studies/column_intervals.txt
"""

import sys
from collections import defaultdict
from datetime import date

import numpy as np
import pandas as pd

import thalweg as tw
from thalweg.base.arrays import FloatArray
from thalweg.train.versions import versions

DESIGNS = {
    "line, ridge": ("line", 150, "ridge regression", {"hidden": 0, "trees": 0}),
    "line, 1 % outliers, ridge": ("outliers", 150, "ridge regression", {"hidden": 0, "trees": 0}),
    "classes, logistic": ("classes", 200, "logistic regression", {"hidden": 0, "trees": 0}),
    "clusters of 5, ridge": ("clusters", 200, "ridge regression", {"hidden": 0, "trees": 0}),
    "step, boosting": ("step", 200, "gradient boosting", {"hidden": 0}),
    "step, networks": ("step", 200, "network ensemble", {"hidden": 16, "trees": 0, "dropout": 0.0, "seeds": 2}),
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


def found(kind: str, rows: int, model: str, settings: dict[str, object], seed: int) -> dict[str, tuple[float, ...]]:
    """Return estimate and ends by what is estimated."""
    roles = {"groups": "group"} if kind == "clusters" else {}
    run = tw.fit(table(kind, rows, seed), target="y", watch=False, seed=seed, workers=1, **roles, **settings)
    explained = [one for one in run.answer.explanations if one.model == model]
    if not explained:
        return {}
    told = {}
    for one in explained[0].importances:
        told[f"importance {one.column}"] = (one.rise.value, one.rise.low, one.rise.high)
    for effect in explained[0].effects:
        if effect.slope is not None:
            told[f"slope {effect.column}"] = (effect.slope.value, effect.slope.low, effect.slope.high)
            for end, change in ((0, effect.changes[0]), (1, effect.changes[-1])):
                told[f"{('lower', 'upper')[end]} end {effect.column}"] = (change.value, change.low, change.high)
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
        for group in ("importance", "slope", "lower end", "upper end", "e:"):
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
