"""Standard errors, joint draws, adjusted p-values, sets of the best, aggregation over splits."""

import numpy as np
import pytest
from scipy.stats import norm

from thalweg.base.errors import SettingError
from thalweg.effects.inference.intervals import best_set, influence, joint, mean_score, median_over_repeats


def test_standard_error_is_the_textbooks():
    scores = np.random.default_rng(0).normal(size=(50, 2))
    error = np.sqrt((influence(scores) ** 2).sum(0))
    np.testing.assert_allclose(error, scores.std(0, ddof=1) / np.sqrt(50))


def test_clusters_of_one_change_nothing_and_whole_clusters_count_once():
    scores = np.random.default_rng(0).normal(size=(60, 1))
    plain = np.sqrt((influence(scores) ** 2).sum(0))
    np.testing.assert_allclose(np.sqrt((influence(scores, np.arange(60)) ** 2).sum(0)), plain)
    repeated = np.repeat(scores, 5, axis=0)
    np.testing.assert_allclose(np.sqrt((influence(repeated, np.repeat(np.arange(60), 5)) ** 2).sum(0)), plain)


def crossed(rng, first=40, second=30):
    """Scores with an effect of either cluster, one row per pair."""
    g, h = (a.ravel() for a in np.indices((first, second)))
    scores = rng.normal(size=first)[g] + rng.normal(size=second)[h] + rng.normal(size=len(g))
    return scores[:, None], np.column_stack([g, h])


def test_two_sets_of_clusters_add_and_their_intersections_are_taken_off():
    scores, clusters = crossed(np.random.default_rng(0))
    first, second, both, plain = (
        (influence(scores, c) ** 2).sum() for c in (clusters[:, 0], clusters[:, 1], np.arange(len(scores)), None)
    )
    assert (influence(scores, clusters) ** 2).sum() == pytest.approx(first + second - both)
    assert both == pytest.approx(plain)
    same = np.column_stack([clusters[:, 0], clusters[:, 0]])
    assert (influence(scores, same) ** 2).sum() == pytest.approx(first)


def test_errors_by_two_sets_of_clusters_cover_where_those_by_one_do_not():
    inside, alone = [], []
    for seed in range(300):
        scores, clusters = crossed(np.random.default_rng(seed))
        for codes, tally in ((clusters, inside), (clusters[:, 0], alone)):
            tally.append(abs(scores.mean()) <= 1.96 * np.sqrt((influence(scores, codes) ** 2).sum()))
    assert 0.91 < np.mean(inside) < 0.98
    assert np.mean(alone) < 0.85


def test_negative_variances_of_crossed_clusters_are_not_reported():
    scores = np.array([[1.0], [-1.0], [-1.0], [1.0]])
    clusters = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])  # every cluster sums to zero: V₁ = V₂ = 0
    rows = influence(np.column_stack([scores, 2 * scores]), clusters)
    plain = (influence(scores) ** 2).sum()
    np.testing.assert_allclose((rows**2).sum(0), [plain, 4 * plain])


def test_weights_equal_repeated_rows():
    rng = np.random.default_rng(0)
    scores, times = rng.normal(size=(40, 2)), rng.integers(1, 4, 40)
    repeated = np.repeat(scores, times, axis=0)
    np.testing.assert_allclose(mean_score(scores, times.astype(float)), repeated.mean(0))
    clusters = np.repeat(np.arange(40), times)
    np.testing.assert_allclose(
        (influence(scores, None, times.astype(float)) ** 2).sum(0), (influence(repeated, clusters) ** 2).sum(0)
    )


def independent(count, rows=4000, seed=0):
    return influence(np.random.default_rng(seed).normal(size=(rows, count)))


def test_critical_value_of_independent_estimates_is_sidaks():
    rows = independent(10)
    answer = joint(np.zeros(10), np.sqrt((rows**2).sum(0)), rows, draws=40_000)
    assert abs(answer.critical(0.95) - norm.ppf(0.5 + 0.95**0.1 / 2)) < 0.04


def test_critical_value_of_one_estimate_seen_twice_is_the_plain_one():
    rows = np.repeat(independent(1), 5, axis=1)
    answer = joint(np.zeros(5), np.sqrt((rows**2).sum(0)), rows, draws=40_000)
    assert abs(answer.critical(0.95) - 1.96) < 0.04


def test_adjusted_p_values_are_ordered_and_step_down_is_sharper():
    rows = independent(6)
    error = np.sqrt((rows**2).sum(0))
    answer = joint(error * np.array([4.0, 2.9, 2.5, 1.0, 0.3, 0.0]), error, rows)
    single, stepped, holm = (answer.adjusted(how) for how in ("max-t", "step-down", "holm"))
    assert (np.diff(stepped) >= 0).all()
    assert (stepped <= single + 1e-12).all()
    assert stepped[2] < single[2]
    np.testing.assert_allclose(stepped[:3], holm[:3], atol=0.01)
    with pytest.raises(SettingError, match="adjust"):
        answer.adjusted("none")


def test_best_set_keeps_ties_and_drops_the_hopeless():
    rows = independent(3)
    error = float(np.sqrt((rows**2).sum(0))[0])
    assert best_set(np.array([0.0, error, -10 * error]), rows).tolist() == [True, True, False]


def test_median_over_repeats_adds_the_spread_between_splits():
    centre, error = median_over_repeats(np.array([[0.0], [1.0], [5.0]]), np.ones((3, 1)))
    assert centre[0] == 1.0
    assert error[0] == np.sqrt(2.0)
