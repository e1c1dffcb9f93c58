"""Columns of a finished run, from memory and from its folder."""

import numpy as np
import pytest

import thalweg as tw
from thalweg.base.errors import SettingError
from thalweg.select.compare_models import ENSEMBLE

FEW = {"folds": 3, "seeds": 2, "networks": [{"hidden": [4]}], "epochs": 5, "trees": 0}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return tw.fit("example:diabetes", out=tmp_path_factory.mktemp("columns") / "run", **FEW)


def test_the_folder_tells_the_same(run):
    again = tw.load(run.folder)
    for name in (None, ENSEMBLE):
        assert again.importance(name).equals(run.importance(name))
        assert again.marginal_effects(name).equals(run.marginal_effects(name))
    assert again.effect_of("bmi").equals(run.effect_of("bmi"))


def test_every_column_has_its_importance_and_networks_their_luck(run):
    assert set(run.importance()["column"]) == set(run.importance(ENSEMBLE)["column"])
    assert np.isnan(run.importance()["seed sd"]).all()
    assert (run.importance(ENSEMBLE)["seed sd"] > 0).all()
    frame = run.importance()
    assert ((frame["low"] <= frame["rise of rmse"]) & (frame["rise of rmse"] <= frame["high"])).all()


def test_it_is_printed_and_reported(run):
    strongest = run.importance()["column"][0]
    assert f"What {run.recommended} rests on" in run.text()
    assert {"importance", "effect-1"} <= {picture.name for picture in run.figures}
    assert "marginal-effects" in {sheet.name for sheet in run.tables}
    assert strongest in run.text()


def test_unknown_names_are_refused_in_words(run):
    with pytest.raises(SettingError, match=r"There is no column 'bmj'.*'bmi'"):
        run.effect_of("bmj")
    with pytest.raises(SettingError, match="model 'mean' was not explained"):
        run.importance("mean")
