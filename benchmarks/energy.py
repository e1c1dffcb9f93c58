"""Energy models beside their peers, in one run: least processor times over turns, and scores.

    python benchmarks/energy.py [--rounds 5] [--out benchmarks/results/energy]

Peers are scikit-learn's BernoulliRBM, and for Hopfield networks the package hopfieldnetwork if it is installed.
"""

import argparse
import time
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import BernoulliRBM

from machine import describe
from thalweg.energy import RBM, Hopfield, RBMMember, bars_and_stripes, fit_rbm_population, log_partition
from thalweg.energy.restricted.partition import log_likelihood

EPOCHS, ROWS = 2, 1700


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


def hopfield_speed(rounds):
    """Microseconds per update of a unit and probe, 500 units, 25 patterns, one sweep."""
    rng = np.random.default_rng(0)
    patterns = 2.0 * rng.integers(0, 2, (25, 500)) - 1.0
    probes = np.where(rng.random((1000, 500)) < 0.1, -1.0, 1.0) * patterns[rng.integers(0, 25, 1000)]
    memory = Hopfield().store(patterns)
    calls = {f"{n} probes": (lambda n=n: memory.recall(probes[:n], sweeps=1), n) for n in (1, 40, 1000)}
    try:
        from hopfieldnetwork import HopfieldNetwork
    except ImportError:
        pass
    else:
        other = HopfieldNetwork(N=500)
        other.train_pattern(patterns.T.astype(np.int8))

        def peer():
            other.set_initial_neurons_state(probes[0].astype(np.int8).copy())
            other.update_neurons(iterations=500, mode="async")

        calls["hopfieldnetwork, 1 probe"] = (peer, 1)
    times = least([call for call, _ in calls.values()], rounds)
    head = ["| | µs per unit and probe |", "|---|---|"]
    return head + [
        f"| {name} | {1e6 * t / 500 / n:.3f} |" for (name, (_, n)), t in zip(calls.items(), times, strict=True)
    ]


def likelihoods(X):
    """Bars and stripes, one row more, annealing, and digits by logistic regression on features."""
    lines = []
    x = bars_and_stripes(3)
    for name, member in {
        "exact gradient": RBMMember(
            16, learner="exact", schedule="constant", learning_rate=0.5, momentum=0.9, epochs=10_000
        ),
        "5 steps, 500 chains": RBMMember(16, steps=5, chains=500, momentum=0.5, batch=None, epochs=20_000),
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


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "energy")
    arguments = parser.parse_args()
    X = (load_digits().data / 16 > 0.5).astype(float)
    facts = describe(["numpy", "scipy", "scikit-learn"])
    lines = [
        "# Energy models",
        "",
        *(f"- {name}: {value}" for name, value in facts.items()),
        "",
        "Restricted machines, µs of processor time per update and machine:",
        "",
    ]
    lines += [*rbm_speed(X, arguments.rounds), "", "Hopfield networks:", "", *hopfield_speed(arguments.rounds), ""]
    lines += [*likelihoods(X), *features()]
    arguments.out.with_suffix(".md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
