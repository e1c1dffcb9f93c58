"""A Boltzmann machine of a few yes-no answers: which of them go together, with standard errors.

Run it with ``python examples/boltzmann_machine.py``; with a path behind it, it writes a page there.
"""

import sys
from pathlib import Path

import numpy as np

from thalweg.energy import BoltzmannMachine
from thalweg.report.energy.page import boltzmann_page


def make_answers(rows: int) -> np.ndarray:
    """Return answers [rows 4]: the second follows the first, the third opposes it, the fourth stands alone."""
    rng = np.random.default_rng(0)
    first = rng.random(rows) < 0.5
    second = rng.random(rows) < np.where(first, 0.8, 0.3)
    third = rng.random(rows) < np.where(first, 0.2, 0.6)
    return np.stack([first, second, third, rng.random(rows) < 0.4], axis=1).astype(float)


def main() -> None:
    fit = BoltzmannMachine().fit(make_answers(2_000))
    frame = fit.frame()
    print(frame.assign(z=frame["estimate"] / frame["standard_error"]).round(2).to_string(index=False))
    share = fit.sample(5_000).mean(axis=0)
    print("shares of samples:", share.round(2).tolist())
    for path in sys.argv[1:]:
        Path(path).write_text(boltzmann_page(fit), encoding="utf-8")


if __name__ == "__main__":
    main()
