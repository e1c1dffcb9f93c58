import numpy as np
import pytest

from thalweg.base.errors import DataError, SettingError
from thalweg.net.dense import Dense
from thalweg.net.dropout import Dropout
from thalweg.net.embedding import Codes, Embedding
from thalweg.net.layernorm import LayerNorm
from thalweg.net.spec import Network, mlp


def test_normalisation_stands_between_dense_and_activation():
    kinds = [type(layer).__name__ for layer in mlp((8,), normalise="batch", dropout=0.1).layers]
    assert kinds == ["Dense", "BatchNorm", "Activation", "Dropout"]
    assert isinstance(mlp((8,), normalise="layer").layers[1], LayerNorm)
    with pytest.raises(SettingError, match="normalise must be one of None, 'batch', 'layer'"):
        mlp((8,), normalise="group")


def test_a_layer_of_ones_own_checks_the_inputs_when_it_is_the_first():
    class Positive(Embedding):
        def check(self, _):
            raise DataError("Not positive.", "Mend it.")

    first, later = (Network(layers) for layers in ((Positive((Codes(0, 2, 1),)), Dense(2)), (Dense(2), Dropout(0.1))))
    with pytest.raises(DataError, match="Not positive"):
        first.input_check(np.zeros((2, 2)))
    assert later.input_check is None


def test_parameters_are_counted_with_biases():
    assert mlp((8, 4)).count(5, 3) == (5 + 1) * 8 + (8 + 1) * 4 + (4 + 1) * 3


def test_members_that_differ_in_a_rate_share_a_program():
    a, b = mlp((8,), dropout=0.1), mlp((8,), dropout=0.4)
    assert a == b
    assert a.settings(1) != b.settings(1)


@pytest.mark.parametrize("width", [0, -3, 2.5])
def test_widths_are_checked(width):
    with pytest.raises(SettingError, match="hidden must"):
        mlp((width,))
