"""Certificates in the main comparison: linear members in standard errors, networks by gradient and spread."""

import json

import numpy as np
import pytest

import thalweg as tw
from thalweg.select.comparison_answer import Answer

NETWORK = {"folds": 3, "seeds": 2, "networks": [{"hidden": [6], "ridge": 0.001}], "epochs": 30, "trees": 0}
NETWORK |= {"workers": 1}


@pytest.fixture(scope="module", params=["diabetes", "wine"])
def run(request):
    return tw.fit(f"example:{request.param}", **NETWORK)


def test_every_linear_member_is_certified_over_all_its_fits(run):
    names = {row.model for row in run.answer.leaderboard.rows if row.family == "linear"}
    assert {told.model for told in run.answer.certificates} == names
    for told in run.answer.certificates:
        assert told.fits == 4
        assert told.verdict == "exact"
        assert told.worst <= told.decrement * (1 + 1e-9)
        assert told.rank == told.columns
        assert "standard errors of any coefficient in any of 4 fits" in told.sentence


def test_what_separates_classes_is_said(run):
    apart = [told.separation for told in run.answer.certificates]
    if run.answer.leaderboard.task == "multiclass":
        assert "separate" in apart[0]
    else:
        assert set(apart) == {"none"}


def test_networks_have_none_and_say_so(run):
    told = run.answer.network_certificate
    assert told.sentence.startswith("No global certificate")
    assert 0 < told.gradient < told.gradient_at_start
    assert told.seed_sd >= 0
    assert told.fits == 2


def test_the_report_and_the_json_hold_them(run, tmp_path):
    page = run.report(tmp_path / "report.html").read_text()
    for told in run.answer.certificates:
        assert told.sentence in page
    assert "No global certificate" in page
    plain = json.loads(json.dumps(run.answer.to_dict()))
    assert Answer.from_dict(plain) == run.answer
    older = {key: value for key, value in plain.items() if "certificate" not in key}
    assert Answer.from_dict(older).certificates == ()


def test_the_gradient_is_that_of_the_penalised_training_loss(run):
    from thalweg.data.problem import pose
    from thalweg.select.certify import _gradient
    from thalweg.select.crossval import cross_validation
    from thalweg.select.settings import make_settings

    settings = {key: value for key, value in NETWORK.items() if key != "workers"}
    plan = cross_validation(pose(f"example:{'wine' if run.answer.classes else 'diabetes'}"), make_settings(settings))
    member = plan.search_members()[0]
    specs = member.network.parameters(plan.table.inputs, plan.loss.outputs(plan.table.classes))
    vector = np.random.default_rng(0).normal(size=sum(int(np.prod(s.shape)) for s in specs.values())) * 0.3

    def value(moved):
        import torch

        from thalweg.net.twin import to_module
        from thalweg.train.steps.parameters import split_vector

        named = split_vector(specs, moved)
        rows = plan.table.rows[torch.from_numpy(member.rows).long()].double()
        outputs, y = to_module(member.network, named)(rows[:, : plan.table.inputs]), rows[:, plan.table.inputs + 1 :]
        weights = [named["0.weight"][:-1], named["2.weight"]]  # the last row of the first is its bias
        penalty = sum(float(np.square(w).sum()) for w in weights)
        return plan.loss.rows(outputs.mT[None], y.mT[None]).mean().item() + 0.001 * penalty

    steps = np.eye(len(vector)) * 1e-5
    slopes = [(value(vector + step) - value(vector - step)) / 2e-5 for step in steps]
    assert _gradient(plan, member, vector) == pytest.approx(np.linalg.norm(slopes), rel=1e-6)
