"""What columns hold is found as if they were read whole."""

import pandas as pd
import pytest

from thalweg.base.errors import DataError
from thalweg.data.batches.scanned_columns import scanned_columns
from thalweg.data.columns import canonical_column, labelled_column
from thalweg.data.files.scans import opened_scan


def found_in(values, tmp_path, *, coded=False, labelled=False):
    pd.DataFrame({"v": values, "n": range(len(values))}).to_parquet(tmp_path / "t.parquet")
    with opened_scan([str(tmp_path / "t.parquet")]) as scan:
        found = scanned_columns(scan, ["n"] if labelled else ["v"], ["v"] if labelled else [], ["v"] if coded else [])
        [part] = scan.parts
        one = found.labels["v"] if labelled else found.by_name["v"]
        statement = part.rows(f"{one.expression} as v", "v is not null")
        prepared = type(part)(part.statement, (one.before,) if one.before else ())
        [frame] = prepared.batches(statement)
    return one, frame["v"], found


@pytest.mark.parametrize(
    ("values", "coded"),
    [
        ([1.5, 2.0, -3.0], False),
        ([3, 1, 2], False),
        ([True, False, True], False),
        (["b", "a", "b"], False),
        (["1,234", "5,678.5", "2"], False),
        (["2", "10", "NA", "9"], True),
        ([2001, 1999, 2001], True),
        ([2.5, 1.0, 2.5], True),
        ([True, False, True], True),
    ],
)
def test_a_column_is_read_as_it_is_whole(values, coded, tmp_path):
    one, column, _ = found_in(values, tmp_path, coded=coded)
    whole = pd.Series(values, name="v")
    expected = labelled_column(whole) if coded else canonical_column(whole)[0]
    mine = one.read(column)
    if isinstance(expected.dtype, pd.CategoricalDtype):
        assert list(one.levels) == expected.cat.categories.tolist()
        assert mine.astype(object).tolist()[0] == expected.tolist()[0]
        assert mine.isna().tolist() == expected.isna().tolist()
    else:
        assert mine.tolist() == expected.astype(float).tolist()


def test_labels_are_numbered_and_rows_with_gaps_counted(tmp_path):
    one, column, found = found_in(pd.array([2**60 + 1, None, 2**60], dtype="Int64"), tmp_path, labelled=True)
    assert one.codes_of(column).tolist() == [1, 0]
    assert (found.read, found.used) == ((3,), 2)


def test_dates_are_refused(tmp_path):
    with pytest.raises(DataError, match="holds dates"):
        found_in(pd.to_datetime(["2020-01-01", "2021-01-01"]), tmp_path)


def test_too_many_texts_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("thalweg.data.batches.scanned_columns._MOST_TEXTS", 3)
    with pytest.raises(DataError, match="more than 3 different texts"):
        found_in(list("abcd"), tmp_path)
