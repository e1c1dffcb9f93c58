import datetime as dt
import subprocess
import sys

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from thalweg.base.errors import DataError, SettingError
from thalweg.data.problem import pose
from thalweg.data.reading.table import read_table

COLUMNS = {
    "whole": [1, 2, 3, 4],
    "number": [0.1, None, -3.5, 1e-9],
    "flag": [True, False, None, True],
    "ward": ["north", None, "south", "north"],
    "day": [dt.date(2024, 1, 31), None, dt.date(2023, 5, 1), dt.date(1969, 12, 31)],
    "moment": [dt.datetime(2024, 1, 31, 12, 30), None, dt.datetime(2023, 5, 1), dt.datetime(2020, 2, 29)],
    "y": [1.5, 2.5, 3.5, 0.25],
}


def sources(folder):
    """The same table in every form."""
    frame = pd.DataFrame(COLUMNS)
    arrow = pa.table(COLUMNS)
    pq.write_table(arrow, folder / "t.parquet")
    frame.to_csv(folder / "t.csv", index=False)
    frame.to_csv(folder / "t.tsv", index=False, sep="\t")
    frame.to_csv(folder / "semicolon.csv", index=False, sep=";")
    frame.to_csv(folder / "t.csv.gz", index=False)
    frame.to_json(folder / "t.json", orient="records", date_format="iso", double_precision=15)
    frame.to_json(folder / "t.jsonl", orient="records", lines=True, date_format="iso", double_precision=15)
    files = ["t.parquet", "t.csv", "t.tsv", "semicolon.csv", "t.csv.gz", "t.json", "t.jsonl"]
    memory = {
        "pandas": frame,
        "polars": pl.DataFrame(COLUMNS),
        "lazy": pl.LazyFrame(COLUMNS),
        "arrow": arrow,
        "dict": COLUMNS,
        "polars categories": pl.DataFrame(COLUMNS).with_columns(pl.col("ward").cast(pl.Categorical)),
        "arrow dictionary": arrow.set_column(3, "ward", arrow["ward"].dictionary_encode()),
        "pandas categories": frame.astype({"ward": "category", "flag": "boolean", "whole": "Int64"}),
        "other index": frame.set_index(pd.Index([7, 7, 8, 9])),
    }
    return {**{name: folder / name for name in files}, **memory}


def test_the_same_table_from_every_source(tmp_path):
    problems = {name: pose(source, target="y", task="regression") for name, source in sources(tmp_path).items()}
    first = problems.pop("t.parquet")
    assert first.features.dtypes.astype(str).tolist() == [
        "float64",
        "float64",
        "boolean",
        "category",
        "datetime64[us]",
        "datetime64[us]",
    ]
    assert first.features.isna().sum().tolist() == [0, 1, 1, 1, 1, 1]
    for name, problem in problems.items():
        assert problem.fingerprint == first.fingerprint, name
        pd.testing.assert_frame_equal(problem.features, first.features, check_categorical=True, obj=name)


def test_queries_over_files_and_over_the_source(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for day in (5, 15):
        pq.write_table(pa.table({"day": [day, day + 1], "x": [1.0, 2.0]}), f"log{day}.parquet")
    found = read_table(query="select * from 'log*.parquet' where day > 10").frame
    assert found["day"].tolist() == [15, 16]
    assert read_table("log*.parquet").frame["day"].tolist() == [15, 16, 5, 6]
    any_affair = read_table("example:fair", query="select * exclude affairs, affairs > 0 as y from data")
    assert any_affair.frame["y"].sum() == 2053
    assert read_table({"x": [1, 2, 3]}, query="select x from data order by x desc").frame["x"].tolist() == [3, 2, 1]


def test_several_csv_files_are_one_table(tmp_path):
    for name in "ab":
        (tmp_path / f"{name}.csv").write_text("x,y\n1,2\n3,4\n")
    assert read_table(str(tmp_path / "*.csv")).frame["x"].tolist() == [1, 3, 1, 3]


def test_a_grouped_query_gives_the_same_order_every_time():
    data = {"k": (np.arange(200_000) % 5000).tolist()}
    query = "select k, count(*) as n from data group by k"
    first = read_table(data, query=query).frame
    assert all(read_table(data, query=query).frame.equals(first) for _ in range(3))


def test_arrays_are_named_by_place():
    table = read_table(np.arange(6.0).reshape(3, 2))
    assert table.frame.columns.tolist() == ["x1", "x2"]
    assert pose(np.arange(40.0).reshape(20, 2), target="x2").task == "regression"
    structured = np.array([(1.0, "a"), (2.0, "b")], dtype=[("x", "f8"), ("k", "U1")])
    assert read_table(structured).frame.columns.tolist() == ["x", "k"]


def test_names_come_from_the_file_unchanged(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text('a,A,"b, c",\n1,2,3,4\n5,6,7,8\n')
    assert read_table(path).frame.columns.tolist() == ["a", "A", "b, c", "column4"]
    assert read_table(path).name == "t"
    assert read_table(pd.DataFrame({1: [1], "b": [2]})).frame.columns.tolist() == ["1", "b"]


def test_a_quoted_value_after_the_sample_is_read(tmp_path):
    rows = "".join(f"{row},x\n" for row in range(30_000))
    path = tmp_path / "t.csv"
    path.write_text(f'a,b\n{rows}7,"one, two"\n')
    assert read_table(path).frame["b"].iloc[-1] == "one, two"


def test_nothing_is_written_and_python_variables_stay_unseen(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    secret = pd.DataFrame({"x": [1]})
    for query in ("copy data to 'out.csv'", "select * from secret", "create table t as select 1"):
        with pytest.raises(SettingError):
            read_table(secret, query=query)
    assert not list(tmp_path.iterdir())


def test_reading_does_not_change_the_source():
    frame = pd.DataFrame({"x": ["1", "2", "?"], "y": [1, 2, 3]}, index=[5, 6, 7])
    copy = frame.copy(deep=True)
    pose(frame, target="y")
    pd.testing.assert_frame_equal(frame, copy)


def test_torch_is_not_needed():
    script = "import sys, thalweg.data.new_rows, thalweg.data.split; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], env={"PYTHONPATH": "src"}, check=False).returncode == 0


def test_an_empty_name_is_an_error_for_frames_without_columns():
    with pytest.raises(DataError, match="no rows"):
        read_table(pd.DataFrame())
