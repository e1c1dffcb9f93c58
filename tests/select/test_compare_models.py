"""How the network of a fold is chosen, and what is predicted for held-out rows."""

import numpy as np
import pandas as pd
from sklearn.linear_model import RidgeCV

from thalweg.data.encode import fit_encoder
from thalweg.data.problem import pose
from thalweg.linear.ridge import default_penalties
from thalweg.select.compare_models import Trained, choose_networks, compare_models
from thalweg.select.crossval import cross_validation
from thalweg.select.reference import reference_models
from thalweg.select.settings import NetworkSetting, Settings
from thalweg.train.result import MemberFit


def plan_of(seeds=2):
    networks = (NetworkSetting((4,)), NetworkSetting((8,)))
    return cross_validation(pose("example:iris"), Settings(folds=3, seeds=seeds, networks=networks, epochs=4))


def fits_with(plan, curves, status="finished"):
    """Fits whose validation curves are given by (fold, setting, seed)."""
    fits = []
    for number, member in enumerate(plan.search_members()):
        curve = np.array(curves[member.label["fold"], member.label["setting"], member.label["seed"]])
        fits.append(MemberFit(number, status, "", np.zeros(1), curve, curve, int(curve.argmin()) + 1))
    return Trained(plan.search_members(), fits)


def test_the_mean_curve_over_seeds_chooses_setting_and_epochs():
    plan = plan_of()
    curves = {(f, s, r): [3.0, 2.0, 2.5, 2.6] for f in range(3) for s in range(2) for r in range(2)}
    for r in range(2):
        curves[1, 1, r] = [3.0, 1.9, 1.0 + r, 1.4 - r]  # one seed likes epoch 3, the other 4; their mean likes 4
    choices = choose_networks(plan, fits_with(plan, curves))
    assert [(c.setting, c.epochs) for c in choices[:3]] == [(0, 2), (1, 4), (0, 2)]
    assert choices[3].setting == 1


def test_a_setting_with_a_diverged_seed_is_not_chosen():
    plan = plan_of()
    curves = {(f, s, r): [2.0 - s, 1.5 - s] for f in range(3) for s in range(2) for r in range(2)}
    trained = fits_with(plan, curves)
    fits = [
        MemberFit(f.number, "diverged", "", f.parameters, f.training_loss, f.validation_loss, 1)
        if trained.members[f.number].label == {"fold": 0, "setting": 1, "seed": 0}
        else f
        for f in trained.fits
    ]
    choices = choose_networks(plan, Trained(trained.members, fits))
    assert choices[0].setting == 0
    assert choices[1].setting == 1


def test_curves_of_different_length_are_compared_as_far_as_all_go():
    plan = plan_of()
    curves = {(f, s, r): [2.0, 1.0, 0.1][: 2 + r] for f in range(3) for s in range(2) for r in range(2)}
    assert {c.epochs for c in choose_networks(plan, fits_with(plan, curves))} == {2}


def test_validation_rows_are_never_held_out_rows():
    plan = plan_of()
    count = len(plan.problem)
    for member in plan.search_members():
        rows = np.concatenate([member.rows, member.validation]) - member.label["fold"] * count
        assert not np.isin(rows, plan.views[member.label["fold"]].view.held_out).any()
        assert sorted(rows) == plan.views[member.label["fold"]].view.rows.tolist()


def test_seeds_differ_in_rows_and_in_everything_drawn():
    members = plan_of().search_members()
    one, two = (m for m in members if m.label["fold"] == 0 and m.label["setting"] == 0)
    assert one.seed != two.seed
    assert not np.array_equal(one.validation, two.validation)
    assert len({m.seed for m in members}) == len(members)


def test_a_diverged_member_leaves_nan_and_a_note():
    plan = plan_of()
    curves = {(f, s, r): [1.0, 1.0] for f in range(3) for s in range(2) for r in range(2)}
    models = {m.name: m for m in compare_models(plan, fits_with(plan, curves, "diverged"), None)}
    assert np.isnan(models["network 4, rate 0.001"].values).all()
    assert models["network 4, rate 0.001"].note == "6 of 6 networks diverged or failed"
    assert np.isfinite(models["softmax regression"].values).all()


def test_ridge_is_given_the_columns_of_the_network_rare_levels_among_them():
    random = np.random.default_rng(0)
    levels = np.concatenate([np.arange(60), random.integers(0, 3, 140)])  # most levels have one row
    x = random.normal(size=200)
    table = {"k": [f"k{level}" for level in levels], "x": x, "y": x + (levels == 1) + random.normal(size=200)}
    plan = cross_validation(pose(table, target="y"), Settings(folds=4, networks=()))
    ridge = next(m for m in compare_models(plan, Trained([], []), None) if m.name == "ridge regression")
    grid = default_penalties(150.0)
    for part in plan.views[:-1]:
        peer = RidgeCV(grid).fit(part.sample.x[part.view.rows], plan.problem.outcome[part.view.rows])
        np.testing.assert_allclose(ridge.values[0, part.view.held_out, 0], peer.predict(part.x_held_out), rtol=1e-6)


def test_five_thousand_columns_are_posed_encoded_compared_and_certified():
    random = np.random.default_rng(1)
    features = pd.DataFrame(random.normal(size=(60, 5000))).add_prefix("g")
    problem = pose(features.assign(y=np.arange(60) % 2), target="y")
    assert "more_columns_than_rows" in {note.code for note in problem.notes}
    assert "leakage" not in {note.code for note in problem.notes}
    x = fit_encoder(problem, np.arange(60)).transform(problem.features)
    for y in (np.arange(60) % 2, np.arange(60) % 3, random.normal(size=60)):
        asked = pose({"x": x[:, 0], "y": y}, target="y")
        certified = [told for model in reference_models(asked, x, np.arange(60)) for told in model.certificates]
        assert certified[0].verdict == "exact"
        assert {told.rank for told in certified} == {60}
