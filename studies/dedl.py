"""How well DeDL finds the effects of combinations, and how often its intervals cover, on designs of known truth.

    python studies/dedl.py STUDY [replications] > studies/dedl_STUDY.txt

Networks of many replications train as one population. Studies are listed at the end; what has run so far goes to the
standard error stream after every block.
"""

import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import torch
from scipy.stats import norm

from thalweg.effects.benchmarks import linear_addition, linear_regression
from thalweg.effects.crossfit import cross_fit
from thalweg.effects.experiment.experiment import Experiment, all_combinations
from thalweg.effects.experiment.rebalance import rebalancing_weights
from thalweg.effects.experiment.simulate import Truth, simulate, standard_cells
from thalweg.effects.identification.rank import structure
from thalweg.effects.identification.support import supports
from thalweg.effects.inference.cross_fitted import CrossFit, Model, Nuisance
from thalweg.effects.inference.evaluate import Evaluation, error_rows, evaluate
from thalweg.effects.inference.intervals import best_set, influence, joint, median_over_repeats
from thalweg.effects.inference.scale_choice import choose_scale
from thalweg.effects.links.link import LINKS
from thalweg.effects.plain_network import plain_network
from thalweg.effects.training import Training

# On these quiet outcomes the smaller ridge of the default pair wins in every replication: only that one is trained.
TRAINING = Training(repeats=1, workers=1, ridge=(5e-6,))
NOISY = Training(repeats=1, workers=1)
LINK = LINKS["sigmoid2"]
BLOCK = 50
Z = norm.ppf(0.975)
EXTRA = standard_cells(4, extra=True)


def cpu():
    """Return the processor seconds of this process and of its finished workers."""
    return sum(os.times()[:4])


@dataclass
class Tally:
    """Errors of one method over all replications."""

    error: list = field(default_factory=list)
    covered: list = field(default_factory=list)
    usable: list = field(default_factory=list)
    spread: list = field(default_factory=list)
    relative: list = field(default_factory=list)
    shown: list = field(default_factory=list)
    best: list = field(default_factory=list)
    signs: list = field(default_factory=list)

    def add(self, estimate, error, truth, usable):
        self.error.append(estimate - truth)
        self.usable.append(usable)
        size = np.abs(truth)
        large = size > 0.05
        if large.any():
            self.relative.append((np.abs(estimate - truth)[large] / size[large]).mean())
        if (large & usable).any():
            self.shown.append((np.abs(estimate - truth)[large & usable] / size[large & usable]).mean())
        self.best.append(np.nanargmax(estimate) == truth.argmax())
        if error is not None:
            self.covered.append(np.abs(estimate - truth) <= Z * error)
            self.spread.append(error)
            significant = np.abs(estimate) > Z * error
            if large.any():
                self.signs.append(((np.sign(estimate) == np.sign(truth)) & significant)[large].mean())

    def line(self, name, observed):
        E, U = np.array(self.error)[:, 1:], np.array(self.usable)[:, 1:]
        seen = observed[1:]
        text = f"{name:22s} {np.mean(E**2):9.4f} {np.abs(E).mean():8.4f} {100 * np.mean(self.relative):8.2f}"
        text += f" {100 * np.mean(self.shown):8.2f}"
        text += f" {100 * np.mean(self.best):6.1f}"
        if self.covered:
            C, S = np.array(self.covered)[:, 1:], np.array(self.spread)[:, 1:]
            shown = U[:, ~seen]
            inside = C[:, ~seen][shown].mean() if shown.any() else np.nan
            spread = np.sqrt((S[:, ~seen] ** 2)[shown].mean() / (E[:, ~seen] ** 2)[shown].mean()) if shown.any() else 0
            text += f" {100 * np.mean(self.signs):6.1f} {C[:, seen].mean():9.3f} {C[:, ~seen].mean():9.3f}"
            text += f" {inside:9.3f} {1 - shown.mean():9.3f} {spread:7.2f}"
        return text


