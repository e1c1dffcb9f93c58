import numpy as np
from sklearn.decomposition import PCA

from thalweg.study.race.plane import path_plane


def test_the_plane_is_that_of_principal_components():
    rng = np.random.default_rng(0)
    paths = [rng.normal(size=(9, 40)).cumsum(0), rng.normal(size=(5, 40)).cumsum(0)]
    plane = path_plane(paths, [np.zeros(9), np.zeros(5)])
    peer = PCA(2).fit(np.concatenate(paths))
    np.testing.assert_allclose(plane.share, peer.explained_variance_ratio_, rtol=1e-10)
    places = peer.transform(np.concatenate(paths))
    np.testing.assert_allclose(np.abs(np.concatenate(plane.places)), np.abs(places), atol=1e-10)
    left = np.concatenate(paths) - peer.inverse_transform(places)
    np.testing.assert_allclose(np.concatenate(plane.off), np.linalg.norm(left, axis=1), rtol=1e-8)


def test_a_path_that_never_moves_is_a_point():
    plane = path_plane([np.ones((3, 1))], [np.zeros(3)])
    assert plane.places[0].tolist() == [[0, 0]] * 3
