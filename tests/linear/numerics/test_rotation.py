import numpy as np

from thalweg.linear.numerics.rotation import rotate


def test_directions_are_orthonormal_and_give_the_columns_back():
    Z = np.random.default_rng(0).normal(size=(8, 30))
    Z -= Z.mean(axis=0)
    found = rotate(Z)
    assert found.scores.shape == (8, 7)  # centred rows have one direction less
    np.testing.assert_allclose(found.directions.T @ found.directions, np.eye(7), atol=1e-12)
    np.testing.assert_allclose(found.scores @ found.directions.T, Z, atol=1e-12)
