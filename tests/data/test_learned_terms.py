import json

import numpy as np
import pytest

from thalweg.base.errors import SettingError
from thalweg.data.expression import read_expression
from thalweg.data.learned_terms import kept_state, learned_columns, live_state


def _table(found):
    found = getattr(found, "__wrapped__", found)
    return np.column_stack([*found.values()]) if isinstance(found, dict) else np.asarray(found)


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("poly", {"0": 3}),
        ("bs", {"df": 5}),
        ("cr", {"df": 4, "constraints": "center"}),
        ("scale", {}),
        ("cc", {"df": 4}),
    ],
)
def test_what_was_learned_makes_the_same_columns_after_json(name, settings):
    values = np.random.default_rng(0).uniform(size=50)
    state: dict = {}
    first = _table(learned_columns(name, values, settings, state))
    again = learned_columns(name, values[:7], settings, live_state(json.loads(json.dumps(kept_state(state)))))
    np.testing.assert_allclose(_table(again), first[:7], rtol=1e-13)
    assert not np.allclose(_table(learned_columns(name, values[:7], settings, {})), first[:7])


def test_they_stand_alone_and_where_rows_are_estimated_from():
    assert read_expression("poly(log(x), 2)", learning=True).names == ("x",)
    for text, learning in (("poly(x, 2)", False), ("poly(x, 2) + 1", True)):
        with pytest.raises(SettingError, match="stand alone"):
            read_expression(text, learning=learning)
    with pytest.raises(SettingError, match="not allowed"):
        read_expression("bs(x, knots=open)", learning=True)
