"""What others would report: a network that learns the outcome from features and treatments, and no correction."""

import numpy as np

from thalweg.base.arrays import IntArray
from thalweg.effects.benchmarks import Benchmark
from thalweg.effects.experiment.cell_folds import learning_rows, part_count, stratified_folds
from thalweg.effects.experiment.experiment import Experiment
from thalweg.effects.recipes import recipe_of
from thalweg.effects.training import Training
from thalweg.loss.squared import Squared
from thalweg.net.init import He
from thalweg.net.spec import mlp
from thalweg.select.learning.lessons import member_on
from thalweg.train.fit import fit_population
from thalweg.train.population import training_table
from thalweg.train.predict import predict_outputs


def plain_network(
    experiment: Experiment, targets: IntArray, baseline: IntArray, training: Training, *, seed: int = 0
) -> Benchmark:
    """Let a network learn y from covariates and treatments, and read off the differences (pure deep learning, PDL).

    Examples
    --------
    >>> from thalweg.effects.experiment.simulate import simulate
    >>> experiment, _ = simulate(0, rows=300)
    >>> quick = Training(hidden=(4,), epochs=2, folds=2, workers=1)
    >>> plain_network(experiment, experiment.cells, experiment.cells[0], quick).estimate.shape
    (6,)
    """
    treated = experiment.cells[experiment.received].astype(np.float64)
    spread = float(experiment.y.std()) or 1.0
    table = training_table(np.column_stack([experiment.x, treated]), (experiment.y - experiment.y.mean()) / spread)
    folds = stratified_folds(experiment, training.folds, seed, training.gap)
    network = mlp(training.hidden, training.activation, init=He(normal=False))
    recipe = recipe_of(training, network, Squared())
    members = [
        member_on(
            recipe, np.flatnonzero(learning_rows(experiment, folds, f, training.folds, training.gap)), seed=seed + f
        )
        for f in range(part_count(experiment, training.folds))
    ]
    fit = fit_population(table, members, workers=training.workers)
    total = np.zeros(len(targets) + 1)
    for f in range(part_count(experiment, training.folds)):
        x = experiment.x[folds == f]
        rows = [np.column_stack([x, np.tile(t, (len(x), 1))]) for t in (baseline, *targets)]
        out = predict_outputs(network, Squared(), [fit.member(f).parameters], np.concatenate(rows))
        total += out[0, :, 0].reshape(len(targets) + 1, -1).sum(1)
    mean = spread * total / len(experiment)
    return Benchmark("plain network", mean[1:] - mean[0], None)
