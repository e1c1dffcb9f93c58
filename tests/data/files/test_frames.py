import datetime as dt
from decimal import Decimal

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from thalweg.base.errors import DataError
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