COLUMNS = ("MSE", "MAE", "MAPE %", "shown %", "best %", "sign %", "seen", "unseen", "shown", "withheld", "se/rmse")
WIDTHS = (9, 8, 8, 8, 6, 6, 9, 9, 9, 9, 7)
HEAD = " ".join([f"{'method':22s}", *(f"{name:>{width}s}" for name, width in zip(COLUMNS, WIDTHS, strict=True))])


@dataclass
class Record:
    """All replications of one design."""

    title: str
    targets: np.ndarray
    tallies: dict = field(default_factory=dict)
    tests: list = field(default_factory=list)
    at_once: list = field(default_factory=list)
    holds_best: list = field(default_factory=list)
    set_size: list = field(default_factory=list)
    pairs: list = field(default_factory=list)
    false_lead: list = field(default_factory=list)
    plain: list = field(default_factory=list)
    seconds: dict = field(default_factory=lambda: {"training": 0.0, "answers": 0.0})
    retried: int = 0
    count: int = 0
    observed: np.ndarray = None

    def tally(self, name, estimate, error, truth, usable=None):
        everything = np.ones(len(self.targets), dtype=bool)
        self.tallies.setdefault(name, Tally()).add(estimate, error, truth, everything if usable is None else usable)

    def add(self, experiment, fits, effects, seed):
        """Evaluate the fits of one replication."""
        self.count += 1
        self.observed = np.array([(t == experiment.cells).all(1).any() for t in self.targets])
        before = cpu()
        evaluations = {fit.model.scale_kind: evaluate(experiment, fit, self.targets, 0) for fit in fits}
        usable = {fit.model.scale_kind: shown(experiment, evaluations[fit.model.scale_kind], fit) for fit in fits}
        self.retried += sum(fit.retried for fit in fits)
        answers = {kind: (*median_over_repeats(e.estimates, e.errors), usable[kind]) for kind, e in evaluations.items()}
        chosen = "common"
        if len(fits) > 1:
            chosen = choose_scale(experiment, evaluations["common"], evaluations["own"]).kind
        answer = evaluations[chosen]
        estimate, error, kept = answers[chosen]
        self._look_at_all(experiment, answer, estimate, error, kept, effects, seed)
        self.seconds["answers"] += cpu() - before
        for kind, (value, spread, among) in answers.items():
            self.tally(f"DeDL, {kind} scale", value, spread, effects, among)
        if len(fits) > 1:
            self.tally("DeDL, auto", estimate, error, effects, kept)
        if experiment.clusters is not None:
            alone = np.sqrt((influence(answer.scores) ** 2).sum(0))
            self.tally("errors not clustered", estimate, alone, effects, kept)
        self.tally("structured, plug-in", answer.plug_in, None, effects)
        for benchmark in (
            linear_addition(experiment, self.targets, self.targets[0]),
            linear_regression(experiment, self.targets, self.targets[0]),
        ):
            self.tally(benchmark.name, benchmark.estimate, benchmark.error, effects)
        common = evaluations["common"]
        self.tests.append(
            (
                common.link_test.p_value < 0.05,
                common.link_test.p_value < 0.01,
                common.scale_test.p_value < 0.05,
                chosen == "own",
                common.scales[0].relative,
                kept[1:].mean(),
            )
        )

    def _look_at_all(self, experiment, answer, estimate, error, kept, effects, seed):
        """Tally joint intervals and the set of the best."""
        among = np.flatnonzero(kept)
        others = among[among != 0]
        if not len(others):
            return
        together = joint(estimate[others], error[others], error_rows(experiment, answer, others), seed=seed)
        width = together.critical(0.95) * error[others]
        self.at_once.append((np.abs(estimate - effects)[others] <= width).all())
        members = best_set(estimate[among], error_rows(experiment, answer, among), seed=seed)
        self.holds_best.append(members[effects[among].argmax()])
        self.set_size.append(members.sum())
        self._compare_pairs(estimate[among], error_rows(experiment, answer, among), effects[among])

    def _compare_pairs(self, estimate, rows, effects):
        """Tally contrasts of all pairs, and whether the best in the sample leads its runner-up without being better."""
        first, second = np.triu_indices(len(estimate), 1)
        covariance = rows.T @ rows
        variance = np.diag(covariance)
        error = np.sqrt(np.maximum(variance[:, None] + variance - 2.0 * covariance, 0.0))
        gap, true = estimate[first] - estimate[second], effects[first] - effects[second]
        self.pairs.append((np.abs(gap - true) <= Z * error[first, second]).mean())
        top, runner = np.argsort(-estimate)[:2]
        lead = (estimate[top] - estimate[runner]) / error[top, runner]
        self.false_lead.append(lead > Z and effects[top] <= effects[runner])

    def table(self, out=None):
        out = out or sys.stdout
        print(f"\n{self.title}; {self.count} replications", HEAD, sep="\n", file=out)
        for name, tally in self.tallies.items():
            print(tally.line(name, self.observed), file=out)
        share = np.mean(np.array(self.tests, dtype=float), axis=0)
        scale = np.median([t[4] for t in self.tests])
        print(
            f"the link test rejects {share[0]:.3f} at 5 %, {share[1]:.3f} at 1 %, the scale test {share[2]:.3f} at "
            f"5 %; own scale chosen {share[3]:.3f}, relative error of the scale {scale:.4f}, effects shown "
            f"{share[5]:.3f}\nall intervals of shown effects cover at once {np.mean(self.at_once):.3f}, set of best "
            f"holds the best shown {np.mean(self.holds_best):.3f} (mean size {np.mean(self.set_size):.1f}); contrasts "
            f"of pairs cover {np.mean(self.pairs):.3f}, that of the best against the runner-up shows a false lead in "
            f"{np.mean(self.false_lead):.3f}\n"
            f"CPU seconds per replication: training {self.seconds['training'] / self.count:.3f}, scores and intervals "
            f"{self.seconds['answers'] / self.count:.3f}, together {sum(self.seconds.values()) / self.count:.3f}; "
            f"networks trained again {self.retried}",
            file=out,
            flush=True,
        )


