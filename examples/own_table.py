"""A table of your own, and a formula that says what to predict from what.

Run it with ``python examples/own_table.py``.
"""

import numpy as np
import pandas as pd

import thalweg as tw


def make_firms(rows: int = 600) -> pd.DataFrame:
    """Firms whose growth falls with age along a curve that no straight line follows."""
    rng = np.random.default_rng(1)
    firms = pd.DataFrame(
        {
            "age": rng.uniform(1, 40, rows).round(1),
            "staff": rng.lognormal(3, 1, rows).round() + 1,
            "region": rng.choice(["north", "south", "west"], rows),
        }
    )
    growth = 3 * np.exp(-firms["age"] / 8) + 0.4 * np.log(firms["staff"]) + (firms["region"] == "south")
    return firms.assign(growth=growth + rng.normal(0, 0.5, rows))


def main() -> None:
    run = tw.fit(
        make_firms(),
        formula="growth ~ age + log(staff) + C(region)",
        folds=5,
        seeds=3,
        networks=[{"hidden": [32], "learning_rate": 0.003}],
    )
    print(run.sentence)
    print(run.frame()[["model", "rmse", "rmse seed sd", "low", "high"]].round(3).to_string(index=False))

    new_firms = {"age": [2, 30], "staff": [10, 10], "region": ["north", "north"]}
    print(run.predict(new_firms).round(2).to_string(index=False))


if __name__ == "__main__":  # worker processes may import this file
    main()
