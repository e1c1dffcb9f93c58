"""Rows of plain values are encoded to the bits of the long way, or not at all."""

import numpy as np
import pandas as pd
import pytest

from thalweg.data.encode import fit_encoder
from thalweg.data.new_rows import encode_new_rows
from thalweg.data.record_rows import record_rows


@pytest.fixture(scope="module")
def encoder():
    rng = np.random.default_rng(0)
    x = rng.normal(0.1, 3.0, 60)
    x[3], x[4] = 1e30, np.nan
    frame = pd.DataFrame(
        {
            "size": x,
            "ward": pd.Categorical(rng.choice(["a", "b", "NA"], 60), categories=["a", "b", "NA", "unseen"]),
            "open": pd.array(rng.integers(0, 2, 60) > 0, dtype="boolean"),
            "count": rng.integers(0, 9, 60).astype(float),
            "same": np.ones(60),
        }
    )
    return fit_encoder(frame, np.arange(50))


ROW = {"size": 0.3, "ward": "b", "open": True, "count": 4, "same": 1}


def test_bits_are_those_of_the_long_way(encoder):
    rng = np.random.default_rng(1)
    rows = [
        {"same": 2, "ward": ward, "open": bool(k % 2), "count": int(k), "size": float(size)}
        for k, (size, ward) in enumerate(zip([*rng.normal(0, 3, 40), 1e12, -1e12], ["a", "b", "NA"] * 14, strict=True))
    ]
    found = record_rows(encoder).encode(rows)
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    wanted, notes, _ = encode_new_rows(encoder, columns)
    assert notes == ()
    assert found.tobytes() == wanted.tobytes()
    for n, row in enumerate(rows):
        assert record_rows(encoder).encode([row]).tobytes() == wanted[n].tobytes()


@pytest.mark.parametrize(
    "change",
    [
        {"size": None},
        {"size": "0.3"},
        {"size": True},
        {"size": float("nan")},
        {"size": float("inf")},
        {"count": 2**60},
        {"ward": "unseen"},
        {"ward": "nobody knows"},
        {"ward": None},
        {"ward": 1},
        {"ward": ["a"]},
        {"open": 1},
        {"open": None},
        {"extra": 1},
    ],
)
def test_what_is_worth_a_word_goes_the_long_way(encoder, change):
    assert record_rows(encoder).encode([ROW]) is not None
    assert record_rows(encoder).encode([ROW, ROW | change]) is None


def test_a_row_that_lacks_a_column_goes_the_long_way(encoder):
    assert record_rows(encoder).encode([{name: value for name, value in ROW.items() if name != "size"}]) is None


def test_dates_and_formulas_go_the_long_way():
    days = pd.DataFrame({"day": pd.date_range("2024-01-01", periods=5).astype("datetime64[us]")})
    assert record_rows(fit_encoder(days, np.arange(5))) is None
