"""Gradient boosting beside an estimator, on its own folds."""

import json

import numpy as np

from thalweg.estimators import LinearRegressor, LogisticClassifier
from thalweg.estimators.keeping.boosting_beside import LEFT_OUT, boosting_beside
from thalweg.estimators.keeping.tracking import judged_rows

RNG = np.random.default_rng(4)
X = RNG.standard_normal((120, 2))


def test_missing_numbers_count_as_their_mean(tmp_path):
    x = X.copy()
    x[::7, 0] = np.nan
    model = LinearRegressor(folds=3, out=tmp_path).fit(x, np.abs(X[:, 1]))
    answer = json.loads((model.run_folder_ / "answer.json").read_text())
    scores = {row["model"]: row["scores"]["rmse"]["value"] for row in answer["leaderboard"]["rows"]}
    assert scores["gradient boosting"] < scores["ridge regression"]
    assert answer["recommended"] == "gradient boosting"


def test_a_class_that_a_fold_does_not_see_leaves_it_out_and_says_so():
    y = np.array(["a"] * 60 + ["b"] * 59 + ["c"])
    population = LogisticClassifier(folds=3).fit(X, y).population_
    judged = judged_rows(population, "multiclass", ("a", "b", "c"))
    assert boosting_beside(population, judged, population.rows.y.argmax(axis=1)) == ([], (LEFT_OUT,))
