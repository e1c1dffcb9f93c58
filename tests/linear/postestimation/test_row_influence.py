import numpy as np
import pytest
import statsmodels.api as sm
from statsmodels.stats.outliers_influence import variance_inflation_factor

import thalweg as tw
from linear.postestimation.peers import BINARY, DESIGN, NUMBER, X
from thalweg.base.errors import SettingError
from thalweg.linear import logistic_regression, regress, row_influence, variance_inflation


def test_influence_is_that_of_statsmodels():
    peer = sm.OLS(NUMBER, DESIGN).fit().get_influence()
    found = row_influence(regress(X, NUMBER), X)
    np.testing.assert_allclose(found.leverage, peer.hat_matrix_diag, rtol=1e-10)
    np.testing.assert_allclose(found.studentised, peer.resid_studentized_external, rtol=1e-9)
    np.testing.assert_allclose(found.cooks_distance, peer.cooks_distance[0], rtol=1e-9)


def test_weighted_rows_have_the_influence_of_rows_scaled_by_the_root_of_their_weight():
    weights = np.linspace(0.5, 2, 200)
    weights *= 200 / weights.sum()
    root = np.sqrt(weights)
    peer = sm.OLS(NUMBER * root, DESIGN.mul(root, axis=0)).fit().get_influence()
    found = row_influence(regress(X, NUMBER, weights=weights), X, weights=weights)
    np.testing.assert_allclose(found.leverage, peer.hat_matrix_diag, rtol=1e-10)
    np.testing.assert_allclose(found.cooks_distance, peer.cooks_distance[0], rtol=1e-9)


def test_a_row_that_a_column_singles_out_has_leverage_one_and_no_studentised_residual():
    alone = X.assign(alone=np.arange(200) == 3)
    found = row_influence(regress(alone, NUMBER), alone)
    assert found.leverage[3] == pytest.approx(1.0)
    assert np.isnan(found.studentised[3])


def test_inflation_is_that_of_statsmodels_and_infinite_for_a_copy():
    wanted = [variance_inflation_factor(DESIGN.to_numpy(), j) for j in (1, 2, 3)]
    np.testing.assert_allclose(variance_inflation(X), wanted, rtol=1e-10)
    assert variance_inflation(X.assign(twice=2 * X["a"]))["twice"] == np.inf


def test_other_models_are_told():
    with pytest.raises(SettingError, match="least squares"):
        row_influence(logistic_regression(X, BINARY), X)


def test_the_page_shows_the_row_that_moves_the_estimates(tmp_path):
    frame = X.assign(y=NUMBER)
    frame.loc[17, ["a", "y"]] = [30.0, -60.0]
    run = tw.fit_linear(frame, target="y")
    assert run.answer.influence.frame()["cooks_distance"].idxmax() == 17
    page = run.report(tmp_path / "page.html").read_text()
    assert "Rows that move the estimates most" in page
    assert "<td>18</td>" in page or ">18<" in page
