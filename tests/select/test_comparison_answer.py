import json
import math

import pytest

from answers import make_answer
from thalweg.base.errors import RunFolderError
from thalweg.select.comparison_answer import Answer
from thalweg.select.record import from_plain, to_plain
from thalweg.select.scoring.spread import Spread


@pytest.mark.parametrize("task", ["regression", "binary", "multiclass"])
def test_an_answer_survives_json(task):
    answer = make_answer(task)
    text = json.dumps(answer.to_dict(), allow_nan=False)
    assert len(text) < 200_000
    again = Answer.from_dict(json.loads(text))
    assert again.to_dict() == answer.to_dict()
    assert again.leaderboard.rows[0].scores.keys() == answer.leaderboard.rows[0].scores.keys()
    assert type(again.leaderboard.rows[0]) is type(answer.leaderboard.rows[0])


def test_large_populations_stay_compact():
    assert len(json.dumps(make_answer("multiclass", n=5000, seeds=20).to_dict())) < 200_000


@pytest.mark.parametrize("task", ["regression", "binary"])
def test_diagnostics_fit_the_task(task):
    answer = make_answer(task)
    assert bool(answer.residuals) == (task == "regression")
    assert bool(answer.calibration) == bool(answer.confusion) == (task == "binary")
    assert answer.recommended in {row.model for row in answer.leaderboard.rows}


def test_missing_numbers_become_null_and_come_back():
    plain = to_plain(Spread(0.1, math.nan, math.inf))
    assert plain == {"split_sd": 0.1, "seed_sd": None, "total_sd": None}
    assert math.isnan(from_plain(Spread, plain).seed_sd)


@pytest.mark.parametrize(
    "change",
    [
        lambda plain: plain.pop("verdict"),
        lambda plain: plain.update(surprise=1),
        lambda plain: plain.update(verdict=3),
        lambda plain: plain["leaderboard"].update(folds="five"),
        lambda plain: plain["leaderboard"].update(rows={}),
        lambda plain: plain["leaderboard"]["rows"][0].update(seeds=True),
    ],
)
def test_records_that_do_not_fit_are_refused(change):
    plain = make_answer().to_dict()
    change(plain)
    with pytest.raises(RunFolderError, match="Answer"):
        Answer.from_dict(plain)


def test_only_plain_values_are_saved():
    with pytest.raises(TypeError, match="set"):
        to_plain({"a": {1, 2}})
