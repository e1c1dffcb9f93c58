import numpy as np
import pytest

import thalweg as tw
from thalweg.loss.squared import Squared
from thalweg.net.spec import mlp
from thalweg.study.sample import sample_of
from thalweg.study.surfaces.contours import contour_pieces
from thalweg.study.surfaces.landscape import landscape_study, plane_losses, share_down
from thalweg.train.many_losses import ManyLosses
from thalweg.train.population import training_table
from thalweg.train.predict import predict_outputs

TICKS = np.linspace(-1, 1, 9)


def test_a_plane_is_the_loss_point_by_point():
    rng, network = np.random.default_rng(0), mlp((3,))
    x, y = rng.normal(size=(11, 2)), rng.normal(size=11)
    centre, one, other = rng.normal(size=(3, network.count(2, 1)))
    ticks = np.array([-1.0, 0.25, 1.0])
    plane = plane_losses(ManyLosses(network, Squared(), training_table(x, y)), centre, (one, other), ticks)
    for i, b in enumerate(ticks):
        for j, a in enumerate(ticks):
            q = predict_outputs(network, Squared(), [centre + a * one + b * other], x)[0, :, 0]
            assert plane[i, j] == pytest.approx(((q - y) ** 2).mean(), rel=1e-5)


@pytest.mark.parametrize(
    ("plane", "share"),
    [
        (TICKS[:, None] ** 2 + TICKS**2, 0.0),
        (TICKS[:, None] * TICKS, 1.0),
        (-(TICKS[:, None] ** 2) - TICKS**2, 1.0),
        (TICKS[:, None] + 0 * TICKS, 0.0),
        (np.where(TICKS > 0, -(TICKS**2), TICKS**2) + TICKS[:, None] ** 2, 3 / 7),
    ],
)
def test_curving_down_is_counted(plane, share):
    assert share_down(plane) == pytest.approx(share, abs=1e-12)


def test_points_that_are_not_finite_are_not_counted():
    plane = TICKS[:, None] ** 2 + TICKS**2
    plane[0, 0] = np.inf
    assert share_down(plane) == 0.0


def test_contours_of_a_cone_are_circles():
    x = np.linspace(-1, 1, 81)
    pieces = np.array(contour_pieces(x, x, np.hypot(x[:, None], x), 0.5))
    radius = np.hypot(pieces[:, [0, 2]], pieces[:, [1, 3]])
    np.testing.assert_allclose(radius, 0.5, atol=2e-3)  # linear interpolation between lines 0.025 apart
    assert np.hypot(*(pieces[:, 2:] - pieces[:, :2]).T).sum() == pytest.approx(np.pi, rel=1e-2)


def test_a_saddle_keeps_its_sides_apart():
    values = np.array([[1.0, 0.0], [0.0, 1.0]])
    for level, joined in ((0.4, True), (0.6, False)):
        pieces = contour_pieces(np.array([0.0, 1.0]), np.array([0.0, 1.0]), values, level)
        cuts_off_origin = any(min(p[0], p[2]) == 0 and min(p[1], p[3]) == 0 for p in pieces)
        assert len(pieces) == 2
        assert cuts_off_origin != joined


@pytest.fixture(scope="module")
def study():
    return landscape_study(sample_of(tw.pose("example:iris")), hidden=(5, 5, 5), epochs=3, seeds=2)


def test_the_centre_is_the_loss_of_the_network_that_is_drawn(study):
    for surface in study.surfaces:
        middle = len(surface.ticks) // 2
        np.testing.assert_allclose(surface.planes[:, middle, middle], surface.training[surface.shown], rtol=1e-5)


def test_unequal_widths_have_no_skips():
    study = landscape_study(sample_of(tw.pose("example:iris")), hidden=(5, 4, 5), epochs=1, seeds=1)
    assert [surface.name for surface in study.surfaces] == ["without skips"]
