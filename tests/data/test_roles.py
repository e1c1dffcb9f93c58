import numpy as np
import pandas as pd
import pytest

from thalweg.base.errors import DataError, SettingError
from thalweg.data.reading.table import RawTable
from thalweg.data.roles import assign_roles, read_groups, read_weights

TABLE = RawTable("t", pd.DataFrame({name: [1.0, 2.0] for name in ("y", "x", "z", "w", "g")}))


def assign(**chosen):
    plain = {"target": "y", "formula": None, "features": None, "weights": None, "groups": None, "ignore": ()}
    return assign_roles(TABLE, **{**plain, **chosen})


def test_what_has_no_other_part_is_a_feature():
    roles = assign(weights="w", groups="g", ignore=["z"])
    assert roles.features == ("x",)
    assert {name: roles.of(name) for name in TABLE.frame.columns} == {
        "y": "target",
        "x": "feature",
        "z": "ignored",
        "w": "weights",
        "g": "groups",
    }
    assert roles.used == ("y", "x", "w", "g")


def test_features_keep_their_order_and_count_once():
    assert assign(features=["z", "x", "z"]).features == ("z", "x")
    assert assign(features="x").features == ("x",)


def test_a_formula_names_target_and_features():
    roles = assign(target=None, formula="y ~ log(x) + z")
    assert (roles.target, roles.features) == ("y", ("x", "z"))


@pytest.mark.parametrize(
    ("chosen", "says"),
    [
        ({"target": "yy"}, "There is no column 'yy', named by target. Did you mean 'y'"),
        ({"weights": "v"}, "named by weights"),
        ({"groups": "h"}, "named by groups"),
        ({"ignore": ["q"]}, "named by ignore"),
        ({"weights": "y"}, "Column 'y' is given more than one part"),
        ({"features": ["y"]}, "Column 'y' is given more than one part"),
        ({"ignore": ["x", "z", "w", "g"]}, "No column is left to predict 'y' from"),
        ({"formula": "y ~ x", "features": ["x"]}, "formula and features"),
        ({"formula": "x ~ z"}, "target is 'y', but formula 'x ~ z' predicts 'x'"),
        ({"target": None}, "Which column is the outcome"),
    ],
)
def test_parts_that_do_not_fit_are_answered_in_words(chosen, says):
    with pytest.raises(SettingError, match=says):
        assign(**chosen)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ([1.0, np.nan], "is missing in row 9"),
        ([1.0, -2.0], "is -2 in row 9"),
        ([0.0, 0.0], "All weights in column 'w' are zero"),
    ],
)
def test_weights_are_named_with_the_row_of_the_table_as_read(values, says):
    with pytest.raises(DataError, match=says):
        read_weights(pd.Series(values, index=[3, 8], name="w"))


def test_groups_are_numbered_as_they_appear_and_none_may_miss():
    assert read_groups(pd.Series(["b", "a", "b"])).tolist() == [0, 1, 0]
    with pytest.raises(DataError, match="Group column 'g' is missing in row 6"):
        read_groups(pd.Series(["b", None], index=[1, 5], name="g"))


def test_settings_are_told_in_the_words_of_the_door():
    with pytest.raises(SettingError) as caught:
        assign(weights="v")
    assert "named by --weights" in str(caught.value.with_names({"weights": "--weights"}))
