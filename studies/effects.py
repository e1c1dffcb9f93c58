"""How well DeDL finds the effects of combinations, and how often its intervals cover, on designs of known truth.

    python studies/effects.py STUDY [replications] > studies/effects_STUDY.txt

Networks of fifty replications train as one population on one core. Studies are listed at the end.
"""

import os
import platform
import sys
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from scipy.stats import norm

from thalweg.effects.benchmarks import linear_addition, linear_regression
from thalweg.effects.choice import choose_scale
from thalweg.effects.crossfit import CrossFit, Model, cross_fit
from thalweg.effects.evaluate import Evaluation, evaluate
from thalweg.effects.experiment import all_combinations
from thalweg.effects.identify import structure, supports
from thalweg.effects.inference import best_set, influence, joint
from thalweg.effects.link import LINKS
from thalweg.effects.simulate import simulate, standard_cells
from thalweg.effects.training import Training

# On these quiet outcomes the smaller ridge of the default pair wins in every replication: only that one is trained.
TRAINING = Training(repeats=1, workers=2, ridges=(5e-6,))
NOISY = Training(repeats=1, workers=2)
LINK = LINKS["sigmoid2"]
BLOCK = 50
Z = norm.ppf(0.975)


def cpu():
    """Return the processor seconds of this process and of its finished workers."""
    return sum(os.times()[:4])


@dataclass
class Tally:
    """Errors of one method over all replications."""

    error: list = field(default_factory=list)
    covered: list = field(default_factory=list)
    usable: list = field(default_factory=list)
    ratio: list = field(default_factory=list)
    relative: list = field(default_factory=list)
    shown: list = field(default_factory=list)
    best: list = field(default_factory=list)
    signs: list = field(default_factory=list)

    def add(self, estimate, error, truth, usable):
        self.error.append(estimate - truth)
        self.usable.append(usable)
        size = np.abs(truth)
        large = size > 0.05
        self.relative.append((np.abs(estimate - truth)[large] / size[large]).mean())
        large = large & usable
        if large.any():
            self.shown.append((np.abs(estimate - truth)[large] / size[large]).mean())
        large = size > 0.05
        self.best.append(np.nanargmax(estimate) == truth.argmax())
        if error is not None:
            self.covered.append(np.abs(estimate - truth) <= Z * error)
            self.ratio.append(error)
            significant = np.abs(estimate) > Z * error
            self.signs.append(((np.sign(estimate) == np.sign(truth)) & significant)[large].mean())

    def line(self, name, observed):
        E, U = np.array(self.error)[:, 1:], np.array(self.usable)[:, 1:]
        seen = observed[1:]
        text = f"{name:22s} {np.mean(E**2):9.4f} {np.abs(E).mean():8.4f} {100 * np.mean(self.relative):8.2f}"
        text += f" {100 * np.mean(self.shown):8.2f}"
        text += f" {100 * np.mean(self.best):6.1f}"
        if self.covered:
            C, S = np.array(self.covered)[:, 1:], np.array(self.ratio)[:, 1:]
            shown = U[:, ~seen]
            inside = C[:, ~seen][shown].mean() if shown.any() else np.nan
            spread = np.sqrt((S[:, ~seen] ** 2)[shown].mean() / (E[:, ~seen] ** 2)[shown].mean()) if shown.any() else 0
            text += f" {100 * np.mean(self.signs):6.1f} {C[:, seen].mean():9.3f} {C[:, ~seen].mean():9.3f}"
            text += f" {inside:9.3f} {1 - shown.mean():9.3f} {spread:7.2f}"
        print(text, flush=True)


COLUMNS = ("MSE", "MAE", "MAPE %", "shown %", "best %", "sign %", "seen", "unseen", "shown", "withheld", "se/rmse")
WIDTHS = (9, 8, 8, 8, 6, 6, 9, 9, 9, 9, 7)
HEAD = " ".join([f"{'method':22s}", *(f"{name:>{width}s}" for name, width in zip(COLUMNS, WIDTHS, strict=True))])


def support(experiment, evaluation: Evaluation, fit: CrossFit, targets):
    common = fit.model.common_scale
    found = structure(fit.model.link, experiment.cells, targets, targets[0], common_scale=common)
    scale = evaluation.scales[0] if evaluation.scales else None
    return np.array([s.usable for s in supports(experiment, targets, evaluation.weights, found.identified, scale)])


