"""Every random stream is pinned: a changed constant, purpose, path or order of drawing fails a test.

``golden.json`` holds the numbers drawn at the first release. A run made with them is repeated, continued and compared
by any later version, so they change for no reason but a decision to break that, which belongs into the changelog.
Streams are whole-number arithmetic and compared exactly, and so is what follows by single roundings: normal
quantiles, orthogonal matrices and logarithms too. What passes through a library is compared to 1e-10.
"""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from laws.registry import STARTS
from thalweg.base.seeds import PURPOSES, Stream, derived_seed, stream
from thalweg.data.problem import pose
from thalweg.data.split import fold_numbers, validation_rows
from thalweg.effects.experiment.cell_folds import stratified_folds
from thalweg.effects.experiment.simulate import simulate
from thalweg.estimators.uncertainty.seed_count import _subsets as subsets_of_networks
from thalweg.linear.crowds.bootstrap import bootstrap_counts
from thalweg.linear.folds import fold_labels
from thalweg.loss.squared import Squared
from thalweg.net.dense import Dense
from thalweg.net.init import Normal
from thalweg.net.lsuv import lsuv
from thalweg.net.residual import Residual
from thalweg.net.spec import Network, mlp
from thalweg.select.learning.lessons import stopping_rows
from thalweg.select.learning.observations import canonical_rows, row_hash
from thalweg.select.learning.views import ALL, BOOTSTRAP, FOLD, View, poisson_views, resample
from thalweg.train.grid import bootstrap_rows, bootstrap_weights
from thalweg.train.module import ModuleNetwork
from thalweg.train.population import Member, crowd_of, training_table
from thalweg.train.running.loop import train_crowd
from thalweg.train.steps.masks import STRIDE, mask_pool
from thalweg.train.steps.order import epoch_order, mask_starts
from thalweg.train.steps.parameters import ParameterBlocks
from thalweg.train.steps.shuffle import permutations

GOLDEN = json.loads((Path(__file__).parent / "golden.json").read_text())
ROUNDED = {"simulated experiment"}

TABLE = training_table(np.zeros((7, 2)), np.zeros(7))


def started(network, inputs=2, seed=5):
    """The vector a member starts with."""
    specs = network.parameters(inputs, 1)
    blocks = ParameterBlocks(specs, 1, None, torch.float64, torch.device("cpu"))
    blocks.start([0], [specs], [seed])
    return blocks.vector(0)


def member(**settings):
    return Member(mlp((4,), dropout=0.3), Squared(), np.arange(7, dtype=np.int32), batch=3, **settings)


def order(member, epoch):
    crowd = crowd_of(member, TABLE)
    return epoch_order(crowd, member, epoch, TABLE.count)[0]


def rows(count):
    x = np.arange(float(count))[:, None]
    return canonical_rows(x, x)


def views(**settings):
    return [view.rows for view in resample(rows(8), seed=3, **{"folds": None, "bootstrap": None, **settings})[1:]]


def early_stopping():
    absent = dict.fromkeys(("validation", "groups", "time"))
    sample = type("Sample", (), absent | {"rows": np.array([0, 1, 1, 2, 4, 5, 6, 7, 8, 9])})
    return stopping_rows(sample, 0.3, 11)[1]


def seeds_of_module():
    seen = []

    class Net(torch.nn.Linear):
        def __init__(self):
            seen.append(torch.initial_seed())
            super().__init__(2, 1)

        def forward(self, x):
            seen.append(torch.initial_seed())
            return super().forward(x)

    one = Member(ModuleNetwork(Net), Squared(), np.arange(7, dtype=np.int32), seed=8, epochs=2)
    train_crowd(crowd_of(one, TABLE), TABLE, [one], iter([0, None]).__next__, seen.append, slots=1, pool=None)
    return [seed for seed in seen if isinstance(seed, int)][-3:]


def experiment():
    drawn, _ = simulate(4, rows=400, treatments=2)
    return drawn


