"""A model of a run predicts as a torch module what the run predicts."""

import numpy as np
import pandas as pd
import pytest
import torch

import thalweg as tw
from thalweg.base.errors import SettingError
from thalweg.data.new_rows import encode_new_rows
from thalweg.estimators.keeping.portable_run import run_module
from thalweg.select.learning.boosted_trees import BOOSTING

ROWS = 90
DRAW = np.random.default_rng(0)
TABLE = pd.DataFrame(
    {
        "size": np.where(DRAW.random(ROWS) < 0.1, np.nan, DRAW.normal(50.0, 9.0, ROWS)),
        "ward": DRAW.choice(["a", "b", None], ROWS),
        "sold": DRAW.random(ROWS) < 0.5,
        "day": pd.date_range("2019-11-20", periods=ROWS, freq="9D").where(DRAW.random(ROWS) > 0.1),
        "flat": 3.0,
    }
)
OUTCOMES = {
    "regression": DRAW.normal(size=ROWS),
    "binary": DRAW.choice(["no", "yes"], ROWS),
    "multiclass": DRAW.choice(["x", "y", "z"], ROWS),
}
QUICK = {"target": "out", "folds": 2, "seeds": 2, "epochs": 3, "hidden": "4", "dropout": 0.0, "workers": 1}


def codes(encoder, frame):
    """What the inputs of an ONNX file become: numbers, days, places of levels; NaN where one is missing."""
    found = []
    for column in encoder.columns:
        values = frame[column.name]
        if column.kind == "categorical":
            place = {level: slot for slot, level in enumerate(column.levels)}
            found.append([np.nan if pd.isna(v) else place.get(v, len(place)) for v in values])
        elif column.kind == "date":
            found.append((pd.to_datetime(values) - pd.Timestamp("1970-01-01")) / pd.Timedelta(days=1))
        else:
            found.append(values.astype("float64"))
    return torch.tensor(np.column_stack(found))


@pytest.mark.parametrize("task", OUTCOMES)
def test_every_model_is_the_module(task):
    run = tw.fit(TABLE.assign(out=OUTCOMES[task]), **QUICK, learning_rate=0.01)
    new = TABLE[::-1].reset_index(drop=True)
    new.loc[0, "ward"], new.loc[1, "size"], new.loc[2, "ward"] = "never seen", 1e9, None
    x = encode_new_rows(run.predictor.encoder, new)[0]
    for name in run.models:
        if name == BOOSTING:
            with pytest.raises(SettingError, match="no torch module"):
                run_module(run.predictor, name)
            continue
        told = run.predictor.predict(x, name).values
        found = run_module(run.predictor, name)(codes(run.predictor.encoder, new)).detach().numpy()
        np.testing.assert_allclose(found, told, rtol=1e-5, atol=1e-6)


def fed(columns, frame):
    """What an ONNX runtime is given: a column each, texts empty and numbers NaN where one is missing."""
    found = {}
    for column in columns:
        values = frame[column.name]
        if column.kind == "categorical":
            cells = values.fillna("").to_numpy(dtype=object)
        elif column.kind == "date":
            cells = ((values - pd.Timestamp("1970-01-01")) / pd.Timedelta(days=1)).to_numpy(dtype=np.float64)
        else:
            cells = values.to_numpy(dtype=np.float64)
        found[column.name] = cells[:, None]
    return found


@pytest.mark.filterwarnings("ignore")  # of the exporter
@pytest.mark.parametrize(
    ("task", "model"), [*((task, "network ensemble") for task in OUTCOMES), ("regression", "least squares")]
)
def test_a_file_gives_the_numbers_of_predict(task, model, tmp_path):
    runtime = pytest.importorskip("onnxruntime", reason="needs the extra onnx")
    pytest.importorskip("onnxscript", reason="needs the extra onnx")
    run = tw.fit(TABLE.assign(out=OUTCOMES[task]), **QUICK, learning_rate=0.01)
    assert len(run.predictor.ramps)
    new = TABLE[::-1].reset_index(drop=True)
    new.loc[0, "ward"], new.loc[1, "size"] = "never seen", 1e9
    path = run.save_onnx(tmp_path / "model.onnx", model=model)
    assert [entry.name for entry in tmp_path.iterdir()] == ["model.onnx"]
    (found,) = runtime.InferenceSession(path).run(None, fed(run.predictor.encoder.columns, new))
    told = run.predict(new, model=model)
    wanted = told[["prediction"]] if task == "regression" else told.filter(like="probability")
    tolerance = 1e-9 if model == "least squares" else 1e-4  # networks are float32 inside
    np.testing.assert_allclose(found, wanted, rtol=tolerance, atol=tolerance / 10)


def test_what_cannot_be_exported_is_said(tmp_path):
    table = TABLE[["size"]].assign(out=OUTCOMES["regression"])
    plain = QUICK | {"hidden": 0}
    with pytest.raises(SettingError, match="There is no model 'forest'"):
        tw.fit(table, **plain).save_onnx(tmp_path / "m.onnx", model="forest")
    del plain["target"]
    with pytest.raises(SettingError, match="Make the columns beforehand, and fit without it"):
        tw.fit(table.dropna(), formula="out ~ size + I(size ** 2)", **plain).save_onnx(tmp_path / "m.onnx")
