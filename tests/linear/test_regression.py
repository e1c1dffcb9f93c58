import json

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from thalweg.base.errors import DataError, SettingError
from thalweg.linear import certify_least_squares, regress

RANDOM = np.random.default_rng(3)
COUNT = 120
X = pd.DataFrame(RANDOM.normal(size=(COUNT, 3)), columns=["price", "quality", "rain"])
Y = 2 + X["price"] + RANDOM.normal(size=COUNT) * (1 + np.abs(X["price"]))
CLUSTERS = [f"shop {i % 12}" for i in range(COUNT)]


@pytest.mark.parametrize("kind", ["classical", "HC0", "HC1", "HC2", "HC3", "cluster"])
def test_equals_statsmodels(kind):
    fit = regress(X, Y, covariance=kind, clusters=CLUSTERS if kind == "cluster" else None)
    settings = {
        "classical": {},
        "cluster": {"cov_type": "cluster", "cov_kwds": {"groups": np.arange(COUNT) % 12}, "use_t": True},
    }.get(kind, {"cov_type": kind, "use_t": True})
    peer = sm.OLS(Y, sm.add_constant(X)).fit(**settings)
    names = ["Intercept", "price", "quality", "rain"]
    assert list(fit.params.index) == names
    for ours, theirs in [
        (fit.params, peer.params),
        (fit.bse, peer.bse),
        (fit.tvalues, peer.tvalues),
        (fit.pvalues, peer.pvalues),
        (fit.conf_int(), peer.conf_int()),
        (fit.cov_params(), peer.cov_params()),
    ]:
        np.testing.assert_allclose(ours.to_numpy(), theirs.to_numpy(), rtol=1e-9, atol=1e-13)
    for name in ("rsquared", "rsquared_adj", "llf", "aic", "bic", "nobs", "df_resid", "df_model"):
        np.testing.assert_allclose(getattr(fit, name), getattr(peer, name), rtol=1e-10)


@pytest.mark.parametrize("kind", ["classical", "HC1", "HC3"])
def test_a_weight_is_a_repeated_row_in_every_standard_error(kind):
    weights = RANDOM.integers(0, 4, COUNT)
    weighed = regress(X, Y, weights=weights, covariance=kind, weights_kind="frequency")
    repeated = regress(np.repeat(X, weights, axis=0), np.repeat(Y, weights), covariance=kind)
    np.testing.assert_allclose(weighed.covariance, repeated.covariance, rtol=1e-9)
    assert np.isclose(weighed.llf, repeated.llf)


def test_without_a_constant_equals_statsmodels():
    fit, peer = regress(X, Y, intercept=False), sm.OLS(Y, X).fit()
    np.testing.assert_allclose(fit.bse, peer.bse, rtol=1e-10)
    np.testing.assert_allclose([fit.rsquared, fit.rsquared_adj], [peer.rsquared, peer.rsquared_adj])


def test_collinear_columns_are_left_out_and_said():
    trap = X.assign(copy=X["price"] + X["rain"])
    fit = regress(trap, Y)
    assert "copy" not in fit.params.index
    assert fit.certificate.dropped == ("copy",)
    assert "collinear: copy" in fit.summary()
    np.testing.assert_allclose(fit.covariance, regress(X, Y).covariance, rtol=1e-9)


def test_the_table_reads_like_every_other_model():
    fit = regress(X, Y, answer="sales")
    table = fit.__maketables_coef_table__
    assert {"b", "se", "t", "p", "ci95l", "ci95u"} <= set(table.columns)
    assert table.index.name == "Coefficient"
    assert fit.__maketables_stat__("N") == COUNT
    assert fit.__maketables_stat__("se_type") == "classical"
    assert fit.__maketables_depvar__ == fit.endog_names == "sales"
    assert fit.cov_type == "classical"
    assert set(fit.__maketables_default_stat_keys__) <= set(fit.__maketables_stat_labels__)
    tidy = fit.frame().to_dict("records")
    assert json.loads(json.dumps(tidy))[1]["term"] == "price"
    for word in ("sales", "price", "Observations 120", "standard errors of any coefficient"):
        assert word in fit.summary()


