"""``thalweg linear``: what it prints, what it writes, and what it refuses."""

import json

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

import thalweg as tw
from thalweg.base.errors import SettingError
from thalweg.cli.main import main


def firms(count=300):
    rng = np.random.default_rng(0)
    region = rng.choice(["east", "north", "south"], count)
    size, age = rng.lognormal(3, 1, count), rng.normal(20, 5, count)
    revenue = 3 * size + np.where(region == "north", 40, 0) + 10 * rng.normal(size=count)
    return pd.DataFrame(
        {
            "revenue": revenue,
            "size": size,
            "age": age,
            "region": region,
            "city": rng.integers(0, 25, count),
            "orders": rng.poisson(np.exp(0.02 * age)),
            "exports": np.where(rng.random(count) < 1 / (1 + np.exp(2 - size / 20)), "yes", "no"),
            "count": rng.integers(1, 4, count),
        }
    )


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "firms.csv"
    firms().to_csv(path, index=False)
    return str(path)


def answer(capsys, *words):
    assert main(["linear", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def coefficients(found, field="estimate"):
    return {row["term"]: row[field] for row in found["coefficients"]}


FORMULA = "revenue ~ size + age + C(region)"


@pytest.mark.parametrize("kind", ["classical", "HC0", "HC1", "HC2", "HC3"])
def test_numbers_and_standard_errors_are_those_of_statsmodels(table, capsys, kind):
    found = answer(capsys, table, "--formula", FORMULA, "--covariance", kind)
    peer = smf.ols(FORMULA, firms()).fit(**({} if kind == "classical" else {"cov_type": kind, "use_t": True}))
    names = [name.replace("[T.", "=").replace("]", "") for name in peer.params.index]
    np.testing.assert_allclose([coefficients(found)[n] for n in names], peer.params, rtol=1e-9)
    np.testing.assert_allclose([coefficients(found, "std_error")[n] for n in names], peer.bse, rtol=1e-9)
    assert found["certificate"]["verdict"] == "exact"
    assert found["statistics"]["r2"] == pytest.approx(peer.rsquared)


def test_clusters_bring_their_covariance_and_are_no_feature(table, capsys):
    found = answer(capsys, table, "--target", "revenue", "--clusters", "city")
    data = firms()
    peer = smf.ols("revenue ~ size + age + region + orders + exports + count", data).fit(
        cov_type="cluster", cov_kwds={"groups": data["city"]}, use_t=True
    )
    assert found["covariance"] == "cluster"
    assert "city" not in coefficients(found)
    assert coefficients(found, "std_error")["size"] == pytest.approx(peer.bse["size"], rel=1e-8)


def test_without_a_formula_numbers_keep_their_units_and_categories_lose_a_level(table, capsys):
    terms = coefficients(answer(capsys, table, "--target", "revenue"))
    assert {"Intercept", "size", "region=north", "region=south", "exports=yes"} <= terms.keys()
    assert "region=east" not in terms
    assert 2.5 < terms["size"] < 3.5


def test_weights_count_rows(table, capsys):
    found = answer(capsys, table, "--formula", FORMULA, "--weights", "count", "--weights-kind", "frequency")
    data = firms()
    peer = smf.ols(FORMULA, data.loc[data.index.repeat(data["count"])]).fit()
    assert found["statistics"]["N"] == data["count"].sum()
    assert coefficients(found, "std_error")["age"] == pytest.approx(peer.bse["age"])


def test_the_model_follows_the_outcome_or_the_option(table, capsys):
    found = answer(capsys, table, "--formula", "exports ~ size + age")
    data = firms().assign(exports=lambda frame: (frame["exports"] == "yes").astype(int))
    assert (found["model"], found["statistics"]["r2"]) == ("logistic", None)
    assert coefficients(found)["size"] == pytest.approx(
        smf.logit("exports ~ size + age", data).fit(disp=0).params["size"]
    )
    counts = answer(capsys, table, "--formula", "orders ~ age", "--model", "poisson")
    assert coefficients(counts)["age"] == pytest.approx(smf.poisson("orders ~ age", data).fit(disp=0).params["age"])
    assert any("HC1" in text for text in counts["warnings"])
    regions = answer(capsys, table, "--formula", "region ~ revenue")
    assert [*coefficients(regions)] == ["north: Intercept", "north: revenue", "south: Intercept", "south: revenue"]


def test_missing_cells_dates_and_long_categories_are_left_out_and_told(tmp_path, capsys):
    data = firms().assign(day=pd.date_range("2024-01-01", periods=300), shop=[f"shop {i % 140}" for i in range(300)])
    data.loc[5, "age"] = np.nan
    path = tmp_path / "gaps.csv"
    data.to_csv(path, index=False)
    found = answer(capsys, str(path), "--target", "revenue")
    assert found["statistics"]["N"] == 299
    text = " ".join(note["text"] for note in found["notes"])
    assert "Dates, so left out: 'day'" in text
    assert "More than 100 levels, so left out: 'shop'" in text


def test_names_with_spaces_need_no_quotes(tmp_path, capsys):
    path = tmp_path / "spaces.csv"
    firms().rename(columns={"size": "staff size", "revenue": "net revenue"}).to_csv(path, index=False)
    assert "staff size" in coefficients(answer(capsys, str(path), "--target", "net revenue"))


def test_plain_output_tells_table_certificate_choices_and_warnings(table, tmp_path, capsys):
    out = tmp_path / "report"
    words = [table, "--formula", FORMULA, "--path", "lasso", "--search", "best-subset", "--descents"]
    assert main(["linear", *words, "--axes", "size", "age", "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    expected = [
        "95 % interval",
        "(exact)",
        "one-standard-error rule",
        "anew in each training set",
        "BIC",
        "honest_regress",
    ]
    for text in [*expected, "Adam", "R² =", "N = 300"]:
        assert text in printed
    assert {path.name for path in out.iterdir() if not path.name.startswith(".")} == {
        *("config.json", "answer.json", "report.html", "coefficients.csv", "coefficients.tex"),
        *("numbers.safetensors", "records.json"),
    }
    assert json.loads((out / "answer.json").read_text())["path"]["chosen"]["min"]["nonzero"] >= 2


def test_a_file_takes_the_report_alone(table, tmp_path, capsys):
    out = tmp_path / "new" / "firms.html"
    assert main(["linear", table, "--formula", FORMULA, "--quiet", "--out", str(out)]) == 0
    assert capsys.readouterr().out.count("\n") == 1
    assert out.read_text().startswith("<!doctype html>")


def test_latex_is_a_table(table, capsys):
    assert main(["linear", table, "--formula", FORMULA, "--latex"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("\\begin{table}")
    assert printed.endswith("\\end{table}\n")


@pytest.mark.parametrize("path", ["ridge", "lasso", "elastic-net", "components"])
def test_paths_choose_and_repeat_themselves(table, capsys, path):
    words = (table, "--target", "revenue", "--path", path, "--folds", "4", "--seed", "7")
    first, second = answer(capsys, *words), answer(capsys, *words)
    assert first["path"] == second["path"]
    chosen = first["path"]["chosen"]
    assert chosen["1se"]["error"] >= chosen["min"]["error"]
    assert chosen["1se"]["nonzero"] <= chosen["min"]["nonzero"]


@pytest.mark.parametrize(
    ("model", "target", "terms"), [("poisson", "orders", 7), ("logistic", "exports", 7), ("softmax", "region", 18)]
)
def test_likelihoods_have_ridge_paths_that_count_rows(table, capsys, model, target, terms):
    words = (table, "--target", target, "--model", model, "--path", "ridge", "--weights", "count", "--folds", "3")
    found = answer(capsys, *words)["path"]
    assert len(found["chosen"]["min"]["coefficients"]) == terms
    assert found["certificate"].startswith("80 of 80")


def test_python_does_the_same(table, capsys):
    found = tw.fit_linear(table, formula=FORMULA, path="ridge", search="backward")
    told = answer(capsys, table, "--formula", FORMULA, "--path", "ridge", "--search", "backward")
    assert found.to_dict()["coefficients"] == told["coefficients"]
    assert found.to_dict()["selection"] == told["selection"]


@pytest.mark.parametrize(
    ("model", "target", "axes"),
    [("poisson", "orders", ["size", "age"]), ("logistic", "exports", ["size", "age"]), ("softmax", "region", [])],
)
def test_likelihoods_have_selection_geometry_and_descents(table, tmp_path, capsys, model, target, axes):
    out = tmp_path / "report"
    drawn = ["--axes", *axes] if axes else []
    words = [table, "--formula", f"{target} ~ size + age + city", "--model", model, "--search", "backward", *drawn]
    assert main(["linear", *words, "--descents", "--folds", "3", "--out", str(out), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found["selection"]["chosen"]) == {"AIC", "BIC", "CV"}
    assert found["descents"]["gradient"]["violations"]["1/(2tk)"] is None
    page = (out / "report.html").read_text()
    assert ("equal likelihood" in page) == bool(axes)
    assert "Descent, and what theory promises" in page


def test_separated_classes_get_shrunken_coefficients_a_report_and_exit_code_three(tmp_path, capsys):
    out = tmp_path / "wine"
    assert main(["linear", "example:wine", "--path", "ridge", "--out", str(out)]) == 3
    printed = capsys.readouterr().out
    for words in ("no finite maximum", "separate the answers completely", "ridge of 1", "no standard errors"):
        assert words in " ".join(printed.split())
    found = json.loads((out / "answer.json").read_text())
    assert found["coefficients"][0]["std_error"] is None
    assert found["certificate"]["verdict"] == "exact"
    assert "separate" in (out / "report.html").read_text()


@pytest.mark.parametrize(("model", "outcome"), [("logistic", "rich"), ("poisson", "visits")])
def test_what_separates_is_named_with_its_rows(tmp_path, capsys, model, outcome):
    rng = np.random.default_rng(0)
    club = rng.random(200) < 0.2
    rich = np.where(club | (rng.random(200) < 0.5), "yes", "no")
    visits = np.where(club, 0, rng.poisson(3.0, 200))
    path = tmp_path / "club.csv"
    pd.DataFrame({"club": club.astype(int), "age": rng.normal(size=200), "rich": rich, "visits": visits}).to_csv(
        path, index=False
    )
    assert main(["linear", str(path), "--formula", f"{outcome} ~ club + age", "--model", model, "--json"]) == 3
    found = json.loads(capsys.readouterr().out)
    assert found["certificate"]["separation"].startswith("club separates the answers in part")
    assert f"({club.sum()} of " in found["certificate"]["separation"]
    signs = coefficients(found)
    assert (signs["club"] > 0.3) == (model == "logistic")


WRONG = {
    "no such file": (["none.csv", "--target", "y"], ["none.csv"]),
    "no such target": (["TABLE", "--target", "revenu"], ["'revenu'", "revenue"]),
    "no target": (["TABLE"], ["as --target"]),
    "bad formula": (["TABLE", "--formula", "revenue ~ size +"], ["revenue ~ size +"]),
    "no such cluster column": (["TABLE", "--target", "revenue", "--clusters", "town"], ["'town'"]),
    "clustered without clusters": (["TABLE", "--target", "revenue", "--covariance", "cluster"], ["clusters"]),
    "clusters without clustering": (
        ["TABLE", "--target", "revenue", "--covariance", "HC1", "--clusters", "city"],
        ["cluster"],
    ),
    "text as a number": (["TABLE", "--target", "region", "--model", "ols"], ["region"]),
    "weights of text": (["TABLE", "--target", "revenue", "--weights", "region"], ["region"]),
    "lasso of counts": (["TABLE", "--target", "orders", "--model", "poisson", "--path", "lasso"], ["lasso", "poisson"]),
    "lasso of classes": (["TABLE", "--formula", "exports ~ size", "--path", "lasso"], ["lasso", "logistic"]),
    "best subset of classes": (["TABLE", "--formula", "exports ~ size", "--search", "best-subset"], ["search"]),
    "descent with weights": (["TABLE", "--target", "revenue", "--weights", "count", "--descents"], ["weights"]),
    "axes of several classes": (["TABLE", "--target", "region", "--axes", "size", "age"], ["axes", "softmax"]),
    "unknown axis": (["TABLE", "--target", "revenue", "--axes", "size", "ages"], ["'ages'", "age"]),
    "one axis twice": (["TABLE", "--target", "revenue", "--axes", "size", "size"], ["two different"]),
    "one fold": (["TABLE", "--target", "revenue", "--path", "ridge", "--folds", "1"], ["folds", "1"]),
    "more folds than rows": (["TABLE", "--target", "revenue", "--path", "ridge", "--folds", "301"], ["301"]),
    "robust errors that are not defined": (
        ["TABLE", "--formula", "exports ~ size", "--covariance", "HC3"],
        ["HC3"],
    ),
    "descent on separated classes": (["example:wine", "--descents"], ["finite maximum"]),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_gets_exit_code_two_one_message_and_writes_nothing(name, table, tmp_path, capsys):
    words, expected = WRONG[name]
    out = tmp_path / "out"
    assert main(["linear", *(table if word == "TABLE" else word for word in words), "--out", str(out)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("thalweg: ")
    assert captured.err.count("\n") == 1
    for word in expected:
        assert word in captured.err, captured.err
    assert not out.exists()


def test_a_place_that_cannot_be_written_is_named(table, tmp_path, capsys):
    (tmp_path / "file").write_text("in the way")
    place = str(tmp_path / "file" / "out")
    assert main(["linear", table, "--formula", FORMULA, "--out", place]) == 2
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("target", "model", "words"),
    [("size", "logistic", "model 'logistic': task='binary' needs 2 classes"), ("region", "poisson", "model 'poisson'")],
)
def test_a_target_that_a_model_cannot_explain_is_told_in_models(table, target, model, words):
    with pytest.raises(SettingError, match=words) as caught:
        tw.fit_linear(table, target=target, model=model)
    assert str(caught.value).endswith("Choose another model, or leave it out.")
