"""Columns written at once are those that formulaic makes."""

import numpy as np
import pandas as pd
import pytest

from thalweg.data import design
from thalweg.data.formula import formula_variables

random = np.random.default_rng(0)
FRAME = pd.DataFrame(
    {
        "y": random.normal(size=40),
        "x": random.normal(size=40),
        "a b": random.uniform(1, 2, size=40),
        "g": pd.Categorical(random.choice(list("abc"), 40)),
        "year": random.integers(2000, 2004, 40).astype(float),
        "flag": pd.array(random.integers(0, 2, 40), dtype="boolean"),
    }
)


@pytest.mark.parametrize(
    ("formula", "plain"),
    [
        ("y ~ x + g", True),
        ("y ~ x * `a b` + log(`a b`) + I(x**2)", True),
        ("y ~ C(year) + flag:x + Q('a b')", True),
        ("y ~ C(g) + g", True),
        ("y ~ g * x", False),
        ("y ~ 0 + x + g", False),
        ("y ~ I(x > 0)", False),
        ("y ~ C(g, Treatment('b'))", False),
        ("y ~ 2:x", False),
    ],
)
def test_the_same_columns_as_formulaic(formula, plain, monkeypatch):
    variables = formula_variables(formula, list(FRAME), estimating=True)
    made = []
    found = design.plain_columns
    monkeypatch.setattr(design, "plain_columns", lambda *parts: made.append(found(*parts)) or made[-1])
    _, mine = design.design_of(variables, FRAME)
    assert (made[0] is not None) == plain
    monkeypatch.setattr(design, "plain_columns", lambda *_: None)
    _, theirs = design.design_of(variables, FRAME)
    pd.testing.assert_frame_equal(mine, theirs)
