import numpy as np
import pytest

import thalweg as tw
from thalweg.train.running.limit import ending_at

RANDOM = np.random.default_rng(3)
A, B, X = RANDOM.integers(0, 2, 240), RANDOM.integers(0, 2, 240), RANDOM.normal(size=240)
TABLE = {"y": A + B + X + RANDOM.normal(size=240), "a": A, "b": B, "x": X}
ASKED = {"target": "y", "treatments": ["a", "b"], "link": ["linear", "full"], "ridge": [5e-6, 1e-3]}
ASKED |= {"epochs": 4, "folds": 2, "workers": 1, "watch": False}


@pytest.fixture
def splits(monkeypatch):
    """Let the time be over after so many fits."""

    fit = tw.DeDL.fit

    def over_after(fits):
        left = iter(range(fits))

        def counted(dedl, *args, **roles):
            over = next(left, None) is None
            with ending_at(0.0 if over else float("inf")):
                return fit(dedl, *args, **roles)

        monkeypatch.setattr(tw.DeDL, "fit", counted)

    return over_after


def test_an_answer_in_time_is_that_of_fewer_splits_and_the_same_command_goes_on(splits, tmp_path):
    two, three = (tw.fit_effects(TABLE, **ASKED, repeats=repeats) for repeats in (2, 3))
    splits(2)
    found = tw.fit_effects(TABLE, **ASKED, repeats=3, time_limit="1h", out=tmp_path / "run")
    assert found.frame().equals(two.frame())
    assert "after 2 of 3 splits. Give the same command again" in " ".join(found.text().split())
    assert tw.load(tmp_path / "run").frame().equals(two.frame())
    splits(9)
    whole = tw.fit_effects(TABLE, **ASKED, repeats=3, out=tmp_path / "run")
    assert whole.frame().equals(three.frame())


def test_without_one_split_there_is_no_answer_but_what_is_done_is_kept(splits, tmp_path):
    splits(0)
    with pytest.raises(
        tw.TrainingError, match=r"over before one split was complete.*0 of 2 networks.*longer time_limit"
    ):
        tw.fit_effects(TABLE, **ASKED, repeats=3, time_limit="1h", out=tmp_path / "run")


def test_cells_are_left_out_while_there_is_time():
    quick = ASKED | {"link": "linear", "ridge": 1e-3}
    found = tw.fit_effects(TABLE, **quick, repeats=2, time_limit="1h", leave_out=True)
    asked = tw.fit_effects(TABLE, **quick, repeats=2, leave_out=True)
    assert found.left_out == asked.left_out
