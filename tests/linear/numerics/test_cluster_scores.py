"""Leverage of clusters, and which coefficients one of them decides alone."""

import numpy as np

from thalweg.linear.numerics.cluster_scores import cluster_scores

DRAW = np.random.default_rng(0)


def test_leverages_of_clusters_sum_to_the_coefficients():
    A = DRAW.normal(size=(60, 4))
    found = cluster_scores(np.linalg.inv(A.T @ A), A, A, np.arange(60) % 7)
    assert len(found) == 7
    np.testing.assert_allclose(found.leverage().sum(), 4, rtol=1e-12)
    np.testing.assert_allclose(sum(found.blocks()), np.eye(4), atol=1e-12)


def test_a_dummy_of_a_cluster_is_decided_by_it_and_an_effect_across_clusters_is_not():
    codes = np.arange(60) % 6
    A = np.column_stack([np.ones(60), DRAW.normal(size=60), codes == 2, codes == 4, codes < 3]).astype(float)
    found = cluster_scores(np.linalg.inv(A.T @ A), A, A, codes)
    assert found.decided_alone().tolist() == [2, 3]
