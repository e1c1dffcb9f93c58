import numpy as np
import pytest

import thalweg as tw
from thalweg.study.attribution.findings import Relation
from thalweg.study.attribution.guide import guide_study
from thalweg.study.sample import sample_of

QUICK = {"hidden": (8,), "epochs": 40, "seeds": 2, "permutations": 19, "resamples": 4}


def table(rows=240, noise=0.3, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 5))
    y = 2 * x[:, 3] + np.where(x[:, 1] > 0, 1.5, -1.5) + noise * rng.normal(size=rows)
    return {"y": y, **{f"x{k}": x[:, k] for k in range(5)}}


@pytest.fixture(scope="module")
def study():
    return guide_study(sample_of(tw.pose(table(), target="y")), **QUICK, keep=2)


def test_a_relation_is_found_and_needs_the_columns_that_made_it(study):
    assert study.relation.p_value == 0.05
    assert {one.column for one in study.attributions[:2]} == {"x1", "x3"}
    every, first, rest = study.confirmations
    assert first.loss < 1.3 * every.loss < 0.5 * rest.loss
    assert set(first.columns) == {"x1", "x3"}
    assert "x3" in study.sentence
    assert study.relation.explained > 0.7


def test_columns_that_matter_are_stable(study):
    stable = {one.column: one.stability for one in study.attributions}
    assert min(stable["x1"], stable["x3"]) > 0.8
    assert max(stable["x0"], stable["x2"], stable["x4"]) < 0.2


def test_without_a_relation_it_says_so():
    noise = {**table(), "y": np.random.default_rng(5).normal(size=240)}
    study = guide_study(sample_of(tw.pose(noise, target="y")), **QUICK)
    assert study.relation.p_value > 0.05
    assert "Nothing shows" in study.sentence


def test_the_permuted_outcome_is_an_exact_test():
    """The rank of one among twenty equals is uniform, so p is at most 0.05 in a twentieth of all tables."""
    rng = np.random.default_rng(0)
    p = [Relation(losses[:1], losses[1:], 1.0, 1.0).p_value for losses in rng.normal(size=(4000, 20))]
    assert np.mean(np.array(p) <= 0.05) == pytest.approx(0.05, abs=0.012)


def test_groups_are_not_cut_and_not_permuted():
    grouped = {**table(), "firm": np.arange(240) // 6}
    study = guide_study(sample_of(tw.pose(grouped, target="y", groups="firm")), **QUICK | {"resamples": 2})
    assert study.relation.p_value is None
    assert study.trained % 6 == 0


def test_categories_are_one_column_and_have_no_knockoffs():
    mixed = {**table(), "ward": np.where(np.arange(240) % 3, "a", "b")}
    study = guide_study(
        sample_of(tw.pose(mixed, target="y")), **QUICK | {"permutations": 2, "resamples": 2, "epochs": 5}
    )
    assert {one.column for one in study.attributions} == {"x0", "x1", "x2", "x3", "x4", "ward"}
    assert all(one.q is None for one in study.attributions)


def test_few_rows_are_refused():
    with pytest.raises(tw.DataError, match="30 rows"):
        tw.guide({name: values[:30] for name, values in table().items()}, target="y")


def test_settings_of_the_guide_are_no_ones_else():
    with pytest.raises(tw.SettingError, match="takes no keep"):
        tw.run_study("race", "example:iris", keep=2)
    with pytest.raises(tw.SettingError, match="cuts no rows"):
        tw.run_study("race", "example:iris", groups="species")
