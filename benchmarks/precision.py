"""Accuracy and time of bf16 products against exact ones on this CPU: net B, the same members twice, one process.

    python benchmarks/precision.py --members 6 --epochs 12

Prints the validation loss over members (mean, standard deviation), the paired difference and the ratio of times.
"""

import argparse
import time

import numpy as np
import torch

from thalweg.loss.squared import Squared
from thalweg.net.spec import mlp
from thalweg.train.fit import fit_population
from thalweg.train.population import Member, training_table


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--members", type=int, default=6)
    parser.add_argument("--epochs", type=int, default=12)
    options = parser.parse_args()
    rng = np.random.default_rng(1)
    x = rng.normal(size=(10_000, 100))
    y = np.sin(x[:, 0]) + x[:, 1] * x[:, 2] + 0.1 * rng.normal(size=len(x))
    table = training_table(x, y)
    train, held = np.arange(8000, dtype=np.int32), np.arange(8000, 10_000, dtype=np.int32)
    members = [
        Member(mlp((256, 256)), Squared(), train, validation=held, seed=s, batch=256, epochs=options.epochs)
        for s in range(options.members)
    ]
    losses, seconds = {}, {}
    for precision in ("exact", "bf16"):
        started = time.perf_counter()
        fit = fit_population(table, members, workers=1, precision=precision)
        seconds[precision] = time.perf_counter() - started
        losses[precision] = np.array([f.validation_loss.min() for f in fit.members])
        print(f"{precision}: {losses[precision].mean():.5f} (sd {losses[precision].std(ddof=1):.5f})")
    paired = losses["bf16"] - losses["exact"]
    error = paired.std(ddof=1) / len(paired) ** 0.5
    print(f"bf16 − exact: {paired.mean():+.5f} ± {error:.5f} (standard error)")
    print(f"time exact / bf16: {seconds['exact'] / seconds['bf16']:.2f}")
    print(f"torch {torch.__version__}, {torch.backends.cpu.get_cpu_capability()}")


if __name__ == "__main__":
    main()
