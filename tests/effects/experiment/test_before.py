"""An outcome before an experiment: what covariates explain is judged on rows they were not fitted to."""

import numpy as np
import pandas as pd
import pytest

from thalweg.base.errors import DataError
from thalweg.effects.experiment.before import outcome_before


def seen(rows=400, seed=0):
    draw = np.random.default_rng(seed)
    x, shop = draw.normal(size=rows), np.arange(rows) // 8
    return pd.DataFrame(
        {
            "y": 3.0 + x + draw.normal(size=rows // 8)[shop] + draw.normal(size=rows),
            "x": x,
            "kind": np.where(x > 0, "a", "b"),
            "shop": shop,
        }
    )


def test_mean_spread_share_and_clusters():
    found = outcome_before(seen(rows=4000), "y", clusters="shop")
    assert found.mean == pytest.approx(3.0, abs=0.2)
    assert found.deviation == pytest.approx(3.0**0.5, abs=0.1)
    assert found.explained == pytest.approx(1 / 3, abs=0.05)
    assert found.clusters.size == 8.0
    assert found.clusters.share == pytest.approx(0.5, abs=0.08)  # of what x leaves


def test_noise_explains_nothing():
    draw = np.random.default_rng(1)
    frame = pd.DataFrame(draw.normal(size=(60, 30))).rename(columns=str).assign(y=draw.normal(size=60))
    assert outcome_before(frame, "y").explained < 0.05


def test_no_covariates_and_a_single_cluster():
    frame = seen(rows=80)
    assert outcome_before(frame, "y", features=[]).explained == 0.0
    assert outcome_before(frame.assign(shop="one"), "y", clusters="shop").clusters.share == 0.0


def test_too_few_rows_and_outcomes_that_are_no_numbers():
    with pytest.raises(DataError, match="9 rows"):
        outcome_before(seen().head(9), "y")
    with pytest.raises(DataError, match="must be a finite number"):
        outcome_before(seen().assign(y="much"), "y")
