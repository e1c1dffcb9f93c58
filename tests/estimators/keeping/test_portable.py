"""Fitted estimators as torch modules and ONNX files give the numbers of predict."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris

from thalweg.estimators import (
    LinearRegressor,
    LogisticClassifier,
    NetClassifier,
    NetRegressor,
    prediction_module,
    save_onnx,
)

NET = {"hidden": (8, 4), "epochs": 10, "seeds": 2, "dropout": 0.1}
CASES = {
    "regression": (NetRegressor(**NET), load_diabetes),
    "quantiles": (NetRegressor(**NET, loss="quantile"), load_diabetes),
    "counts": (NetRegressor(**NET, loss="poisson"), load_diabetes),
    "binary": (NetClassifier(**NET, folds=3, calibrate=True), load_breast_cancer),
    "classes": (NetClassifier(**NET, activation="tanh"), load_iris),
    "line": (LinearRegressor(), load_diabetes),
    "logit": (LogisticClassifier(), load_iris),
}


def expected(model, x):
    return model.predict_proba(x) if hasattr(model, "predict_proba") else model.predict(x)[:, None]


@pytest.mark.parametrize("case", CASES)
def test_module_gives_the_numbers_of_predict(case):
    model, load = CASES[case]
    x, y = load(return_X_y=True)
    model.fit(x, y)
    with torch.inference_mode():
        found = prediction_module(model)(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(found, expected(model, x), rtol=1e-5, atol=1e-6)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", ["regression", "quantiles", "binary", "classes", "logit"])
def test_onnx_gives_the_numbers_of_predict(case, tmp_path):
    runtime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    model, load = CASES[case]
    x, y = load(return_X_y=True)
    session = runtime.InferenceSession(save_onnx(model.fit(x, y), tmp_path / "model.onnx"))
    (found,) = session.run(None, {"x": x})
    np.testing.assert_allclose(found, expected(model, x), rtol=1e-5, atol=1e-6)
