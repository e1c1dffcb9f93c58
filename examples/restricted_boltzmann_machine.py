"""Restricted Boltzmann machines on handwritten digits: a likelihood with its error, features, and samples.

Run it with ``python examples/restricted_boltzmann_machine.py``; with a path behind it, it writes a page there.
"""

import sys
from pathlib import Path

from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

from thalweg.energy import RBM
from thalweg.report.energy.page import rbm_page

SIDE, SWEEPS = 8, 300


def main() -> None:
    X, y = load_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X / 16, y, test_size=500, random_state=0, stratify=y)
    model = RBM(hidden=64, epochs=10, seeds=2).fit(X_train)
    partition = model.log_partition(temperatures=500)
    likelihood = float(model.log_likelihood(X_test, partition=partition).mean())
    print(f"log Z {partition.value:.3f} ± {partition.standard_error:.3f} ({partition.method})")
    print(f"mean log-likelihood of {len(X_test)} new rows: {likelihood:.2f} nats")

    plain = LogisticRegression(max_iter=2000).fit(X_train, y_train)
    behind = make_pipeline(RBM(hidden=100, epochs=20), LogisticRegression(C=100, max_iter=2000)).fit(X_train, y_train)
    print(f"logistic regression on pixels {plain.score(X_test, y_test):.3f}, on features of a machine ", end="")
    print(f"{behind.score(X_test, y_test):.3f}")

    samples = model.sample(16, sweeps=SWEEPS).tolist()
    for path in sys.argv[1:]:
        Path(path).write_text(rbm_page(model, partition, likelihood, samples, SIDE, SWEEPS), encoding="utf-8")


if __name__ == "__main__":
    main()
