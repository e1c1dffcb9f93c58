"""A run from Python: the answer, the folder, the kill, the resume."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import duckdb
import numpy as np
import pandas as pd
import pytest

import thalweg as tw
from libraries import needs_native
from thalweg.select.compare_models import CHOSEN, ENSEMBLE
from thalweg.train.store import MemberStore

TINY = {"folds": 3, "seeds": 2, "networks": [{"hidden": [4]}, {"hidden": [8], "dropout": 0.2}], "epochs": 4}
TINY |= {"trees": 3}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("runs") / "diabetes"


@pytest.fixture(scope="module")
def run(folder):
    return tw.fit("example:diabetes", out=folder, **TINY)


def test_the_leaderboard_holds_every_model(run):
    models = set(run.frame()["model"])
    assert {"mean", "ridge regression", "least squares", CHOSEN, ENSEMBLE, "network 4, rate 0.001"} <= models


def test_the_verdict_recommends_a_model_that_can_predict(run):
    assert run.recommended in run.models
    assert run.sentence.endswith(".")


@pytest.mark.usefixtures("run")
def test_everything_about_the_run_is_in_its_folder(folder):
    names = {path.name for path in folder.iterdir()}
    assert {
        "config.json",
        "answer.json",
        "report.html",
        "members",
        "members.csv",
        "model.json",
        "predictions.parquet",
        "weights.safetensors",
    } <= names
    config = json.loads((folder / "config.json").read_text())
    assert set(config) == {"job", "question", "settings", "data", "versions", "sha256"}
    assert len(MemberStore(folder / "members" / "search").read()) == 12
    assert len(pd.read_csv(folder / "members.csv")) == 12


def test_out_of_fold_predictions_are_those_of_the_leaderboard(run, folder):
    path = folder / "predictions.parquet"
    frame = duckdb.sql(f"select * from '{path}' where model = 'ridge regression' order by row").df()  # noqa: S608 - our path
    assert frame["row"].tolist() == list(range(1, 443))
    squared = ((frame["prediction"] - frame["outcome"]) ** 2).groupby(frame["fold"])
    by_fold = np.average(np.sqrt(squared.mean()), weights=squared.count())
    row = run.answer.leaderboard.row("ridge regression")
    assert np.isclose(by_fold, row.scores["rmse"].value)


def test_a_run_comes_back_from_its_folder(run, folder):
    again = tw.load(folder)
    assert again.sentence == run.sentence
    for model in run.models:
        pd.testing.assert_frame_equal(
            again.predict("example:diabetes", model=model), run.predict("example:diabetes", model=model)
        )


def test_networks_say_how_much_of_a_prediction_is_luck(run):
    frame = run.predict("example:diabetes", model=CHOSEN)
    assert (frame["seed_sd"] > 0).all()
    assert "seed_sd" not in run.predict("example:diabetes", model="ridge regression")


def test_intervals_of_a_run_hold_outcomes_and_come_back_from_its_folder(run, folder):
    table = tw.read_table("example:diabetes").frame
    for model in run.models:
        found = run.predict(table, model=model, level=0.8)
        inside = (found["low"] <= table["progression"]) & (table["progression"] <= found["high"])
        assert inside.mean() > 0.75  # rows the models learned from, so rather more than 0.8
        pd.testing.assert_frame_equal(tw.load(folder).predict(table, model=model, level=0.8), found)
    with pytest.raises(tw.SettingError, match="Classes have probabilities"):
        tw.fit("example:iris", networks=[], folds=3).predict("example:iris", level=0.8)


def test_new_rows_may_come_in_any_order_and_number(run):
    whole = run.predict("example:diabetes", model=CHOSEN)
    table = tw.read_table("example:diabetes").frame
    some = run.predict(table.iloc[[200, 3]], model=CHOSEN)
    np.testing.assert_array_equal(some["prediction"], whole["prediction"].iloc[[200, 3]])


@pytest.mark.usefixtures("run")
def test_a_finished_run_is_not_trained_again(folder):
    before = (folder / "answer.json").stat().st_mtime_ns
    again = tw.fit("example:diabetes", out=folder, **TINY)
    assert again.answer == tw.load(folder).answer
    assert (folder / "answer.json").stat().st_mtime_ns == before


@pytest.mark.usefixtures("run")
def test_another_command_is_refused_and_told_what_differs(folder):
    with pytest.raises(tw.RunFolderError, match="its seeds is 2, this command's is 3"):
        tw.fit("example:diabetes", out=folder, **{**TINY, "seeds": 3})
    with pytest.raises(tw.RunFolderError, match="data"):
        tw.fit(tw.read_table("example:diabetes").frame.iloc[:400], target="progression", out=folder, **TINY)


def test_a_misspelt_setting_is_corrected():
    with pytest.raises(tw.SettingError, match="Did you mean 'folds'"):
        tw.fit("example:diabetes", fold=3)


@pytest.mark.usefixtures("run")
@pytest.mark.parametrize(("stage", "member"), [("search", 7), ("chosen", 3)])
def test_a_member_trained_again_is_the_same(folder, stage, member):
    found = tw.replay(folder, member, stage=stage)
    assert found.same
    assert found.changed == ()


@needs_native
@pytest.mark.usefixtures("run", "by_torch")
def test_another_arithmetic_is_refused_and_named_by_replay(folder):
    with pytest.raises(tw.RunFolderError, match=r"its versions arithmetic is \"native \d+\", this command's is"):
        tw.fit("example:diabetes", out=folder, **TINY)
    found = tw.replay(folder, 1)
    assert len(found.changed) == 1
    assert found.changed[0].startswith("arithmetic native ")
    assert found.as_promised
    assert found.close
    assert not replace(found, again=tw.replay(folder, 2).again).close


@pytest.mark.usefixtures("run")
def test_a_replay_on_another_table_is_refused(folder):
    frame = tw.read_table("example:diabetes").frame
    with pytest.raises(tw.DataError, match="fingerprint"):
        tw.replay(folder, 0, source=frame.iloc[1:])


def test_without_networks_the_linear_models_stand_alone():
    run = tw.fit("example:longley", folds=4, networks=[])
    assert "network" not in run.sentence
    assert run.recommended in run.models


def test_weights_and_groups_and_formula_are_used():
    rng = np.random.default_rng(0)
    x = rng.normal(size=120)
    frame = pd.DataFrame(
        {"x": x, "y": 2 * x + rng.normal(size=120), "w": rng.uniform(1, 2, 120), "g": np.arange(120) // 4}
    )
    run = tw.fit(frame, formula="y ~ x + I(x**2)", weights="w", groups="g", **TINY)
    assert run.predict({"x": [1.0]}, model="ridge regression")["prediction"].item() == pytest.approx(2.0, abs=0.6)


COMMAND = [
    *["-m", "thalweg.cli.main", "fit", "example:breast_cancer", "--folds", "3", "--seeds", "3", "--workers", "2"],
    *["--hidden", "16", "16-16", "--learning-rate", "0.001", "--dropout", "0", "0.2", "--epochs", "40", "--quiet"],
    *["--trees", "5"],
]


def numbers(folder):
    found = {}
    for stage in ("search", "chosen"):
        for fit in MemberStore(folder / "members" / stage).read():
            found[stage, fit.number] = (fit.parameters.tobytes(), fit.training_loss.tobytes(), fit.status)
    answer = json.loads((folder / "answer.json").read_text())
    del answer["about"], answer["files"], answer["sha256"]  # seconds, and how members were cut into shards
    return found, answer, (folder / "weights.safetensors").read_bytes(), (folder / "members.csv").read_bytes()


def test_killed_at_any_moment_and_continued_the_numbers_are_the_same(tmp_path):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    started = time.perf_counter()
    subprocess.run([sys.executable, *COMMAND, "--out", str(whole)], check=True, capture_output=True)
    length = time.perf_counter() - started
    moments = np.random.default_rng(0).uniform(0.3, 1.0, size=6) * length
    for moment in moments:
        process = subprocess.Popen([sys.executable, *COMMAND, "--out", str(killed)], start_new_session=True)
        try:
            process.wait(timeout=float(moment))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    subprocess.run([sys.executable, *COMMAND, "--out", str(killed)], check=True, capture_output=True)
    assert numbers(killed) == numbers(whole)


def test_ctrl_c_leaves_a_run_that_can_be_continued(tmp_path):
    folder = tmp_path / "run"
    command = [*COMMAND, "--seeds", "60", "--epochs", "400", "--out", str(folder)]
    process = subprocess.Popen(
        [sys.executable, *command],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509 - a shell may ignore it
    )
    while not list((folder / "members").glob("*/*.safetensors")):
        assert process.poll() is None
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _, message = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Give the same command again to continue" in message
    assert "Traceback" not in message
    assert len(MemberStore(folder / "members" / "search").read()) > 0


def test_predictions_line_up_with_their_rows_and_have_the_type_of_the_target(tmp_path):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x": rng.normal(size=60), "k": rng.choice([0, 1], 60)}, index=[f"r{n}" for n in range(60)])
    quick = {"folds": 3, "seeds": 1, "hidden": "0", "trees": 0}
    run = tw.fit(frame, target="k", **quick, out=tmp_path / "run")
    moved = (tmp_path / "run").rename(tmp_path / "moved")
    shuffled = frame.sample(frac=1, random_state=1)
    found = tw.load(moved).predict(shuffled)
    assert found.index.tolist() == shuffled.index.tolist()
    assert found["prediction"].dtype == np.int64
    assert run.predict({"x": 0.5}).shape == run.predict([{"x": 0.5}]).shape == (1, 3)
    assert run.predict(frame.iloc[3]).index.tolist() == ["r3"]
    truth = tw.fit(frame.assign(k=frame["k"] == 1), target="k", **quick).predict(frame)
    assert truth["prediction"].dtype == bool
    assert "60 rows read, all used." in run.text()
