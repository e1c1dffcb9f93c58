import numpy as np
import pandas as pd
import pytest

from thalweg.data.problem import pose

N = 200
RNG = np.random.default_rng(3)
X, Y = RNG.normal(size=(2, N))
LABEL = np.where(Y > 0, "up", "down")
THREE = pd.Categorical(np.floor(np.clip(Y, -1, 1)).astype(int).astype(str))
COUNT = RNG.poisson(1.5, N).astype(float)


def told(column, outcome, **more):
    """Texts of notes on leaks in a table of this column and an innocent one."""
    problem = pose({"copy": column, "x": X, **more, "y": outcome}, target="y")
    found = [note for note in problem.notes if note.code == "leakage"]
    assert all(note.doubt for note in found)
    return [note.text for note in found]


@pytest.mark.parametrize(
    ("column", "outcome", "how"),
    [
        (Y, Y, "has correlation 1 with the target 'y'"),
        (3 - 2 * Y, Y, "has correlation 1"),
        (np.where(np.arange(N) == 5, np.nan, Y), Y, "has correlation 1"),
        (1e9 + Y, Y, "has correlation 1"),
        (np.exp(Y), Y, "rises or falls with the target 'y' without exception"),
        (np.where(np.arange(N) == 5, np.nan, -(Y**3)), Y, "without exception"),
        (np.digitize(Y, [-1, 0, 1]), Y, "without exception"),
        (Y, np.round(Y, 1), "without exception"),
        (Y > 0, Y, "without exception"),
        (pd.Timestamp("2020-01-01") + pd.to_timedelta(np.round(Y * 1e5), "s"), Y, "without exception"),
        (LABEL, LABEL, "says one to one what is the target 'y'"),
        ((Y > 0).astype(float), LABEL, "separates the classes"),
        (Y > 0, LABEL, "separates the classes"),
        (np.where(Y > 0, "A", "B"), LABEL, "one to one"),
        (Y, LABEL, "separates the classes of the target 'y' by one threshold"),
        (Y, np.where(np.abs(Y) < 0.7, "in", "out"), "says the class of the target 'y' by 2 thresholds"),
        (np.round(Y, 1), np.digitize(np.round(Y, 1), [-0.75, 0.05, 0.75]) % 2 > 0, "by 3 thresholds"),
        (np.digitize(Y, [-1, 0, 1]), LABEL, "separates the classes"),
        (Y, THREE, "has a range of its own for each class"),
        (np.where(Y > 0, np.abs(X) + 1, 0.0), LABEL, "separates the classes"),
        (np.where(Y > 0, X, -0.1), LABEL, "is -0.1 exactly where the target 'y' is 'down'"),
        (np.where(Y > 0, np.where(X > 0, "a", "b"), np.where(X > 0, "c", "d")), LABEL, "has values of one target 'y'"),
        (np.where(Y > 0, X, np.nan), LABEL, "is missing exactly where the target 'y' is 'down'"),
        (np.where(Y > 0, LABEL, None), LABEL, "is missing exactly where the target 'y' is 'down'"),
        (np.where(np.clip(Y, -1, 1) >= 0, X, np.nan), THREE, "is missing exactly where the target 'y' is '-1'"),
        (np.where(Y > 0.5, X, np.nan), Y, "is missing exactly where the target 'y' is beyond one value"),
        (np.where(COUNT == 1, np.nan, X), COUNT + 0.5, "is missing exactly where the target 'y' is '1.5'"),
    ],
)
def test_columns_that_tell_the_outcome_are_named(column, outcome, how):
    texts = told(column, outcome)
    assert any("'copy'" in text and how in text for text in texts)
    assert all("leave it out (ignore)" in text or "leave them out" in text for text in texts)


@pytest.mark.parametrize(
    ("column", "outcome"),
    [
        (X + RNG.normal(size=N), Y),
        (Y + RNG.normal(size=N), Y),
        (Y + 0.1 * RNG.normal(size=N), LABEL),
        (np.where(X > 0, "A", "B"), LABEL),
        (np.where(X > 0, np.nan, X), LABEL),
        (np.where((Y > 0) & (X > 0), np.nan, X), LABEL),  # missing in one class alone, but not always there
        (np.where(np.arange(N) == Y.argmax(), np.nan, X), Y),  # one gap, at the largest outcome: two in two hundred
        ([f"k{place}" for place in RNG.integers(0, 150, N)], LABEL),  # so many levels that most have one row
    ],
)
def test_what_is_related_or_an_accident_is_no_leak(column, outcome):
    assert told(column, outcome) == []


def test_few_rows_separate_by_accident():
    assert not [
        n for n in pose({"x": [1.0, 2.0, 3.0, 4.0], "y": list("aabb")}, target="y").notes if n.code == "leakage"
    ]


def test_columns_with_the_same_leak_share_a_note():
    texts = told(Y + 1, LABEL, again=Y**3, third=np.exp(Y))
    assert len(texts) == 1
    assert texts[0].startswith("Columns 'copy', 'again', 'third': each separates the classes")


@pytest.mark.parametrize("steps", ["D", "B", "MS", "QS", "h"])
def test_the_date_of_a_growing_total_is_no_leak_and_a_date_made_from_the_outcome_is(steps):
    total, dates = np.cumsum(RNG.exponential(size=N)), pd.date_range("2001-01-01", periods=N, freq=steps)
    assert told(dates, total) == []
    assert "without exception" in told(pd.Timestamp("2020-01-01") + pd.to_timedelta(total**2 * 1e4, "s"), total)[0]
    grows = pose({"year": np.arange(1900, 1900 + N), "hours": X, "y": total}, target="y").notes
    assert {note.code for note in grows} & {"leakage", "order_in_time"} == {"order_in_time"}
