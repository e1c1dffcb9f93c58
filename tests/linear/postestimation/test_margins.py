import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import thalweg as tw
from linear.postestimation.peers import BINARY, CLASS, COUNT, DESIGN, NUMBER, X
from thalweg.base.errors import SettingError
from thalweg.linear import logistic_regression, margins, multinomial_regression, poisson_regression, regress


@pytest.mark.parametrize(("average", "theirs"), [("average", "overall"), ("means", "mean")])
@pytest.mark.parametrize(
    ("fit", "y", "model"), [(logistic_regression, BINARY, sm.Logit), (poisson_regression, COUNT, sm.Poisson)]
)
def test_they_are_those_of_statsmodels(fit, y, model, average, theirs):
    peer = model(y, DESIGN).fit(disp=0, tol=1e-14, maxiter=200).get_margeff(at=theirs)
    found = margins(fit(X, y), X, average=average).frame()
    np.testing.assert_allclose(found["estimate"], peer.margeff, rtol=1e-9)
    np.testing.assert_allclose(found["std_error"], peer.margeff_se, rtol=1e-9)


def test_those_of_classes_are_those_of_statsmodels_and_sum_to_zero():
    peer = sm.MNLogit(CLASS, DESIGN).fit(disp=0, tol=1e-14, maxiter=200).get_margeff()
    found = margins(multinomial_regression(X, CLASS), X).frame()
    np.testing.assert_allclose(found["estimate"].to_numpy().reshape(3, 3).T, peer.margeff, atol=1e-10)
    np.testing.assert_allclose(found["std_error"].to_numpy().reshape(3, 3).T, peer.margeff_se, atol=1e-10)
    np.testing.assert_allclose(found["estimate"].to_numpy().reshape(3, 3).sum(axis=0), 0, atol=1e-10)


def test_weights_are_repeated_rows():
    weights = np.arange(1, 201) % 3 + 1
    often = np.repeat(np.arange(200), weights)
    fit = logistic_regression(X, BINARY)
    once = margins(fit, X, weights=weights)
    np.testing.assert_allclose(once.estimate, margins(fit, X.iloc[often]).estimate, rtol=1e-10)


def _wages():
    random = np.random.default_rng(1)
    frame = pd.DataFrame({"age": random.uniform(20, 60, 400), "job": random.choice(["cook", "smith"], 400)})
    return frame.assign(wage=frame["age"] - 0.01 * frame["age"] ** 2 + random.normal(size=400))


def test_powers_and_interactions_of_a_formula_belong_to_one_variable():
    run = tw.fit_linear(_wages(), formula="wage ~ age + I(age**2) + job:age + job", margins="average", at="age=30")
    b = run.estimates.params
    smiths = (_wages()["job"] == "smith").mean()
    by_hand = b["age"] + 2 * 30 * b["I(age ** 2)"] + smiths * b["job=smith:age"]
    found = run.answer.margins.frame().set_index("term")["estimate"]
    assert found["age"] == pytest.approx(by_hand, rel=1e-9)
    assert found["job: smith − cook"] == pytest.approx(b["job=smith"] + 30 * b["job=smith:age"], rel=1e-9)
    typical = run.margins(_wages(), average="means").frame()["estimate"][0]
    modal = float(smiths > 0.5)
    mean = _wages()["age"].mean()
    assert typical == pytest.approx(b["age"] + 2 * mean * b["I(age ** 2)"] + modal * b["job=smith:age"], rel=1e-9)


def test_they_are_kept_with_the_run_and_printed(tmp_path):
    run = tw.fit_linear(_wages(), formula="wage ~ log(age) + job", margins="average", out=tmp_path / "run")
    again = tw.load(tmp_path / "run")
    assert again.text() == run.text()
    assert "What one unit more changes in the mean of wage" in run.text()
    pd.testing.assert_frame_equal(again.predict(_wages()), run.predict(_wages()))
    assert "Marginal effects" in (tmp_path / "run" / "report.html").read_text()


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"at": "age=30"}, "at holds variables"),
        ({"margins": "average", "at": "age"}, "takes a variable and its value"),
        ({"margins": "average", "at": {"job": "baker"}}, "has no level 'baker'"),
        ({"margins": "average", "at": {"age": "old"}}, "holds numbers, but at gives 'old'"),
        ({"margins": "average", "at": {"wag": 1}}, "no variable 'wag'"),
        ({"margins": "median"}, "margins"),
    ],
)
def test_what_cannot_be_held_is_told(asked, told):
    with pytest.raises(SettingError, match=told):
        tw.fit_linear(_wages(), formula="wage ~ age + job", **asked)


def test_within_absorbed_effects_a_slope_is_the_coefficient():
    fit = regress(X, NUMBER, absorb={"firm": np.arange(200) % 20})
    found = margins(fit, X)
    np.testing.assert_allclose(found.estimate, fit.estimate, rtol=1e-9)
    np.testing.assert_allclose(found.frame()["std_error"], fit.bse, rtol=1e-8)
