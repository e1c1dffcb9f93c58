import math

import numpy as np
import pytest

from thalweg.base.errors import DataError, SettingError
from thalweg.select.scoring.leaderboard import build_leaderboard
from thalweg.select.scoring.metrics import score
from thalweg.select.scoring.predictions import HeldOutRows, ModelPredictions, ensemble

RNG = np.random.default_rng(0)
N, F = 50, 5
OUTCOME = RNG.standard_normal(N)
FOLD = np.arange(N) % F


def model(name, family="network", noise=0.5, seeds=3):
    return ModelPredictions(name, family, OUTCOME[None, :, None] + noise * RNG.standard_normal((seeds, N, 1)))


def regression(weights=None):
    return HeldOutRows("regression", OUTCOME, FOLD, "ridge", weights=weights)


MEAN = ModelPredictions("mean", "baseline", np.zeros((1, N, 1)))
RIDGE = model("ridge", "linear", 0.4, seeds=1)
NETWORK = model("network")


def test_value_is_the_mean_over_folds_of_the_mean_over_seeds():
    board = build_leaderboard(regression(), [MEAN, RIDGE, NETWORK])
    for name in ("rmse", "mae", "r2"):
        fits = [
            [score("regression", OUTCOME[f == FOLD], one[f == FOLD])[name] for f in range(F)] for one in NETWORK.values
        ]
        assert board.row("network").scores[name].value == pytest.approx(np.mean(fits))
        assert board.row("network").scores[name].spread.seed_sd == pytest.approx(
            math.sqrt(np.var(fits, axis=0, ddof=1).mean())
        )


def test_folds_count_by_their_weight():
    weights = np.where(FOLD == 0, 4.0, 1.0)
    board = build_leaderboard(regression(weights), [RIDGE])
    fits = [score("regression", OUTCOME[f == FOLD], RIDGE.values[0][f == FOLD])["rmse"] for f in range(F)]
    assert board.row("ridge").scores["rmse"].value == pytest.approx(np.average(fits, weights=[4, 1, 1, 1, 1]))


def test_best_model_comes_first_and_roles_are_found():
    board = build_leaderboard(regression(), [MEAN, RIDGE, NETWORK, model("bad network", noise=3.0)])
    assert [row.model for row in board.rows] == ["ridge", "network", "mean", "bad network"]
    assert (board.reference, board.baseline, board.challenger) == ("ridge", "mean", "network")


def test_differences_are_of_the_displayed_scores():
    board = build_leaderboard(regression(), [MEAN, RIDGE, NETWORK])
    assert len(board.differences) == 4
    for d in board.differences:
        shown = board.row(d.model).scores["rmse"].value - board.row(d.reference).scores["rmse"].value
        assert d.estimate == pytest.approx(shown)
        assert d.low < d.estimate < d.high
    assert board.difference("ridge", "ridge") is None


def test_a_diverged_fit_is_left_out_and_counted():
    broken = NETWORK.values.copy()
    broken[1, np.flatnonzero(FOLD == 2)[0]] = np.nan
    row = build_leaderboard(regression(), [RIDGE, ModelPredictions("network", "network", broken)]).row("network")
    fits = np.array(
        [[score("regression", OUTCOME[f == FOLD], one[f == FOLD])["rmse"] for f in range(F)] for one in NETWORK.values]
    )
    fits[1, 2] = np.nan
    assert row.left_out == 1
    assert row.scores["rmse"].value == pytest.approx(np.nanmean(fits, axis=0).mean())


def test_a_model_that_always_diverged_comes_last_without_score():
    dead = ModelPredictions("network", "network", np.full((2, N, 1), np.inf))
    board = build_leaderboard(regression(), [dead, RIDGE])
    assert board.rows[-1].model == "network"
    assert board.rows[-1].left_out == 2 * F
    assert math.isnan(board.rows[-1].scores["rmse"].value)
    assert math.isnan(board.difference("network", "ridge").estimate)


