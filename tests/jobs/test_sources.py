import numpy as np
import pandas as pd
import polars as pl
import pytest

import thalweg as tw
from thalweg.base.errors import DataError, SettingError
from thalweg.jobs.sources import with_outcome

RNG = np.random.default_rng(0)
X = pd.DataFrame({"a": RNG.standard_normal(40), "b": RNG.choice(["u", "v"], 40)})
Y = pd.Series(X["a"].to_numpy() + RNG.standard_normal(40), name="wage", index=range(100, 140))
QUICK = {"networks": [{"hidden": [4]}], "folds": 2, "seeds": 1, "epochs": 2, "trees": 0, "workers": 1}


def test_features_and_outcome_may_come_apart():
    apart = tw.fit(X, Y, **QUICK)
    together = tw.fit(X.assign(wage=Y.to_numpy()), target="wage", **QUICK)
    assert apart.frame().equals(together.frame())
    assert tw.fit_linear(X.to_numpy()[:, :1].astype(float), Y).answer.outcome == "wage"
    assert tw.fit_linear(pl.from_pandas(X), Y.to_numpy()).answer.outcome == "y"
    assert tw.fit_linear(X.assign(wage=Y.to_numpy()), "wage").answer.outcome == "wage"
    assert tw.fit(X, np.where(Y > 0, "yes", "no"), **QUICK).answer.about.outcome == "y"


def test_outcomes_that_do_not_fit_are_told():
    with pytest.raises(DataError, match="one value per row, 40 in all, got shape"):
        with_outcome(X, Y[:3], None)
    with pytest.raises(SettingError, match="has a column 'a' already"):
        with_outcome(X, Y.rename("a"), None)
    with pytest.raises(SettingError, match="named twice"):
        with_outcome(X, "a", "b")