def test_a_reported_solution_is_judged_in_standard_errors():
    fit = regress(X, Y)
    moved = fit.estimate + 0.02 * fit.bse.to_numpy() * [0, 0, 1, 0]
    certificate = certify_least_squares(X, Y, moved[1:], moved[0])
    assert np.isclose(certificate.worst, 0.02, rtol=1e-6)
    assert certificate.worst_name == "quality"
    assert certificate.verdict == "visible"
    assert certify_least_squares(X, Y, fit.estimate[1:], fit.estimate[0]).verdict == "exact"


@pytest.mark.parametrize(("report", "words"), [([np.nan, 1, 1], "not finite"), ([1.0], "3 coefficients")])
def test_a_broken_report_is_refused(report, words):
    with pytest.raises(DataError, match=words):
        certify_least_squares(X, Y, report, 0.0)


def test_versions_are_part_of_a_certificate():
    assert {"python", "numpy", "scipy"} == set(regress(X, Y).certificate.versions())


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"covariance": "HC9"}, SettingError, "must be one of"),
        ({"covariance": "cluster"}, DataError, "Clusters for 120 rows are needed, got 0"),
        ({"clusters": CLUSTERS, "covariance": "classical"}, SettingError, "covariance is 'classical'"),
        ({"covariance": "cluster", "clusters": ["a"] * COUNT}, DataError, "two clusters"),
        ({"names": ["a"]}, DataError, "3 column names"),
    ],
)
def test_wrong_settings_are_named(settings, error, words):
    with pytest.raises(error, match=words):
        regress(X, Y, **settings)


def test_equal_answers_are_refused():
    with pytest.raises(DataError, match="all equal"):
        regress(X, np.full(COUNT, 0.1))


def test_too_few_rows_are_refused():
    with pytest.raises(DataError, match="need more than"):
        regress([[1.0, 2.0], [2.0, 1.0], [0.0, 1.0]], [1, 2, 3])


@pytest.mark.parametrize("covariance", ["classical", "HC1", "cluster"])
@pytest.mark.parametrize("weighted", [False, True])
def test_absorbed_effects_equal_dummies(covariance, weighted):
    draw = np.random.default_rng(3)
    firm, year = draw.integers(0, 40, 500), draw.integers(0, 6, 500)
    X = pd.DataFrame({"x": draw.normal(size=500) + firm % 3, "z": draw.normal(size=500)})
    y = X["x"] + firm % 5 + year + draw.normal(size=500)
    kept = np.bincount(firm)[firm] > 1
    given = {"weights": draw.uniform(0.5, 2, 500)} if weighted else {}
    clusters = {"clusters": firm} if covariance == "cluster" else {}
    fit = regress(X, y, covariance=covariance, absorb={"firm": firm, "year": year}, **given, **clusters)
    levels = [
        pd.get_dummies(one, drop_first=True, dtype=float).add_prefix(name) for one, name in ((firm, "f"), (year, "t"))
    ]
    whole = pd.concat([X, *levels], axis=1)
    given, clusters = ({name: value[kept] for name, value in part.items()} for part in (given, clusters))
    dense = regress(whole[kept], y[kept], covariance=covariance, **given, **clusters)
    np.testing.assert_allclose(fit.estimate, dense.params[["x", "z"]], rtol=1e-11)
    factor = 1.0
    if covariance == "cluster":  # firms are nested in the clusters and take no degrees of freedom
        factor = (dense.nobs - len(dense.names)) / (dense.nobs - 2 - 6)
    np.testing.assert_allclose(fit.bse**2, dense.bse[["x", "z"]] ** 2 * factor, rtol=1e-9)
    assert fit.rsquared == pytest.approx(dense.rsquared)
    assert fit.llf == pytest.approx(dense.llf)
    assert fit.df == dense.df
    assert fit.singletons == (~kept).sum()


def test_a_column_that_effects_explain_is_left_out_and_none_left_is_refused():
    draw = np.random.default_rng(0)
    firm = np.repeat(np.arange(50), 6)
    X = pd.DataFrame({"x": draw.normal(size=300), "size": draw.normal(size=50)[firm] * 1e6})
    fit = regress(X, draw.normal(size=300), absorb={"firm": firm})
    assert fit.certificate.dropped == ("size",)
    with pytest.raises(DataError, match="No column is left"):
        regress(X[["size"]], draw.normal(size=300), absorb={"firm": firm})