def shown(experiment: Experiment, evaluation: Evaluation, fit: CrossFit):
    """Return which targets the product would show [L]."""
    targets = all_combinations(experiment.treatments)
    model = fit.model
    found = structure(model.link, experiment.cells, targets, targets[0], common_scale=model.common_scale)
    scale = max(evaluation.scales, key=lambda s: s.relative) if evaluation.scales else None
    answers = supports(experiment, targets, evaluation.weights, found.identified, scale, model.own_scale)
    return np.array([answer.usable for answer in answers])


def centred(experiment: Experiment) -> Experiment:
    """Measure covariates that are uniform on [0, 1] in standard deviations from their mean."""
    return replace(experiment, x=(experiment.x - 0.5) * np.sqrt(12.0))


def standardised(experiment: Experiment) -> Experiment:
    return replace(experiment, x=(experiment.x - experiment.x.mean(0)) / experiment.x.std(0))


def blocks(replications: int, size: int) -> Iterator[range]:
    for start in range(0, replications, size):
        yield range(start, min(start + size, replications))


def study(
    title: str,
    replications: int,
    kinds: tuple[str, ...] = ("common",),
    *,
    treatments: int = 4,
    training: Training = TRAINING,
    block: int = BLOCK,
    prepare: Callable[[Experiment], Experiment] = centred,
    plain: int = 0,
    look: Callable[[CrossFit, Experiment], None] | None = None,
    **design: object,
) -> Record:
    """Simulate, train, evaluate and print one table; ``plain`` replications also train a network without structure."""
    record = Record("", all_combinations(treatments))
    for seeds in blocks(replications, block):
        drawn = [simulate(s, treatments=treatments, **design) for s in seeds]
        experiments = [prepare(e) for e, _ in drawn]
        rows, cells = len(drawn[0][0]), len(experiments[0].cells)
        record.title = f"{title}: N = {rows}, m = {treatments}, {cells} cells, {training.folds} folds"
        before = cpu()
        fits = cross_fit(experiments, [Model(LINK, kind) for kind in kinds], training, seed=seeds[0])
        record.seconds["training"] += cpu() - before
        for s, e, (_, truth), found in zip(seeds, experiments, drawn, fits, strict=True):
            effects = truth.effects(record.targets, seed=s)
            record.add(e, found, effects, s)
            if s < plain:
                network = plain_network(e, record.targets, record.targets[0], training, seed=s)
                record.tally("plain network", network.estimate, None, effects)
            if look is not None:
                look(found[0], e)
        record.table(sys.stderr)
    record.table()
    return record


