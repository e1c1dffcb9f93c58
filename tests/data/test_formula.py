import json

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from thalweg.base.errors import DataError
from thalweg.data.design import Design, design_columns
from thalweg.data.encode import Encoder, fit_encoder
from thalweg.data.formula import _parsed
from thalweg.data.new_rows import encode_new_rows
from thalweg.data.problem import pose

N = 80
RNG = np.random.default_rng(4)
FRAME = pd.DataFrame(
    {
        "wage": np.exp(RNG.normal(2, 0.5, size=N)),
        "educ": RNG.integers(6, 20, size=N),
        "job tenure": RNG.uniform(0, 30, size=N),
        "region": RNG.choice(["east", "north", "west"], size=N),
        "year": RNG.choice([1990, 1995, 2000], size=N),
        "union": RNG.choice([True, False], size=N),
    }
)
FORMULAS = [
    "wage ~ educ",
    "log(wage) ~ educ + I(educ**2) + region",
    "wage ~ educ * region + C(year)",
    "wage ~ C(year, Treatment('1995')) + union",
    "log(wage) ~ log1p(`job tenure`) + np.sqrt(educ) + maximum(educ, 12)",
    "wage ~ (educ + union + region)**2",
    "log(wage) ~ .",
    "union ~ educ + wage",
]


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_survives_json_and_gives_the_same_rows(formula):
    problem = pose(FRAME, formula=formula)
    encoder = fit_encoder(problem, np.arange(0, N, 2))
    copy = Encoder.from_dict(json.loads(json.dumps(encoder.to_dict(), allow_nan=False)))
    found, _, _ = encode_new_rows(copy, FRAME.drop(columns=problem.formula.target))
    np.testing.assert_array_equal(found, encoder.transform(problem.features))
    few, _, _ = encode_new_rows(copy, FRAME.iloc[[7, 3]])
    np.testing.assert_array_equal(few, found[[7, 3]])


def test_columns_equal_those_of_statsmodels():
    problem = pose(FRAME, formula="log(wage) ~ educ * region + C(year)")
    wanted = smf.ols("np.log(wage) ~ educ * region + C(year)", FRAME.astype({"year": str}))
    np.testing.assert_allclose(problem.outcome, wanted.endog)
    order = [wanted.exog_names.index(name) for name in problem.features.columns]
    np.testing.assert_allclose(problem.features.to_numpy(), wanted.exog[:, order])
    assert problem.features.shape[1] == wanted.exog.shape[1] - 1
    assert problem.target == "log(wage)"
    assert problem.task == "regression"


def test_the_design_is_plain_values():
    design = pose(FRAME, formula="wage ~ educ + C(year)").formula
    assert design.levels == {"year": ("1990", "1995", "2000")}
    assert design.kinds == {"educ": "numeric", "year": "categorical"}
    assert design.columns == ("educ", "C(year)[T.1995]", "C(year)[T.2000]")
    assert Design.from_dict(json.loads(json.dumps(design.to_dict()))) == design


def test_a_dot_means_all_other_columns():
    problem = pose(FRAME, formula="wage ~ .", weights="educ", ignore="year")
    assert problem.formula.available == ("job tenure", "region", "union")


def test_classes_by_formula():
    problem = pose("example:breast_cancer", formula="diagnosis ~ `mean radius` + log(`mean area`)")
    assert problem.task == "binary"
    assert problem.features.columns.tolist() == ["mean radius", "log(`mean area`)"]


def test_a_level_absent_from_training_is_zero_and_so_is_an_unseen_one():
    frame = pd.DataFrame({"y": np.arange(30.0) ** 2, "k": ["a", "b"] * 14 + ["c", "c"]})
    problem = pose(frame, formula="y ~ k")
    encoder = fit_encoder(problem, np.arange(28))
    z = encoder.transform(problem.features)
    assert z.shape == (30, 2)
    assert (z[28:, 1] == 0).all()
    unseen, notes, _ = encode_new_rows(encoder, {"k": ["a", "zebra"]})
    assert unseen[0].tolist() == unseen[1].tolist()
    assert [note.code for note in notes] == ["unseen_levels"]
    assert "'zebra'; they count as the reference level (1 row)" in notes[0].text


