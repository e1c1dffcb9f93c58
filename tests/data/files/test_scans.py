"""Files and SQL in batches."""

import pandas as pd
import pytest

from thalweg.base.errors import DataError, SettingError
from thalweg.data.files.files import read_files
from thalweg.data.files.scans import opened_scan


def rows_of(scan):
    frames = [frame for part in scan.parts for frame in part.batches(part.rows())]
    return pd.concat(frames, ignore_index=True)


@pytest.mark.parametrize(
    "text",
    [
        "a;b\n1;x\n2;y\n",
        "# note\na,b\n1.5,007\n2,008\n",
        'a\tthe "b"\n1\t\n2\ty\n',
        "a,b\n" + "1,2\n" * 3000 + "x,2\n",
        "a,b\n9007199254740993,1\n2,2\n",
    ],
)
def test_delimited_text_is_read_as_it_is_whole(tmp_path, text):
    path = tmp_path / "it's.csv"
    path.write_text(text)
    whole = read_files([str(path)]).frame
    with opened_scan([str(path)]) as scan:
        found = rows_of(scan)
    assert (
        found.astype(object).where(found.notna(), None).to_dict()
        == whole.astype(object).where(whole.notna(), None).to_dict()
    )


def test_text_that_is_no_utf8_is_read_too(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes("naam,x\ncafé,1\nthé,2\n".encode("cp1252"))
    with opened_scan([str(path)]) as scan:
        assert rows_of(scan)["naam"].tolist() == ["café", "thé"]
        assert [note.code for note in scan.notes] == ["file"]


def test_files_keep_their_order_and_the_columns_of_the_first(tmp_path):
    pd.DataFrame({"x": [1, 2], "y": [3, 4]}).to_parquet(tmp_path / "a1.parquet")
    pd.DataFrame({"y": [6], "x": [5]}).to_parquet(tmp_path / "a2.parquet")
    with opened_scan([str(tmp_path / "a*.parquet")]) as scan:
        assert rows_of(scan).to_dict("list") == {"x": [1, 2, 5], "y": [3, 4, 6]}
        assert len(scan.parts) == 2
    pd.DataFrame({"y": [6], "z": [5]}).to_parquet(tmp_path / "a3.parquet")
    with (
        pytest.raises(DataError, match=r"different columns: the second lacks 'x' and has 'z' besides"),
        opened_scan([str(tmp_path / "a*.parquet")]),
    ):
        pass


def test_a_query_sees_the_files_as_data(tmp_path):
    pd.DataFrame({"x": [1, 2, 3]}).to_parquet(tmp_path / "a.parquet")
    with opened_scan([str(tmp_path / "a.parquet")], "select x * 2 as z from data where x > 1;") as scan:
        assert rows_of(scan)["z"].tolist() == [4, 6]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("drop table data", "must be one SELECT"),
        ("selec 1", "could not be read: Parser Error"),
        ("select nope from range(3)", "could not be read: Binder Error"),
    ],
)
def test_what_is_no_query_is_refused(query, told):
    with pytest.raises(SettingError, match=told), opened_scan([], query):
        pass


def test_other_formats_are_refused_with_a_remedy(tmp_path):
    path = tmp_path / "t.json"
    path.write_text('[{"x": 1}]')
    with pytest.raises(DataError, match="Save it as Parquet"), opened_scan([str(path)]):
        pass


def test_the_expected_rows_cost_no_pass():
    with opened_scan([], "select i from range(1000000000000) t(i)") as scan:
        assert scan.parts[0].estimated_rows() >= 1_000_000_000_000