def validation(n):
    study("Linear parameters", n, shape="linear", plain=60)
    study("Cubic parameters", n, shape="cubic", plain=60)
    study("Positive effects", n, shape="positive", plain=60)


def halves(n):
    """One network per half, each as many rows as the published protocol trains and infers on."""
    half = replace(TRAINING, folds=2)
    study("Linear parameters, two halves", n, shape="linear", training=half)
    study("Cubic parameters, two halves", n, shape="cubic", training=half)


def scale(n):
    for slope in (0.3, 0.0):
        title = f"Scale ±{100 * slope:.0f} %"
        study(f"{title}, m + 2 cells", n, ("common", "own"), scale_slope=slope)
        study(f"{title}, m + 3 cells", n, ("common", "own"), scale_slope=slope, cells=EXTRA)


def misfit(n):
    for gamma in (0.0, 1.0, 3.0, 5.0):
        study(f"Wrong link, gamma {gamma:g}", n, misfit=gamma, cells=EXTRA)


def clusters(n):
    noise = {"shape": "positive", "noise": 6.0, "training": NOISY, "cluster_rows": 10, "cluster_share": 0.3}
    study("Clusters of 10, whole clusters receive one combination", n, whole_clusters=True, **noise)
    study("Clusters of 10, every row for itself", max(n // 4, 1), **noise)


def positive(n):
    """What the sample's own mean of the true effects covers on the draws of the positive design; no network."""
    targets = all_combinations(4)
    observed = (targets[:, None] == standard_cells(4)).all(2).any(1)
    inside = []
    for seed in range(n):
        experiment, truth = simulate(seed, shape="positive")
        effects = truth.means(experiment.x, targets)
        effects -= effects[:, :1]
        error = effects.std(0, ddof=1) / np.sqrt(len(effects))
        inside.append(np.abs(effects.mean(0) - truth.effects(targets, draws=1 << 13, seed=seed)) <= Z * error)
    for count in (200, n):
        covered = np.mean(inside[:count], axis=0)[1:]
        print(
            f"the mean of the true effects of the sampled units, {count} replications: seen cells "
            f"{covered[observed[1:]].mean():.3f}, unseen {covered[~observed[1:]].mean():.3f}",
            flush=True,
        )


def spare(n):
    """Ten splits by default, with a cell to spare: what the link test rejects."""
    study("Ten splits, m + 3 cells", n, training=replace(TRAINING, repeats=10), block=20, cells=EXTRA)


def silent(n):
    study("First treatment without effect", n, silent=(0,))
    study("First treatment without effect, own scales", max(n // 4, 1), ("common", "own"), silent=(0,))
    study("Flat: the curve is hardly bent", max(n // 2, 1), shape="flat")


def repeats(n):
    """Ten splits as by default, and by how much ten shrink what a split decides."""
    single, ten = [], []

    def look(fit: CrossFit, experiment: Experiment) -> None:
        estimates = evaluate(experiment, fit, all_combinations(4), 0).estimates[:, 1:]
        half = len(estimates) // 2
        single.append(estimates.var(0, ddof=1))
        ten.append((np.median(estimates[:half], axis=0) - np.median(estimates[half:], axis=0)) ** 2 / 2.0)

    twenty = replace(TRAINING, repeats=20)
    for shape in ("linear", "cubic"):
        single.clear()
        ten.clear()
        study(f"Twenty splits, {shape} parameters", n, shape=shape, training=twenty, block=10, look=look)
        shrunk = np.sqrt(np.mean(single) / np.mean(ten))
        print(
            f"standard deviation between splits {np.sqrt(np.mean(single)):.5f}, of the median of ten "
            f"{np.sqrt(np.mean(ten)):.5f}: {shrunk:.2f} times less",
            flush=True,
        )


def delta(n):
    """No network: the true parameters, every one times a uniform draw from 1 ± delta."""
    for size in (0.1, 0.2, 0.3):
        record = Record(f"Perturbed by ±{100 * size:.0f} %: N = 2000, m = 4", all_combinations(4))
        for seed in range(n):
            experiment, truth = simulate(seed, rows=2000)
            rng = np.random.default_rng([seed, 5])
            fit = oracle(experiment, [perturbed(truth, experiment.x, size, rng) for _ in range(2)])
            record.add(experiment, [fit], truth.effects(record.targets, seed=seed), seed)
        record.table()


def perturbed(truth: Truth, x: np.ndarray, size: float, rng: np.random.Generator) -> Nuisance:
    theta = truth.parameters(x)
    scale = truth.scale * (1.0 + rng.uniform(-size, size))
    return Nuisance(theta * (1.0 + rng.uniform(-size, size, theta.shape)), np.full(len(x), scale))


def oracle(experiment: Experiment, nuisances: list[Nuisance]) -> CrossFit:
    folds = np.zeros((1, len(experiment)), dtype=np.int64)
    return CrossFit(Model(LINK, "common"), folds, (nuisances[0],), (nuisances[1],), 0, 0.0, 0.0)


def imbalance(n):
    """The last covariate is exponential in the sample and uniform in the population, as for published table 13."""
    for rate in (2.0, 1.0, 0.5):
        study(f"Last covariate exponential, rate {rate:g}", n, last_rate=rate, prepare=standardised)
        for count in (2, 5):
            title = f"Last covariate exponential, rate {rate:g}, rebalanced in {count} buckets"
            study(title, n, last_rate=rate, prepare=partial(rebalanced, buckets=count))


def rebalanced(experiment: Experiment, buckets: int) -> Experiment:
    """Weight the units so that the last covariate has the population's shares in equal buckets of [0, 1]."""
    edges = np.linspace(0.0, 1.0, buckets + 1)
    weights = rebalancing_weights(experiment.x[:, -1], edges, np.full(buckets, 1.0 / buckets))
    inside = weights > 0.0
    kept = replace(
        experiment, x=experiment.x[inside], y=experiment.y[inside], received=experiment.received[inside],
        weights=weights[inside],
    )  # fmt: skip
    return centred(kept)


def many(n):
    study("m = 6", n, treatments=6, rows=6000)
    study("m = 8", max(n // 2, 1), treatments=8, rows=8000, block=20)


def most(n):
    study("m = 10", n, treatments=10, rows=20_000, block=2)


STUDIES = {
    f.__name__: f
    for f in (
        validation,
        positive,
        halves,
        scale,
        misfit,
        spare,
        clusters,
        silent,
        repeats,
        delta,
        imbalance,
        many,
        most,
    )
}

if __name__ == "__main__":
    name = sys.argv[1]
    replications = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    print(
        f"Study {name}, 2026-11-22, Python {platform.python_version()}, torch {torch.__version__}, "
        f"numpy {np.__version__}; {TRAINING}\nCoverage of nominal 95 % intervals: seen and unseen cells, and unseen "
        "cells whose effect is shown.",
        flush=True,
    )
    STUDIES[name](replications)
