"""Identification before estimation: which targets are asked for, whether the cells determine them, and how firmly."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.errors import SettingError, setting
from thalweg.base.naming import names_of
from thalweg.effects.experiment.experiment import all_combinations, combination_label, named_combination
from thalweg.effects.experiment.reading import Reading
from thalweg.effects.identification.rank import Structure, completing_cells, structure
from thalweg.effects.identification.support import Support, supports
from thalweg.effects.inference.cross_fitted import Nuisance
from thalweg.effects.inference.score import project, score_blocks
from thalweg.effects.inference.weights import summarise_weights
from thalweg.effects.links.link import Link, find_link
from thalweg.effects.links.pilot import pilot

MOST_NUMBERS: Final = 200_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """What the design can answer, before any network is trained.

    Parameters
    ----------
    reading
        The experiment with its names, its balance and notes.
    targets
        Combinations [L m].
    structure
        Parameters needed and determined.
    supports
        Status of every target at the pilot's parameters, the same for all units.
    remedies
        Combinations any one of which, run in addition, would determine more; empty if nothing is missing.

    Examples
    --------
    >>> from thalweg.effects import DeDL
    >>> columns = {"y": [0, 1, 2, 3, 0, 2, 2, 3] * 10, "a": [0, 1, 0, 1] * 20, "b": [0, 0, 1, 1] * 20, "x": range(80)}
    >>> found = DeDL(link="linear").check(columns, target="y", treatments=["a", "b"])
    >>> found.complete, found.statuses()["11"]
    (True, 'ok')
    """

    reading: Reading
    targets: IntArray
    structure: Structure
    supports: tuple[Support, ...]
    remedies: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether the observed cells determine all parameters of the link."""
        return self.structure.rank == self.structure.needed

    def statuses(self) -> dict[str, str]:
        """Return the status of every combination."""
        return {combination_label(t): s.status for t, s in zip(self.targets, self.supports, strict=True)}


def read_targets(reading: Reading, combinations: str | Sequence[str] | None) -> IntArray:
    """Return the combinations asked for; observed ones and the baseline always among them.

    Raises
    ------
    SettingError
        If nothing is asked for and all combinations are too many.

    Examples
    --------
    >>> from thalweg.effects.experiment.reading import read_experiment
    >>> columns = {"y": [0, 1, 2, 3, 0, 2, 2, 3] * 10, "a": [0, 1, 0, 1] * 20, "b": [0, 0, 1, 1] * 20, "x": range(80)}
    >>> reading = read_experiment(columns, target="y", treatments=["a", "b"])
    >>> len(read_targets(reading, None)), len(read_targets(reading, ["11"]))
    (4, 4)
    """
    m, rows = len(reading.treatments), len(reading.experiment)
    if combinations is None:
        if rows * 2**m > MOST_NUMBERS:
            raise SettingError(
                f"All 2^{m} combinations of {rows:,} units are more than {MOST_NUMBERS:,} numbers.",
                f"Name those you want as {setting('combinations')}.",
            )
        return all_combinations(m)
    asked = [named_combination(t, reading.treatments, "combinations") for t in names_of(combinations)]
    wanted = np.array(asked, dtype=np.int64).reshape(-1, m)
    return np.unique(np.concatenate([wanted, reading.experiment.cells, reading.baseline[None]]), axis=0)


def check_rank(link: Link, reading: Reading, common: bool) -> None:
    """Refuse a link whose parameters the observed cells do not determine, and say what would.

    Raises
    ------
    SettingError
        If the rank is too small.

    Examples
    --------
    >>> from thalweg.effects.experiment.reading import read_experiment
    >>> columns = {"y": [0, 1, 2, 3, 0, 2, 2, 3] * 10, "a": [0, 1, 0, 1] * 20, "b": [0, 0, 1, 1] * 20, "x": range(80)}
    >>> reading = read_experiment(columns, target="y", treatments=["a", "b"])
    >>> check_rank(find_link("full"), reading, common=False)
    """
    cells = reading.experiment.cells
    found = structure(link, cells, cells[:1], reading.baseline, common_scale=common)
    if found.rank < found.needed:
        seen = ", ".join(combination_label(cell) for cell in cells)
        remedies = completing_cells(link, cells, common_scale=common)
        linear = structure(find_link("linear"), cells, cells[:1], reading.baseline, common_scale=False)
        other = f' or use {setting("link")}="linear", which they determine' if linear.rank == linear.needed else ""
        add = f"Run one of {', '.join(remedies)} too" if remedies else "Run more combinations"
        raise SettingError(
            f"Link {link.name!r} with {len(reading.treatments)} treatments has {found.needed} parameters, the "
            f"{len(cells)} cells seen ({seen}) determine {found.rank}.",
            f"{add},{other}." if other else f"{add}.",
        )


def pilot_supports(
    reading: Reading, link: Link, targets: IntArray, found: Structure, common: bool, binary: bool
) -> list[Support]:
    """Judge the targets at the pilot's parameters.

    Examples
    --------
    >>> from thalweg.effects.experiment.reading import read_experiment
    >>> columns = {"y": [0, 1, 2, 3, 0, 2, 2, 3] * 10, "a": [0, 1, 0, 1] * 20, "b": [0, 0, 1, 1] * 20, "x": range(80)}
    >>> reading = read_experiment(columns, target="y", treatments=["a", "b"])
    >>> link, every = find_link("linear"), read_targets(reading, None)
    >>> found = structure(link, reading.experiment.cells, every, reading.baseline, common_scale=False)
    >>> [support.status for support in pilot_supports(reading, link, every, found, common=False, binary=False)]
    ['ok', 'ok', 'ok', 'ok']
    """
    e = reading.experiment
    counts = e.counts.astype(np.float64)
    means = np.bincount(e.received, e.y, minlength=len(counts)) / counts
    theta, scale = pilot(link, link.design(e.cells), (means - link.low) / link.height, counts)
    nuisance = Nuisance(np.tile(theta, (len(e), 1)), np.full(len(e), scale))
    projection = project(link, nuisance, e, common_scale=common, binary=binary)
    base = int(np.flatnonzero((targets == reading.baseline).all(1))[0])
    blocks = score_blocks(link, nuisance, projection, targets, np.zeros(len(e), dtype=np.int64))
    weights: FloatArray = np.concatenate([block.weights for block in blocks], axis=1)
    summaries = [summarise_weights(weights[:, k] - weights[:, base]) for k in range(len(targets))]
    return supports(e, targets, summaries, found.identified, None, link.scaled and not common)
