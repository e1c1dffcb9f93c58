import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy.sparse import csr_matrix

from thalweg.base.errors import DataError, SettingError
from thalweg.data.files.frames import from_frame, labelled, whole_numbers
from thalweg.data.problem import pose

COLUMNS = {
    "whole": [2**53 + 1, None, 2**53, 5] * 5,
    "length": [dt.timedelta(days=3), None, dt.timedelta(0), dt.timedelta(hours=1)] * 5,
    "price": [Decimal("1.50"), None, Decimal("2.25"), Decimal("0.01")] * 5,
    "day": [dt.date(2024, 1, 31), None, dt.date(1969, 5, 1), dt.date(2020, 2, 29)] * 5,
    "zoned": [dt.datetime(2024, 1, 31, 23, tzinfo=dt.UTC), None] * 10,
    "code": ["007", "1.10", None, "TRUE"] * 5,
    "y": [float(n % 7) + 0.5 * (n == 3) for n in range(20)],
}


def test_one_answer_whatever_library_a_column_comes_from(tmp_path):
    arrow = pa.table(COLUMNS)
    pq.write_table(arrow, tmp_path / "t.parquet")
    sources = {
        "path": tmp_path / "t.parquet",
        "arrow": arrow,
        "polars": pl.from_arrow(arrow),
        "pandas in Arrow's memory": arrow.to_pandas(types_mapper=pd.ArrowDtype),
        "read back": pd.read_parquet(tmp_path / "t.parquet", dtype_backend="pyarrow"),
    }
    found = {name: pose(source, target="y", task="regression") for name, source in sources.items()}
    kinds = {name: problem.features.dtypes.astype(str).to_dict() for name, problem in found.items()}
    assert kinds["path"] == {
        "whole": "category",
        "length": "float64",
        "price": "float64",
        "day": "datetime64[us]",
        "zoned": "datetime64[us]",
        "code": "category",
    }
    for name, problem in found.items():
        assert kinds[name] == kinds["path"], name
        assert problem.fingerprint == found["path"].fingerprint, name


def test_nested_columns_and_times_of_day_are_refused_alike(tmp_path):
    for values in ([[1, 2], [3]], [{"a": 1}, {"a": 2}], [dt.time(10), dt.time(11)]):
        arrow = pa.table({"x": values * 5, "y": [float(n) for n in range(10)]})
        pq.write_table(arrow, tmp_path / "t.parquet")
        for source in (
            tmp_path / "t.parquet",
            arrow,
            pl.from_arrow(arrow),
            arrow.to_pandas(types_mapper=pd.ArrowDtype),
        ):
            with pytest.raises(DataError, match=r"'x' holds .*which no model (can read|reads)"):
                pose(source, target="y")


def test_an_order_is_kept_from_every_library():
    order = ["poor", "fair", "good"]
    values = ["good", "poor", "fair", "poor", "good"] * 4
    enum = pl.DataFrame({"x": range(20), "t": pl.Series(values, dtype=pl.Enum(order))})
    arrow = pa.table(
        {"x": range(20), "t": pa.DictionaryArray.from_arrays([order.index(v) for v in values], order, ordered=True)}
    )
    frame = pd.DataFrame({"x": range(20), "t": pd.Categorical(values, categories=order, ordered=True)})
    for source in (enum, arrow, frame):
        assert pose(source, target="t").classes == tuple(order)


CODES = pd.Series([2.0, 1.0, np.nan, 3.0], name="health")


def test_a_column_of_labelled_values_is_read_by_its_labels_in_the_order_of_their_codes():
    found, notes = labelled(CODES, {3.0: "good", 1.0: "poor", 2.0: "fair", 9.0: "refused"})
    assert found.cat.categories.tolist() == ["poor", "fair", "good", "refused"]
    assert found.astype(object).tolist()[:2] == ["fair", "poor"]
    assert found.isna().tolist() == [False, False, True, False]
    assert not notes


def test_equal_labels_are_told_apart_by_their_codes():
    found, _ = labelled(CODES, {1.0: "bad", 2.0: "bad", 3.0: "good"})
    assert found.dropna().tolist() == ["bad (2)", "bad (1)", "good"]


@pytest.mark.parametrize("names", [{}, {7.0: "never"}])
def test_values_without_labels_stay_values(names):
    found, notes = labelled(CODES.dropna(), names)
    assert found.tolist() == [2, 1, 3]
    assert not notes


@pytest.mark.parametrize(
    ("values", "dtype"), [([1.0, 2.0], "int64"), ([1.0, np.nan], "float64"), ([2.0**54, 1.0], "float64")]
)
def test_whole_numbers_that_lose_nothing_are_integers(values, dtype):
    assert whole_numbers(pd.Series(values)).dtype == dtype


def test_codes_may_be_texts():
    column = pd.Series(["m", "f", "x"], name="sex")
    assert labelled(column, {"m": "male", "f": "female", "x": "male"})[0].tolist() == [
        "male ('m')",
        "female",
        "male ('x')",
    ]
    assert "'f' is 'female' (1)" in labelled(column, {"f": "female"})[1][0].text


def test_a_sparse_matrix_is_refused_with_what_makes_it_dense():
    with pytest.raises(SettingError, match=r"csr_matrix\. Make it dense first: X\.toarray\(\)"):
        from_frame(csr_matrix(np.eye(3)))
