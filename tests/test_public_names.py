"""What ``import thalweg`` offers: its names and nothing else, a page for each, and results that the next call takes."""

import inspect
import pydoc

import numpy as np
import pandas as pd
import pytest

import thalweg as tw

DRAW = np.random.default_rng(0)
COLUMNS = {
    "y": DRAW.normal(size=60),
    "a": np.arange(60) % 2,
    "b": np.arange(60) // 2 % 2,
    "x": DRAW.normal(size=60),
    "city": np.where(np.arange(60) % 3, "Rome", "Oslo"),
    "w": np.ones(60),
    "g": np.arange(60) // 2,
}
NETS = {"folds": 2, "seeds": 1, "epochs": 1, "hidden": 4, "learning_rate": 0.01, "dropout": 0.0, "trees": 1}
QUICK = {"link": "linear", "epochs": 2, "folds": 2, "repeats": 1, "workers": 1, "hidden": (4,)}


def test_the_directory_shows_the_public_names_and_nothing_else():
    assert dir(tw) == sorted(tw.__all__)
    assert not [name for name in dir(tw) if name.startswith("_")]
    for name in dir(tw):
        assert getattr(tw, name).__name__ == name


@pytest.mark.parametrize("name", sorted(tw.__all__))
def test_help_is_a_page_with_an_example(name):
    thing = getattr(tw, name)
    text = inspect.getdoc(thing) or ""
    assert text.partition("\n")[0].endswith(".")
    assert "Examples\n--------" in text
    assert ">>>" in text.partition("Examples\n--------")[2]
    assert name in pydoc.render_doc(thing, renderer=pydoc.plaintext)


def sources():
    table = tw.read_table(COLUMNS)
    return {
        "columns": COLUMNS,
        "frame": pd.DataFrame(COLUMNS),
        "table": table,
        "problem": tw.pose(table, target="y", weights="w", groups="g"),
        "formula": tw.pose(table, formula="y ~ x + C(city)"),
    }


@pytest.mark.parametrize("name", sources())
def test_every_job_takes_what_reading_and_posing_return(name):
    source = sources()[name]
    roles = {} if name in {"problem", "formula"} else {"target": "y", "weights": "w", "groups": "g"}
    assert tw.pose(source, **roles).target == "y"
    run = tw.fit(source, **roles, **NETS)
    linear = tw.fit_linear(source, **roles)
    assert linear.estimates.nobs == 60
    if name != "formula":
        assert len(run.predict(tw.read_table(COLUMNS))) == 60
        assert len(linear.frame()) == 5


@pytest.mark.parametrize("name", ["columns", "frame", "table"])
def test_effects_take_what_reading_returns(name):
    roles = {"target": "y", "treatments": ["a", "b"], "ignore": ["g", "w"]}
    assert tw.fit_effects(sources()[name], **roles, **QUICK).best is not None
    answer = tw.DeDL(**QUICK).fit(sources()[name], target="y", treatments=["a", "b"])
    assert len(answer.effects()) == 3


def test_a_posed_problem_is_not_posed_again():
    problem = tw.pose(COLUMNS, target="y")
    assert tw.pose(problem) is problem
    assert tw.pose(problem, target="y") is problem
    with pytest.raises(tw.SettingError, match="weights is settled"):
        tw.pose(problem, weights="w")
    with pytest.raises(tw.SettingError, match="target is settled"):
        tw.fit_linear(problem, target="x")


def test_roles_that_a_job_does_not_take_are_refused_not_lost():
    for name in ("weights", "time"):
        with pytest.raises(tw.SettingError, match=f"posed with {name}, which studies do not take"):
            tw.run_study("race", tw.pose(COLUMNS, target="y", **{name: "w" if name == "weights" else "a"}))


def test_places_in_errors_are_those_of_the_first_table():
    counts = [None, None, *[1.0] * 7, -1.0, *[2.0, 3.0] * 10]
    table = {"n": counts, "x": list(DRAW.normal(size=30))}
    for source in (table, tw.read_table(table), tw.pose(table, target="n", task="regression")):
        with pytest.raises(tw.DataError, match="row 10"):
            tw.fit_linear(source, target="n", model="poisson")


def test_a_run_is_replayed_by_itself(tmp_path):
    run = tw.fit("example:iris", out=tmp_path / "run", **NETS | {"folds": 3})
    assert tw.replay(run, 0).same
    with pytest.raises(tw.RunFolderError, match="in memory alone"):
        tw.replay(tw.fit("example:iris", **NETS | {"folds": 3}), 0)
