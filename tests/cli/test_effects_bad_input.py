"""Every mistake in an experiment gets exit code 2 and one message, or a warning; nothing is half-written."""

import json

import numpy as np
import pandas as pd
import pytest

from effects.experiments import table
from thalweg.cli.main import main

QUICK = ["--epochs", "8", "--folds", "2", "--repeats", "1", "--workers", "1", "--hidden", "8", "--ridge", "5e-6"]
NAMED = ["--target", "y", "--treatments", "t1", "t2"]


@pytest.fixture(scope="module")
def good():
    return table()[0]


def with_value(frame, column, value, rows=(3, 7)):
    changed = frame.astype({column: object})
    changed.loc[list(rows), column] = value
    return changed


def many_treatments(count):
    frame = pd.DataFrame(np.random.default_rng(0).integers(0, 2, (40, count)), columns=[f"t{k}" for k in range(count)])
    frame.iloc[0] = 0
    return frame.assign(y=np.arange(40.0), x=np.arange(40.0) ** 2)


def few_of_both(frame, count):
    both = frame.query("t1 + t2 == 2")
    return pd.concat([frame.drop(both.index), both.head(count)])


def named(*treatments):
    return ["--target", "y", "--treatments", *treatments]


PLAN = ["--assignment", "00=0.4", "01=0.2", "10=0.2", "11=0.2"]
NOT_BINARY = ["'t1' must be 0 or 1 in every row", "it is not in 2 rows", "in row 4", "in row 8", "Recode"]
REFUSED = {
    "a treatment of 2": (lambda f: with_value(f, "t1", 2), NAMED, NOT_BINARY),
    "a treatment of text": (lambda f: with_value(f, "t1", "yes"), NAMED, NOT_BINARY),
    "a treatment that is missing": (lambda f: with_value(f, "t1", None), NAMED, NOT_BINARY),
    "no baseline": (lambda f: f.query("t1 + t2 > 0"), NAMED, ["baseline 00", "01, 10, 11", "name 01 as --baseline"]),
    "a baseline nobody received": (
        lambda f: f.query("t1 + t2 < 2"),
        [*NAMED, "--baseline", "11", "--link", "linear"],
        ["baseline 11", "00, 01, 10"],
    ),
    "fewer cells than parameters": (
        lambda f: f.query("t1 + t2 < 2"),
        NAMED,
        ["'sigmoid2' with 2 treatments has 4 parameters", "(00, 01, 10) determine 3", "Run one of 11", 'link="linear"'],
    ),
    "too few cells for all products": (
        lambda f: f.query("t1 + t2 < 2"),
        [*NAMED, "--link", "full"],
        ["'full' with 2 treatments has 4 parameters"],
    ),
    "a treatment that never varies": (lambda f: f.assign(t1=0), NAMED, ["'t1' is 0 in every row", "Leave it out"]),
    "treatments that move together": (lambda f: f.assign(t2=f.t1), NAMED, ["'t1' and 't2' always move together"]),
    "a cell smaller than the folds": (lambda f: few_of_both(f, 1), NAMED, ["Cell 11 has 1 units", "fewer --folds"]),
    "a sample ratio mismatch": (lambda f: f, [*NAMED, *PLAN], ["Sample ratio mismatch", "cell 00", "were planned"]),
    "a planned cell nobody received": (
        lambda f: f.query("t1 + t2 < 2"),
        [*NAMED, "--link", "linear", "--assignment", "00=0.3", "01=0.3", "10=0.3", "11=0.1"],
        ["Cell 11 was planned", "no unit received it"],
    ),
    "a cell without a planned share": (
        lambda f: f,
        [*NAMED, "--assignment", "00=0.4", "01=0.3", "10=0.3"],
        ["cell 11 no share"],
    ),
    "a share that is no number": (lambda f: f, [*NAMED, "--assignment", "00=half"], ["101=0.25", "'00=half'"]),
    "an unknown assignment": (lambda f: f, [*NAMED, "--assignment", "random"], ["assignment must be", "'random'"]),
    "a constant outcome": (lambda f: f.assign(y=1.0), NAMED, ["'y' is 1 in every row"]),
    "a missing outcome": (
        lambda f: with_value(f, "y", None),
        NAMED,
        ["'y' must be a finite number", "2 rows", "row 4"],
    ),
    "an infinite outcome": (lambda f: with_value(f, "y", np.inf), NAMED, ["'y' must be a finite number", "row 4"]),
    "an outcome of text": (lambda f: with_value(f, "y", "high"), NAMED, ["'y' must be a finite number", "'high'"]),
    "numbers for a binary loss": (
        lambda f: f,
        [*NAMED, "--link", "sigmoid", "--loss", "logistic"],
        ["--loss 'logistic' needs a target of 0 and 1"],
    ),
    "negative outcomes for a multiplicative link": (
        lambda f: f.assign(y=-f.y),
        [*NAMED, "--link", "multiplicative"],
        ["needs a positive outcome"],
    ),
    "more than 24 treatments": (
        lambda _: many_treatments(25),
        named(*(f"t{k}" for k in range(25))),
        ["At most 24 treatments", "25"],
    ),
    "too many combinations": (
        lambda _: many_treatments(24),
        [*named(*(f"t{k}" for k in range(24))), "--link", "linear"],
        ["All 2^24 combinations of 40 units", "Name those you want"],
    ),
    "no such outcome": (lambda f: f, ["--target", "z", "--treatments", "t1", "t2"], ["no column 'z'", "'y'"]),
    "no such treatment": (lambda f: f, named("t1", "t9"), ["no column 't9'", "'t1'"]),
    "no such covariate": (lambda f: f, [*NAMED, "--features", "x9"], ["'x9'"]),
    "no such cluster": (lambda f: f, [*NAMED, "--clusters", "firm"], ["'firm'"]),
    "no outcome named": (lambda f: f, ["--treatments", "t1", "t2"], ["--target names no column"]),
    "no treatments named": (lambda f: f, ["--target", "y"], ["--treatments names no column"]),
    "a treatment named twice": (lambda f: f, named("t1", "t1"), ["must be different columns"]),
    "a treatment among the covariates": (lambda f: f, [*NAMED, "--features", "x1", "t1"], ["cannot be a covariate"]),
    "a combination that is none": (lambda f: f, [*NAMED, "--combinations", "1012"], ["2 digits 0 or 1", "'1012'"]),
    "a level of one": (lambda f: f, [*NAMED, "--level", "1"], ["level must lie in (0, 1)", "1"]),
    "a single fold": (lambda f: f, [*NAMED, "--folds", "1"], ["folds must be", "at least 2"]),
    "no split": (lambda f: f, [*NAMED, "--repeats", "0"], ["repeats must be"]),
    "an unknown link": (lambda f: f, [*NAMED, "--link", "probit"], ["link must be one of", "'probit'"]),
    "constants of another link": (lambda f: f, [*NAMED, "--height", "5"], ["'sigmoid2' takes no --low and --height"]),
    "a learning rate of zero": (lambda f: f, [*NAMED, "--learning-rate", "0"], ["--learning-rate must"]),
    "an unknown activation": (lambda f: f, [*NAMED, "--activation", "cubic"], ["activation", "'cubic'"]),
    "an empty table": (lambda f: f.head(0), NAMED, ["row"]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_exit_code_two_one_message_and_nothing_written(name, good, tmp_path, capsys):
    make, words, expected = REFUSED[name]
    make(good).to_csv(tmp_path / "trial.csv", index=False)
    quick = [word for word in QUICK if "--folds" not in words or word not in {"--folds", "2"}]
    out = tmp_path / "run"
    assert main(["effects", "fit", str(tmp_path / "trial.csv"), *quick, *words, "--out", str(out)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("thalweg: ")
    assert captured.err.count("\n") == 1, captured.err
    assert [text for text in expected if text not in captured.err] == [], captured.err
    assert not out.exists()


def warned(frame, tmp_path, capsys, *words, treatments=("t1", "t2"), action="fit"):
    """Notes of a run that goes on in spite of something."""
    frame.to_csv(tmp_path / "trial.csv", index=False)
    options = [*named(*treatments), *QUICK, "--json", *words]
    assert main(["effects", action, str(tmp_path / "trial.csv"), *options]) == 0
    return json.loads(capsys.readouterr().out)


def told(answer, text):
    return any(text in note for note in answer["notes"])


def test_small_cells_few_clusters_and_a_mismatch_that_is_allowed_are_warned_about(good, tmp_path, capsys):
    frame = few_of_both(good, 12)
    frame = frame.assign(firm=np.arange(len(frame)) % 10)
    answer = warned(frame, tmp_path, capsys, *PLAN, "--allow-mismatch", "--clusters", "firm", "--link", "linear")
    assert told(answer, "fewer than 30 units: 11")
    assert told(answer, "Only 10 clusters")
    assert told(answer, "contradict the planned shares")
    assert answer["sample_ratio"]["observed"]["11"] == 12


def test_imbalance_and_columns_made_afterwards_are_warned_about(good, tmp_path, capsys):
    later = good.t1 + np.random.default_rng(0).normal(size=len(good))
    answer = warned(good.assign(later=later), tmp_path, capsys, action="check")
    assert told(answer, "'later' is out of balance")
    assert told(answer, "'later' tells who was treated")
    assert answer["balance"][0]["covariate"] == "later"


def test_constant_repeated_and_missing_covariates_are_told(good, tmp_path, capsys):
    frame = good.assign(unit=1, again=good.x1, holes=good.x1.where(good.index > 5))
    answer = warned(frame, tmp_path, capsys, "--link", "linear", action="check")
    for text in ("'unit'", "repeat another were left out: 'again'", "'holes'"):
        assert told(answer, text)


def test_a_binary_outcome_is_told(good, tmp_path, capsys):
    frame = good.assign(y=(good.y > good.y.median()).astype(int))
    assert told(warned(frame, tmp_path, capsys, "--link", "linear", action="check"), 'loss="logistic"')


def test_a_network_no_better_than_a_regression_is_told(good, tmp_path, capsys):
    frame = good.assign(y=np.random.default_rng(0).normal(size=900) + 30 * good.x1 + 5)
    answer = warned(frame, tmp_path, capsys, "--epochs", "1", "--learning-rate", "1e-5")
    assert told(answer, "worse than a linear regression")
    assert answer["out_of_fold"]["networks"] > answer["out_of_fold"]["regression"]


def test_weak_effects_are_withheld_everywhere_unless_asked_for(tmp_path, capsys):
    frame, _ = table(silent=(0,), rows=1200, treatments=3)
    three = ("t1", "t2", "t3")
    answer = warned(frame, tmp_path, capsys, "--scale", "local", "--epochs", "30", treatments=three)
    rows = {row["combination"]: row for row in answer["effects"]}
    assert rows["011"]["withheld"]
    assert rows["011"]["status"] in {"weak", "not identified"}
    for name in ("estimate", "low", "high_at_once", "p_value", "plug_in", "correction", "split_sd"):
        assert rows["011"][name] is None
    shown = warned(
        frame, tmp_path, capsys, "--scale", "local", "--epochs", "30", "--allow-unidentified", treatments=three
    )
    assert not any(row["withheld"] for row in shown["effects"])
    words = [*named(*three), *QUICK, "--scale", "local", "--epochs", "30", "--by", "x1", "--combination", "011"]
    assert main(["effects", "groups", str(tmp_path / "trial.csv"), *words]) == 2
    assert "The effect of 011 is" in capsys.readouterr().err


def test_check_says_why_a_fit_would_be_refused(good, tmp_path, capsys):
    few_of_both(good, 0).to_csv(tmp_path / "trial.csv", index=False)
    assert main(["effects", "check", str(tmp_path / "trial.csv"), *NAMED]) == 2
    captured = capsys.readouterr()
    assert "not identified" in captured.out
    assert "4 parameters, the cells determine 3. Run one of 11 too" in captured.err
    good.to_csv(tmp_path / "trial.csv", index=False)
    assert main(["effects", "check", str(tmp_path / "trial.csv"), *NAMED, *PLAN]) == 2
    captured = capsys.readouterr()
    assert "planned" in captured.out
    assert "contradict the plan" in captured.err
    assert main(["effects", "check", str(tmp_path / "trial.csv"), *NAMED, *PLAN, "--allow-mismatch"]) == 0
    assert "contradict the planned shares" in capsys.readouterr().out


def test_networks_that_diverge_fail_with_exit_code_one_and_no_answer(good, tmp_path, capsys):
    good.to_csv(tmp_path / "trial.csv", index=False)
    words = [*NAMED, *QUICK, "--learning-rate", "1e30", "--out", str(tmp_path / "run"), "--quiet"]
    for _ in range(2):  # the second time nothing is trained
        assert main(["effects", "fit", str(tmp_path / "trial.csv"), *words]) == 1
        assert "networks diverged even with a small learning rate" in capsys.readouterr().err
        assert not (tmp_path / "run" / "answer.json").exists()
