"""Out-of-fold scores of the estimators on twelve bundled tables, beside scikit-learn's MLP on the same folds.

Five folds x up to ten seeds (two for randhie), as each table says; a seed decides the folds and the random state of
every model. Columns are encoded and standardised on the training rows of a fold, a numeric outcome too. All models
have their defaults: `MLPClassifier` / `MLPRegressor` (one hidden layer of 100, 200 epochs), our network (one hidden
layer of 64, at most 200 epochs, stopped early on 15 % of its training rows). "network" is the mean score of ten
networks, each judged alone; "ensemble" the score of their mean prediction; "calibrated" the same with one
temperature, learned on out-of-fold probabilities of the training rows. No setting was searched for on these tables;
that networks stop early by default was decided after a look at two other seeds of them (docs/lab-notes.md).

    python benchmarks/scores_table.py --jobs 4
    python benchmarks/scores_table.py --write
"""

import argparse
import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from scipy.stats import t as student
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor

import machine
import thalweg
from scores import METRICS
from tables import markdown
from thalweg.select.crossval import CrossValidation, EncodedView, cross_validation
from thalweg.select.scoring.metrics import score
from thalweg.select.settings import Settings

RESULTS = Path(__file__).parent / "results" / "scores_table"
PACKAGES = ("torch", "numpy", "scikit-learn", "statsmodels")
FOLDS, NETWORKS = 5, 10
MLP, NETWORK, ENSEMBLE, CALIBRATED = "scikit-learn MLP", "network", "ensemble", "ensemble, calibrated"
Row = dict[str, Any]  # task, seed, fold, model, metrics


@dataclass(frozen=True, slots=True)
class Task:
    """One table, what is predicted, and over how many seeds."""

    example: str
    target: str | None = None
    kind: str | None = None
    seeds: int = 10


TASKS = {
    "breast_cancer": Task("breast_cancer"),
    "digits": Task("digits"),
    "wine": Task("wine"),
    "iris": Task("iris"),
    "fair_any": Task("fair_any"),
    "anes96_vote": Task("anes96", "vote"),
    "anes96_pid7": Task("anes96", "PID", "multiclass"),
    "modechoice4": Task("modechoice"),
    "diabetes": Task("diabetes"),
    "randhie_mdvis": Task("randhie", seeds=2),
    "star98_rate": Task("star98"),
    "engel_food": Task("engel"),
}


def measure(name: str, seed: int) -> list[Row]:
    """Return the scores of all models on all folds of one task and seed."""
    task = TASKS[name]
    problem = thalweg.pose(f"example:{task.example}", target=task.target, task=task.kind)
    plan = cross_validation(problem, Settings(folds=FOLDS, seed=seed))
    rows = []
    for part in plan.views[:-1]:
        for model, metrics in fold_scores(plan, part, seed).items():
            facts = {"task": name, "kind": problem.task, "seed": seed, "fold": part.view.number, "model": model}
            rows.append(facts | metrics)
    return rows


def fold_scores(plan: CrossValidation, part: EncodedView, seed: int) -> dict[str, dict[str, float]]:
    """Fit all models on the training rows of a fold and score the rows held out."""
    from thalweg.estimators import LinearRegressor, LogisticClassifier, NetClassifier, NetRegressor

    kind, outcome = plan.problem.task, plan.problem.outcome
    x, y = part.sample.x[part.view.rows], outcome[part.view.rows]
    x_test, y_test = part.x_held_out, outcome[part.view.held_out]

    def judge(values: Any) -> dict[str, float]:
        found = score(kind, y_test, values)
        return {metric: float(found[metric]) for metric in METRICS[kind]}

    if kind == "regression":
        centre, scale = part.sample.scaling.centre_y, part.sample.scaling.scale_y
        scaled = (y - centre) / scale
        plain = {
            "mean": DummyRegressor(),
            "least squares": LinearRegressor(),
            "ridge regression": LinearRegressor(ridge=None),
            MLP: MLPRegressor(random_state=seed),
        }
        scores = {
            name: judge((model.fit(x, scaled).predict(x_test) * scale + centre)[:, None])
            for name, model in plain.items()
        }
        fitted = NetRegressor(seeds=NETWORKS, random_state=seed).fit(x, y)
        each = fitted.population_.final.predict(x_test)
    else:
        shares = {"class shares": DummyClassifier(), "logistic regression": LogisticClassifier()}
        scores = {
            name: judge(model.fit(x, y).predict_proba(x_test))
            for name, model in (shares | {MLP: MLPClassifier(random_state=seed)}).items()
        }
        fitted = NetClassifier(seeds=NETWORKS, folds=FOLDS, calibrate=True, random_state=seed).fit(x, y)
        each = fitted.population_.final.predict(x_test)
        scores[CALIBRATED] = judge(fitted.predict_proba(x_test))
    alone = [judge(values) for values in each]
    scores[NETWORK] = {metric: float(np.mean([found[metric] for found in alone])) for metric in METRICS[kind]}
    scores[ENSEMBLE] = judge(each.mean(axis=0))
    return scores


def collect(names: Sequence[str], most: int, jobs: int) -> None:
    """Measure what is missing and append it, a seed at a time."""
    path = RESULTS.with_suffix(".jsonl")
    known = {(row["task"], row["seed"]) for row in read(path)}
    wanted = [(name, seed) for seed in range(most) for name in names if seed < TASKS[name].seeds]
    left = [pair for pair in wanted if pair not in known]
    with path.open("a", encoding="utf-8") as file:
        for rows in Parallel(n_jobs=jobs, return_as="generator_unordered")(delayed(quietly)(*pair) for pair in left):
            file.writelines(json.dumps(row) + "\n" for row in rows)
            file.flush()
            print(rows[0]["task"], rows[0]["seed"], flush=True)


