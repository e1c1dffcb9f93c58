import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from thalweg.base.errors import DataError
from thalweg.data.columns import canonical_column
from thalweg.data.encode import Encoder, fit_encoder
from thalweg.data.kinds import MAX_LEVELS
from thalweg.data.problem import pose
from thalweg.data.split import fold_numbers


def features(**columns: object) -> pd.DataFrame:
    return pd.DataFrame({name: canonical_column(pd.Series(values, name=name))[0] for name, values in columns.items()})


def back(encoder: Encoder) -> Encoder:
    return Encoder.from_dict(json.loads(json.dumps(encoder.to_dict(), allow_nan=False)))


def test_numbers_equal_scikit_learn():
    table = pose("example:breast_cancer")
    rows = np.arange(0, 569, 2)
    found = fit_encoder(table, rows).transform(table.features)
    wanted = StandardScaler().fit(table.features.to_numpy()[rows]).transform(table.features.to_numpy())
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12)


def test_categories_equal_scikit_learn():
    table = pose("example:fair_any")
    found = fit_encoder(table, np.arange(len(table))).transform(table.features)
    jobs = table.features[["occupation", "occupation_husb"]].astype(str)
    wanted = OneHotEncoder(sparse_output=False).fit_transform(jobs)
    np.testing.assert_array_equal(found[:, -12:], wanted)
    assert found.shape == (6366, 18)


def test_only_training_rows_are_learned_from():
    table = features(x=[1.0, 3.0, 1000.0, np.nan], d=pd.date_range("2024-01-01", periods=4), k=list("abca"))
    rows = np.array([0, 1])
    changed = table.copy()
    changed.loc[2:, "x"] = [-5.0, np.nan]
    one, two = fit_encoder(table, rows), fit_encoder(changed, rows)
    np.testing.assert_array_equal(one.transform(table)[:2], two.transform(table)[:2])
    assert one == two
    assert one.transform(table)[:, 0].tolist() == [-1.0, 1.0, 998.0, 0.0]


def test_missing_numbers_take_the_training_median_and_an_indicator():
    table = features(x=[1.0, 2.0, 9.0, np.nan, np.nan, 1.0])
    encoder = fit_encoder(table, np.array([0, 1, 2, 3]))
    assert encoder.feature_names == ("x", "x=(missing)")
    z = encoder.transform(table)
    assert z[3, 0] == z[1, 0]
    assert z[:, 1].tolist() == [0, 0, 0, 1, 1, 0]


def test_an_indicator_no_training_row_has_stays_zero():
    table = features(x=[1.0, 2.0, 9.0, np.nan])
    assert fit_encoder(table, np.array([0, 1, 2])).transform(table)[:, 1].tolist() == [0, 0, 0, 0]


def test_constant_in_training_is_zero_everywhere():
    table = features(x=[5.0, 5.0, 7.0, 1e20])
    assert fit_encoder(table, np.array([0, 1])).transform(table)[:, 0].tolist() == [0, 0, 0, 0]
    gone = features(x=[np.nan, np.nan, 7.0, 8.0])
    assert np.all(np.isfinite(fit_encoder(gone, np.array([0, 1])).transform(gone)))


def test_a_level_absent_from_training_is_all_zeros_and_the_width_stays():
    table = features(k=["a", "b", "c", None, "a"])
    encoder = fit_encoder(table, np.array([0, 1]))
    assert encoder.feature_names == ("k=a", "k=b", "k=c", "k=(missing)")
    assert encoder.transform(table).tolist() == [[1, 0, 0, 0], [0, 1, 0, 0], [0] * 4, [0] * 4, [1, 0, 0, 0]]
    new = pd.DataFrame({"k": ["zebra", "b"]})
    assert encoder.transform(new).tolist() == [[0] * 4, [0, 1, 0, 0]]


def test_levels_called_missing_or_other_keep_names_of_their_own():
    table = features(k=["missing", "other", None, "a"])
    assert fit_encoder(table, np.arange(4)).feature_names == ("k=a", "k=missing", "k=other", "k=(missing)")


def test_every_fold_has_the_same_columns():
    rng = np.random.default_rng(1)
    rare = ["usual"] * 57 + ["rare 1", "rare 2", None]
    table = pose({"k": rare, "x": rng.normal(size=60), "y": rng.normal(size=60)}, target="y")
    folds = fold_numbers(table, 5, seed=3)
    names = {fit_encoder(table, np.flatnonzero(folds != fold)).feature_names for fold in range(5)}
    assert len(names) == 1


def test_ten_thousand_levels_share_other():
    rng = np.random.default_rng(0)
    levels = np.concatenate([np.arange(10_000), rng.integers(0, 150, size=20_000)])
    table = features(k=[f"k{level}" for level in levels])
    encoder = fit_encoder(table, np.arange(0, 30_000, 2))
    z = encoder.transform(table)
    assert z.shape == (30_000, MAX_LEVELS + 1)
    assert encoder.feature_names[-1] == "k=(other)"
    assert z.sum(axis=1).tolist() == [1.0] * 30_000
    assert encoder.transform(pd.DataFrame({"k": ["never seen"]}))[0, -1] == 1.0
    counts = table["k"].value_counts()
    assert set(encoder.columns[0].levels) <= set(counts[counts >= counts.iloc[MAX_LEVELS - 1]].index)