def study(title, replications, kinds=("common",), treatments=4, first=0, training=TRAINING, **design):  # noqa: PLR0915 - one table
    """Simulate, train, evaluate and print one table."""
    targets = all_combinations(treatments)
    tallies, tests, whole = {}, [], {"joint": [], "set": [], "set size": []}
    started = cpu()
    training_time = 0.0
    retried = 0
    for start in range(first, first + replications, BLOCK):
        seeds = range(start, min(start + BLOCK, first + replications))
        drawn = [simulate(s, treatments=treatments, **design) for s in seeds]
        experiments = [replace(e, x=(e.x - 0.5) * np.sqrt(12.0)) for e, _ in drawn]
        before = cpu()
        fits = cross_fit(experiments, [Model(LINK, kind) for kind in kinds], training, seed=start)
        training_time += cpu() - before
        for s, e, (_, truth), found in zip(seeds, experiments, drawn, fits, strict=True):
            effects = truth.effects(targets, seed=s)
            evaluations = {fit.model.scale_kind: evaluate(e, fit, targets, 0) for fit in found}
            retried += sum(fit.retried for fit in found)
            usable = {
                fit.model.scale_kind: support(e, evaluations[fit.model.scale_kind], fit, targets) for fit in found
            }
            for kind, answer in evaluations.items():
                tally = tallies.setdefault(f"DeDL, {kind} scale", Tally())
                tally.add(answer.estimates[0], answer.errors[0], effects, usable[kind])
            chosen = "common"
            if len(kinds) > 1:
                chosen = choose_scale(e, evaluations["common"], evaluations["own"]).kind
                answer = evaluations[chosen]
                tally = tallies.setdefault("DeDL, auto", Tally())
                tally.add(answer.estimates[0], answer.errors[0], effects, usable[chosen])
            answer = evaluations[chosen]
            everything = np.ones(len(targets), dtype=bool)
            tallies.setdefault("structured, plug-in", Tally()).add(answer.plug_in, None, effects, everything)
            for benchmark in (linear_addition(e, targets, targets[0]), linear_regression(e, targets, targets[0])):
                tally = tallies.setdefault(benchmark.name, Tally())
                tally.add(benchmark.estimate, benchmark.error, effects, everything)
            common = evaluations["common"]
            tests.append(
                (
                    common.link_test.p_value < 0.05,
                    common.scale_test.p_value < 0.05,
                    chosen == "own",
                    evaluations["common"].scales[0].relative,
                    usable[chosen][1:].mean(),
                )
            )
            rows = influence(answer.scores, e.clusters)
            kept = usable[chosen].copy()
            kept[0] = False
            if kept.any():
                drawn_joint = joint(answer.estimates[0][kept], answer.errors[0][kept], rows[:, kept], seed=s)
                width = drawn_joint.critical(0.95) * answer.errors[0][kept]
                whole["joint"].append((np.abs(answer.estimates[0] - effects)[kept] <= width).all())
                among = usable[chosen]
                members = np.zeros(len(targets), dtype=bool)
                members[among] = best_set(answer.estimates[0][among], rows[:, among], seed=s)
                best = np.flatnonzero(among)[effects[among].argmax()]
                whole["set"].append(members[best])
                whole["set size"].append(members.sum())
    total = cpu() - started
    observed = np.array([(t == experiments[0].cells).all(1).any() for t in targets])
    print(f"\n{title}: {replications} replications, N = {len(experiments[0])}, m = {treatments}, "
          f"{len(experiments[0].cells)} cells, {training.folds} folds, ridges {training.ridges}, "
          f"{ {k: v for k, v in design.items() if k != 'cells'} }")  # fmt: skip
    print(HEAD)
    for name, tally in tallies.items():
        tally.line(name, observed)
    share = np.mean(np.array(tests, dtype=float), axis=0)
    print(
        f"at 5 % the link test rejects {share[0]:.3f}, the scale test {share[1]:.3f}; own scale chosen {share[2]:.3f}, "
        f"relative error of the scale {np.median([t[3] for t in tests]):.4f}, effects shown {share[4]:.3f}"
    )
    print(
        f"all intervals of shown effects cover at once {np.mean(whole['joint']):.3f}, "
        f"set of best holds the best shown {np.mean(whole['set']):.3f} (mean size {np.mean(whole['set size']):.1f})"
    )
    print(
        f"CPU seconds per replication {total / replications:.3f} (training {training_time / replications:.3f}), "
        f"networks trained again {retried}",
        flush=True,
    )


def validation(n):
    study("Linear parameters", n, shape="linear")
    study("Cubic parameters", n, shape="cubic")
    study("Positive effects", n, shape="positive")


def halves(n):
    """One network per half, each as many rows as the published protocol trains and infers on."""
    half = replace(TRAINING, folds=2, workers=1)
    study("Linear parameters, two halves", n, shape="linear", training=half)
    study("Cubic parameters, two halves", n, shape="cubic", training=half)


def scale(n):
    extra = standard_cells(4, extra=True)
    for slope in (0.3, 0.0):
        count = n if slope else n // 2
        study(f"Scale ±{100 * slope:.0f} %, m + 2 cells", count, ("common", "own"), scale_slope=slope)
        study(f"Scale ±{100 * slope:.0f} %, m + 3 cells", count, ("common", "own"), scale_slope=slope, cells=extra)


def misfit(n):
    for gamma in (0.0, 1.0, 3.0, 5.0):
        study(f"Wrong link, gamma {gamma:g}", n, misfit=gamma, cells=standard_cells(4, extra=True))


def clusters(n):
    study("Clusters of 10", n, shape="positive", noise=3.0, cluster_rows=10, cluster_share=0.3, training=NOISY)


def silent(n):
    study("First treatment without effect", n, silent=(0,))


def many(n):
    study("m = 6", n, treatments=6, rows=6000)
    study("m = 8", n // 2, treatments=8, rows=8000)
    study("m = 10", max(n // 10, 2), treatments=10, rows=20_000)


STUDIES = {f.__name__: f for f in (validation, halves, scale, misfit, clusters, silent, many)}

if __name__ == "__main__":
    name = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    print(f"Study {name}, 2026-11-22, Python {platform.python_version()}, torch {torch.__version__}, "
          f"numpy {np.__version__}; {TRAINING}")  # fmt: skip
    print("Coverage of nominal 95 % intervals: seen and unseen cells, and unseen cells whose effect is shown.")
    STUDIES[name](count)
