"""Least squares within two absorbed sets of effects, clustered by the first, beside pyfixest: CPU seconds, one thread.

    python benchmarks/absorbed_effects.py [--rows 1000000]

pyfixest is no dependency: install it beside. Prints one line per round; results/absorbed_effects.md holds a run.
"""

import argparse
import time
import warnings

import numpy as np
import pandas as pd

from thalweg.linear import regress

LEVELS = (50_000, 20)


def panel(rows: int) -> pd.DataFrame:
    """Firms and years with effects of their own."""
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"x": random.normal(size=rows), "z": random.normal(size=rows)})
    effects = 0.0
    for name, levels in zip(("firm", "year"), LEVELS, strict=True):
        frame[name] = random.integers(0, levels, rows)
        effects = effects + random.normal(size=levels)[frame[name]]
    return frame.assign(y=frame["x"] + effects + random.normal(size=rows))


def main() -> None:
    """Time both in turn."""
    import pyfixest

    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    frame = panel(parser.parse_args().rows)
    pyfixest.feols("y ~ x + z | firm + year", frame.iloc[:2000], vcov={"CRV1": "firm"})  # compiles
    effects = {name: frame[name] for name in ("firm", "year")}
    for _ in range(2):
        times = [time.process_time()]
        theirs = pyfixest.feols("y ~ x + z | firm + year", frame, vcov={"CRV1": "firm"})
        times.append(time.process_time())
        ours = regress(frame[["x", "z"]], frame["y"], absorb=effects, clusters=frame["firm"])
        times.append(time.process_time())
        peer, own = np.diff(times)
        apart = np.abs(theirs.coef().to_numpy() / ours.estimate - 1).max()
        print(f"pyfixest {peer:.2f} s, here {own:.2f} s, ratio {own / peer:.2f}; coefficients differ by {apart:.0e}")


if __name__ == "__main__":
    main()
