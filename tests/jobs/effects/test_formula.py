"""A formula asks an experiment the same question as names of columns."""

import numpy as np
import pandas as pd
import pytest

import thalweg as tw
from thalweg.base.errors import SettingError
from thalweg.cli.main import main
from thalweg.jobs.effects.formula import roles_of_formula

RANDOM = np.random.default_rng(0)
TABLE = pd.DataFrame(
    {"y": RANDOM.normal(size=80), "a": [0, 1] * 40, "b b": [0, 0, 1, 1] * 20, "x": RANDOM.normal(size=80), "z": 1.0}
)
TABLE["z"] = RANDOM.normal(size=80)
QUICK = {"link": "linear", "epochs": 3, "folds": 2, "repeats": 1, "workers": 1}


@pytest.mark.parametrize(
    ("formula", "features"), [("y ~ a + `b b` | x", ["x"]), ("y ~ a + `b b`", None), ("y ~ a + `b b` | .", None)]
)
def test_effects_are_those_of_named_columns(formula, features):
    named = tw.fit_effects(TABLE, target="y", treatments=["a", "b b"], features=features, **QUICK)
    pd.testing.assert_frame_equal(tw.fit_effects(TABLE, formula=formula, **QUICK).frame(), named.frame())


@pytest.mark.parametrize(
    ("formula", "says"),
    [
        ("log(y) ~ a", "'log.y.', which is no name"),
        ("y ~ a * b", "'a:b', which is no name"),
        ("y ~ a | C(x)", "'C.x.', which is no name"),
        ("y ~ a | b | c", "two bars"),
        ("y + z ~ a", "one column on its left"),
        ("y ~", "no treatments"),
        ("y ~ a |", "no features|cannot be used"),
        ("y ~ __import__('os')", "not available"),
    ],
)
def test_more_than_names_is_refused(formula, says):
    with pytest.raises(SettingError, match=says):
        roles_of_formula(formula)


def test_names_beside_a_formula_and_unknown_ones_are_refused(tmp_path):
    for given in ({"target": "y"}, {"treatments": ["a"]}, {"features": ["x"]}):
        with pytest.raises(SettingError, match=f"formula names the columns, and {next(iter(given))} too"):
            tw.fit_effects(TABLE, formula="y ~ a", **given, **QUICK)
    with pytest.raises(SettingError, match="qq"):
        tw.fit_effects(TABLE, formula="y ~ qq", **QUICK)
    TABLE.to_csv(tmp_path / "t.csv", index=False)
    assert main(["effects", "check", str(tmp_path / "t.csv"), "--formula", "y ~ a + `b b` | x"]) == 0
