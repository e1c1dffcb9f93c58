"""Out-of-fold scores of thalweg on bundled tables, beside scikit-learn's on the same folds and encoded columns.

Five folds; a seed decides the folds, the networks' starts and scikit-learn's random state. A figure is the mean over
seeds of the mean over folds, ± its standard deviation over seeds. thalweg runs with its default settings: the chosen
network was chosen on validation rows inside the training folds. scikit-learn's models have their defaults; its MLP
sees a standardised outcome. The last column was measured before thalweg existed, with scikit-learn 1.9.1 on ten other
seeds (two for randhie).

    python benchmarks/scores.py --tasks wine,iris --seeds 2
"""

import argparse
import json
import sys
import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeCV
from sklearn.neural_network import MLPClassifier, MLPRegressor

import machine
import thalweg
from tables import markdown
from thalweg.select.compare_models import CHOSEN, ENSEMBLE
from thalweg.select.crossval import CrossValidation, EncodedView, cross_validation
from thalweg.select.scoring.metrics import score
from thalweg.select.settings import Settings

RESULTS = Path(__file__).parent / "results"
PACKAGES = ("torch", "numpy", "scikit-learn")
METRICS = {"regression": ("rmse", "r2"), "binary": ("accuracy", "log_loss"), "multiclass": ("accuracy", "log_loss")}
Scores = dict[str, list[Mapping[str, float]]]  # by model, one mapping of metrics per seed


@dataclass(frozen=True, slots=True)
class Task:
    """One table and what is predicted.

    Parameters
    ----------
    source, target
        As for :func:`thalweg.fit`.
    before
        Earlier figures by scikit-learn model, the two metrics of the task.
    """

    source: str
    before: Mapping[str, str]
    target: str | None = None


LINEAR, LEAST, RIDGE, MLP = "sklearn logistic", "sklearn least squares", "sklearn ridge", "sklearn MLP"
TASKS = {
    "breast_cancer": Task("breast_cancer", {LINEAR: ".9798±.0021; .0737", MLP: ".9747±.0037; .0792"}),
    "digits": Task("digits", {LINEAR: ".9686±.0022; .1065", MLP: ".9782±.0020; .0822"}),
    "diabetes": Task("diabetes", {LEAST: "54.93±.36; .482", RIDGE: "55.02±.29; .480", MLP: "56.85±.96; .443"}),
    "wine": Task("wine", {LINEAR: ".9787±.0052; .0671", MLP: ".9753±.0092; .0707"}),
    "iris": Task("iris", {LINEAR: ".9587±.0042; .1525", MLP: ".9480±.0042; .1685"}),
    "fair_any": Task("fair_any", {LINEAR: ".7247±.0008; .5458", MLP: ".7122±.0022; .5671"}),
    "anes96_vote": Task("anes96", {LINEAR: ".9075±.0022; .2346", MLP: ".9089±.0035; .2227"}, target="vote"),
    "modechoice": Task("modechoice", {LINEAR: ".787±.012; .706", MLP: ".804±.014; .589"}),
    "star98": Task("star98", {LEAST: ".0905±.0029; .747", RIDGE: ".0881±.0023; .761", MLP: ".0895±.0071; .748"}),
    "engel": Task("engel", {LEAST: "119.1±3.4; .799", RIDGE: "122.5; .790", MLP: "110.5±4.7; .827"}),
    "randhie": Task("randhie", {LEAST: "4.341; .067", RIDGE: "4.341; .067", MLP: "4.303; .083"}),
}
FEW = ("breast_cancer", "digits", "diabetes")


def rivals(task: str, seed: int) -> dict[str, Any]:
    """Return scikit-learn's models of a task."""
    if task == "regression":
        ridge = RidgeCV(np.logspace(-3, 3, 13))
        return {LEAST: LinearRegression(), RIDGE: ridge, MLP: MLPRegressor(random_state=seed)}
    return {LINEAR: LogisticRegression(), MLP: MLPClassifier(random_state=seed)}


def score_fold(plan: CrossValidation, part: EncodedView, model: Any) -> dict[str, float]:
    """Fit a scikit-learn model on the training rows of a fold and score the rows held out."""
    outcome, task = plan.problem.outcome, plan.problem.task
    x, y = part.sample.x[part.view.rows], outcome[part.view.rows]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # 200 epochs are its default, converged or not
        if task == "regression":
            centre, scale = part.sample.scaling.centre_y, part.sample.scaling.scale_y
            found = (model.fit(x, (y - centre) / scale).predict(part.x_held_out) * scale + centre)[:, None]
        else:
            found = model.fit(x, y).predict_proba(part.x_held_out)
    return score(task, outcome[part.view.held_out], found)


