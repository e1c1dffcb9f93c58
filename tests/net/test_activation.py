import pytest
import torch

from thalweg.base.errors import SettingError
from thalweg.net.activation import RULES, Activation

TORCHS = {name: getattr(torch.nn.functional, name) for name in RULES}


def test_an_unknown_name_is_answered_by_the_known():
    with pytest.raises(SettingError, match=r"activation must be one of 'relu'.*got 'swish'"):
        Activation("swish")


@pytest.mark.parametrize("name", RULES)
def test_each_rule_is_torchs(name):
    z = torch.linspace(-4, 4, 33, dtype=torch.float64)
    a = torch.empty_like(z)
    function, arguments = RULES[name].forward(z, a)
    function(*arguments, out=a)
    assert torch.allclose(a, TORCHS[name](z), rtol=1e-14, atol=0)