def test_auc_of_a_fold_with_one_class_is_left_out():
    outcome = (np.arange(N) % 2).astype(np.int64)
    outcome[FOLD == 0] = 1
    probability = np.clip(0.5 + 0.2 * RNG.standard_normal(N), 0.01, 0.99)
    logistic = ModelPredictions("logistic", "linear", np.stack([1 - probability, probability], 1)[None])
    board = build_leaderboard(HeldOutRows("binary", outcome, FOLD, "logistic", ("no", "yes")), [logistic])
    assert board.row("logistic").scores["auc"].folds == F - 1
    assert math.isfinite(board.row("logistic").scores["auc"].value)
    assert board.row("logistic").scores["log_loss"].folds == F


def test_two_folds_and_one_seed_work():
    problem = HeldOutRows("regression", OUTCOME, FOLD % 2, "ridge")
    board = build_leaderboard(problem, [RIDGE, model("network", seeds=1)])
    assert math.isfinite(board.differences[0].low)
    assert math.isnan(board.row("network").scores["rmse"].spread.seed_sd)


def test_ensemble_averages_and_is_no_worse_than_its_mean_member_in_squared_error():
    both = ensemble(NETWORK, "ensemble")
    np.testing.assert_allclose(both.values[0], NETWORK.values.mean(0))
    board = build_leaderboard(regression(), [RIDGE, NETWORK, both])
    assert board.row("ensemble").scores["rmse"].value < board.row("network").scores["rmse"].value


def test_ensemble_leaves_out_diverged_fits_row_by_row():
    values = np.array([[[1.0], [2.0]], [[np.nan], [4.0]]])
    np.testing.assert_array_equal(ensemble(ModelPredictions("n", "network", values), "e").values, [[[1.0], [3.0]]])
    assert np.isnan(ensemble(ModelPredictions("n", "network", values[1:]), "e").values[0, 0, 0])


@pytest.mark.parametrize(
    ("models", "message"),
    [
        ([NETWORK], "reference model 'ridge'"),
        ([RIDGE, RIDGE], "own name"),
        ([RIDGE, ModelPredictions("short", "network", np.zeros((1, N - 1, 1)))], r"\[R, 50, 1\]"),
        ([RIDGE, ModelPredictions("wide", "network", np.zeros((1, N, 2)))], r"\[R, 50, 1\]"),
    ],
)
def test_models_that_do_not_fit_are_refused(models, message):
    with pytest.raises(SettingError, match=message):
        build_leaderboard(regression(), models)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("ranking", OUTCOME, FOLD, "ridge"), SettingError, "task"),
        (("regression", OUTCOME, FOLD[:-1], "ridge"), DataError, "fold must have one entry"),
        (
            ("regression", np.where(FOLD == 0, np.nan, OUTCOME), FOLD, "ridge"),
            DataError,
            "must have an outcome",
        ),
        (("regression", OUTCOME, np.zeros(N, int), "ridge"), SettingError, "at least two"),
        (("regression", OUTCOME, FOLD + 1, "ridge"), SettingError, "number the folds"),
        (("binary", FOLD, FOLD, "logistic", ("no", "yes")), DataError, "2 classes"),
        (("binary", FOLD % 3, FOLD, "logistic", ("a", "b", "c")), DataError, "3 classes"),
        (("multiclass", FOLD % 2, FOLD, "logistic", ("a", "b")), DataError, "2 classes"),
        (("regression", OUTCOME, FOLD, "ridge", (), -np.ones(N)), DataError, "not negative"),
    ],
)
def test_problems_that_make_no_sense_are_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        HeldOutRows(*arguments)


def test_predictions_need_three_axes_and_a_known_family():
    with pytest.raises(SettingError, match="R N C"):
        ModelPredictions("x", "linear", np.zeros((N, 1)))
    with pytest.raises(SettingError, match="family"):
        ModelPredictions("x", "tree", np.zeros((1, N, 1)))
