"""Frames go in as they are: what is learned about their columns is learned on the rows at hand, and kept."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch
from scipy.sparse import csr_array
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from thalweg.base.errors import SettingError
from thalweg.estimators import (
    LinearRegressor,
    LogisticClassifier,
    NetClassifier,
    NetRegressor,
    NetSearch,
    load_estimator,
    marginal_effects,
    nested_scores,
    prediction_module,
    save_estimator,
    save_onnx,
)
from thalweg.estimators.ensemble.frame_encoding import calendar, frame_of, learn_encoder
from thalweg.select.learning.lessons import learn_scaling
from thalweg.select.learning.observations import InputError

RNG = np.random.default_rng(0)
N = 120
TABLE = pd.DataFrame(
    {
        "age": RNG.integers(18, 80, N),
        "plan": pd.Categorical(RNG.choice(["basic", "plus", "pro"], N)),
        "city": RNG.choice(["Köln", "Paris", "Rom"], N),
        "tenure": RNG.exponential(3, N),
        "new": RNG.random(N) < 0.3,
        "since": pd.Timestamp("2024-01-01") + pd.to_timedelta(RNG.integers(0, 700, N), "D"),
    }
)
Y = 5.0 * (TABLE["plan"] == "pro") + TABLE["tenure"] + RNG.normal(0, 0.3, N)
TABLE.loc[::10, "tenure"] = np.nan
TABLE.loc[5::20, "city"] = None
NEW = pd.DataFrame(
    {
        "age": [20.0, np.nan],
        "plan": ["never seen", None],
        "city": ["Rom", "Oslo"],
        "tenure": [1.0, np.nan],
        "new": [True, None],
        "since": [pd.Timestamp("1999-12-31"), pd.NaT],
    }
)
QUICK = {"hidden": (8,), "seeds": 1, "epochs": 5, "workers": 1, "patience": None}
FACES = {
    "network": (NetRegressor(**QUICK, folds=3), Y),
    "classes": (NetClassifier(**QUICK, folds=3, calibrate=True), np.where(Y > 4, "high", "low")),
    "line": (LinearRegressor(folds=3), Y),
    "logit": (LogisticClassifier(), Y > 4),
}


def predicted(model, table):
    return model.predict_proba(table) if hasattr(model, "predict_proba") else model.predict(table)


@pytest.mark.parametrize("face", FACES)
def test_every_frame_gives_the_same_fit_and_predictions(face):
    model, y = FACES[face]
    table = pl.from_pandas(TABLE)
    found = predicted(model.fit(TABLE, y), TABLE)
    assert np.array_equal(predicted(model, table), found)
    assert np.array_equal(predicted(model.fit(table.to_arrow(), y), table.to_arrow()), found)
    assert np.isfinite(predicted(model, NEW)).all()


@pytest.mark.parametrize("face", FACES)
def test_a_saved_file_and_a_torch_module_keep_the_encoding(face, tmp_path):
    model, y = FACES[face]
    model.fit(TABLE, y)
    read = load_estimator(save_estimator(model, tmp_path / "model.safetensors"))
    for table in (TABLE, NEW):
        found = predicted(model, table)
        assert np.array_equal(predicted(read, table), found)
        codes = torch.from_numpy(model.encoder_.codes(frame_of(table)))
        with torch.inference_mode():
            exported = prediction_module(model)(codes).numpy().reshape(found.shape)
        np.testing.assert_allclose(exported, found, rtol=1e-5, atol=1e-6)


@pytest.mark.filterwarnings("ignore")
def test_onnx_takes_the_columns_by_name_in_one_file(tmp_path):
    runtime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    model = FACES["line"][0].fit(TABLE, Y)
    path = save_onnx(model, tmp_path / "model.onnx")
    assert [entry.name for entry in tmp_path.iterdir()] == ["model.onnx"]
    session = runtime.InferenceSession(path)
    for table in (TABLE, NEW):
        columns = {}
        for column in model.encoder_.columns:
            values = table[column.name]
            if column.kind == "categorical":
                given = values.astype(object).where(values.notna(), "").to_numpy()
            elif column.kind == "date":
                given = ((values - pd.Timestamp(0)) / pd.Timedelta("1D")).to_numpy(dtype=np.float64)
            else:
                given = values.astype("float64").to_numpy()
            columns[column.name] = given[:, None]
        (found,) = session.run(None, columns)
        np.testing.assert_allclose(found[:, 0], model.predict(table), rtol=1e-5, atol=1e-6)


def test_intervals_effects_and_searches_take_frames():
    model = NetRegressor(**QUICK, bootstrap=20, folds=3).fit(TABLE, Y)
    assert model.predict_interval(NEW).shape == (2, 2)
    assert list(marginal_effects(model).params.index) == list(model.encoder_.feature_names)
    for table in (TABLE, pl.from_pandas(TABLE)):
        search = NetSearch(NetRegressor(**QUICK), {"ridge": [0.0, 0.1]}, cv=2, workers=1).fit(table, Y)
        assert search.predict(table).shape == (N,)
        assert len(cross_val_score(LinearRegressor(), table, Y, cv=2)) == 2


def test_levels_and_gaps_of_one_fold_alone_do_not_part_the_folds_of_a_search():
    rare = TABLE.assign(city=np.where(np.arange(N) == 3, "Oslo", "Rom"), age=np.where(np.arange(N) == 7, np.nan, 1.0))
    search = NetSearch(NetRegressor(**QUICK), {"ridge": [0.0, 0.1]}, cv=3, workers=1)
    assert np.isfinite(search.fit(rare, Y).best_score_)
    assert np.isfinite(nested_scores(search, rare, Y, cv=3).scores).all()


def test_what_missing_counts_as_is_learned_without_the_rows_held_out():
    far = TABLE[["tenure"]].copy()
    model = LinearRegressor(folds=3).fit(far, Y)
    rows = model.population_.rows
    for group, held in zip(model.population_.folds, model.population_.held_out, strict=True):
        inside = np.setdiff1d(np.arange(N), held)
        assert group.fill[0] == pytest.approx(np.nanmean(rows.x[inside, 0]))


def test_arrays_with_gaps_and_arrays_of_texts_are_frames_too():
    x = TABLE[["age", "tenure"]].to_numpy()
    assert LinearRegressor().fit(x, Y).encoder_.feature_names == ("x1", "x2", "x2=(missing)")
    texts = TABLE[["city", "age"]].to_numpy()
    assert "x1=Rom" in NetRegressor(**QUICK).fit(texts, Y).encoder_.feature_names
    complete = NetRegressor(**QUICK).fit(TABLE[["age"]], Y)
    assert complete.encoder_ is None
    assert np.isfinite(complete.predict(pd.DataFrame({"age": [np.nan, 30.0]}))).all()


def test_what_cannot_be_read_is_told_by_column_and_row():
    model = LinearRegressor().fit(TABLE, Y)
    wrong = NEW.assign(tenure=["long", "1"])
    with pytest.raises(InputError, match="Column 'tenure' must be numeric, but row 1 holds 'long'"):
        model.predict(wrong)
    with pytest.raises(InputError, match="Column 'tenure' is infinite in row 2"):
        model.predict(NEW.assign(tenure=[1.0, np.inf]))
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        LinearRegressor().fit(TABLE, Y[:-1])
    with pytest.raises(TypeError, match=r"toarray\(\)"):
        NetRegressor().fit(csr_array(np.eye(3)), [1.0, 2.0, 3.0])


def test_labels_may_come_as_a_sparse_matrix():
    labels = csr_array((RNG.random((N, 3)) < 0.5).astype(int))
    model = NetClassifier(**QUICK).fit(TABLE[["age"]], labels)
    assert model.predict(TABLE[["age"]]).shape == (N, 3)


def test_pipelines_are_told_what_to_give_and_searches_are_reached_through(tmp_path):
    x = TABLE[["age"]].to_numpy()
    pipeline = make_pipeline(StandardScaler(), LinearRegressor(bootstrap=20)).fit(x, Y)
    for use in (prediction_module, marginal_effects, lambda model: save_estimator(model, tmp_path / "p.safetensors")):
        with pytest.raises(SettingError, match=r"Give its last step, pipeline\[-1\]"):
            use(pipeline)
        use(pipeline[-1])
    search = NetSearch(NetRegressor(**QUICK), {"ridge": [0.0]}, cv=2, workers=1).fit(x, Y)
    assert load_estimator(save_estimator(search, tmp_path / "s.safetensors")).score(x, Y) == search.score(x, Y)


def test_the_calendar_is_that_of_pandas():
    days = np.arange(-200_000, 200_000, 97)
    dates = pd.Series(days.astype("datetime64[D]").astype("datetime64[s]"))
    found = calendar(days)
    for part, expected in zip(found, (dates.dt.year, dates.dt.month, dates.dt.day_of_week + 1), strict=True):
        assert np.array_equal(part, expected)


def test_many_levels_share_other_and_gaps_get_a_column():
    many = pd.DataFrame({"code": [f"c{number // 2}" for number in range(260)] + [None]})
    encoder = learn_encoder(many)
    assert encoder.feature_names[-2:] == ("code=(other)", "code=(missing)")
    assert encoder.transform(many).sum() == len(many)


def test_rare_values_are_not_blown_up_and_constants_stay_silent():
    x = np.zeros((4000, 4))
    x[7, 0] = 1.0  # an indicator
    x[7, 1] = 5.0  # nearly constant
    x[:, 2] = 3.0  # constant
    x[:, 3] = np.arange(4000.0)
    scaling = learn_scaling(x, x[:, :1], None, features=True, outcomes=True)
    z = scaling.features(x)
    assert np.abs(z).max(axis=0).round(2).tolist() == [1.0, 1.0, 0.0, 1.73]
    assert scaling.features(x + 100.0)[0, 2] == 0.0
