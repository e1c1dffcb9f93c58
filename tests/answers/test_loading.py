"""What a folder gives back is what the job returned: class, words, numbers and page."""

import json
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import thalweg as tw
from thalweg.answers.protocol import JobAnswer
from thalweg.effects.links.curve import own_curve
from thalweg.effects.links.link import Link

ROWS = np.random.default_rng(0)
TABLE = {
    "y": ROWS.poisson(3, 90).astype(float),
    "a": ROWS.integers(2, size=90),
    "b": ROWS.integers(2, size=90),
    "x": ROWS.normal(size=90),
    "z": ROWS.normal(size=90),
    "firm": np.arange(90) // 3,
}
CLASSES = TABLE | {"y": np.where(TABLE["x"] + ROWS.normal(size=90) > 0, "yes", "no")}
QUICK = {"link": "linear", "epochs": 5, "folds": 2, "repeats": 1, "workers": 1, "hidden": (4,)}
NETS = {"folds": 3, "seeds": 2, "epochs": 3, "trees": 3, "networks": [{"hidden": [4]}]}
EVERYTHING = {"model": "ols", "path": "lasso", "search": "forward", "descents": True, "axes": ("x", "z"), "folds": 3}
CALLS = {
    "comparison": lambda out: tw.fit(TABLE, target="y", task="regression", out=out, **NETS),
    "comparison of classes": lambda out: tw.fit(CLASSES, target="y", groups="firm", out=out, **NETS),
    "linear": lambda out: tw.fit_linear(
        TABLE, target="y", model="ols", clusters="firm", level=0.9, out=out, command="mine"
    ),
    "linear with everything": lambda out: tw.fit_linear(TABLE, target="y", ignore="firm", out=out, **EVERYTHING),
    "poisson path": lambda out: tw.fit_linear(TABLE, target="y", model="poisson", path="ridge", folds=3, out=out),
    "separated": lambda out: tw.fit_linear("example:wine", out=out),
    "study": lambda out: tw.run_study("race", TABLE, target="y", ignore="firm", hidden=4, epochs=2, seeds=2, out=out),
    "effects": lambda out: tw.fit_effects(TABLE, target="y", treatments=["a", "b"], leave_out=True, out=out, **QUICK),
    "observed": lambda out: tw.fit_observed(
        TABLE, target="y", treatments="a", ignore="b", folds=2, repeats=1, epochs=2, workers=1, out=out
    ),
}


@pytest.fixture(scope="module", params=CALLS)
def both(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "run"
    return CALLS[request.param](folder), folder


def test_what_is_loaded_is_what_was_returned(both):
    first, folder = both
    again = tw.load(folder)
    assert type(again) is type(first)
    assert again.folder == first.folder == folder
    assert again.sentence == first.sentence
    assert again.text() == first.text()
    assert repr(again) == repr(first)
    assert again._repr_html_() == first._repr_html_()
    pd.testing.assert_frame_equal(again.frame(), first.frame(), check_exact=True)
    assert json.dumps(again.to_dict()) == json.dumps(first.to_dict())


def test_the_report_is_the_same_to_the_byte(both, tmp_path):
    first, folder = both
    kept = (folder / "report.html").read_bytes()
    assert first.report(tmp_path / "first.html").read_bytes() == kept
    assert tw.load(folder).report(tmp_path / "again.html").read_bytes() == kept


def test_answers_keep_one_protocol(both):
    first, _ = both
    assert isinstance(first, JobAnswer)
    assert first.sentence.endswith(".")
    assert "\n" not in repr(first)
    assert len(repr(first)) < 120
    assert len(str(first).splitlines()) <= 40
    assert "\x00" not in str(first)
    assert "array(" not in str(first)
    assert "<table" in first._repr_html_()
    assert not hasattr(first, "__dict__")
    with pytest.raises(AttributeError):
        first.folder = None


def test_every_folder_names_its_job_and_holds_answer_and_report(both):
    _, folder = both
    config = json.loads((folder / "config.json").read_text())
    assert config["job"] in {"comparison", "linear", "effects", "observed", "study"}
    assert {"question", "settings", "data", "versions"} <= set(config)
    assert {"answer.json", "report.html"} <= {path.name for path in folder.iterdir()}


def test_the_same_call_computes_nothing_again(tmp_path, monkeypatch):
    call = {"target": "y", "model": "ols", "out": tmp_path / "run"}
    first = tw.fit_linear(TABLE, **call)
    monkeypatch.setattr("thalweg.jobs.linear_answer.standardise", lambda *_, **__: pytest.fail("computed again"))
    assert tw.fit_linear(TABLE, **call).to_dict() == first.to_dict()
    with pytest.raises(tw.RunFolderError, match=r"level is 0\.95, this command's is 0\.9"):
        tw.fit_linear(TABLE, level=0.9, **call)


def test_a_file_holds_the_report_alone(tmp_path):
    run = tw.fit_linear(TABLE, target="x", out=tmp_path / "page.html")
    assert run.folder is None
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_a_report_without_a_place_is_refused():
    with pytest.raises(tw.SettingError, match="report needs a path"):
        tw.fit_linear(TABLE, target="x").report()


@pytest.mark.parametrize("name", CALLS)
def test_a_run_in_memory_is_saved_moved_and_used_elsewhere(name, tmp_path, monkeypatch):
    made = CALLS[name](None)
    assert made.save(tmp_path / "saved") == tmp_path / "saved"
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "saved").rename(tmp_path / "elsewhere" / "run")
    monkeypatch.chdir(tmp_path / "elsewhere")
    again = tw.load("run")
    assert (type(again), again.text()) == (type(made), made.text())
    assert json.dumps(again.to_dict()) == json.dumps(made.to_dict())
    assert again.report("page.html").read_bytes() == made.report("first.html").read_bytes()
    if isinstance(made, tw.Run):
        pd.testing.assert_frame_equal(again.predict(TABLE), made.predict(TABLE))
        with pytest.raises(tw.RunFolderError, match="saved from memory"):
            tw.replay("run", 0, source=TABLE)
    for one in ("run", "run/../copy"):
        assert sorted(path.name for path in again.save(one).iterdir()) == sorted(
            path.name for path in Path("run").iterdir()
        )
    assert tw.load("copy").to_dict() == made.to_dict()


