"""A Hopfield network that recalls damaged letters, and how many patterns such a network can hold.

Run it with ``python examples/hopfield.py``; with a path behind it, it writes a page there.
"""

import sys
from pathlib import Path

import numpy as np

from thalweg.energy import DenseMemory, Hopfield, capacity_curve
from thalweg.report.energy.page import hopfield_page

LETTERS = {
    "T": "#####..#....#....#....#..",
    "H": "#...##...#######...##...#",
    "L": "#....#....#....#....#####",
    "W": "#...##...##.#.###.###...#",
}
SIDE = 5
TURNED = 3


def make_patterns() -> np.ndarray:
    """Return the letters as signs [letters pixels]."""
    return np.array([[1.0 if pixel == "#" else -1.0 for pixel in letter] for letter in LETTERS.values()])


def damaged(patterns: np.ndarray, turned: int) -> np.ndarray:
    """Return two copies of every pattern with some pixels turned."""
    rng = np.random.default_rng(0)
    probes = np.repeat(patterns, 2, axis=0)
    for probe in probes:
        probe[rng.choice(probes.shape[1], turned, replace=False)] *= -1
    return probes


def main() -> None:
    patterns = make_patterns()
    probes = damaged(patterns, TURNED)
    for rule in ("hebb", "pseudo-inverse", "storkey"):
        found = Hopfield(rule).store(patterns).recall(probes)
        exact = (found.overlaps.max(axis=1) == 1).mean()
        print(f"{rule}: {exact:.0%} of the damaged letters came back exactly, in {found.sweeps} sweeps")

    attention = DenseMemory(beta=1.0).store(patterns).recall(probes, steps=1)
    print(f"one step of attention: letter {attention.attention.argmax(axis=1).tolist()}")

    memory = Hopfield("pseudo-inverse").store(patterns)
    curve = capacity_curve(200, [0.05, 0.08, 0.11, 0.14, 0.2], networks=3, probes=20)
    print(curve.frame().round(3).to_string(index=False))
    page = hopfield_page(memory, probes.tolist(), memory.recall(probes), SIDE, curve)
    for path in sys.argv[1:]:
        Path(path).write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
