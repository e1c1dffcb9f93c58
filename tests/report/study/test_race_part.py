import numpy as np
import pytest

from thalweg.data.problem import pose
from thalweg.report.study.race_part import race_part
from thalweg.study.race.optimizer_race import race_optimizers
from thalweg.study.sample import sample_of


@pytest.fixture(scope="module")
def race():
    return race_optimizers(
        sample_of(pose("example:diabetes"), most=50), hidden=(3,), epochs=2, seeds=2, rates=(0.01, 9.0)
    )


def test_the_table_is_ranked(race):
    losses = [row[2] for row in race_part(race).table.rows]
    assert losses == sorted(losses)


def test_losses_that_are_not_finite_are_left_out_of_curves(race):
    part = race_part(race)
    for figure in part.figures[:2]:
        assert all(np.isfinite(layer.y).all() for layer in figure.layers)


def test_the_last_rate_tried_is_told(race):
    assert any("last one tried" in note for note in race_part(race).notes)
