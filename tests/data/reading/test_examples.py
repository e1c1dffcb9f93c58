import importlib

import numpy as np
import pytest

from thalweg.base.errors import MissingExtraError, SettingError
from thalweg.data.encode import fit_encoder
from thalweg.data.problem import pose
from thalweg.data.reading.examples import EXAMPLES, load_example

# name: (task, rows, encoded columns, classes), sizes as documented by scikit-learn and statsmodels
EXPECTED = {
    "breast_cancer": ("binary", 569, 30, 2),
    "diabetes": ("regression", 442, 10, 0),
    "digits": ("multiclass", 1797, 61, 10),
    "wine": ("multiclass", 178, 13, 3),
    "iris": ("multiclass", 150, 4, 3),
    "fair": ("regression", 6366, 18, 0),
    "fair_any": ("binary", 6366, 18, 2),
    "anes96": ("binary", 944, 9, 2),
    "randhie": ("regression", 20190, 9, 0),
    "star98": ("regression", 303, 20, 0),
    "longley": ("regression", 16, 6, 0),
    "modechoice": ("multiclass", 210, 17, 4),
    "engel": ("regression", 235, 1, 0),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_is_a_problem(name):
    problem = pose(f"example:{name}")
    width = len(fit_encoder(problem, np.arange(len(problem))).feature_names)
    assert (problem.task, len(problem), width, len(problem.classes)) == EXPECTED[name]
    assert problem.name == name
    example = EXAMPLES[name]
    assert example.text.endswith(".")
    assert "shipped with" in example.source


def test_majority_shares_are_those_of_the_data():
    for name, share in {"breast_cancer": 0.627, "fair_any": 0.678, "anes96": 0.584, "modechoice": 0.300}.items():
        problem = pose(f"example:{name}")
        assert np.bincount(problem.outcome).max() / len(problem) == pytest.approx(share, abs=5e-4)


def test_party_identification_is_the_other_target_of_anes96():
    problem = pose("example:anes96", target="PID")
    assert problem.task == "multiclass"
    assert problem.classes == tuple("0123456")


def test_benign_and_malignant_are_the_right_way_round():
    problem = pose("example:breast_cancer")
    radius = problem.features["mean radius"].to_numpy()
    assert problem.classes == ("benign", "malignant")
    assert radius[problem.outcome == 1].mean() > radius[problem.outcome == 0].mean()
    assert problem.outcome.sum() == 212


def test_a_typo_is_answered_with_the_nearest_names():
    with pytest.raises(SettingError, match=r"no example 'brest_cancer'.*'breast_cancer'"):
        load_example("brest_cancer")
    with pytest.raises(SettingError, match="There are anes96, breast_cancer"):
        load_example("zzz")


def test_a_missing_extra_names_the_command(monkeypatch):
    def absent(name: str):
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", absent)
    with pytest.raises(MissingExtraError, match=r"pip install 'thalweg\[examples\]'"):
        pose("example:fair")
