"""The engine by itself: forty networks that differ in width, learning rate and seed, trained as one population.

Run it with ``python examples/own_population.py``.
"""

from itertools import product

import numpy as np

from thalweg.loss.squared import Squared
from thalweg.net.spec import mlp
from thalweg.optim.adam import Adam
from thalweg.train.fit import fit_population
from thalweg.train.grid import combinations
from thalweg.train.population import Member, training_table

SEEDS = 10
WIDTHS, LEARNING_RATES = (8, 32), (0.003, 0.03)


def make_members() -> list[Member]:
    """Ten seeds of each of four settings, with the same training and validation rows."""
    rows, validation = np.arange(400), np.arange(400, 500)
    return combinations(
        Member(mlp((8,)), Squared(), rows, validation=validation, epochs=60, patience=15),
        network=[mlp((width,), "tanh") for width in WIDTHS],
        optimizer=[Adam(rate) for rate in LEARNING_RATES],
        seed=range(SEEDS),
    )


def main() -> None:
    rng = np.random.default_rng(0)
    x = rng.uniform(-2, 2, size=(500, 1))
    table = training_table(x, np.sin(3 * x[:, 0]) + rng.normal(0, 0.1, 500))
    members = make_members()

    fit = fit_population(table, members)
    print(fit.statuses())
    for setting, (width, rate) in enumerate(product(WIDTHS, LEARNING_RATES)):
        some = fit.members[setting * SEEDS : (setting + 1) * SEEDS]
        losses = np.array([member.validation_loss.min() for member in some])
        print(f"width {width}, rate {rate}: validation loss {losses.mean():.4f}, over seeds ± {losses.std(ddof=1):.4f}")

    alone = fit_population(table, members[17:18], workers=1).members[0]
    print("member 17 trained alone has the same numbers:", alone.same_numbers(fit.members[17]))


if __name__ == "__main__":  # worker processes may import this file
    main()
