import numpy as np
import pandas as pd
import pytest

from thalweg.data import encode
from thalweg.data.encode import fit_encoder

RNG = np.random.default_rng(6)
N = 81


def columns():
    """Numbers of many kinds: plain, far from 0, of few values, rare, constant, with ties, extreme, with gaps."""
    plain = {f"x{k}": RNG.normal(size=N) * 10.0 ** (k % 7 - 3) + 100 * k for k in range(40)}
    others = {
        "indicator": RNG.integers(0, 2, N) * 1.0,
        "rare": np.where(np.arange(N) == 3, 7.0, 5.0),
        "constant": np.full(N, 3.25),
        "few": RNG.integers(0, 3, N) * 1.0,
        "ties": np.round(RNG.normal(size=N)),
        "far": np.where(np.arange(N) == 5, 1e9, RNG.normal(size=N)),
        "tiny": RNG.normal(size=N) * 1e-140,
        "gaps": np.where(np.arange(N) % 9, RNG.normal(size=N), np.nan),
        "skewed": np.exp(4 * RNG.normal(size=N)),
        "level": pd.Categorical(RNG.choice(list("abc"), N)),
        "truth": pd.array(RNG.integers(0, 2, N) > 0, dtype="boolean"),
    }
    return pd.DataFrame(plain | others)


@pytest.mark.parametrize("rows", [N, 60, 7, 2, 1])
def test_many_columns_are_encoded_to_the_same_bits_as_one_by_one(rows, monkeypatch):
    table, some = columns(), np.sort(RNG.choice(N, rows, replace=False))
    new = columns()
    new.loc[2, ["x3", "few", "far"]] = np.nan, 1e20, -1e30
    monkeypatch.setattr(encode, "FEWEST", 10)
    together = fit_encoder(table, some)
    written = [together.transform(frame) for frame in (table, new)]
    monkeypatch.setattr(encode, "FEWEST", 10**9)
    alone = fit_encoder(table, some)
    assert together == alone
    for found, frame in zip(written, (table, new), strict=True):
        np.testing.assert_array_equal(found.view(np.int64), alone.transform(frame).view(np.int64))


def test_five_thousand_plain_columns_are_never_taken_one_by_one(monkeypatch):
    table = pd.DataFrame(RNG.normal(size=(200, 5_000))).rename(columns=str)
    table.iloc[3, 7] = np.nan
    alone = []
    fit_column = encode.fit_column
    monkeypatch.setattr(
        encode, "fit_column", lambda column, rows: (alone.append(column.name), fit_column(column, rows))[1]
    )
    encoder = fit_encoder(table, np.arange(160))
    assert alone == ["7"]
    places = [place for _, place in encode._numbers_together(encoder.columns, table)]
    assert len(places) == 4_999
    assert 7 not in places