def test_dates():
    stamps = ["1970-01-03", "2024-02-29 12:00", None, "2024-12-30"]
    table = features(d=stamps)
    encoder = fit_encoder(table, np.arange(4))
    assert encoder.feature_names == ("d.days", "d.days=(missing)", "d.year", "d.month", "d.weekday")
    z = encoder.transform(table)
    parts = np.array([[2, 1970, 1, 6], [19782.5, 2024, 2, 4], [20087, 2024, 12, 1]], dtype=float)
    wanted = (parts - parts.mean(axis=0)) / parts.std(axis=0)
    np.testing.assert_allclose(z[[0, 1, 3]][:, [0, 2, 3, 4]], wanted, rtol=1e-12)
    assert z[:, 1].tolist() == [0, 0, 1, 0]


def test_booleans_stay_zero_and_one():
    table = features(b=[True, False, None, True])
    assert fit_encoder(table, np.arange(4)).transform(table).tolist() == [[1, 0], [0, 0], [1, 1], [1, 0]]


def test_numbers_of_0_and_1_and_rare_values_are_not_blown_up():
    once = np.zeros(4000)
    once[7] = 1.0
    gain = np.where(np.arange(4000) % 100, 0.0, 5000.0)
    table = pd.DataFrame({"female": np.arange(4000.0) % 2, "once": once, "gain": gain, "x": np.arange(4000.0)})
    found = fit_encoder(table, np.arange(4000)).transform(table)
    np.testing.assert_array_equal(found[:, :2], table[["female", "once"]])
    assert found[:, 2].tolist() == (gain / 5000).tolist()
    np.testing.assert_allclose(found[:, 3].std(), 1.0, rtol=1e-12)


@pytest.mark.parametrize("absurd", [1e30, -1e30, 1e100])
def test_one_absurd_value_spoils_neither_the_others_nor_float32(absurd):
    rng = np.random.default_rng(0)
    clean = rng.normal(50, 10, size=1000)
    dirty = clean.copy()
    dirty[7] = absurd
    table = features(age=dirty)
    for rows in (np.arange(1000), np.delete(np.arange(1000), 7)):
        encoder = fit_encoder(table, rows)
        z = encoder.transform(table)[:, 0]
        others = np.delete(np.arange(1000), 7)
        wanted = (clean[others] - clean[others].mean()) / clean[others].std()
        np.testing.assert_allclose(z[others], wanted, rtol=1e-10, atol=1e-10)
        assert np.abs(z).max() < 5
        assert np.isfinite(encoder.transform(pd.DataFrame({"age": [absurd, 1e149]})).astype(np.float32) ** 2).all()


def test_long_tails_are_not_touched():
    rng = np.random.default_rng(0)
    wealth = np.exp(rng.normal(size=100_000) * 2)
    table = pose({"wealth": wealth, "y": rng.normal(size=100_000)}, target="y")
    z = fit_encoder(table, np.arange(100_000)).transform(table.features)[:, 0]
    np.testing.assert_allclose(z, (wealth - wealth.mean()) / wealth.std(), rtol=1e-9, atol=1e-9)


def test_large_offsets_keep_their_digits():
    table = features(x=1e12 + np.arange(100.0))
    z = fit_encoder(table, np.arange(100)).transform(table)[:, 0]
    np.testing.assert_allclose(z, (np.arange(100) - 49.5) / np.arange(100).std(), rtol=1e-9)


def test_absent_columns_and_rows_are_errors():
    table = features(x=[1.0, 2.0, 4.0])
    with pytest.raises(DataError, match="no training rows"):
        fit_encoder(table, np.array([], dtype=np.int64))
    with pytest.raises(DataError, match="'x' is absent"):
        fit_encoder(table, np.arange(3)).transform(pd.DataFrame({"z": [1]}))


column = st.one_of(
    st.lists(st.floats(-1e100, 1e100) | st.just(np.nan), min_size=12, max_size=12),
    st.lists(st.sampled_from(["a", "b", "c d", "é", None]), min_size=12, max_size=12),
    st.lists(st.sampled_from([True, False, None]), min_size=12, max_size=12),
    st.lists(st.dates().map(str), min_size=12, max_size=12),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(column, min_size=1, max_size=3), st.sets(st.integers(0, 11), min_size=1))
def test_any_table_encodes_finitely_and_survives_json(columns, rows):
    table = {f"c{place}": values for place, values in enumerate(columns)}
    frame = features(**table, anchor=np.arange(12.0) ** 2)
    encoder = fit_encoder(frame, np.array(sorted(rows)))
    z = encoder.transform(frame)
    assert z.shape == (12, len(encoder.feature_names))
    assert z.dtype == np.float64
    assert np.isfinite(z).all()
    assert len(set(encoder.feature_names)) == z.shape[1]
    np.testing.assert_array_equal(back(encoder).transform(frame), z)
    assert back(encoder) == encoder
    one_row = np.concatenate([encoder.transform(frame.iloc[[row]]) for row in range(12)])
    np.testing.assert_array_equal(one_row, z)
