"""Identification: what counting says, and what weights and scale say."""

import numpy as np
import pytest

from thalweg.effects.experiment.experiment import all_combinations, combination_label
from thalweg.effects.experiment.simulate import standard_cells
from thalweg.effects.identification.rank import completing_cells, structure
from thalweg.effects.links.link import LINKS

ZERO = np.zeros(4, dtype=int)


@pytest.mark.parametrize(
    ("link", "common", "cells", "needed", "rank"),
    [
        ("linear", False, np.vstack([ZERO, np.eye(4, dtype=int)]), 5, 5),
        ("sigmoid2", False, np.vstack([ZERO, np.eye(4, dtype=int)]), 6, 5),
        ("sigmoid2", True, np.vstack([ZERO, np.eye(4, dtype=int)]), 6, 5),
        ("sigmoid2", False, standard_cells(4), 6, 6),
        ("sigmoid2", True, standard_cells(4), 6, 6),
        ("sigmoid", False, np.vstack([ZERO, np.eye(4, dtype=int)]), 5, 5),
        ("sigmoid1", True, np.vstack([ZERO, np.eye(4, dtype=int)]), 5, 5),
        ("full", False, standard_cells(4), 16, 6),
        ("full", False, all_combinations(4), 16, 16),
    ],
)
def test_rank(link, common, cells, needed, rank):
    found = structure(LINKS[link], cells, all_combinations(4), ZERO, common_scale=common)
    assert (found.needed, found.rank) == (needed, rank)
    if rank == needed:
        assert found.identified.all()
    else:
        seen = {combination_label(c) for c in cells}
        kept = [combination_label(t) for t, ok in zip(all_combinations(4), found.identified, strict=True) if ok]
        assert set(kept) == seen


def test_a_treatment_never_run_makes_only_its_own_effects_unknown():
    cells = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]])
    targets = all_combinations(3)
    found = structure(LINKS["linear"], cells, targets, cells[0], common_scale=False)
    assert [t[2] == 0 for t in targets] == found.identified.tolist()


def test_completing_cells_do_complete():
    cells = np.vstack([ZERO, np.eye(4, dtype=int)])
    names = completing_cells(LINKS["sigmoid2"], cells, common_scale=True, limit=20)
    assert "1100" in names
    assert len(names) == 11
