import numpy as np
import pytest
import statsmodels.api as sm

from linear.postestimation.peers import BINARY, CLASS, COUNT, DESIGN, NUMBER, X
from thalweg.base.errors import SettingError
from thalweg.linear import predict_rows, regress
from thalweg.linear.postestimation.foreign_results import estimates_of_result

RESULTS = {
    "probit": lambda: sm.Probit(BINARY, DESIGN).fit(disp=0),
    "negative binomial": lambda: sm.GLM(COUNT, DESIGN, family=sm.families.NegativeBinomial(alpha=1.0)).fit(),
    "HAC": lambda: sm.OLS(NUMBER, DESIGN).fit(cov_type="HAC", cov_kwds={"maxlags": 2}),
    "quantiles": lambda: sm.QuantReg(NUMBER, DESIGN).fit(),
    "classes": lambda: sm.MNLogit(CLASS, DESIGN).fit(disp=0),
    "least squares": lambda: sm.OLS(NUMBER, DESIGN).fit(),
}


@pytest.mark.parametrize("name", RESULTS)
def test_numbers_are_those_of_the_package_and_tests_follow_from_them(name):
    result = RESULTS[name]()
    fit = estimates_of_result(result)
    for ours, theirs in ((fit.estimate, result.params), (fit.bse, result.bse), (fit.pvalues, result.pvalues)):
        np.testing.assert_allclose(ours, np.asarray(theirs).T.ravel(), rtol=1e-9, atol=1e-15)
    assert "statsmodels" in fit.certificate.sentence()
    assert fit.certificate.verdict == "not checked"


def test_what_it_cannot_know_is_left_to_the_package():
    fit = estimates_of_result(RESULTS["probit"]())
    assert fit.prsquared == pytest.approx(RESULTS["probit"]().prsquared)
    with pytest.raises(SettingError, match="its own predict"):
        predict_rows(fit, X)
    with pytest.raises(SettingError, match="got ndarray"):
        estimates_of_result(np.ones(3))


def test_least_squares_of_both_packages_are_one():
    ours, theirs = regress(X, NUMBER), estimates_of_result(RESULTS["least squares"]())
    np.testing.assert_allclose(theirs.conf_int(), ours.conf_int(), rtol=1e-10)
