import numpy as np
import pytest

from thalweg.base.errors import DataError
from thalweg.data.problem import pose

N = 200
RNG = np.random.default_rng(3)
X, Y = RNG.normal(size=(2, N))


def test_useless_columns_are_left_out_and_named():
    problem = pose(
        {"x": X, "unit": ["kg"] * N, "note": [None] * N, "name": [f"n{i}" for i in range(N)], "y": Y}, target="y"
    )
    said = {note.code: note for note in problem.notes}
    assert problem.features.columns.tolist() == ["x"]
    assert said["constant_column"].columns == ("unit",)
    assert said["empty_column"].columns == ("note",)
    assert said["id_like"].columns == ("name",)
    assert all(said[code].is_warning for code in ("constant_column", "empty_column", "id_like"))


def test_a_constant_with_gaps_is_kept():
    problem = pose({"x": X, "seen": ["yes", None] * (N // 2), "y": Y}, target="y")
    assert "seen" in problem.features


@pytest.mark.parametrize("name", ["Unnamed: 0", "column0", "index", "...1", "rownames", "level_0"])
def test_a_stored_index_is_left_out_unless_it_is_asked_for(name):
    table = {name: RNG.permutation(1000)[:N], "x": X, "y": Y}
    assert pose(table, target="y").features.columns.tolist() == ["x"]
    assert name in pose(table, target="y", features=[name, "x"]).features


def test_running_text_is_left_out_or_refused_in_words():
    words = ["the room", "a view", "was far", "too small", "very nice", "again soon"]
    texts = [f"{words[i % 6]} and {words[i % 5]} indeed {i}" for i in range(N)]
    [note] = [note for note in pose({"x": X, "review": texts, "y": Y}, target="y").notes if note.code == "id_like"]
    assert "running text" in note.text
    assert "counts of words" in note.text
    repeated = [f"it was number {i // 2} of them" for i in range(4000)]
    table = {"x": np.arange(4000.0), "review": repeated, "y": np.arange(4000.0) % 7.5}
    with pytest.raises(DataError, match=r"running text.*counts of words"):
        pose(table, target="y")
