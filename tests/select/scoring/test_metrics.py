import numpy as np
import pytest
from sklearn import metrics as sk

from thalweg.base.errors import SettingError
from thalweg.select.scoring.metrics import METRICS, metrics_of_task, score

N = 80


def example(task, seed=0):
    rng = np.random.default_rng(seed)
    weights = rng.uniform(0.2, 3, N)
    if task == "regression":
        outcome = rng.standard_normal(N)
        return outcome, (0.5 * outcome + 0.3 * rng.standard_normal(N))[:, None], weights
    classes = 2 if task == "binary" else 4
    outcome = np.concatenate([np.arange(classes), rng.integers(0, classes, N - classes)])
    predicted = rng.dirichlet(np.ones(classes), N) + 0.5 * np.eye(classes)[outcome]
    return outcome, (predicted / predicted.sum(1, keepdims=True)).round(2) + 0.0, weights


def normalised(predicted):
    return predicted / predicted.sum(1, keepdims=True)


def oracle(task, outcome, predicted, weights):
    if task == "regression":
        return {
            "rmse": sk.root_mean_squared_error(outcome, predicted, sample_weight=weights),
            "mae": sk.mean_absolute_error(outcome, predicted, sample_weight=weights),
            "r2": sk.r2_score(outcome, predicted, sample_weight=weights),
        }
    if task == "binary":
        auc = sk.roc_auc_score(outcome, predicted[:, 1], sample_weight=weights)
    else:
        auc = sk.roc_auc_score(outcome, predicted, sample_weight=weights, multi_class="ovr")
    brier = sk.brier_score_loss(
        outcome,
        predicted,
        sample_weight=weights,
        scale_by_half=task == "binary",
        labels=np.arange(predicted.shape[1]),
    )
    return {
        "log_loss": sk.log_loss(outcome, predicted, sample_weight=weights),
        "accuracy": sk.accuracy_score(outcome, predicted.argmax(1), sample_weight=weights),
        "auc": auc,
        "brier": brier,
    }


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("task", METRICS)
def test_scores_equal_scikit_learns(task, weighted):
    outcome, predicted, weights = example(task)
    predicted = predicted if task == "regression" else normalised(predicted)
    weights = weights if weighted else None
    found, expected = score(task, outcome, predicted, weights), oracle(task, outcome, predicted, weights)
    assert found.keys() == expected.keys()
    for name, value in found.items():
        assert value == pytest.approx(expected[name], rel=1e-10), name


@pytest.mark.parametrize("task", METRICS)
def test_row_values_are_the_derivative_of_the_metric_by_the_row_weight(task):
    outcome, predicted, weights = example(task)
    outcome = outcome.astype(float)

    def value(metric, w):
        return (metric.rows(predicted[None], outcome, w) @ w / w.sum())[0]

    for metric in METRICS[task].values():
        rows = metric.rows(predicted[None], outcome, weights)[0]
        for i in (0, 7, 33):
            up, down = weights.copy(), weights.copy()
            up[i] += 1e-4
            down[i] -= 1e-4
            slope = (value(metric, up) - value(metric, down)) / 2e-4
            assert (rows[i] - value(metric, weights)) / weights.sum() == pytest.approx(slope, rel=1e-4, abs=1e-9), (
                metric.name
            )


@pytest.mark.parametrize("task", METRICS)
def test_whole_weights_equal_repeated_rows(task):
    outcome, predicted, _ = example(task)
    weights = np.random.default_rng(1).integers(1, 4, N)
    repeated = np.repeat(np.arange(N), weights)
    expected = score(task, outcome[repeated], predicted[repeated])
    assert score(task, outcome, predicted, weights.astype(float)) == pytest.approx(expected)


@pytest.mark.parametrize("task", METRICS)
def test_seeds_are_scored_one_by_one(task):
    outcome, predicted, weights = example(task)
    other = example(task, seed=5)[1]
    for metric in METRICS[task].values():
        both = metric.rows(np.stack([predicted, other]), outcome.astype(float), weights)
        alone = metric.rows(other[None], outcome.astype(float), weights)
        np.testing.assert_array_equal(both[1], alone[0])


def test_a_confident_miss_has_a_finite_log_loss():
    assert score("binary", np.array([0, 1]), np.array([[0.0, 1.0], [0.5, 0.5]]))["log_loss"] == pytest.approx(
        (-np.log(np.finfo(float).eps) + np.log(2)) / 2
    )


def test_metrics_that_are_undefined_are_nan():
    assert np.isnan(score("binary", np.array([1, 1]), np.full((2, 2), 0.5))["auc"])
    assert np.isnan(score("multiclass", np.array([1, 1]), np.full((2, 3), 1 / 3))["auc"])
    assert np.isnan(score("regression", np.ones(3), np.zeros((3, 1)))["r2"])


def test_multiclass_auc_skips_classes_that_do_not_occur():
    outcome, predicted, _ = example("multiclass")
    few = outcome != 3
    expected = np.mean([sk.roc_auc_score(outcome[few] == k, predicted[few, k]) for k in range(3)])
    assert score("multiclass", outcome[few], predicted[few])["auc"] == pytest.approx(expected)


def test_perfect_predictions():
    outcome = np.array([1.0, 2.0, 4.0])
    assert score("regression", outcome, outcome[:, None]) == {"rmse": 0.0, "mae": 0.0, "r2": 1.0}


def test_unknown_task_is_refused():
    with pytest.raises(SettingError, match="'ranking'"):
        metrics_of_task("ranking")
    with pytest.raises(SettingError, match="'ranking'"):
        score("ranking", np.ones(2), np.ones((2, 1)))


def test_a_named_metric_comes_first_and_must_be_one_of_the_task():
    assert list(metrics_of_task("regression", "mae")) == ["mae", "rmse", "r2"]
    with pytest.raises(SettingError, match=r"rmse, mae, r2 for a regression outcome, got 'auc'"):
        metrics_of_task("regression", "auc")
