"""Tests of how an experiment was run count clusters: valid household experiments pass, broken ones do not."""

import numpy as np
import pytest

import thalweg as tw
from thalweg.effects.experiment.cell_folds import stratified_folds
from thalweg.effects.experiment.conduct import balance, sample_ratio
from thalweg.effects.experiment.experiment import Experiment
from thalweg.effects.experiment.reading import read_experiment
from thalweg.effects.one_treatment.average import average_effects

CELLS = np.array([[0, 0], [0, 1], [1, 0]])
THIRDS = np.full(3, 1 / 3)
HOUSEHOLD = np.arange(600) // 6


def experiment(seed, shares=THIRDS, *, whole=True, clusters=HOUSEHOLD):
    draw = np.random.default_rng(seed)
    received = draw.choice(3, 100, p=shares)[HOUSEHOLD] if whole else draw.choice(3, 600, p=shares)
    x = draw.normal(size=100)[HOUSEHOLD][:, None]
    return Experiment(x, np.zeros(600), CELLS, received, THIRDS, clusters)


@pytest.mark.parametrize("whole", [True, False])
def test_valid_plans_are_rejected_about_as_often_as_the_level_says(whole):
    found = [experiment(seed, whole=whole) for seed in range(200)]
    for p_values in (
        [sample_ratio(one, THIRDS).p_value for one in found],
        [balance(one, ["x"])[0].p_value for one in found],
    ):
        assert np.mean(np.array(p_values) < 0.05) <= 0.10  # 0.05 and three errors of 200 draws
        assert min(p_values) > 1e-4


def test_counting_persons_would_refuse_them():
    alone = [sample_ratio(experiment(seed, clusters=None), THIRDS).mismatch for seed in range(60)]
    assert np.mean(alone) > 0.2


def test_a_broken_plan_is_seen_through_clusters():
    broken = [sample_ratio(experiment(seed, np.array([0.7, 0.15, 0.15])), THIRDS).mismatch for seed in range(20)]
    assert np.mean(broken) > 0.9


def test_single_units_as_clusters_are_units():
    one, alone = experiment(0, clusters=np.arange(600)), experiment(0, clusters=None)
    assert sample_ratio(one, THIRDS).p_value == pytest.approx(sample_ratio(alone, THIRDS).p_value, rel=1e-9)


def test_fewer_clusters_than_folds_are_told():
    draw = np.random.default_rng(0)
    t, x = draw.integers(0, 2, 200), draw.normal(size=(200, 1))
    told = "5 folds need at least 5 clusters that share no unit, there are 4"
    with pytest.raises(tw.DataError, match=told):
        average_effects(x, draw.normal(size=200), t.tolist(), clusters=np.arange(200) % 4)
    table = {"x": x[:, 0], "t": t, "y": draw.normal(size=200), "g": np.arange(200) % 4}
    with pytest.raises(tw.DataError, match=told):
        tw.fit_effects(table, target="y", treatments=["t"], link="linear", clusters="g")


def test_groups_are_never_cut_and_are_the_clusters_unless_others_are_named():
    draw = np.random.default_rng(0)
    table = {"x": draw.normal(size=240), "t": draw.integers(0, 2, 240), "y": draw.normal(size=240)}
    table |= {"flat": np.arange(240) // 2, "house": np.arange(240) // 6, "wave": (np.arange(240) + 3) // 6}
    named = {"target": "y", "treatments": ["t"], "features": ["x"]}
    alone = read_experiment(table, **named, groups="house").experiment
    assert np.array_equal(alone.clusters, read_experiment(table, **named, clusters="house").experiment.clusters)
    both = read_experiment(table, **named, groups="house", clusters="flat").experiment
    assert len(np.unique(both.clusters)) == 120
    folds = stratified_folds(both, 4, 0)
    assert all(len(np.unique(folds[both.groups == code])) == 1 for code in np.unique(both.groups))
    assert len(np.unique(both.groups)) == 40
    with pytest.raises(tw.DataError, match="groups that share no unit, there are 1"):
        stratified_folds(read_experiment(table, **named, groups="house", clusters="wave").experiment, 4, 0)
