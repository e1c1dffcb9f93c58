"""What a belief network is worth as a start: digits with few labels and many images without.

    python studies/pretraining.py [--seeds 16] [--labels 30 100 300 1297]

For every seed the 1,797 digits are split anew into 1,297 and 500 test rows. A stack 64-100-100 learns the 1,297 without
labels; a network of sigmoid layers then starts there and learns from the first few labels, beside equal ones started
at random, with sigmoid or rectified units, each at the best of two learning rates *by its test accuracy*, which
favours them. Prints one line per number of labels; studies/pretraining.txt holds the last full run.
"""

import argparse
import time

import numpy as np
from sklearn.datasets import load_digits

from thalweg.energy import DBN
from thalweg.loss.softmax import Softmax
from thalweg.net.activation import Activation
from thalweg.net.dense import Dense
from thalweg.net.init import Glorot, He, Zeros
from thalweg.net.spec import Network
from thalweg.optim.adam import Adam
from thalweg.train.fit import fit_population
from thalweg.train.population import Member, training_table
from thalweg.train.predict import predict_outputs

RATES, STEPS, WIDTH = (0.003, 0.01), 400, 100


def random_network(activation, init):
    """The same shape from a random start; the output layer starts at 0, as behind the stack."""
    layers = (Dense(WIDTH, init, Zeros()), Activation(activation), Dense(WIDTH, init, Zeros()), Activation(activation))
    return Network(layers, Zeros(), Zeros())


def accuracy(network, parameters, X, y):
    """Share of rows whose likeliest class is theirs."""
    return float((predict_outputs(network, Softmax(), [parameters], X, 10)[0].argmax(axis=-1) == y).mean())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=16)
    parser.add_argument("--labels", type=int, nargs="+", default=[30, 100, 300, 1297])
    arguments = parser.parse_args()
    started = time.perf_counter()
    digits = load_digits()
    X, y = digits.data / 16, digits.target
    table = training_table(X, np.eye(10)[y])
    splits = [np.random.default_rng(seed).permutation(len(X)) for seed in range(arguments.seeds)]
    stacks = [DBN((WIDTH, WIDTH), random_state=seed).fit(X[split[:1297]]) for seed, split in enumerate(splits)]
    print(f"{arguments.seeds} stacks in {time.perf_counter() - started:.1f} s")
    starts = {
        "pre-trained": lambda seed: stacks[seed].network(),
        "random sigmoid": lambda _: random_network("sigmoid", Glorot()),
        "random rectified": lambda _: random_network("relu", He()),
    }
    print(f"{'labels':>6} {'pre-trained':>12} {'random sigmoid':>15} {'random rectified':>17} {'gain':>8} {'error':>7}")
    for labels in arguments.labels:
        best = {}
        for name, make in starts.items():
            members = [
                Member(
                    make(seed),
                    Softmax(),
                    split[:labels].astype(np.int32),
                    seed=seed,
                    optimizer=Adam(rate),
                    batch=None,
                    epochs=STEPS,
                )
                for rate in (RATES[:1] if name == "pre-trained" else RATES)
                for seed, split in enumerate(splits)
            ]
            fit = fit_population(table, members)
            networks = [make(seed) for seed in range(arguments.seeds)] * len(RATES)
            scores = np.array(
                [
                    accuracy(network, member.parameters, X[split[1297:]], y[split[1297:]])
                    for network, member, split in zip(networks, fit.members, splits * len(RATES), strict=False)
                ]
            ).reshape(-1, arguments.seeds)
            best[name] = scores.max(axis=0)
        gain = best["pre-trained"] - best["random sigmoid"]
        print(
            f"{labels:6d} {best['pre-trained'].mean():12.4f} {best['random sigmoid'].mean():15.4f} "
            f"{best['random rectified'].mean():17.4f} {gain.mean():8.4f} {gain.std(ddof=1) / len(gain) ** 0.5:7.4f}",
            flush=True,
        )
    print(f"{time.perf_counter() - started:.0f} s in all")


if __name__ == "__main__":
    main()
