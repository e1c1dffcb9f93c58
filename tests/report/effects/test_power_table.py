"""What is said about an experiment still to be run."""

import math

from thalweg.effects.experiment.before import Before
from thalweg.effects.experiment.power import Clusters, experiment_power
from thalweg.report.drawing.text import to_text
from thalweg.report.effects.power_table import power_blocks


def told(mean=5.0, effect=None, shares=(0.5, 0.5), clusters=None):
    arms = experiment_power(1000, deviation=1.0, shares=shares, effect=effect, clusters=clusters)
    before = Before(mean, 1.0, 0.25, clusters)
    return power_blocks(arms, before, units=1000, level=0.95, power=0.8, effect=effect)


def test_a_mean_of_nothing_is_no_denominator():
    for mean in (0.0, math.nan):
        assert "% of the mean" not in to_text(told(mean=mean), 200)
    assert "3.55 % of the mean, 5" in told().sentences[0]
    assert "3.55 % of the mean, -5" in told(mean=-5.0).sentences[0]


def test_an_effect_nothing_can_find_is_said_so():
    assert "more units than there are" in told(effect=1e-9).sentences[1]


def test_clusters_and_arms_are_told():
    text = to_text(told(shares=(0.5, 0.25, 0.25), clusters=Clusters(4.0, 0.0, 0.2)), 200)
    assert "shared out to 2 arms" in text
    assert "1.6 times as many units" in text
