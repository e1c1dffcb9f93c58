"""Tests of thalweg.linear.models."""

import subprocess
import sys
from pathlib import Path

import pytest

import thalweg.linear
from thalweg.base.errors import SettingError
from thalweg.linear.models import MODELS, default_model, model_named


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_every_name_in_the_table_is_public(model):
    public = dir(thalweg.linear)
    assert {model.estimator, model.objective} <= set(public)
    assert callable(model.public("estimator"))
    assert model_named(f"{model.name}, ridge 1") is model


def test_numbers_are_explained_by_least_squares_unless_counts_are_named():
    assert [default_model(task).key for task in ("regression", "binary", "multiclass")] == [
        "ols",
        "logistic",
        "softmax",
    ]


@pytest.mark.parametrize(
    ("model", "wanted", "words"),
    [
        ("poisson", {"path": "lasso"}, "Model 'poisson' has no path 'lasso'"),
        ("logistic", {"search": "best-subset"}, "has no search 'best-subset'. Choose from 'forward', 'backward'"),
        ("softmax", {"axes": ("a", "b")}, "axes is not available for model 'softmax'"),
        ("ols", {"descents": True, "weighted": True}, "descents knows no row weights"),
    ],
)
def test_what_a_model_lacks_is_refused_in_its_own_words(model, wanted, words):
    with pytest.raises(SettingError, match=words):
        MODELS[model].check(**wanted)
    MODELS[model].check(path="ridge", search="forward", weighted=True)


def test_the_room_loads_nothing_and_shows_its_public_names_alone():
    code = (
        "import sys, thalweg.linear, thalweg.linear.models; "
        "print([name for name in ('numpy', 'scipy', 'pandas', 'torch') if name in sys.modules], "
        "[name for name in dir(thalweg.linear) if name.startswith('_') or name in ('models', 'crowds', 'regression')])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert told.split() == ["[]", "[]"]


def test_no_module_hides_a_public_name():
    modules = {path.stem for path in Path(thalweg.linear.__file__).parent.iterdir()}
    assert not modules & set(dir(thalweg.linear))