def rival_scores(task: Task, seed: int, workers: int) -> Scores:
    """Return the scores of scikit-learn's models, averaged over the folds thalweg used."""
    problem = thalweg.pose(f"example:{task.source}", target=task.target)
    plan = cross_validation(problem, Settings(seed=seed))
    jobs = [(name, part) for part in plan.views[:-1] for name in rivals(problem.task, seed)]
    fits = (delayed(score_fold)(plan, part, rivals(problem.task, seed)[name]) for name, part in jobs)
    found = Parallel(n_jobs=workers)(fits)
    scores: Scores = {}
    for name in rivals(problem.task, seed):
        own = [result for (model, _), result in zip(jobs, found, strict=True) if model == name]
        scores[name] = [{metric: float(np.mean([fold[metric] for fold in own])) for metric in METRICS[problem.task]}]
    return scores


def own_scores(task: Task, seed: int, workers: int) -> tuple[str, Scores]:
    """Return the task's kind and the scores of thalweg's models."""
    run = thalweg.fit(f"example:{task.source}", target=task.target, seed=seed, workers=workers)
    board = run.answer.leaderboard
    rows = [row for row in board.rows if row.family == "linear" or row.model in (CHOSEN, ENSEMBLE)]
    scores = {row.model: [{m: row.scores[m].value for m in METRICS[board.task]}] for row in rows}
    return board.task, scores


def measure(task: Task, seeds: int, workers: int) -> tuple[str, Scores]:
    """Return the task's kind and all models' scores by seed."""
    scores: Scores = {}
    for seed in range(seeds):
        kind, found = own_scores(task, seed, workers)
        for model, values in (found | rival_scores(task, seed, workers)).items():
            scores.setdefault(model, []).extend(values)
    return kind, scores


def task_table(name: str, kind: str, scores: Scores) -> str:
    """Return one task's table, best first."""
    first, second = METRICS[kind]
    sign = -1 if kind != "regression" else 1
    ranked = sorted(scores, key=lambda model: sign * np.mean([s[first] for s in scores[model]]))
    rows = []
    for model in ranked:
        figures = [_figure([s[metric] for s in scores[model]]) for metric in (first, second)]
        label = model if model.startswith("sklearn") else f"thalweg {model}"
        rows.append([label, *figures, TASKS[name].before.get(model, "")])
    return markdown([name, first, second, f"before: {first}; {second}"], rows)


def _figure(values: Sequence[float]) -> str:
    mean = float(np.mean(values))
    digits = 2 if abs(mean) >= 10 else 4
    spread = f" ± {np.std(values, ddof=1):.{digits}f}" if len(values) > 1 else ""
    return f"{mean:.{digits}f}{spread}"


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", default=",".join(FEW), help="(default: %(default)s)")
    parser.add_argument("--all", action="store_true", help=f"all tasks: {', '.join(TASKS)}")
    parser.add_argument("--seeds", type=int, default=10, help="(default: %(default)s)")
    parser.add_argument("--workers", type=int, default=machine.cores(), help="processes (default: one per core)")
    parser.add_argument("--out", type=Path, default=RESULTS / "scores", help="files to write, without suffix")
    chosen = parser.parse_args()
    names = list(TASKS) if chosen.all else chosen.tasks.split(",")
    facts = machine.describe(PACKAGES)
    how = (__doc__ or "").split("\n\n")[1].replace("\n", " ")
    sections = ["# Scores on bundled tables", "", how, "", *machine.as_lines(facts), f"- {chosen.seeds} seeds", ""]
    records: dict[str, Any] = {}
    chosen.out.parent.mkdir(exist_ok=True)
    for name in names:  # written as they come, so that what was measured survives an interruption
        started = time.perf_counter()
        kind, records[name] = measure(TASKS[name], chosen.seeds, chosen.workers)
        sections += [task_table(name, kind, records[name]), ""]
        print(f"{sections[-2]}\n\n{name}: {time.perf_counter() - started:.0f} s", file=sys.stderr)
        chosen.out.with_suffix(".md").write_text("\n".join(sections[:-1]) + "\n")
        record = {"facts": facts, "seeds": chosen.seeds, "scores": records}
        chosen.out.with_suffix(".json").write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
