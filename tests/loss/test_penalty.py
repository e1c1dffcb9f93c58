import numpy as np
import pytest

from laws.bench import make_table
from laws.registry import LOSSES, STACKS
from thalweg.base.errors import SettingError
from thalweg.loss.penalty import Penalty
from thalweg.optim.gradient import GradientDescent
from thalweg.train.fit import fit_population
from thalweg.train.population import Member


@pytest.mark.parametrize("kind", ["ridge", "decay", "lasso"])
@pytest.mark.parametrize("wrong", [-1.0, float("inf"), "much"])
def test_penalties_are_checked(kind, wrong):
    with pytest.raises(SettingError, match=kind):
        Penalty(**{kind: wrong})


@pytest.mark.parametrize("stack", ["tanh", "embedding", "embedding alone"])
def test_the_lasso_switches_inputs_off_and_passes_over_tables_of_codes(stack):
    loss, classes = LOSSES["squared"]
    table = make_table(loss, classes, 60)
    rows = np.arange(60, dtype=np.int32)
    member = Member(
        STACKS[stack], loss, rows, optimizer=GradientDescent(0.05), penalty=Penalty(lasso=0.5), batch=None, epochs=200
    )
    fitted = fit_population(table, [member], workers=1).named(0)
    first = fitted["0.weight" if stack == "tanh" else "1.weight"]
    weights = first[:-1] if stack == "tanh" else first
    assert (weights == 0).mean() > 0.5
    assert all((value != 0).all() for name, value in fitted.items() if name == "0.3.weight")
