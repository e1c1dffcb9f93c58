import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import thalweg as tw
from linear.postestimation.peers import BINARY, DESIGN, NUMBER, X
from thalweg.base.errors import DataError, SettingError
from thalweg.linear import compare_nested, linear_combination, logistic_regression, regress, wald_test

CODES = np.arange(200) % 25
SETTINGS = [
    ({}, {}),
    ({"covariance": "HC1"}, {"cov_type": "HC1", "use_t": True}),
    ({"clusters": CODES}, {"cov_type": "cluster", "cov_kwds": {"groups": CODES}, "use_t": True}),
]


@pytest.mark.parametrize(("ours", "theirs"), SETTINGS)
def test_joint_tests_are_those_of_statsmodels(ours, theirs):
    fit, peer = regress(X, NUMBER, **ours), sm.OLS(NUMBER, DESIGN).fit(**theirs)
    restrictions = np.array([[0, 1, 0, -1], [0, 0, 1, 0]])
    wanted = peer.f_test((restrictions, [0.5, -0.3]))
    found = wald_test(fit, "a - d = 0.5, `b c` = -0.3")
    assert found.statistic == pytest.approx(float(np.squeeze(wanted.fvalue)), rel=1e-10)
    assert found.p_value == pytest.approx(float(wanted.pvalue), rel=1e-8)
    assert wald_test(fit).statistic == pytest.approx(float(np.squeeze(peer.fvalue)), rel=1e-9)


def test_likelihoods_take_chi_squares():
    found, peer = wald_test(logistic_regression(X, BINARY), "a = d"), sm.Logit(BINARY, DESIGN).fit(disp=0, tol=1e-13)
    assert found.statistic == pytest.approx(float(peer.wald_test([0, 1, 0, -1], scalar=True).statistic), rel=1e-8)
    assert np.isinf(found.df)


def test_restrictions_said_twice_count_once_and_contradictions_are_told():
    fit = regress(X, NUMBER)
    twice = wald_test(fit, "a = 0, 2 * a = 0")
    assert (twice.restrictions, twice.statistic) == (1, pytest.approx(fit.tvalues["a"] ** 2, rel=1e-9))
    with pytest.raises(SettingError, match="contradict"):
        wald_test(fit, "a = 1, a = 2")


@pytest.mark.parametrize("text", ["aa = 0", "a = = 1", "3 = 2", "a; import os", "", "a * d = 0"])
def test_what_is_no_restriction_is_told(text):
    with pytest.raises(SettingError):
        wald_test(regress(X, NUMBER), text)


def test_a_coefficient_without_an_error_is_not_tested():
    fit = regress(np.column_stack([X["a"], np.arange(200) == 7]), NUMBER, covariance="HC1")
    with pytest.raises(DataError, match="no standard errors"):
        wald_test(fit, "x2 = 0")


def test_combinations_are_those_of_statsmodels():
    found = linear_combination(regress(X, NUMBER), "a - 2 * d", level=0.9)
    wanted = sm.OLS(NUMBER, DESIGN).fit().t_test([0, 1, 0, -2])
    np.testing.assert_allclose(found.iloc[0, 1:3], [wanted.effect[0], wanted.sd[0, 0]], rtol=1e-10)
    np.testing.assert_allclose(found.iloc[0, 5:].astype(float), wanted.conf_int(0.1)[0], rtol=1e-10)


def test_nested_models_are_compared_as_in_statsmodels():
    small, large = regress(X[["a"]], NUMBER), regress(X, NUMBER)
    peers = [sm.OLS(NUMBER, DESIGN[["const", "a"]]).fit(), sm.OLS(NUMBER, DESIGN).fit()]
    wanted = sm.stats.anova_lm(*peers).iloc[1]
    found = compare_nested([small, large]).iloc[1]
    np.testing.assert_allclose([found["statistic"], found["p_value"]], [wanted["F"], wanted["Pr(>F)"]], rtol=1e-9)
    binary = compare_nested([logistic_regression(X[["a"]], BINARY), logistic_regression(X, BINARY)]).iloc[1]
    ratio = 2 * (sm.Logit(BINARY, DESIGN).fit(disp=0).llf - sm.Logit(BINARY, DESIGN[["const", "a"]]).fit(disp=0).llf)
    assert binary["statistic"] == pytest.approx(ratio, rel=1e-8)


def test_what_is_not_nested_is_told():
    a, d = regress(X[["a"]], NUMBER), regress(X[["d", "b c"]], NUMBER)
    for fits, told in (
        ([a, d], "which lacks 'a'"),
        ([a, a], "not within"),
        ([regress(X[["a"]], BINARY), d], "outcomes"),
    ):
        with pytest.raises(DataError, match=told):
            compare_nested(fits)
    with pytest.raises(SettingError, match="wald_test"):
        compare_nested([a, regress(X, NUMBER, covariance="HC1")])


def test_a_table_s_tests_are_printed_and_kept():
    run = tw.fit_linear(X.assign(y=NUMBER), target="y", test=["a = d", "`b c` = 0, a = 0"])
    assert [one.restrictions for one in run.answer.tests] == [1, 2]
    assert "Joint tests of coefficients" in run.text()
    assert run.to_dict()["tests"][0]["p_value"] == pytest.approx(run.test("a = d").p_value)
    assert isinstance(run.fitted(), pd.DataFrame)
