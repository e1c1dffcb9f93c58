import numpy as np
import pandas as pd
import pytest

from thalweg.data.problem import pose
from thalweg.data.remarks.functions import exact_functions

N = 150
RNG = np.random.default_rng(8)
TABLE = pd.DataFrame(RNG.normal(size=(N, 5)), columns=list("abcde"))
A, B, C = (TABLE[name].to_numpy() for name in "abc")
GOALS = pd.DataFrame({"home": RNG.poisson(1.5, N), "away": RNG.poisson(1.2, N), "x": RNG.normal(size=N)}).astype(float)
P, Q = RNG.integers(0, 2, (2, N))


def found(table, outcome):
    codes = pd.factorize(outcome)[0]
    classes = np.asarray(outcome).dtype.kind in "OUS"
    return list(exact_functions(table, codes if classes else np.asarray(outcome, dtype=np.float64), codes, classes))


@pytest.mark.parametrize(
    ("outcome", "columns", "what"),
    [
        (A + B, ("a", "b"), "a sum with weights"),
        (np.round(100 * A - 70 * B + C, 4), ("a", "b", "c"), "a sum with weights"),
        (A * B, ("a", "b"), "a product of powers"),
        (A / B, ("a", "b"), "a product of powers"),
        (-3 * A / C**2, ("a", "c"), "a product of powers"),
        (np.round(100 * A / B, 4), ("a", "b"), "a product of powers"),
        (np.round(np.sqrt(np.abs(1e5 * A * B)), 5), ("a", "b"), "a product of powers"),
        (np.maximum(A, B), ("a", "b"), "in every row one of them"),
        (np.where(P, A, C), ("a", "c"), "in every row one of them"),
    ],
)
def test_sums_and_products_are_found(outcome, columns, what):
    assert found(TABLE, outcome) == [(columns, what)]


def test_comparisons_and_pairs_of_levels_are_found():
    result = np.where(GOALS.home > GOALS.away, "home", np.where(GOALS.home < GOALS.away, "away", "draw"))
    assert (("home", "away"), "which of the two is larger") in found(GOALS, result)
    exclusive = np.where(P != Q, "yes", "no")
    table = pd.DataFrame({"p": pd.Categorical(P.astype(str)), "q": Q.astype(float), "x": A})
    assert found(table, exclusive) == [(("p", "q"), "every pair of their values goes with one")]


@pytest.mark.parametrize(
    "outcome",
    [
        A + B + 1e-3 * RNG.normal(size=N),
        A * B + 0.01 * C,
        np.exp(A) + B,
        np.where(A + 0.1 * RNG.normal(size=N) > B, "x", "y"),
    ],
)
def test_noise_is_no_function(outcome):
    assert found(TABLE, outcome) == []


def test_as_many_columns_as_rows_prove_nothing():
    wide = pd.DataFrame(RNG.normal(size=(40, 60))).add_prefix("x")
    assert found(wide, RNG.normal(size=40)) == []
    assert found(wide, np.where(RNG.normal(size=40) > 0, "a", "b")) == []


def test_the_note_names_the_columns():
    notes = [n for n in pose(TABLE.assign(total=A + B), target="total").notes if n.code == "leakage"]
    assert [note.columns for note in notes] == [("a", "b")]
    assert notes[0].text == (
        "The target 'total' is an exact function of 'a', 'b' (a sum with weights): if they are not known before the "
        "outcome, leave them out (ignore)."
    )
