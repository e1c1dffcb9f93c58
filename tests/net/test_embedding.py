import numpy as np
import pytest

from thalweg.base.errors import DataError, SettingError
from thalweg.loss.squared import Squared
from thalweg.net.dense import Dense
from thalweg.net.embedding import Codes, Embedding
from thalweg.net.init import Normal
from thalweg.net.residual import Residual
from thalweg.net.spec import Network
from thalweg.train.fit import fit_population
from thalweg.train.population import Member, training_table
from thalweg.train.predict import predict_outputs


def test_networks_with_other_starts_share_a_program():
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
