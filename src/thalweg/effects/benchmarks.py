"""What others would report: adding up single effects, one regression, a plain network, and no correction at all."""

from dataclasses import dataclass

import numpy as np

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.effects.experiment.experiment import Experiment
from thalweg.effects.training import Training, learning_rows, part_count, stratified_folds
from thalweg.loss.squared import Squared
from thalweg.net.init import He
from thalweg.net.spec import mlp
from thalweg.optim.adam import Adam
from thalweg.optim.schedule import Cosine
from thalweg.train.fit import fit_population
from thalweg.train.population import Member, training_table
from thalweg.train.predict import predict_outputs


@dataclass(frozen=True, slots=True, eq=False)
class Benchmark:
    """Estimates of a method that is not ours to recommend.

    Parameters
    ----------
    name
        Short name.
    estimate
        Effects [L]; not a number where the method has none.
    error
        Standard errors [L], or None where the method has no sampling theory.
    """

    name: str
    estimate: FloatArray
    error: FloatArray | None


def linear_addition(experiment: Experiment, targets: IntArray, baseline: IntArray) -> Benchmark:
    """Add up the effects of single treatments, each a difference of two cell means (LA).

    The error counts every cell mean as often as it is used: se² = Σ_k var(Ȳ_k) + s² var(Ȳ_baseline) for s
    treatments. Targets that use a treatment which was never run alone have no estimate.

    Examples
    --------
    >>> from thalweg.effects.experiment.simulate import simulate
    >>> experiment, _ = simulate(0, rows=600)
    >>> answer = linear_addition(experiment, experiment.cells, experiment.cells[0])
    >>> answer.estimate[0], answer.error[0]
    (np.float64(0.0), np.float64(0.0))
    """
    counts = np.maximum(experiment.counts, 1)
    means = np.bincount(experiment.received, experiment.y, minlength=len(counts)) / counts
    squares = np.bincount(experiment.received, (experiment.y - means[experiment.received]) ** 2, minlength=len(counts))
    variances = squares / counts / np.maximum(counts - 1, 1)
    alone = {}
    for k in range(experiment.treatments):
        single = baseline.copy()
        single[k] = 1 - single[k]
        found = np.flatnonzero((experiment.cells == single).all(1))
        alone[k] = int(found[0]) if len(found) else None
    base = int(np.flatnonzero((experiment.cells == baseline).all(1))[0])
    estimate, error = np.full(len(targets), np.nan), np.full(len(targets), np.nan)
    for place, target in enumerate(targets):
        used = [alone[int(k)] for k in np.flatnonzero(target != baseline)]
        cells = [cell for cell in used if cell is not None]
        if len(cells) == len(used):
            estimate[place] = sum(means[c] - means[base] for c in cells)
            error[place] = np.sqrt(sum(variances[c] for c in cells) + len(cells) ** 2 * variances[base])
    return Benchmark("linear addition", estimate, error)


def linear_regression(experiment: Experiment, targets: IntArray, baseline: IntArray) -> Benchmark:
    """Regress the outcome on covariates and treatments without products, and add the coefficients (LR).

    Errors are robust to heteroscedasticity (HC1).

    Examples
    --------
    >>> from thalweg.effects.experiment.simulate import simulate
    >>> experiment, _ = simulate(0, rows=600)
    >>> answer = linear_regression(experiment, experiment.cells, experiment.cells[0])
    >>> bool(np.isclose(answer.estimate[5], answer.estimate[1] + answer.estimate[2]))
    True
    """
    treated = experiment.cells[experiment.received].astype(np.float64)
    design = np.column_stack([np.ones(len(experiment)), experiment.x, treated])
    bread = np.linalg.pinv(design.T @ design)
    beta = bread @ (design.T @ experiment.y)
    residual = experiment.y - design @ beta
    factor = len(design) / max(len(design) - design.shape[1], 1)
    covariance = factor * bread @ (design.T * residual**2) @ design @ bread
    m = experiment.treatments
    difference = (targets - baseline).astype(np.float64)
    spread = np.einsum("lk,kj,lj->l", difference, covariance[-m:, -m:], difference)
    return Benchmark("linear regression", difference @ beta[-m:], np.sqrt(np.maximum(spread, 0.0)))


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
    folds = stratified_folds(experiment, training.folds, seed)
    network = mlp(training.hidden, training.activation, init=He(normal=False))
    members = [
        Member(
            network,
            Squared(),
            np.flatnonzero(learning_rows(experiment, folds, f, training.folds)).astype(np.int32),
            seed=seed + f,
            optimizer=Adam(training.learning_rate),
            schedule=Cosine(warmup=0.02),
            batch=training.batch,
            epochs=training.epochs,
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