def test_a_saved_run_is_what_the_same_call_with_a_folder_makes(tmp_path, monkeypatch):
    saved = tw.fit_linear(TABLE, target="x").save(tmp_path / "saved")
    made = tw.fit_linear(TABLE, target="x", out=tmp_path / "made").folder
    for path in made.iterdir():
        assert path.name.startswith(".") or path.read_bytes() == (saved / path.name).read_bytes()
    monkeypatch.setattr("thalweg.jobs.linear_answer.standardise", lambda *_, **__: pytest.fail("computed again"))
    assert tw.fit_linear(TABLE, target="x", out=saved).folder == saved


def test_a_copy_of_a_run_keeps_its_members(tmp_path):
    run = CALLS["comparison"](tmp_path / "run")
    copy = run.save(tmp_path / "copy")
    assert tw.replay(copy, 1, source=TABLE).same
    assert (copy / "report.html").read_bytes() == (tmp_path / "run" / "report.html").read_bytes()
    (tmp_path / "run" / "members.csv").write_text("")
    with pytest.raises(tw.RunFolderError, match=r"members\.csv is damaged"):
        run.save(tmp_path / "third")
    assert not (tmp_path / "third").exists()


def test_where_a_run_cannot_be_saved_is_told(tmp_path):
    run = tw.fit_linear(TABLE, target="x")
    (tmp_path / "mine.txt").write_text("")
    with pytest.raises(tw.RunFolderError, match=r"files that are not of a run.*Choose a new folder as folder"):
        run.save(tmp_path)
    with pytest.raises(tw.SettingError, match="folder must be the path of a folder, got 3"):
        run.save(3)
    other = tw.fit_linear(TABLE, target="y", model="ols").save(tmp_path / "other")
    with pytest.raises(tw.RunFolderError, match="was made by another command"):
        run.save(other)
    own = Link("arctan", own_curve("arctan", np.arctan, lambda u: 1 / (1 + u * u)), low=-5.0, height=10.0)
    with pytest.warns(UserWarning, match="no native form"):
        effects = tw.fit_effects(TABLE, target="y", treatments=["a", "b"], **QUICK | {"link": own})
    with pytest.raises(tw.SettingError, match="cannot be kept in a folder"):
        effects.save(tmp_path / "own")


@pytest.mark.parametrize("name", ["records.json", "numbers.safetensors"])
def test_damaged_files_are_told_in_words(tmp_path, name):
    tw.fit_linear(TABLE, target="x", out=tmp_path / "run")
    (tmp_path / "run" / name).write_bytes(b"{")
    with pytest.raises(tw.RunFolderError, match=rf"{name} is damaged.*SHA-256.*Give the command that made it again"):
        tw.load(tmp_path / "run")
    tw.fit_linear(TABLE, target="x", out=tmp_path / "run")
    tw.load(tmp_path / "run")


@pytest.mark.parametrize("text", ["[1]", '{"job": 3}', "{", '{"job": "dream"}'])
def test_a_folder_of_something_else_is_told_in_words(tmp_path, text):
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(tw.RunFolderError):
        tw.load(tmp_path)


def test_an_answer_can_be_sent_to_another_process(both):
    made, folder = both
    for answer in (made, tw.load(folder)):
        assert pickle.loads(pickle.dumps(answer)).text() == made.text()  # noqa: S301 - our own bytes
