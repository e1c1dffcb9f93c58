"""A run that is ready for single rows says what the run itself says."""

import time

import numpy as np
import pandas as pd
import pytest

import thalweg as tw
from thalweg.answers.ready import ReadyRun
from thalweg.base.errors import SettingError


def table(target):
    rng = np.random.default_rng(0)
    x = rng.normal(size=90)
    frame = pd.DataFrame({"x": x, "ward": rng.choice(["a", "b"], 90), "open": rng.integers(0, 2, 90) > 0})
    outcomes = {"number": x + rng.normal(size=90), "class": np.where(x > 0, "yes", "no")}
    return frame.assign(y=outcomes[target])


@pytest.fixture(scope="module", params=["number", "class"])
def run(request):
    small = {"folds": 3, "seeds": 2, "networks": [{"hidden": [4]}], "epochs": 3, "workers": 1}
    return tw.fit(table(request.param), target="y", watch=False, **small)


ROWS = [{"x": 0.25, "ward": "a", "open": True}, {"x": -1, "ward": "b", "open": False}]


def test_every_model_says_the_same_bits_whichever_way_rows_take(run, monkeypatch):
    level = 0.8 if run.predictor.task == "regression" else None
    ready = ReadyRun(run)
    for model in run.models:
        frame = run.predict(pd.DataFrame(ROWS), model=model, level=level)
        with monkeypatch.context() as patch:
            patch.setattr(type(run), "predict_with_notes", None)  # the short way does without it
            records, notes = ready.predict(ROWS, model=model, level=level)
        assert notes == ()
        assert records == frame.to_dict("records")
        long, notes = ready.predict([row | {"more": 1} for row in ROWS], model=model, level=level)
        assert [note.code for note in notes] == ["extra_columns"]
        assert long == records


def test_a_wrong_level_or_model_is_named(run):
    ready = ReadyRun(run)
    for level in ([0.9], 2.0, "0.9"):
        with pytest.raises(SettingError, match="level"):
            ready.predict(ROWS, level=level)
    with pytest.raises(SettingError, match="no model"):
        ready.predict(ROWS, model="x")


def test_one_row_takes_no_data_frame_and_little_time(run):
    """Ten times the time on a quiet machine; benchmarks/results/latency.md has the number."""
    ready = ReadyRun(run)
    ready.predict(ROWS[:1])
    began = time.process_time()
    for _ in range(20):
        ready.predict(ROWS[:1])
    assert (time.process_time() - began) / 20 < 0.005
