"""Energy models beside their peers: least processor times over turns taken one after the other, and scores.

    python benchmarks/energy.py [restricted] [hopfield] [likelihoods] [features] [--rounds 5]

Without names all four parts run. Each replaces its own section of benchmarks/results/energy.md. Peers are
scikit-learn's BernoulliRBM, and for Hopfield networks the packages hopfieldnetwork, neurodynex3 and hopfieldkit where
they are installed.
"""

import argparse
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import BernoulliRBM

from machine import describe
from thalweg.energy import RBM, Hopfield, RBMMember, bars_and_stripes, fit_rbm_population, log_partition
from thalweg.energy.restricted.partition import log_likelihood

EPOCHS, ROWS = 4, 1700


def cpu(call):
    started = time.process_time()
    call()
    return time.process_time() - started


def least(calls, rounds):
    """Processor seconds of every call, the least over turns taken one after the other."""
    times = np.array([[cpu(call) for call in calls] for _ in range(rounds)])
    return times.min(axis=0)


def rbm_speed(X, rounds):
    """Microseconds per update and machine: PCD-1 with as many chains as rows in a batch, the peer's setting."""
    lines = [
        "| hidden, batch | scikit-learn | alone | of 64 | times faster alone | of 64 |",
        "|---|---|---|---|---|---|",
    ]
    for hidden, batch in ((64, 10), (100, 10), (100, 100), (16, 10)):
        updates = EPOCHS * -(-ROWS // batch)

        def ours(count, hidden=hidden, batch=batch):
            settings = {"batch": batch, "chains": batch, "epochs": EPOCHS, "schedule": "constant", "momentum": 0.0}
            fit_rbm_population(X[:ROWS], [RBMMember(hidden, seed=seed, **settings) for seed in range(count)])

        peer = BernoulliRBM(hidden, batch_size=batch, n_iter=EPOCHS, random_state=0)
        found = least((lambda peer=peer: peer.fit(X[:ROWS]), lambda: ours(1), lambda: ours(64)), rounds)
        there, alone, crowd = found / updates * 1e6 / np.array([1, 1, 64])
        times = f"{there:.0f} | {alone:.0f} | {crowd:.0f}"
        lines.append(f"| {hidden}, {batch} | {times} | {there / alone:.2f} | {there / crowd:.2f} |")
    return lines


def hopfield_peers(patterns, probe):
    """One sweep of asynchronous updates from one probe, by packages that are installed; all take one at a time."""
    calls, bits = {}, patterns.astype(np.int8)
    with suppress(ImportError):
        from hopfieldnetwork import HopfieldNetwork

        first = HopfieldNetwork(N=len(probe))
        first.train_pattern(bits.T)

        def hopfieldnetwork():
            first.set_initial_neurons_state(probe.astype(np.int8))
            first.update_neurons(iterations=1, mode="async")

        calls["hopfieldnetwork"] = hopfieldnetwork
    with suppress(ImportError):
        from neurodynex3.hopfield_network.network import HopfieldNetwork as Exercise

        second = Exercise(len(probe))
        second.store_patterns(list(patterns[:2]))  # slow in Python; its values do not change the time of a sweep
        second.set_dynamics_sign_async()

        def neurodynex3():
            second.set_state_from_pattern(probe)
            second.iterate()

        calls["neurodynex3"] = neurodynex3
    with suppress(ImportError):
        from hopfieldkit import HopfieldNetwork as Hebbian

        third = Hebbian(len(probe))
        third.fit(patterns)
        calls["hopfieldkit"] = lambda: third.recall(probe, max_steps=1)
    return calls


def hopfield_speed(rounds):
    """One sweep of 500 units that hold 25 patterns, from probes with a tenth of their units turned."""
    rng = np.random.default_rng(0)
    patterns = 2.0 * rng.integers(0, 2, (25, 500)) - 1.0
    probes = np.where(rng.random((1000, 500)) < 0.1, -1.0, 1.0) * patterns[rng.integers(0, 25, 1000)]
    memory = Hopfield().store(patterns)
    counts = (1, 40, 1000)
    peers = hopfield_peers(patterns, probes[0])
    times = least([*(lambda n=n: memory.recall(probes[:n], sweeps=1) for n in counts), *peers.values()], rounds)
    each = 1e6 * times / 500 / np.array([*counts, *[1] * len(peers)])
    lines = ["| | µs | times faster: 1,000 probes at once |", "|---|---|---|"]
    names = [*(f"{n} probe{'s' * (n > 1)} at once" for n in counts), *(f"{name}, 1 probe" for name in peers)]
    return lines + [f"| {name} | {t:.3f} | {t / each[2]:.1f} |" for name, t in zip(names, each, strict=True)]


def likelihoods(X):
    """Bars and stripes, one row more, annealing, and digits by logistic regression on features."""
    lines = []
    x = bars_and_stripes(3)
    for name, member in {
        "exact gradient": RBMMember(
            16, learner="exact", schedule="constant", learning_rate=0.5, momentum=0.9, epochs=10_000
        ),
        "5 steps, 500 chains": RBMMember(
            16, steps=5, chains=500, learning_rate=0.1, momentum=0.0, batch=None, epochs=20_000
        ),
    }.items():
        curve = fit_rbm_population(x, [member]).curves[0]
        lines.append(f"- Bars and stripes 3 x 3, {name}: {curve[-1, 1]:.4f} nats (ceiling −2.5993).")
    for count in (1792, 1793):
        machine = fit_rbm_population(X[:count], [RBMMember(16, batch=128, epochs=30)]).parameters[0]
        value = log_likelihood(machine, X[:1792], log_partition(machine)).mean()
        lines.append(f"- {count} digits in batches of 128: {value:.3f} nats.")
    away, errors = [], []
    for seed in range(20):
        machine = fit_rbm_population(X, [RBMMember(16, epochs=10, seed=seed)]).parameters[0]
        found = log_partition(machine, method="annealed", base=np.log(X.mean(0) + 0.01) - np.log(1.01 - X.mean(0)))
        away.append(found.value - log_partition(machine).value)
        errors.append(found.standard_error)
    inside = (np.abs(away) < 1.96 * np.array(errors)).mean()
    lines.append(
        f"- Annealed log Z of 20 machines of 16 units: largest error {np.abs(away).max():.4f}, standard errors "
        f"{np.min(errors):.4f} to {np.max(errors):.4f}, {inside:.0%} within 1.96 of them."
    )
    return lines


def features():
    """Accuracy of logistic regression on 100 features of digits, over five splits."""
    X, y = load_digits(return_X_y=True)
    X = X / 16
    found = {"pixels": [], "scikit-learn's machine": [], "ours": []}
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(len(X))
        train, test = order[:1297], order[1297:]
        makers = {
            "pixels": None,
            "scikit-learn's machine": BernoulliRBM(100, learning_rate=0.06, n_iter=20, random_state=seed),
            "ours": RBM(100, random_state=seed),
        }
        for name, model in makers.items():
            A, B = X[train], X[test]
            if model is not None:
                A, B = model.fit(A).transform(A), model.transform(B)
            found[name].append(LogisticRegression(C=100, max_iter=3000).fit(A, y[train]).score(B, y[test]))
    return [f"- Digits, logistic regression on {name}: {np.mean(scores):.4f}." for name, scores in found.items()]


TITLES = {
    "restricted": "Restricted machines: µs of processor time per update and machine",
    "hopfield": "Hopfield networks: µs of processor time per update of a unit and probe",
    "likelihoods": "Likelihoods",
    "features": "Features of digits",
}


def sections(file):
    """What stands in the file, by title."""
    parts = file.read_text(encoding="utf-8").split("\n## ")[1:] if file.exists() else []
    return {title: body.strip() for title, _, body in (part.partition("\n") for part in parts)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[*TITLES, []], default=[], metavar="part")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "energy.md")
    arguments = parser.parse_args()
    X = (load_digits().data / 16 > 0.5).astype(float)
    work = {
        "restricted": lambda: rbm_speed(X, arguments.rounds),
        "hopfield": lambda: hopfield_speed(arguments.rounds),
        "likelihoods": lambda: likelihoods(X),
        "features": features,
    }
    found = sections(arguments.out)
    for part in arguments.parts or work:
        facts = describe(["numpy", "scipy", "scikit-learn", "hopfieldnetwork", "neurodynex3", "hopfieldkit"])
        lines = work[part]()
        found[TITLES[part]] = "\n".join([*(f"- {name}: {value}" for name, value in facts.items()), "", *lines])
        print(found[TITLES[part]], flush=True)
        text = "\n\n".join(f"## {title}\n\n{found[title]}" for title in TITLES.values() if title in found)
        arguments.out.write_text(f"# Energy models\n\n{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
