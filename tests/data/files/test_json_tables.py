import json

import pandas as pd
import pytest

from thalweg.base.errors import DataError
from thalweg.data.files.files import read_files

FRAME = pd.DataFrame({"x": [1, 2, 3], "zip": ["007", "12", "3"], "day": ["2024-01-01", "soon", None]})


@pytest.mark.parametrize("orient", ["records", "columns", "index", "split", "table"])
def test_every_orientation_of_pandas_is_read(tmp_path, orient):
    path = tmp_path / "t.json"
    FRAME.astype(object).to_json(path, orient=orient)
    found = read_files([str(path)]).frame
    assert found["x"].tolist() == [1, 2, 3]
    assert found["zip"].tolist() == ["007", "12", "3"]
    assert found["day"].tolist()[:2] == ["2024-01-01", "soon"]
    assert found.columns.tolist() == ["x", "zip", "day"]


@pytest.mark.parametrize(
    "value",
    [
        {"x": [1, 2**60 + 1], "y": ["a", None]},
        {"status": "ok", "data": [{"x": 1, "y": "a"}, {"x": 2**60 + 1}]},
        [{"x": 1, "y": "a"}, {"x": 2**60 + 1, "y": None}],
    ],
)
def test_columns_wrapped_records_and_gaps(tmp_path, value):
    path = tmp_path / "t.json"
    path.write_text(json.dumps(value))
    found = read_files([str(path)]).frame
    assert found["x"].tolist() == [1, 2**60 + 1]
    assert found["y"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[1, 2], [3, 4]]", "record 1 is a list"),
        ('{"a": {"b": 1}, "c": {"d": 2}}', "nothing says whether 'a' or 'b' is a column"),
        ('{"a": [1, 2], "b": [1]}', "different lengths"),
        ('{"a": 1}\n{"a": 2\n', "line 2"),
        ('{"a": 1,}', "line 1"),
        ("3", "holds no table"),
    ],
)
def test_what_is_no_table_is_answered_in_words(tmp_path, text, says):
    path = tmp_path / "t.json"
    path.write_text(text)
    with pytest.raises(DataError, match=says):
        read_files([str(path)])
