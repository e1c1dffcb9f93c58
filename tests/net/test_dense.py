import numpy as np

from thalweg.base.seeds import Stream
from thalweg.net.dense import Dense, Output
from thalweg.net.init import Given


def test_behind_a_column_of_ones_the_bias_is_the_last_row():
    layer = Dense(3, init=Given(np.full((2, 3), 7.0)), bias=Given(np.array([[1.0, 2.0, 3.0]])))
    together = layer.parameters(2, has_ones=True)
    assert list(together) == ["weight"]
    assert together["weight"].draw(Stream(0)).tolist() == [[7.0] * 3, [7.0] * 3, [1.0, 2.0, 3.0]]
    apart = layer.parameters(2, has_ones=False)
    assert {name: spec.shape for name, spec in apart.items()} == {"weight": (2, 3), "bias": (1, 3)}


def test_starts_do_not_depend_on_where_the_bias_stands():
    together = Dense(3).parameters(2, has_ones=True)["weight"].draw(Stream(5))
    apart = Dense(3).parameters(2, has_ones=False)
    assert np.array_equal(together, np.concatenate([apart[name].draw(Stream(5)) for name in ("weight", "bias")]))


def test_penalties_never_reach_a_bias():
    for spec in (*Dense(3).parameters(2, True).values(), *Dense(3).parameters(2, False).values()):
        marked = np.zeros(spec.shape)
        if spec.penalised is not None:
            marked[spec.penalised] = 1
        assert marked.sum() in {0, 2 * 3}
        assert spec.shape[0] != 3 or not marked[-1].any()


def test_an_output_layer_ends_with_one_column_per_output():
    assert Output(4).width(9) == 4
