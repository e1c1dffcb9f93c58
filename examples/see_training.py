"""What training does on a table: a race of optimizers, and which columns networks use, confirmed on other rows.

Run it with ``python examples/see_training.py``; the other studies are listed by ``thalweg study``.
"""

import numpy as np

import thalweg as tw


def make_table(rows: int = 300) -> dict[str, np.ndarray]:
    """Two of five columns matter, one of them along a curve."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(rows, 5))
    y = 2 * x[:, 3] + np.abs(x[:, 1]) * 1.5 + 0.3 * rng.normal(size=rows)
    return {"y": y, **{f"x{k}": x[:, k] for k in range(5)}}


def main() -> None:
    table = make_table()
    race = tw.run_study("race", table, target="y", hidden=8, epochs=5, seeds=4, workers=1)
    print(race.sentence)
    print(race.frame()[["optimizer", "learning rate", "median loss"]].round(3).to_string(index=False))

    small = {"hidden": 16, "epochs": 40, "seeds": 2, "permutations": 19, "resamples": 6, "workers": 1}
    guided = tw.guide(table, target="y", keep=2, **small)
    print(guided.sentence)
    print(guided.frame()[["column", "saliency", "permutation", "q"]].round(3).to_string(index=False))


if __name__ == "__main__":
    main()
