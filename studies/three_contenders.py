"""How often three contenders lead to a false claim, and how often a true one is made.

Each design draws tables of its own; `thalweg.fit` compares ridge or logistic regression, gradient boosting and a small
population of networks as it always does (five folds, two seeds, one network of 32 units), and the verdict is noted. On
the first designs the linear model is the truth or there is nothing to find: every recommendation of a network or of
boosting is false. On the others the linear model misses the truth, and to recommend it claims too little.

    python studies/three_contenders.py --tables 200 --jobs 2 > studies/three_contenders.txt
"""

import argparse
import warnings
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import sklearn
import torch
from joblib import Parallel, delayed

import thalweg

Draw = Callable[[np.random.Generator, int], tuple[np.ndarray, np.ndarray]]
ROWS, COLUMNS = 200, 5


def noise(rng: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    return rng.standard_normal((rows, COLUMNS)), rng.standard_normal(rows)


def line(rng: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    x = rng.standard_normal((rows, COLUMNS))
    return x, x[:, 0] + 0.5 * x[:, 1] + rng.standard_normal(rows)


def heavy_line(rng: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    x = rng.standard_normal((rows, COLUMNS))
    return x, x[:, 0] + rng.standard_t(3, rows)


def counts_line(rng: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    x = rng.poisson(1.0, (rows, COLUMNS)).astype(float)
    return x, x[:, 0] + rng.standard_normal(rows)


def coin(rng: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    return rng.standard_normal((rows, COLUMNS)), np.where(rng.random(rows) < 0.4, "yes", "no")


def logit(rng: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    x = rng.standard_normal((rows, COLUMNS))
    return x, np.where(rng.random(rows) < 1 / (1 + np.exp(-1.5 * x[:, 0])), "yes", "no")


def xor(rng: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    x = rng.standard_normal((rows, COLUMNS))
    return x, np.sign(x[:, 0] * x[:, 1]) + rng.standard_normal(rows)


def steps(rng: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    x = rng.standard_normal((rows, COLUMNS))
    return x, 1.5 * (np.abs(x[:, 0]) < 0.7) + rng.standard_normal(rows)


def product(rng: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    x = rng.standard_normal((rows, COLUMNS))
    return x, x[:, 0] + x[:, 0] * x[:, 1] + rng.standard_normal(rows)


NULLS: Mapping[str, Draw] = {
    "noise": noise,
    "line": line,
    "line, noise of t with 3 degrees": heavy_line,
    "line of counts": counts_line,
    "coin": coin,
    "logit": logit,
}
TRUTHS: Mapping[str, Draw] = {"exclusive or": xor, "a step up and down": steps, "line and product": product}


def verdict_of(draw: Draw, rows: int, table: int) -> str:
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    x, y = draw(np.random.default_rng([table, rows]), rows)
    frame = pd.DataFrame(x, columns=[f"x{place}" for place in range(x.shape[1])]).assign(y=y)
    quick: dict[str, Any] = {"seeds": 2, "hidden": 32, "learning_rate": 0.005, "dropout": 0.0, "epochs": 60}
    run = thalweg.fit(frame, target="y", seed=table, workers=1, watch=False, **quick)
    return str(run.recommended)


def processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next(line.partition(": ")[2] for line in lines if line.startswith("model name"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    versions = f"thalweg {thalweg.__version__}, scikit-learn {sklearn.__version__}, torch {torch.__version__}"
    print(f"{datetime.now(UTC):%Y-%m-%d}, {versions}, {processor()}")
    print(f"{asked.tables} tables a design; recommended, in per cent of tables\n")
    print(f"{'design':34}{'rows':>6}{'network':>10}{'boosting':>10}{'linear':>10}{'none':>8}")
    for designs in (NULLS, TRUTHS):
        for name, draw in designs.items():
            for rows in (ROWS,) if designs is NULLS else (500,):
                pool = Parallel(n_jobs=asked.jobs)
                found = Counter(pool(delayed(verdict_of)(draw, rows, table) for table in range(asked.tables)))
                network = found["network ensemble"]
                boosting = found["gradient boosting"]
                nothing = found["mean"] + found["class shares"]
                shares = [100 * count / asked.tables for count in (network, boosting)]
                linear = 100 - sum(shares) - 100 * nothing / asked.tables
                line_ = "".join(f"{share:>10.1f}" for share in (*shares, linear))
                print(f"{name:34}{rows:>6}{line_}{100 * nothing / asked.tables:>8.1f}", flush=True)
        print()


if __name__ == "__main__":
    main()
