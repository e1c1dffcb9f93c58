import numpy as np
import pytest
import statsmodels.api as sm

from thalweg.base.errors import DataError, SettingError
from thalweg.linear import select_likelihood

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(240, 5)) @ RANDOM.normal(size=(5, 5)) * [1, 10, 0.1, 1, 1]
Z = (X - X.mean(axis=0)) / X.std(axis=0)
ETA = 0.8 * Z[:, 1] - 0.6 * Z[:, 3]
ANSWERS = {
    "logistic": (ETA + RANDOM.logistic(size=240) > 0).astype(float),
    "poisson": RANDOM.poisson(np.exp(0.2 + ETA)).astype(float),
    "softmax": (np.outer(ETA, [0, 1, -1]) + RANDOM.gumbel(size=(240, 3))).argmax(axis=1).astype(float),
}
NAMES = list("abcde")


def peer(model, columns, y=None):
    y = ANSWERS[model] if y is None else y
    A = np.column_stack([np.ones(len(y)), Z[:, list(columns)]])
    if model == "logistic":
        return sm.Logit(y, A).fit(disp=0, tol=1e-10).llf
    if model == "poisson":
        return sm.Poisson(y, A).fit(disp=0, tol=1e-10).llf
    return sm.MNLogit(y, A).fit(disp=0, tol=1e-10).llf


@pytest.mark.parametrize("model", ANSWERS)
def test_forward_is_the_algorithm_to_the_letter(model):
    path = select_likelihood(model, X, ANSWERS[model], names=NAMES)
    chosen = ()
    for size in range(1, 6):
        rest = [j for j in range(5) if j not in chosen]
        chosen = (*chosen, max(rest, key=lambda j: peer(model, (*chosen, j))))
        assert path.models[size] == chosen
    lost = np.diff(path.rss)
    assert (lost < 0).all()
    gained = 2 * (peer(model, chosen) - peer(model, chosen[:2]))
    assert path.rss[2] - path.rss[5] == pytest.approx(gained, rel=1e-6)


@pytest.mark.parametrize("model", ANSWERS)
def test_backward_drops_what_is_missed_least(model):
    path = select_likelihood(model, X, ANSWERS[model], search="backward", most=4)
    left = tuple(range(5))
    for size in range(4, 1, -1):
        left = max((tuple(j for j in left if j != gone) for gone in left), key=lambda one: peer(model, one))
        assert path.models[size] == left
    assert len(path.models) == 5


def test_held_out_loss_repeats_the_search_in_every_fold():
    y, folds = ANSWERS["logistic"], np.arange(240) % 3
    path = select_likelihood("logistic", X, y, folds=folds)
    assert path.errors.shape == (6, 3)
    here = select_likelihood("logistic", X[folds != 1], y[folds != 1])
    A = np.column_stack([np.ones(240), Z[:, list(here.models[2])]])
    fit = sm.Logit(y[folds != 1], A[folds != 1]).fit(disp=0, tol=1e-10)
    p = fit.predict(A[folds == 1])
    assert path.errors[2, 1] == pytest.approx(-np.mean(np.log(np.where(y[folds == 1] > 0, p, 1 - p))), rel=1e-5)
    assert path.criteria["BIC"][2] == pytest.approx(path.rss[2] + 3 * np.log(240))
    assert "CV" in path.criteria


def test_weights_count_rows():
    weights = RANDOM.integers(1, 3, 240)
    rows = np.repeat(np.arange(240), weights)
    one = select_likelihood("poisson", X, ANSWERS["poisson"], weights=weights, weights_kind="frequency")
    two = select_likelihood("poisson", X[rows], ANSWERS["poisson"][rows])
    assert one.models == two.models
    np.testing.assert_allclose(one.rss, two.rss, rtol=1e-8)


@pytest.mark.parametrize(
    ("settings", "error"),
    [({"search": "best-subset"}, SettingError), ({"model": "probit"}, SettingError), ({"y": ETA}, DataError)],
)
def test_wrong_input_is_refused(settings, error):
    given = {"model": "logistic", "X": X, "y": ANSWERS["logistic"]} | settings
    with pytest.raises(error):
        select_likelihood(**given)
