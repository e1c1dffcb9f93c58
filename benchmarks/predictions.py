"""How well our defaults predict beside linear models, boosting and other networks, on seventeen real tables.

Every model has its defaults and one thread. A repeat draws rows to learn from (2000, of some tables 4000, at most 70 %)
and up to 3000 others to predict. Loss: RMSE over the standard deviation of the outcome, or log loss. "ours" is
`NetRegressor()` or `NetClassifier()`; "ours, no ramps" the same with `ramps=0`. Peers that ask for no missing numbers
get medians and indicators, those that ask for numbers alone one-hot columns, standardised.

    python benchmarks/predictions.py run --repeats 0 1 --models ours linear lightgbm
    python benchmarks/predictions.py write
"""

import argparse
import json
import os
import time
import warnings
from collections import defaultdict
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
import pandas as pd
from scipy.stats import rankdata
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.metrics import log_loss
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import machine
import thalweg
from package_tables import TABLES, parts_of

RESULTS = Path(__file__).parent / "results" / "predictions"
PACKAGES = ("torch", "numpy", "scikit-learn", "lightgbm", "catboost", "pytabkit")
OURS = ("ours", "ours, no ramps")
PEERS = ("linear", "scikit-learn MLP", "HistGradientBoosting", "lightgbm", "catboost", "RealMLP-TD", "TabM-D")


def encoded() -> ColumnTransformer:
    texts = make_pipeline(
        SimpleImputer(strategy="constant", fill_value="(missing)"),
        OneHotEncoder(handle_unknown="ignore", max_categories=100, sparse_output=False),
    )
    numbers = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    kinds = {"dtype_include": "number"}, {"dtype_exclude": "number"}
    pair = [("numbers", numbers, kinds[0]), ("texts", texts, kinds[1])]
    return ColumnTransformer([(name, steps, make_column_selector(**kind)) for name, steps, kind in pair])


def model_of(name: str, *, regression: bool, seed: int, categories: list[str]) -> Any:
    if name in OURS:
        kind = thalweg.NetRegressor if regression else thalweg.NetClassifier
        return kind(workers=1, random_state=seed, ramps=0 if name.endswith("no ramps") else None)
    if name == "linear":
        best = RidgeCV(np.logspace(-3, 4, 15)) if regression else LogisticRegression(max_iter=500)
        return make_pipeline(encoded(), best)
    if name == "scikit-learn MLP":
        kind = MLPRegressor if regression else MLPClassifier
        return make_pipeline(encoded(), kind(early_stopping=True, max_iter=500, random_state=seed))
    if name == "HistGradientBoosting":
        kind = HistGradientBoostingRegressor if regression else HistGradientBoostingClassifier
        return kind(random_state=seed)
    if name == "lightgbm":
        import lightgbm

        kind = lightgbm.LGBMRegressor if regression else lightgbm.LGBMClassifier
        return kind(random_state=seed, n_jobs=1, verbose=-1)
    if name == "catboost":
        import catboost

        kind = catboost.CatBoostRegressor if regression else catboost.CatBoostClassifier
        quiet = {"verbose": 0, "allow_writing_files": False}
        return kind(random_seed=seed, thread_count=1, cat_features=categories, **quiet)
    import pytabkit

    kinds = {
        "RealMLP-TD": (pytabkit.RealMLP_TD_Regressor, pytabkit.RealMLP_TD_Classifier),
        "TabM-D": (pytabkit.TabM_D_Regressor, pytabkit.TabM_D_Classifier),
    }
    return kinds[name][0 if regression else 1](device="cpu", random_state=seed, n_threads=1, verbosity=0)


