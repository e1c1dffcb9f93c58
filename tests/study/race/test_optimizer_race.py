from dataclasses import replace

import numpy as np
import pytest

from thalweg.data.problem import pose
from thalweg.loss.squared import Squared
from thalweg.net.spec import mlp
from thalweg.optim.adam import Adam
from thalweg.study.race.optimizer_race import race_optimizers
from thalweg.study.race.tracks import follow
from thalweg.study.sample import sample_of
from thalweg.train.fit import fit_population
from thalweg.train.population import Member, training_table


@pytest.fixture(scope="module")
def race():
    sample = sample_of(pose("example:diabetes"), most=64)
    return race_optimizers(sample, hidden=(4,), epochs=4, seeds=3, rates=(0.01, 0.1), batch=16)


def test_all_start_at_the_same_losses(race):
    starts = np.stack([track.losses[:, 0] for track in race.tracks])
    assert (starts == starts[0]).all()
    assert len(set(starts[0])) == 3


def test_steps_are_passes_times_batches_and_gradient_descent_is_bounded(race):
    assert {track.steps[-1] for track in race.tracks[1:]} == {16}
    assert race.tracks[0].steps[-1] == 16
    assert race.tracks[0].batch == 64


def test_the_rate_is_the_best_of_those_tried(race):
    for track in race.tracks:
        assert track.rate == track.rates[track.tuned.argmin()]


def test_a_path_is_what_training_gives():
    x = np.random.default_rng(0).normal(size=(30, 2))
    table = training_table(x, x[:, 0])
    members = [
        Member(mlp((3,)), Squared(), np.arange(30), seed=s, optimizer=Adam(0.01), batch=8, epochs=5) for s in (1, 2)
    ]
    tracks = follow(table, members, [0, 2, 5])
    for place, fit in enumerate(fit_population(table, members, workers=1).members):
        assert (tracks.vectors[place, -1] == fit.parameters).all()


def test_a_tie_is_no_lead(race):
    same = replace(race, tracks=tuple(replace(track, losses=race.tracks[0].losses) for track in race.tracks))
    assert same.beaten == ()
    assert "cannot tell" in same.sentence


def test_a_lead_in_every_one_of_many_starts_is_one(race):
    losses = [np.full((20, 2), float(k)) for k in range(7)]
    far = replace(race, tracks=tuple(replace(t, losses=v) for t, v in zip(race.tracks, losses, strict=True)))
    assert len(far.beaten) == 6
    assert "more than chance" in far.sentence


def test_the_first_of_equal_optimizers_is_rarely_said_to_lead(race):
    rng, said = np.random.default_rng(0), 0
    for _ in range(100):
        equal = rng.normal(10, 1, (7, 12, 2))
        found = replace(race, tracks=tuple(replace(t, losses=v) for t, v in zip(race.tracks, equal, strict=True)))
        said += len(found.beaten) == 6
    assert said == 0


def test_classes_have_no_quadratic():
    assert race_optimizers(sample_of(pose("example:iris")), hidden=(), epochs=1, seeds=2, rates=(0.1,)).modes is None
