"""Our estimates in the tables of other packages."""

import copy

import numpy as np
import pytest
import statsmodels.api as sm
from statsmodels.iolib.summary2 import summary_col

from thalweg.base.errors import MissingExtraError, SettingError
from thalweg.jobs.result_of_run import result_of_run
from thalweg.linear import logistic_regression, regress


@pytest.fixture(scope="module")
def rows():
    random = np.random.default_rng(0)
    X = random.normal(size=(100, 2))
    return X, X @ [1, 2] + random.normal(size=100)


def test_summary_col_takes_ours_beside_its_own(rows):
    X, y = rows
    ours = regress(X, y, names=["x1", "x2"], answer="wage")
    classes = logistic_regression(X, (y > 0) * 1.0)
    theirs = sm.OLS(y, sm.add_constant(X)).fit()
    results = [*(result_of_run(one, "statsmodels") for one in (ours, classes)), theirs]
    table = summary_col(results, stars=True, include_r2=True, info_dict={"N": lambda one: f"{one.nobs:g}"}).tables[0]
    assert table.loc["x1"].iloc[0] == table.loc["x1"].iloc[2]
    assert table.loc["R-squared"].iloc[0] == table.loc["R-squared"].iloc[2]
    assert table.columns[0].startswith("wage")
    assert table.loc["N"].iloc[1] == "100"


def test_a_result_can_be_copied(rows):
    kept = copy.copy(result_of_run(regress(*rows), "statsmodels"))
    assert kept.params.index.tolist() == ["Intercept", "x1", "x2"]


def test_etable_takes_ours_beside_its_own(rows):
    pyfixest = pytest.importorskip("pyfixest")
    X, y = rows
    firms = np.arange(100) % 9
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=["x1", "x2"]).assign(y=y, firm=firms)
    ours = result_of_run(regress(X, y, absorb={"firm": firms}), "pyfixest")
    table = pyfixest.etable([ours, pyfixest.feols("y ~ x1 + x2 | firm", frame)], type="df")
    assert (table.iloc[:, 0] == table.iloc[:, 1]).all()


def test_other_packages_are_refused(rows):
    with pytest.raises(SettingError, match="package"):
        result_of_run(regress(*rows), "stata")


def test_a_package_that_is_absent_is_told(rows, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyfixest.estimation.models.feols_", None)
    with pytest.raises(MissingExtraError, match="pip install pyfixest"):
        result_of_run(regress(*rows), "pyfixest")