DRAWS = {
    **{f"words of {purpose}": lambda p=purpose: stream(0, purpose=p).bits(2) for purpose in PURPOSES},
    "words of a path": lambda: stream(-3, "order", 1, 2).bits(3),
    "words at places": lambda: Stream(9).bits_at(np.array([0, 5, 1 << 60], dtype=np.uint64)),
    "derived seeds": lambda: [derived_seed(0, "split", 1, 2), derived_seed(2, "init", bits=32)],
    "uniform numbers": lambda: Stream(1).uniform(4),
    "normal numbers": lambda: Stream(1).normal(4),
    "integers": lambda: Stream(1).integers(1000, 6),
    "permutation": lambda: Stream(1).permutation(9),
    "permutation on a device": lambda: permutations([Stream(1).key], torch.tensor([9]), 9)[0],
    **{f"start {name}": lambda rule=rule: rule.draw(stream(0, "init"), 3, 2) for name, (rule, _) in STARTS.items()},
    "start of a network": lambda: started(Network((Dense(2, Normal()), Dense(2), Residual((Dense(2),))))),
    "start by lsuv": lambda: started(lsuv(mlp((2,)), np.sin(np.arange(12.0)).reshape(6, 2), 1, seed=4)),
    "seeds of a module, of start and noise": seeds_of_module,
    "batch order": lambda: order(member(seed=2), 3),
    "batch order of another seed": lambda: order(member(seed=2, order_seed=6), 3),
    "pool of dropout masks": lambda: mask_pool([0.5], torch.float64).values[:: 1 << 17],
    "starts of dropout masks": lambda: mask_starts(
        mask_pool([0.3], torch.float32), [(0.3, 4 * STRIDE), (0.3, 8)], member(seed=2), 3, 3
    ),
    "bootstrap rows": lambda: bootstrap_rows(np.arange(9), seed=2),
    "weights counts": lambda: bootstrap_weights(9, seed=2),
    "weights exponential": lambda: bootstrap_weights(4, 2, "exponential"),
    "bootstrap of linear models": lambda: bootstrap_counts(6, 2, seed=2),
    "bootstrap of clusters": lambda: bootstrap_counts(6, 2, seed=2, clusters=list("aabbcc")),
    "folds of linear models": lambda: fold_labels(3, 8, repeats=2, seed=1),
    "folds of estimators": lambda: views(folds=3),
    "folds of estimators by class": lambda: views(folds=2, strata=np.array([0, 1, 1, 0, 1, 1, 0, 1])),
    "bootstrap of estimators": lambda: views(bootstrap=2),
    "bootstrap of parts": lambda: [view.rows for view in poisson_views(rows(8), 2, seed=1)],
    "hash of a row": lambda: row_hash(np.array([[1.5, -2.0, 0.0]])),
    "seeds of estimators": lambda: [View(part, 1, (), ()).seed(5, 2) for part in (ALL, FOLD, BOOTSTRAP)],
    "rows of early stopping": early_stopping,
    "subsets of networks": lambda: subsets_of_networks(5, 3, 1)[:2],
    "folds of classes": lambda: fold_numbers(pose("example:iris"), 3, seed=1)[::7],
    "folds of numbers": lambda: fold_numbers(pose("example:diabetes"), 3, seed=1)[::20],
    "validation rows of classes": lambda: validation_rows(pose("example:iris"), np.arange(90), 0.1, seed=1)[1],
    "validation rows of numbers": lambda: validation_rows(pose("example:diabetes"), np.arange(90), 0.1, seed=1)[1],
    "folds of experiments": lambda: stratified_folds(experiment(), 3, seed=1)[::20],
    "simulated experiment": lambda: experiment().y[:3],
}


def drawn(name):
    """What is drawn, flat, as whole numbers or as floats."""
    found = DRAWS[name]()
    parts = found if isinstance(found, list) and np.ndim(found[0]) else [found]
    return np.concatenate([np.asarray(part).reshape(-1) for part in parts]).tolist()


@pytest.mark.parametrize("name", sorted(DRAWS))
def test_the_stream_is_the_one_of_the_first_release(name):
    if name in ROUNDED:
        assert drawn(name) == pytest.approx(GOLDEN[name], rel=1e-10, abs=1e-15)
    else:
        assert drawn(name) == GOLDEN[name]


def test_nothing_is_pinned_that_is_not_drawn():
    assert sorted(GOLDEN) == sorted(DRAWS)


def test_the_generator_is_the_published_one():
    """The first words of SplitMix64 with seed 1234567, from https://rosettacode.org/wiki/Pseudo-random_numbers/Splitmix64."""
    published = [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]
    assert Stream(1234567).bits(5).tolist() == published
