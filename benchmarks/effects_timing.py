"""Processor time of DeDL: one replication of the study, beside DoubleML's APOS, and the scores of 1,024 combinations.

    OMP_NUM_THREADS=1 python benchmarks/effects_timing.py > benchmarks/results/effects_timing.md

Needs `pip install doubleml` for the peer. Everything runs in one process on one thread; seconds are processor seconds,
ours and the peer's in turns.
"""

import os
import resource
import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPRegressor

import machine
from thalweg.effects.crossfit import cross_fit
from thalweg.effects.experiment.experiment import all_combinations
from thalweg.effects.experiment.simulate import simulate
from thalweg.effects.inference.cross_fitted import CrossFit, Model, Nuisance
from thalweg.effects.inference.evaluate import evaluate
from thalweg.effects.links.link import LINKS
from thalweg.effects.training import Training

LINK = LINKS["sigmoid2"]
NOTEBOOK = 23.9  # processor seconds of one accepted replication of the authors' notebook, measured on such a machine
TURNS = 3
OURS = Training(repeats=20, workers=1, ridge=(5e-6,))


def cpu():
    return sum(os.times()[:4])


def seconds(work):
    before = cpu()
    work()
    return cpu() - before


def experiment(seed, **design):
    found = simulate(seed, **design)[0]
    return replace(found, x=(found.x - 0.5) * np.sqrt(12.0))


def ours(trial, training):
    """Train, then estimates and errors of all combinations."""
    [[fit]] = cross_fit([trial], [Model(LINK, "common")], training)
    evaluate(trial, fit, all_combinations(trial.treatments), 0)


def apos_once(trial, hidden, epochs, batch):
    """One repetition of APOS for the observed cells, five folds."""
    import doubleml as dml

    frame = pd.DataFrame(trial.x, columns=[f"x{k}" for k in range(trial.x.shape[1])])
    data = dml.DoubleMLData(frame.assign(y=trial.y, d=trial.received), "y", "d", x_cols=list(frame.columns))
    network = MLPRegressor(
        hidden_layer_sizes=hidden,
        batch_size=batch,
        max_iter=epochs,
        tol=0.0,
        n_iter_no_change=epochs,
        learning_rate_init=0.005,
    )
    levels = list(range(len(trial.cells)))
    apos = dml.DoubleMLAPOS(data, network, LogisticRegression(), treatment_levels=levels, n_folds=5, n_rep=1)
    apos.fit(n_jobs_models=1)


def many_scores():
    """Return processor seconds and peak memory (MiB) of 1,024 scores for 100,000 units, ten treatments."""
    trial, truth = simulate(0, rows=100_000, treatments=10)
    nuisance = Nuisance(truth.parameters(trial.x), truth.scales(trial.x))
    folds = np.arange(len(trial))[None] % 5
    fit = CrossFit(Model(LINK, "common"), folds, (nuisance,), (nuisance,), 0, 0.0, 0.0)
    taken = seconds(lambda: evaluate(trial, fit, all_combinations(10), 0))
    return taken, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    warnings.filterwarnings("ignore")  # the peer's optimizer warns that it stops after the given epochs
    torch.set_num_threads(1)
    import doubleml  # said early if it is missing

    facts = machine.describe(("torch", "numpy", "scikit-learn", "doubleml"))

    trial = experiment(0)
    single = [seconds(lambda: ours(trial, replace(OURS, repeats=1))) for _ in range(TURNS)]
    mine, theirs = [], []
    for _ in range(TURNS):
        theirs.append(seconds(lambda: apos_once(trial, OURS.hidden, OURS.epochs, OURS.batch)))
        mine.append(seconds(lambda: ours(trial, OURS)))
    batch = [experiment(seed) for seed in range(20)]
    together = seconds(lambda: cross_fit(batch, [Model(LINK, "common")], replace(OURS, repeats=1)))
    scoring, memory = many_scores()
    print("# Processor time of DeDL\n")
    print("\n".join(machine.as_lines(facts)))
    print(f"\nN = 4,000 units, m = 4, 6 cells, 5 folds, networks {OURS.hidden}, {OURS.epochs} epochs, batch "
          f"{OURS.batch}; medians of {TURNS} turns, processor seconds on one thread.\n")  # fmt: skip
    one, repetition, peer = np.median(single), np.median(mine) / OURS.repeats, np.median(theirs)
    print("| what | seconds | beside it |\n| --- | --- | --- |")
    print(f"| one split: training, scores and errors of 16 combinations | {one:.3f} | "
          f"the authors' notebook {NOTEBOOK}: {NOTEBOOK / one:.0f} times as much |")  # fmt: skip
    print(f"| training of one split, 20 experiments as one population | {together / 20:.3f} | |")
    print(f"| 20 splits, per split | {repetition:.3f} | |")
    print(f"| DoubleML {doubleml.__version__} APOS, one repetition, observed cells only | {peer:.2f} | "
          f"{peer / repetition:.0f} times as much per repetition; 20 repetitions (not run) would be "
          f"{20 * peer:.0f} against {20 * repetition:.1f} |")  # fmt: skip
    print(f"| scores of 1,024 combinations for 100,000 units, ten treatments | {scoring:.1f} | "
          f"{memory:,.0f} MiB at most |")  # fmt: skip
    print("\nThe notebook's seconds were measured once, on a machine of the same kind under other load; all others are "
          "of this run.\nAPOS trains two networks per cell and fold (60) and 30 logistic regressions, ours one "
          "structured network per fold (5).")  # fmt: skip
