"""Tables of simulated experiments for the tests."""

import pandas as pd

from thalweg.effects.dedl import DeDL
from thalweg.effects.experiment.simulate import simulate


def table(seed=0, *, rows=900, treatments=2, **design):
    experiment, truth = simulate(seed, rows=rows, treatments=treatments, features=3, **design)
    treated = experiment.cells[experiment.received]
    columns = {"y": experiment.y} | {f"t{k + 1}": treated[:, k] for k in range(treatments)}
    columns |= {f"x{k + 1}": experiment.x[:, k] for k in range(3)}
    return pd.DataFrame(columns), truth


def quick(**settings):
    return DeDL(**{"epochs": 8, "folds": 2, "repeats": 1, "workers": 1, "hidden": (8,), "ridge": (5e-6,)} | settings)


NAMES = {"target": "y", "treatments": ["t1", "t2"]}
