import numpy as np
import pytest

from thalweg.base.errors import DataError, SettingError
from thalweg.loss.squared import Squared
from thalweg.net.dense import Dense
from thalweg.net.dropout import Dropout
from thalweg.net.embedding import Codes, Embedding
from thalweg.net.features import FeatureMap
from thalweg.net.layernorm import LayerNorm
from thalweg.net.residual import Residual
from thalweg.net.spec import Network, mlp
from thalweg.train.fit import fit_population
from thalweg.train.population import Member, training_table
from thalweg.train.predict import predict_outputs


def test_normalisation_stands_between_dense_and_activation():
    kinds = [type(layer).__name__ for layer in mlp((8,), normalise="batch", dropout=0.1).layers]
    assert kinds == ["Dense", "BatchNorm", "Activation", "Dropout"]
    assert isinstance(mlp((8,), normalise="layer").layers[1], LayerNorm)
    with pytest.raises(SettingError, match="normalise must be one of None, 'batch', 'layer'"):
        mlp((8,), normalise="group")


def test_residual_names_and_errors():
    network = Network((Dense(8), Dense(8), Dense(8), Residual((Dense(4), Dense(8)))))
    assert "3.body.0.weight" in network.parameters(5, 1)
    with pytest.raises(SettingError, match="returns 4"):
        Network((Dense(8), Residual((Dense(4),)))).parameters(5, 1)
    with pytest.raises(SettingError, match="at least one layer"):
        Residual(())


def test_networks_with_other_starts_share_a_program():
    from thalweg.net.init import Normal

    a, b = (Embedding((Codes(0, 3, 2),), init=Normal(sd)) for sd in (0.1, 1.0))
    assert a == b
    assert hash(a) == hash(b)
    assert Embedding((Codes(0, 3, 2),)) != Embedding((Codes(0, 4, 2),))


def test_embedding_errors():
    with pytest.raises(SettingError, match="once each"):
        Embedding(())
    with pytest.raises(SettingError, match="once each"):
        Embedding((Codes(1, 2, 2), Codes(1, 3, 3)))
    with pytest.raises(SettingError, match="levels"):
        Embedding((Codes(1, 0, 2),))
    with pytest.raises(SettingError, match="Column 7 holds codes"):
        Network((Embedding((Codes(7, 2, 2),)),)).parameters(5, 1)
    with pytest.raises(SettingError, match="behind other layers"):
        Network((Dense(3), Embedding((Codes(0, 2, 2),)))).parameters(5, 1)


@pytest.mark.parametrize("wrong", [-1.0, 4.0, 0.5, np.nan])
def test_codes_that_are_none_are_named_with_column_and_row(wrong):
    x = np.zeros((6, 3))
    layer = Embedding((Codes(2, 4, 2),))
    layer.check(x)
    x[4, 2] = wrong
    with pytest.raises(DataError, match="Column 2 must hold codes 0 to 3, row 5"):
        layer.check(x)


def test_codes_are_checked_inside_a_residual_block_and_before_predicting():
    network = Network((Residual((Embedding((Codes(1, 4, 1),)),)), Dense(2)))
    x = np.zeros((5, 3))
    x[2, 1] = 9.0
    with pytest.raises(DataError, match="row 3 holds 9"):
        fit_population(training_table(x, x[:, 0]), [Member(network, Squared(), np.arange(5), epochs=1)], workers=1)
    vector = np.zeros(sum(int(np.prod(spec.shape)) for spec in network.parameters(3, 1).values()))
    with pytest.raises(DataError, match="row 3 holds 9"):
        predict_outputs(network, Squared(), [vector], x)


def test_a_layer_of_ones_own_checks_the_inputs_when_it_is_the_first():
    class Positive(Embedding):
        def check(self, _):
            raise DataError("Not positive.", "Mend it.")

    first, later = (Network(layers) for layers in ((Positive((Codes(0, 2, 1),)), Dense(2)), (Dense(2), Dropout(0.1))))
    with pytest.raises(DataError, match="Not positive"):
        first.check(np.zeros((2, 2)))
    later.check(np.full((2, 2), np.nan))


def test_feature_map_widths():
    assert FeatureMap(2).width(2) == 5
    assert FeatureMap(3, interactions=False).width(4) == 12
    assert FeatureMap(1).width(3) == 6
    with pytest.raises(SettingError, match="degree"):
        FeatureMap(0)
