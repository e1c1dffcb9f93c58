"""One treatment that units chose, from table to folder and back, by both doors."""

import numpy as np
import pandas as pd
import pytest

import thalweg as tw
from effects.one_treatment.test_observed import chosen
from thalweg.cli.main import main

QUICK = {"target": "y", "treatments": "t", "folds": 2, "repeats": 1, "epochs": 3, "workers": 1}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return tw.fit_observed(chosen(rows=300), **QUICK, out=tmp_path_factory.mktemp("runs") / "run")


def test_a_run_is_opened_as_what_was_returned(run):
    again = tw.load(run.folder)
    assert type(again) is type(run)
    assert again.text() == run.text()
    assert again.to_dict() == run.to_dict()
    assert again.frame().equals(run.frame())
    assert np.array_equal(again.effects.nuisances.chances, run.effects.nuisances.chances)


def test_a_run_in_memory_is_saved_and_moved(run, tmp_path):
    kept = tw.load(tw.fit_observed(chosen(rows=300), **QUICK).save(tmp_path / "kept"))
    assert kept.text() == run.text()


def test_the_sentence_says_over_whom_and_what_must_be_believed(run):
    assert run.sentence.startswith("Among all units, t = yes rather than no changes y by ")
    assert run.sentence.endswith("if nothing unobserved moves both.")
    assert "Something unobserved that explains" in run.text()


def test_the_command_says_what_python_says(run, tmp_path, capsys):
    chosen(rows=300).to_csv(tmp_path / "t.csv", index=False)
    words = [word for name, value in QUICK.items() for word in (f"--{name}", str(value))]
    assert main(["effects", "observe", str(tmp_path / "t.csv"), *words, "--quiet"]) == 0
    assert capsys.readouterr().out.strip() == run.sentence


def test_several_treatments_are_not_for_this_door():
    frame = chosen().assign(u=np.arange(400) % 2)
    with pytest.raises(tw.SettingError, match=r"treatments must name one column here, got 't', 'u'"):
        tw.fit_observed(frame, **QUICK | {"treatments": ["t", "u"]})


def test_columns_left_out_are_no_covariates():
    frame = chosen(rows=200).assign(id=np.arange(200))
    run = tw.fit_observed(frame, **QUICK, ignore=["id", "region"])
    assert run.answer.features == ("age",)


def test_more_levels_are_each_set_against_the_baseline():
    frame = chosen(rows=450)
    frame["t"] = pd.Series(np.arange(450) % 3).map({0: "none", 1: "low", 2: "high"})
    run = tw.fit_observed(frame, **QUICK)
    assert run.effects.levels == ("none", "high", "low")
    assert {e.name for e in run.effects.main} == {"high − none", "low − none"}
    assert "For whom it differs is not asked" in run.text()
    assert "levels" in run.text()