def quietly(name: str, seed: int) -> list[Row]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # 200 epochs are scikit-learn's default, converged or not
        return measure(name, seed)


def read(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over folds and seeds, its standard deviation over seeds, and two standard errors."""

    mean: float
    seed_sd: float
    error: float
    seed_error: float
    degrees: int

    @property
    def interval(self) -> tuple[float, float]:
        reach = float(student.ppf(0.975, self.degrees)) * self.error
        return self.mean - reach, self.mean + reach


def estimate(values: Mapping[tuple[int, int], float]) -> Estimate:
    """Return mean and errors: that of Nadeau & Bengio (2003), for folds and other rows, and that over seeds alone."""
    array = np.array(list(values.values()))
    seeds = sorted({seed for seed, _ in values})
    means = np.array([np.mean([v for (s, _), v in values.items() if s == seed]) for seed in seeds])
    error = float(np.sqrt(array.var(ddof=1) * (1 / len(array) + 1 / (FOLDS - 1))))
    sd = float(means.std(ddof=1)) if len(means) > 1 else float("nan")
    return Estimate(float(array.mean()), sd, error, sd / np.sqrt(len(means)), len(array) - 1)


def pick(rows: Sequence[Row], task: str, model: str, metric: str) -> dict[tuple[int, int], float]:
    return {(r["seed"], r["fold"]): r[metric] for r in rows if r["task"] == task and r["model"] == model}


def figure(value: float) -> str:
    return f"{value:.{2 if abs(value) >= 10 else 4}f}"


def task_table(rows: Sequence[Row], task: str) -> str:
    """Return the table of one task: every model with its interval, and its difference to scikit-learn's MLP."""
    mine = [row for row in rows if row["task"] == task]
    kind, lines = mine[0]["kind"], []
    for model in dict.fromkeys(row["model"] for row in mine):
        cells = [model]
        for metric in METRICS[kind]:
            found, reference = pick(rows, task, model, metric), pick(rows, task, MLP, metric)
            level = estimate(found)
            low, high = level.interval
            cells += [f"{figure(level.mean)} ± {figure(level.seed_sd)}", f"{figure(low)} to {figure(high)}"]
            if metric == METRICS[kind][0]:
                gap = estimate({place: found[place] - reference[place] for place in found})
                cells.append("" if model == MLP else f"{gap.mean:+.4f} ({gap.error:.4f}; {gap.seed_error:.4f})")
        # the difference stands behind the first metric
        lines.append(cells)
    first, second = METRICS[kind]
    seeds = len({row["seed"] for row in mine})
    head = [f"{task} ({seeds} seeds)", first, "95 %", "difference to MLP (its two errors)", second, "95 %"]
    return markdown(head, lines)


def verdicts(rows: Sequence[Row]) -> str:
    """Return how often each of our models is better or worse than scikit-learn's MLP."""
    lines = []
    for model in (NETWORK, ENSEMBLE, CALIBRATED):
        for number in (0, 1):
            counts = {"better": 0, "better by 2": 0, "worse by 2": 0, "worse by 2 over seeds": 0, "tasks": 0}
            worse = []
            for task in dict.fromkeys(row["task"] for row in rows):
                kind = next(row["kind"] for row in rows if row["task"] == task)
                metric = METRICS[kind][number]
                found, reference = pick(rows, task, model, metric), pick(rows, task, MLP, metric)
                if not found:
                    continue
                sign = -1 if metric in {"rmse", "log_loss"} else 1
                gap = estimate({place: sign * (found[place] - reference[place]) for place in found})
                counts["tasks"] += 1
                counts["better"] += gap.mean > 0
                counts["better by 2"] += gap.mean > 2 * gap.error
                counts["worse by 2"] += gap.mean < -2 * gap.error
                if gap.mean < -2 * gap.seed_error:
                    worse.append(task)
            what = ("accuracy / RMSE", "log loss / R²")[number]
            over = f"{len(worse)}{': ' + ', '.join(worse) if worse else ''}"
            cells = [f"{counts[key]} of {counts['tasks']}" for key in ("better", "better by 2")]
            lines.append([model, what, *cells, str(counts["worse by 2"]), over])
    head = ["our", "by", "better", "by more than 2 errors", "worse by more than 2 errors", "the same, seeds alone"]
    return markdown(head, lines)


def write() -> None:
    """Write the tables."""
    rows = read(RESULTS.with_suffix(".jsonl"))
    how = (__doc__ or "").split("\n\n")[1].replace("\n", " ")
    facts = machine.describe(PACKAGES)
    errors = (
        "± is the standard deviation over seeds of the mean over folds. Intervals and the first error of a difference "
        "are Nadeau & Bengio's (2003) for cross-validation, which count other rows as well; the second error is over "
        "seeds alone, for these rows. Differences are paired by fold and seed; below zero is better for RMSE, above "
        "zero for accuracy."
    )
    sections = ["# Twelve tables, all models side by side", "", how, "", errors, "", *machine.as_lines(facts), ""]
    sections += [verdicts(rows), ""]
    for task in TASKS:
        if any(row["task"] == task for row in rows):
            sections += [task_table(rows, task), ""]
    RESULTS.with_suffix(".md").write_text("\n".join(sections[:-1]) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", default=",".join(TASKS), help="(default: all)")
    parser.add_argument("--seeds", type=int, default=10, help="at most (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=machine.cores(), help="processes (default: one per core)")
    parser.add_argument("--write", action="store_true", help="write the tables of what was measured, measure nothing")
    chosen = parser.parse_args()
    if not chosen.write:
        collect(chosen.tasks.split(","), chosen.seeds, chosen.jobs)
    write()


if __name__ == "__main__":
    main()
