"""The engine by itself: forty networks that differ in width, learning rate and seed, trained as one population.

Run it with ``python examples/own_population.py``.
"""

import numpy as np

from thalweg.loss.squared import Squared
from thalweg.net.spec import mlp
from thalweg.optim.adam import Adam
from thalweg.train.fit import fit_population
from thalweg.train.population import Member, training_table

SEEDS = 10


def make_members() -> list[Member]:
    """Ten seeds of each of four settings, with the same training and validation rows."""
    return [
        Member(
            mlp((width,), "tanh"),
            Squared(),
            rows=np.arange(400),
            validation=np.arange(400, 500),
            seed=seed,
            optimizer=Adam(learning_rate),
            epochs=60,
            patience=15,
            label={"width": width, "learning rate": learning_rate},
        )
        for width in (8, 32)
        for learning_rate in (0.003, 0.03)
        for seed in range(SEEDS)
    ]


def main() -> None:
    rng = np.random.default_rng(0)
    x = rng.uniform(-2, 2, size=(500, 1))
    table = training_table(x, np.sin(3 * x[:, 0]) + rng.normal(0, 0.1, 500))
    members = make_members()

    fit = fit_population(table, members)
    print(fit.statuses())
    for first in range(0, len(members), SEEDS):
        losses = np.array([found.validation_loss.min() for found in fit.members[first : first + SEEDS]])
        label = dict(members[first].label)
        print(f"{label}: validation loss {losses.mean():.4f}, standard deviation over seeds {losses.std(ddof=1):.4f}")

    alone = fit_population(table, members[17:18], workers=1).members[0]
    print("member 17 trained alone has the same numbers:", alone.same_numbers(fit.members[17]))


if __name__ == "__main__":  # worker processes may import this file
    main()
