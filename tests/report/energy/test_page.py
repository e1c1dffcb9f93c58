"""Pages of energy models say what was found, and draw every image once."""

import numpy as np

from thalweg.base.interval import Interval
from thalweg.energy import DBN, RBM, BoltzmannMachine, Hopfield, bars_and_stripes, capacity_curve
from thalweg.report.drawing.layers import Images
from thalweg.report.drawing.svg import draw
from thalweg.report.energy.figures import couplings_figure, filters_figure, recall_figure
from thalweg.report.energy.page import Pretraining, belief_network_page, boltzmann_page, hopfield_page, rbm_page


def test_hopfield_page_counts_what_came_back():
    patterns = 2.0 * np.random.default_rng(0).integers(0, 2, (3, 25)) - 1
    probes = patterns.copy()
    probes[:, 0] *= -1
    memory = Hopfield().store(patterns)
    page = hopfield_page(memory, probes.tolist(), memory.recall(probes), 5, capacity_curve(50, [0.1], probes=3))
    assert "3 of 3 damaged patterns were recalled" in page
    assert "It never rose." in page
    assert 'id="h-capacity"' in page


def test_recall_figure_draws_three_rows_of_images():
    memory = Hopfield().store([[1, 0, 0, 1], [0, 0, 1, 1]])
    figure = recall_figure(memory, [[1, 0, 0, 0]], memory.recall([[1, 0, 0, 0]]), 2)
    (images,) = figure.layers
    assert isinstance(images, Images)
    assert [len(row) for row in images.values] == [1, 1, 1]
    assert images.values[0][0] == ((1.0, 0.0), (0.0, 0.0))


def test_filters_are_ordered_by_length_and_coloured_by_sign():
    machine = RBM(hidden=9, epochs=3).fit(bars_and_stripes(3)).parameters_
    figure = filters_figure(machine, 3)
    lengths = [row[1] for row in figure.data.rows]
    assert lengths == sorted(lengths, reverse=True)
    drawing = draw(figure)
    assert drawing.count("fill:none;stroke:var(--rule)") == 9
    assert "var(--blue)" in drawing
    assert "var(--vermillion)" in drawing


def test_other_pages():
    fit = BoltzmannMachine().fit([[0, 0], [0, 1], [1, 0], [1, 1], [1, 1], [0, 0]])
    assert "2 visible and 0 hidden units" in boltzmann_page(fit)
    x = bars_and_stripes(3)
    model = RBM(hidden=4, epochs=4).fit(x)
    page = rbm_page(model, model.log_partition(), model.score(x), model.sample(3, sweeps=5).tolist(), 3, 5)
    assert "by enumeration" in page
    assert f"{model.score(x):.3f} nats" in page
    stack = DBN((4,), epochs=2).fit(x)
    gains = [
        Pretraining(30, 0.76, 0.73, Interval(0.03, 0.02, 0.04)),
        Pretraining(300, 0.95, 0.95, Interval(0.001, -0.01, 0.012)),
    ]
    assert "The start helped with 30 labels" in belief_network_page(stack, 3, gains)
    assert "It was not tried here." in belief_network_page(stack, 3)


def test_couplings_are_drawn_with_their_errors():
    rows = np.random.default_rng(0).integers(0, 2, (400, 9))
    rows[:, 1] = np.where(np.random.default_rng(1).random(400) < 0.8, rows[:, 0], rows[:, 1])
    fit = BoltzmannMachine().fit(rows)
    figure = couplings_figure(fit)
    assert "the 32 clearest of 45" in figure.finding
    assert "0 1" in figure.y.categories
    assert len(figure.data.rows) == 45
    assert draw(figure).count("<circle") >= 32
