import math

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from thalweg.base.errors import SettingError
from thalweg.select.scoring.curves import learning_curves
from thalweg.select.scoring.diagnostics import Calibration, Confusion, Residuals, calibration, confusion, residuals
from thalweg.select.scoring.predictions import HeldOutRows, ModelPredictions

RNG = np.random.default_rng(0)
N = 2000


def binary(seeds=2):
    probability = RNG.uniform(0, 1, N)
    outcome = (RNG.random(N) < probability).astype(np.int64)
    values = np.repeat(np.stack([1 - probability, probability], 1)[None], seeds, axis=0)
    problem = HeldOutRows("binary", outcome, np.arange(N) % 5, "x", ("no", "yes"))
    return problem, ModelPredictions("x", "network", values)


def test_true_probabilities_are_calibrated():
    found = calibration(*binary())
    assert found.event == "yes"
    np.testing.assert_allclose(found.predicted, found.observed, atol=0.1)
    assert sum(found.count) == N
    assert max(found.count) - min(found.count) <= 2


def test_equal_predictions_share_a_bin():
    problem, _ = binary()
    found = calibration(problem, ModelPredictions("x", "linear", np.full((1, N, 2), 0.5)))
    assert len(found.count) == 1
    assert found.observed[0] == pytest.approx(problem.outcome.mean(), rel=1e-6)


def test_multiclass_calibration_is_of_the_predicted_class():
    outcome = np.arange(N) % 3
    right = np.eye(3)[outcome] * 0.7 + 0.1
    found = calibration(
        HeldOutRows("multiclass", outcome, np.arange(N) % 5, "x", ("a", "b", "c")),
        ModelPredictions("x", "linear", right[None]),
    )
    assert found.event == "the predicted class"
    assert found.predicted == pytest.approx((0.8,))
    assert found.observed == (1.0,)


def test_confusion_equals_scikit_learns_averaged_over_seeds():
    problem, model = binary(seeds=1)
    other = 1 - model.values
    both = ModelPredictions("x", "network", np.concatenate([model.values, other]))
    expected = [confusion_matrix(problem.outcome, v.argmax(1)) for v in both.values]
    np.testing.assert_allclose(confusion(problem, both).count, np.mean(expected, axis=0))


def test_diverged_fits_do_not_enter():
    problem, model = binary(seeds=2)
    values = model.values.copy()
    values[1, problem.fold == 3] = np.nan
    broken = ModelPredictions("x", "network", values)
    assert confusion(problem, broken).count == confusion(problem, model).count
    assert sum(calibration(problem, broken).count) == pytest.approx(0.9 * N, abs=5)


def test_residual_bins_hold_their_rows():
    predicted = RNG.standard_normal(N)
    outcome = predicted + 0.5 * RNG.standard_normal(N)
    found = residuals(
        HeldOutRows("regression", outcome, np.arange(N) % 5, "x"),
        ModelPredictions("x", "linear", predicted[None, :, None]),
    )
    assert sum(found.count) == N
    assert len(found.sample) == 300
    np.testing.assert_allclose(found.predicted, found.actual, atol=0.15)
    assert all(low < mean < high for low, mean, high in zip(found.low, found.actual, found.high, strict=True))


def test_residuals_use_the_mean_over_finite_seeds():
    outcome = np.array([0.0, 1.0, 2.0, 3.0])
    values = np.array([[0.0, 1.0, 2.0, 3.0], [2.0, 3.0, np.nan, np.nan]])[:, :, None]
    found = residuals(
        HeldOutRows("regression", outcome, np.array([0, 0, 1, 1]), "x"), ModelPredictions("x", "network", values)
    )
    assert found.sample == ((1.0, 0.0), (2.0, 1.0), (2.0, 2.0), (3.0, 3.0))


def test_curves_end_where_half_of_the_members_stopped():
    losses = np.tile(np.linspace(2.0, 1.0, 10), (4, 1))
    losses[0, 3:] = np.nan
    losses[1, 6:] = np.nan
    losses[2, 8:] = np.nan
    found = learning_curves("network", losses, losses + 1)
    assert found.epoch == tuple(range(1, 9))
    assert found.stopped == (3, 6, 8)
    assert found.training == (4, 4, 4, 3, 3, 3, 2, 2)
    np.testing.assert_allclose(found.validation.median, np.array(found.train.median) + 1)


def test_long_runs_are_thinned_to_first_and_last():
    losses = np.linspace(1, 0, 5000)[None]
    found = learning_curves("network", losses, losses)
    assert len(found.epoch) == 120
    assert (found.epoch[0], found.epoch[-1]) == (1, 5000)


def test_bands_are_quantiles_over_members():
    losses = RNG.random((50, 3))
    found = learning_curves("network", losses, losses)
    np.testing.assert_allclose(found.train.low, np.quantile(losses, 0.1, axis=0), rtol=1e-6)
    np.testing.assert_allclose(found.train.high, np.quantile(losses, 0.9, axis=0), rtol=1e-6)


def test_members_that_never_had_a_loss_are_dropped():
    losses = np.array([[1.0, 0.5], [np.nan, np.nan]])
    assert learning_curves("network", losses, losses).training == (1, 1)


@pytest.mark.parametrize(
    ("train", "validation", "message"),
    [(np.ones((2, 3)), np.ones((2, 4)), "P E"), (np.full((2, 3), np.nan), np.ones((2, 3)), "finite loss")],
)
def test_losses_that_make_no_curve_are_refused(train, validation, message):
    with pytest.raises(SettingError, match=message):
        learning_curves("network", train, validation)


def test_summaries_of_bins_are_weighted_by_rows():
    one = Calibration("m", "yes", (0.2, 0.6), (0.4, 0.5), (30, 10))
    assert one.distance == pytest.approx((0.2 * 30 + 0.1 * 10) / 40)
    assert Calibration("m", "yes", (), (), ()).distance == 0
    assert Residuals("m", (1.0, 2.0, 3.0), (1.5, 2.9, 2.5), (), (), (), ()).farthest == 1


def test_a_class_without_rows_has_no_recall():
    recall = Confusion("m", ("a", "b"), ((3.0, 1.0), (0.0, 0.0))).recall
    assert recall[0] == 0.75
    assert math.isnan(recall[1])
