"""What is no name, no path and no function is refused in words at every door, never by a TypeError."""

from pathlib import Path

import pytest

import thalweg as tw

TABLE = {"y": [0, 1, 2, 3, 0, 2, 2, 3] * 10, "a": [0, 1, 0, 1] * 20, "b": [0, 0, 1, 1] * 20, "x": list(range(80))}
DOORS = {
    "fit": lambda **given: tw.fit(TABLE, **{"target": "y", **given}),
    "linear": lambda **given: tw.fit_linear(TABLE, **{"target": "y", **given}),
    "effects": lambda **given: tw.fit_effects(TABLE, **{"target": "y", "treatments": ["a", "b"], **given}),
    "DeDL": lambda **given: tw.DeDL().fit(TABLE, **{"target": "y", "treatments": ["a", "b"], **given}),
}
WRONG = [
    *((door, name, 3) for door in DOORS for name in ("features", "query")),
    *((door, name, ["x"]) for door in DOORS for name in ("weights", "target")),
    *((door, "weights", "") for door in DOORS),
    *((door, "groups", "") for door in ("fit", "linear")),
    *((door, "ignore", 1.5) for door in ("fit", "linear", "effects")),
    *((door, "out", path) for door in ("fit", "linear", "effects") for path in (3, "", ["runs"])),
    *((door, "watch", "yes") for door in ("fit", "effects")),
    *((door, "clusters", 3) for door in ("linear", "effects", "DeDL")),
    *((door, name, 3) for door in ("effects", "DeDL") for name in ("treatments", "combinations")),
    *(("fit", "networks", given) for given in (3, None, "8", {"hidden": [8]}, ["8"])),
    *(("effects", "assignment", given) for given in (3, None, ["q"])),
]


@pytest.mark.parametrize(
    ("door", "name", "value"), WRONG, ids=[f"{door} {name}={value}" for door, name, value in WRONG]
)
def test_is_refused_by_its_name(door, name, value):
    with pytest.raises(tw.SettingError, match=name):
        DOORS[door](**{name: value})
    assert not Path("3").exists()


def test_one_cluster_may_come_in_a_list_and_nothing_may_be_ignored():
    alone = tw.fit_linear(TABLE, target="y", clusters="a", ignore=None)
    listed = tw.fit_linear(TABLE, target="y", clusters=["a"])
    assert alone.to_dict() == listed.to_dict()


@pytest.mark.parametrize("name", ["1", "", "a`b", "a\\"])
def test_a_name_that_a_formula_reads_otherwise_is_refused_and_never_dropped(name):
    table = {"y": [0.0, 1.0, 2.0, 4.0], name: [1.0, 0.0, 2.0, 2.5], "x": [0.0, 0.0, 1.0, 1.0]}
    for given in ({"target": "y"}, {"target": name}):
        with pytest.raises(tw.SettingError, match="Rename it, or leave it out with ignore"):
            tw.fit_linear(table, **given)
    assert list(tw.fit_linear(table, target="y", ignore=[name]).estimates.params.index) == ["Intercept", "x"]


def test_a_column_named_by_a_number_keeps_its_place():
    table = {"y": [0.0, 1.0, 2.0, 4.0], "0": [1.0, 0.0, 2.0, 2.5], "2": [0.0, 0.0, 1.0, 1.0]}
    assert list(tw.fit_linear(table, target="y").estimates.params.index) == ["Intercept", "0", "2"]


@pytest.mark.parametrize("folder", [None, 3, ["runs"]])
def test_what_is_no_folder_is_not_loaded(folder):
    with pytest.raises(tw.SettingError, match="folder must be the path of a folder"):
        tw.load(folder)


@pytest.mark.parametrize(
    ("name", "value"),
    [("hidden", "q"), ("hidden", 3.5), ("hidden", None), ("hidden", ["q"]), ("batch", "q"), ("epochs", [])],
)
def test_an_estimator_asks_for_whole_numbers_in_words(name, value):
    x = [[float(i)] for i in range(20)]
    with pytest.raises(tw.SettingError, match=f"{name} must be"):
        tw.NetRegressor(workers=1, **{name: value}).fit(x, range(20))
