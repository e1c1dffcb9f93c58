import numpy as np
import pandas as pd
import pytest

from thalweg.data.reading.fingerprint import fingerprint

PINNED = "2f4942049911b661796e5b0cfa960c0e0df3e46b190d69ec4866aef4b2164ec8"  # of one column x with 1 and 2
PLAIN = pd.DataFrame({"x": [1.0, np.nan], "k": pd.Series(["a", "b"], dtype="category")})


def test_it_is_pinned():
    assert fingerprint(pd.DataFrame({"x": [1.0, 2.0]})) == PINNED


@pytest.mark.parametrize("integer", [np.int8, np.int64, np.uint16])
def test_whole_numbers_are_the_same_however_they_are_kept(integer):
    assert fingerprint(pd.DataFrame({"x": np.array([1, 2], dtype=integer)})) == PINNED


def test_order_of_columns_and_index_do_not_count():
    assert fingerprint(PLAIN) == fingerprint(PLAIN[["k", "x"]].set_axis([7, 9]))


@pytest.mark.parametrize(
    "other",
    [
        PLAIN.rename(columns={"x": "z"}),
        PLAIN[::-1],
        PLAIN.fillna({"x": 0.0}),
        PLAIN.assign(k=pd.Series(["a", "c"], dtype="category")),
        PLAIN.head(1),
    ],
)
def test_names_values_gaps_and_the_order_of_rows_do(other):
    assert fingerprint(other) != fingerprint(PLAIN)


def test_every_not_a_number_is_the_same_gap():
    odd = np.array([np.float64(1.0), np.frombuffer(b"\x01\x00\x00\x00\x00\x00\xf8\x7f")[0]])
    assert fingerprint(PLAIN.assign(x=odd)) == fingerprint(PLAIN)
