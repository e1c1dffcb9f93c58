"""Small answers for tests: real numbers of cheap models."""

import numpy as np

from thalweg.data.notes import Note
from thalweg.select.comparison_answer import About, build_answer
from thalweg.select.scoring.curves import learning_curves
from thalweg.select.scoring.predictions import HeldOutRows, ModelPredictions, ensemble

LINEAR = {
    "regression": "ridge regression",
    "binary": "logistic regression",
    "multiclass": "logistic regression",
}


def outcome_and_predictions(task, noise, rng, n, seeds):
    if task == "regression":
        outcome = 100 * rng.standard_normal(n)
        return outcome, outcome[None, :, None] + 100 * noise * rng.standard_normal((seeds, n, 1))
    classes = 2 if task == "binary" else 4
    outcome = np.arange(n) % classes
    scores = 2 * np.eye(classes)[outcome] + 4 * noise * rng.standard_normal((seeds, n, classes))
    return outcome, np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)


def make_answer(task="binary", *, n=120, seeds=3, folds=5, about=None, names=None, curves=True, dead=False):
    rng = np.random.default_rng(0)
    outcome, network = outcome_and_predictions(task, 0.5, rng, n, seeds)
    network = np.full_like(network, np.nan) if dead else network
    _, linear = outcome_and_predictions(task, 0.5, np.random.default_rng(0), n, 1)
    size = network.shape[-1]
    flat = np.zeros((1, n, 1)) if size == 1 else np.full((1, n, size), 1 / size)
    classes = () if size == 1 else tuple(names or (f"class {k}" for k in range(size)))
    models = [
        ModelPredictions("mean" if size == 1 else "class shares", "baseline", flat),
        ModelPredictions(LINEAR[task], "linear", linear),
        ModelPredictions("network (chosen by validation loss)", "network", network),
    ]
    models.append(ensemble(models[-1], f"ensemble of {seeds} networks"))
    problem = HeldOutRows(task, outcome, np.arange(n) % folds, LINEAR[task], classes)
    losses = np.linspace(2, 1, 30) + 0.1 * rng.random((seeds * folds, 30))
    losses[0, 20:] = np.nan
    about = about or About(
        "patients.csv",
        "relapse",
        ({"column": "age", "type": "number", "missing": 3, "constant": False, "mean": 51.25},),
        (Note("few-rows", "The table has few rows."),),
        {"network (chosen by validation loss)": {"stopped early": 14, "diverged": 1}},
        {"predicted seconds": 3.1, "actual seconds": 741.0},
        {"command": "thalweg fit patients.csv --target relapse"},
    )
    drawn = [learning_curves("network (chosen by validation loss)", losses, losses + 0.2)] if curves else []
    return build_answer(problem, models, about, drawn)