def test_rows_with_gaps_are_left_out_in_training_and_refused_later():
    frame = FRAME.copy()
    frame.loc[[2, 9], "educ"] = np.nan
    problem = pose(frame, formula="wage ~ log(educ)")
    assert len(problem) == N - 2
    encoder = fit_encoder(problem, np.arange(40))
    with pytest.raises(DataError, match="'educ' is missing in row 3"):
        encode_new_rows(encoder, frame)


def test_an_undefined_term_names_the_row_of_the_table():
    frame = FRAME.copy()
    frame.loc[0, "educ"] = np.nan
    frame.loc[6, "educ"] = 0
    with pytest.raises(DataError, match=r"Term 'log\(educ\)' of the formula is -inf in row 7"):
        pose(frame, formula="wage ~ log(educ)")


ESTIMATED = [
    ("wage ~ 0 + region + educ", "wage ~ 0 + region + educ"),
    ("wage ~ educ - 1", "wage ~ educ - 1"),
    ("wage ~ bs(educ, df=5)", "wage ~ bs(educ, df=5)"),
    ("wage ~ cr(educ, df=4) - 1", "wage ~ cr(educ, df=4) - 1"),
    ("wage ~ center(educ) + standardize(educ)", "wage ~ center(educ) + standardize(educ)"),
    ("wage ~ C(year, Treatment(1995)) * educ", "wage ~ C(year, Treatment('1995')) * educ"),
    ("wage ~ bs(log(educ), knots=[2.5], degree=2)", "wage ~ bs(np.log(educ), knots=[2.5], degree=2)"),
]


@pytest.mark.parametrize(("formula", "theirs"), ESTIMATED)
def test_formulas_that_estimate_make_the_columns_of_statsmodels_and_keep_what_they_learned(formula, theirs):
    problem = pose(FRAME, formula=formula, encoded=False)
    wanted = smf.ols(theirs, FRAME.astype({"year": str})).exog
    wanted = wanted[:, int(problem.formula.intercept) :]
    np.testing.assert_allclose(problem.features.to_numpy(), wanted, rtol=1e-9, atol=1e-12)
    design = Design.from_dict(json.loads(json.dumps(problem.formula.to_dict())))
    few = FRAME.iloc[[7, 3]].astype({"year": str})
    np.testing.assert_allclose(design_columns(design, few), problem.features.iloc[[7, 3]], rtol=1e-13, atol=1e-14)


def test_orthogonal_polynomials_are_those_of_r():
    problem = pose(FRAME, formula="wage ~ poly(educ, 3)", encoded=False)
    X = problem.features.to_numpy()
    np.testing.assert_allclose(X.T @ X, np.eye(3), atol=1e-12)
    np.testing.assert_allclose(X.sum(axis=0), 0, atol=1e-12)
    powers = np.vander(FRAME["educ"].to_numpy(dtype=float), 4)
    assert np.linalg.matrix_rank(np.column_stack([powers, X]), tol=1e-6) == 4
    design = Design.from_dict(json.loads(json.dumps(problem.formula.to_dict())))
    np.testing.assert_allclose(design_columns(design, FRAME.iloc[[5]]), X[[5]], rtol=1e-12)


def test_many_levels_become_dummies_where_a_model_is_estimated_and_too_many_are_told_of_the_bar():
    count = 2_100
    frame = pd.DataFrame({"y": np.arange(float(count)), "firm": [f"f{i}" for i in range(count)]})
    assert pose(frame.iloc[:300], formula="y ~ firm", encoded=False).features.shape == (300, 299)
    with pytest.raises(DataError, match=r"at most 2,000.*y ~ x \| firm"):
        pose(frame, formula="y ~ firm", encoded=False)


def test_a_formula_of_a_run_is_parsed_once():
    table = {f"x{k}": np.arange(12.0) ** (k + 1) for k in range(3)} | {"y": np.arange(12.0) % 5}
    _parsed.cache_clear()
    pose(table, formula="y ~ x0 + x1 + x2", task="regression")
    assert _parsed.cache_info().misses == 1
    pose(table, formula="y ~ .", task="regression")
    assert _parsed.cache_info().misses == 3  # the dot stands for other columns once the outcome is known
