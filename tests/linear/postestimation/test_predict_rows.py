import numpy as np
import pytest
import statsmodels.api as sm

from linear.postestimation.peers import BINARY, CLASS, COUNT, DESIGN, NUMBER, X
from thalweg.base.errors import DataError, SettingError
from thalweg.linear import logistic_regression, multinomial_regression, poisson_regression, predict_rows, regress


@pytest.mark.parametrize("covariance", ["classical", "HC1"])
def test_least_squares_predicts_as_statsmodels_does(covariance):
    fit = regress(X, NUMBER, covariance=covariance)
    kind = {"cov_type": "nonrobust" if covariance == "classical" else "HC1", "use_t": True}
    peer = sm.OLS(NUMBER, DESIGN).fit(**kind).get_prediction(DESIGN.iloc[:5]).summary_frame(alpha=0.1)
    found = predict_rows(fit, X.iloc[:5], level=0.9)
    np.testing.assert_allclose(found.iloc[:, :4], peer.iloc[:, :4], rtol=1e-11)
    np.testing.assert_allclose(found.iloc[:, 4:], peer.iloc[:, 4:], rtol=1e-11)
    np.testing.assert_allclose(fit.fitted + fit.residuals, NUMBER, rtol=1e-13)
    assert fit.root_mse == pytest.approx(float(np.sqrt(sm.OLS(NUMBER, DESIGN).fit().mse_resid)), rel=1e-12)


@pytest.mark.parametrize(
    ("fit", "y", "family"),
    [(logistic_regression, BINARY, sm.families.Binomial()), (poisson_regression, COUNT, sm.families.Poisson())],
)
def test_likelihoods_predict_as_statsmodels_does_and_stay_in_their_range(fit, y, family):
    peer = sm.GLM(y, DESIGN, family=family).fit(tol=1e-14).get_prediction(DESIGN.iloc[:5]).summary_frame()
    np.testing.assert_allclose(predict_rows(fit(X, y), X.iloc[:5]), peer, rtol=1e-9)
    far = predict_rows(fit(X, y), 50 * X.iloc[:5])
    assert (far["mean_low"] >= 0).all()


def test_probabilities_of_classes_sum_to_one_and_their_errors_are_those_of_another_reference():
    names = ["u", "v", "w"]
    found = predict_rows(multinomial_regression(X, CLASS, classes=names), X.iloc[:4])
    np.testing.assert_allclose(found[[f"{name}: prediction" for name in names]].sum(axis=1), 1.0)
    turned = predict_rows(multinomial_regression(X, (CLASS + 1) % 3, classes=["w", "u", "v"]), X.iloc[:4])
    np.testing.assert_allclose(found["v: std_error"], turned["v: std_error"], rtol=1e-8)


def test_columns_are_found_by_name_dropped_ones_are_not_needed_and_absent_ones_are_named():
    fit = regress(X.assign(twice=2 * X["a"]), NUMBER)
    np.testing.assert_allclose(predict_rows(fit, X[["d", "b c", "a"]])["prediction"], fit.fitted)
    with pytest.raises(DataError, match="'b c'"):
        predict_rows(fit, X[["a", "d"]])
    within = regress(X, NUMBER, absorb={"firm": np.arange(200) % 20})
    with pytest.raises(SettingError, match="absorbed effects"):
        predict_rows(within, X)


def test_rows_that_do_not_count_have_no_fitted_value():
    weights = np.append(np.ones(190), np.zeros(10))
    fit = regress(X, NUMBER, weights=weights)
    np.testing.assert_array_equal(np.isnan(fit.residuals), weights == 0)
    firms = np.append(np.arange(199) % 10, 99)
    assert np.flatnonzero(np.isnan(regress(X, NUMBER, absorb={"firm": firms}).residuals)).tolist() == [199]
