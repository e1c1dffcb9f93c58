import pytest

from thalweg.base.errors import SettingError
from thalweg.base.seeds import Stream
from thalweg.net.layernorm import LayerNorm


def test_it_starts_as_normalisation_alone():
    starts = {name: spec.draw(Stream(0)).ravel().tolist() for name, spec in LayerNorm().parameters(3, False).items()}
    assert sorted(starts.values()) == [[0.0] * 3, [1.0] * 3]


@pytest.mark.parametrize("epsilon", [0.0, -1.0])
def test_epsilon_is_checked(epsilon):
    with pytest.raises(SettingError, match="epsilon"):
        LayerNorm(epsilon)