def prepared(name: str, x: pd.DataFrame, new: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give a peer what it reads: CatBoost texts without gaps, pytabkit's networks numbers without gaps."""
    x, new = x.copy(), new.copy()
    for column in list(x):
        numeric = pd.api.types.is_numeric_dtype(x[column])
        if name == "catboost" and not numeric:
            x[column], new[column] = (part[column].astype(object).fillna("(missing)") for part in (x, new))
        if name in {"RealMLP-TD", "TabM-D"}:
            if numeric:
                middle = x[column].median()
                if x[column].isna().any() or new[column].isna().any():
                    x[f"{column} missing"], new[f"{column} missing"] = (
                        part[column].isna().astype("float32") for part in (x, new)
                    )
                x[column], new[column] = (part[column].fillna(middle).astype("float32") for part in (x, new))
            else:
                x[column], new[column] = (
                    part[column].astype(object).fillna("(missing)").astype("category") for part in (x, new)
                )
    return x, new


def measure(table: str, repeat: int, name: str) -> dict[str, Any]:
    regression, target = TABLES[table].task == "regression", TABLES[table].target
    learned, judged = parts_of(table, repeat)
    x, new = prepared(name, learned.drop(columns=target), judged.drop(columns=target))
    y, wanted = learned[target].to_numpy(), judged[target].to_numpy()
    categories = [column for column in x if not pd.api.types.is_numeric_dtype(x[column])]
    model = model_of(name, regression=regression, seed=repeat, categories=categories)
    centre, scale = (y.mean(), y.std()) if regression and name == "scikit-learn MLP" else (0.0, 1.0)
    started = time.process_time()
    model.fit(x, (y - centre) / scale if regression else y)
    seconds = time.process_time() - started
    if regression:
        predicted = np.asarray(model.predict(new)).ravel() * scale + centre
        loss = float(np.sqrt(np.mean((predicted - wanted) ** 2)) / wanted.std())
    else:
        shares = np.clip(model.predict_proba(new), 1e-15, 1)
        labels = [str(label) for label in model.classes_]
        loss = float(log_loss(wanted, shares / shares.sum(axis=1, keepdims=True), labels=labels))
    return {"table": table, "repeat": repeat, "model": name, "loss": loss, "seconds": round(seconds, 2)}


def read_results() -> list[dict[str, Any]]:
    path = RESULTS.with_suffix(".jsonl")
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def run(asked: argparse.Namespace) -> None:
    import torch

    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    done = {(line["table"], line["repeat"], line["model"]) for line in read_results()}
    for repeat in asked.repeats:
        for table in asked.tables:
            for name in asked.models:
                if (table, repeat, name) in done:
                    continue
                line = measure(table, repeat, name)
                with RESULTS.with_suffix(".jsonl").open("a") as file:
                    file.write(json.dumps(line) + "\n")
                print(line, flush=True)


def _mean(losses: dict[int, float], repeats: dict[int, float] | None = None) -> float:
    """Return the mean loss over repeats, or over those that another model has."""
    return float(np.mean([losses[repeat] for repeat in losses if repeats is None or repeat in repeats]))


def write() -> None:
    losses: dict[str, dict[str, dict[int, float]]] = defaultdict(lambda: defaultdict(dict))
    seconds: dict[str, list[float]] = defaultdict(list)
    for line in read_results():
        losses[line["table"]][line["model"]][line["repeat"]] = line["loss"]
        seconds[line["model"]].append(line["seconds"])
    models = [name for name in (*OURS, *PEERS) if name in seconds]
    whole = [name for name in models if all(name in losses[table] for table in losses)]
    ranks = {table: rankdata([_mean(losses[table][name]) for name in whole]) for table in losses}
    lines = ["# Predictions on seventeen tables", "", (__doc__ or "").partition("\n\n    python")[0], ""]
    lines += [*machine.as_lines(machine.describe(PACKAGES)), ""]
    heads = ["table", "repeats", *models]
    lines += [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for table, found in losses.items():
        means = [f"{_mean(found[name]):.4f}" if name in found else "–" for name in models]
        lines.append(f"| {table} | {max(map(len, found.values()))} | {' | '.join(means)} |")
    places = [f"{np.mean([ranks[t][whole.index(n)] for t in ranks]):.2f}" if n in whole else "–" for n in models]
    lines.append(f"| mean rank of those run on all | | {' | '.join(places)} |")
    times = [f"{np.median(seconds[name]):.2f}" if name in whole else "–" for name in models]
    lines.append(f"| median seconds of processor | | {' | '.join(times)} |")
    wins = []
    for name in models:
        shared = [t for t in losses if name in losses[t]]
        better = sum(_mean(losses[t]["ours"], losses[t][name]) < _mean(losses[t][name]) for t in shared)
        wins.append("" if name == "ours" else f"{better} of {len(shared)}")
    lines.append(f"| ours is better on | | {' | '.join(wins)} |")
    RESULTS.with_suffix(".md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("do", choices=("run", "write"))
    parser.add_argument("--repeats", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--tables", nargs="+", default=list(TABLES))
    parser.add_argument("--models", nargs="+", default=[*OURS, *PEERS])
    asked = parser.parse_args()
    run(asked) if asked.do == "run" else write()


if __name__ == "__main__":
    main()
