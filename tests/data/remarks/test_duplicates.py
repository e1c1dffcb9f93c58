import numpy as np
import pandas as pd

from thalweg.data.problem import pose

N = 300
RNG = np.random.default_rng(4)
TABLE = pd.DataFrame({"x": RNG.normal(size=N), "k": RNG.integers(0, 3, N), "y": RNG.normal(size=N)})


def told(table, **asked):
    return next((note for note in pose(table, target="y", **asked).notes if note.code == "duplicated_rows"), None)


def with_copies(count):
    return pd.concat([TABLE, TABLE.iloc[:count]], ignore_index=True)


def test_copies_are_counted_and_many_are_doubted():
    few, many = told(with_copies(10)), told(with_copies(60))
    assert few.text.startswith(
        "10 of 310 rows repeat an earlier row in all columns; 10 of them in a value that no other"
    )
    assert not few.doubt
    assert many.doubt == "60 of 360 rows seem to be copies of others"
    assert told(TABLE) is None


def test_rows_that_differ_in_a_column_that_is_not_used_are_no_copies():
    table = with_copies(60).assign(other=np.arange(360) % 7 + RNG.normal(size=360))
    assert told(table, features=["x", "k"]) is None
    assert told(table, ignore=["other"]).text.startswith(
        "60 of 360 rows repeat an earlier row in all columns but 'other'"
    )


def test_an_index_does_not_hide_copies():
    table = with_copies(60).rename_axis("index").reset_index()
    assert told(table).text.startswith("60 of 360 rows repeat an earlier row in all columns but 'index'; ")


def test_tables_of_few_values_repeat_rows_by_themselves():
    table = pd.DataFrame({"a": RNG.integers(0, 3, N), "b": RNG.integers(0, 2, N), "y": RNG.integers(0, 2, N)})
    note = told(table)
    assert "Other rows have their values, too" in note.text
    assert not note.doubt


def test_groups_that_no_fold_cuts_keep_copies_together():
    note = told(with_copies(60).assign(g=lambda t: t.k.astype(str)), groups="g")
    assert "copies are in one group, which no fold cuts" in note.text
    assert not note.doubt
