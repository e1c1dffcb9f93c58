"""Columns projected off the span of dummies, against dummies that are written down."""

import numpy as np
import pytest

from thalweg.linear.numerics.absorb import absorbed, effects_of, not_single

DRAW = np.random.default_rng(0)
ROWS = 400
SETS = {
    "firm": DRAW.integers(0, 60, ROWS),
    "year": DRAW.integers(0, 9, ROWS),
    "city": DRAW.integers(0, 20, ROWS),
}
SETS["region"] = SETS["firm"] % 4
WEIGHTS = DRAW.uniform(0.5, 2.0, ROWS)


def _rest(names: list[str], columns: np.ndarray) -> np.ndarray:
    """What written dummies leave, by least squares."""
    root = np.sqrt(WEIGHTS)[:, None]
    dummies = np.column_stack([np.eye(int(SETS[name].max()) + 1)[SETS[name]] for name in names])
    return columns - dummies @ np.linalg.lstsq(root * dummies, root * columns, rcond=None)[0]


@pytest.mark.parametrize(
    "names",
    [["firm"], ["year", "firm"], ["firm", "year", "city"], ["firm", "region"], ["firm", "year", "city", "region"]],
)
def test_absorbing_equals_dummies(names: list[str]) -> None:
    columns = DRAW.normal(size=(ROWS, 2)) * [1.0, 1e6] + SETS["firm"][:, None] + 1e3
    effects = effects_of({name: SETS[name] for name in names}, WEIGHTS)
    scale = np.abs(columns).max(axis=0)
    np.testing.assert_allclose(absorbed(effects, columns) / scale, _rest(names, columns) / scale, atol=1e-12)


def test_levels_that_never_meet_are_solved_part_by_part() -> None:
    firm = np.concatenate([np.arange(200) % 10, 10 + np.arange(200) % 7])
    year = np.concatenate([np.arange(200) % 4, 4 + np.arange(200) % 3])
    columns = DRAW.normal(size=(ROWS, 1)) + firm[:, None]
    found = absorbed(effects_of({"firm": firm, "year": year}, np.ones(ROWS)), columns)[:, 0]
    for codes in (firm, year):
        np.testing.assert_allclose(np.bincount(codes, found), 0, atol=1e-10)


def test_rows_alone_in_a_level_are_left_out_until_none_is() -> None:
    firm = np.array([0, 0, 1, 2, 2, 3, 3])
    year = np.array([0, 0, 1, 1, 2, 0, 0])
    assert not_single({"firm": firm, "year": year}).tolist() == [0, 1, 5, 6]
