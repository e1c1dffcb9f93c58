import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

import thalweg as tw
from thalweg.answers.effects import EffectsRun


def _firms():
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"x": random.normal(size=120), "z": random.normal(size=120), "firm": np.arange(120) % 10})
    return frame.assign(y=frame["x"] + random.normal(size=120), b=random.random(120) < 0.5)


def test_one_column_each_with_errors_below_and_what_they_are():
    small = tw.fit_linear(_firms(), formula="y ~ x")
    within = tw.fit_linear(_firms(), formula="y ~ x + z | firm", clusters="firm")
    probit = smf.probit("b ~ x", _firms().astype({"b": int})).fit(disp=0)
    found = tw.regression_table({"plain": small, "within": within, "probit": probit}, stars=True, terms={"x": "price"})
    rows = {row[0]: row[1:] for row in found.table.rows if row[0]}
    assert rows["price"][0] == f"{small.estimates.params['x']:.4g}***"
    assert found.table.rows[3][1] == f"({small.estimates.bse['x']:.4g})"
    assert rows["z"][0] == ""
    assert rows["firm effects"] == ("no", "yes", "no")
    assert rows["Observations"] == ("120", "120", "120")
    text = found.text(200)
    assert "within: standard errors robust to dependence within clusters" in text
    assert "probit: standard errors as statsmodels" in text
    assert "*** p < 0.01" in text


@pytest.mark.parametrize(
    ("ending", "sign"), [(".tex", "toprule"), (".md", "| --- |"), (".html", "<table>"), (".csv", "x,")]
)
def test_it_is_written_as_its_ending_says(ending, sign, tmp_path):
    found = tw.regression_table([tw.fit_linear(_firms(), formula="y ~ x")])
    text = found.save(tmp_path / f"table{ending}").read_text()
    assert sign in text
    with pytest.raises(tw.SettingError, match="must end in"):
        found.save(tmp_path / "table.xyz")


class _Effects(EffectsRun):
    """Effects of which one is withheld."""

    def frame(self):
        shown = {
            "given": ["a", "a and b"],
            "withheld": [False, True],
            "estimate": [0.5, None],
            "std_error": [0.1, None],
        }
        return pd.DataFrame(shown | {"p_adjusted": [0.02, None]})


def test_effects_stand_by_what_was_given_and_withheld_ones_do_not():
    table = tw.regression_table({"trial": object.__new__(_Effects)}, stars=True).table
    assert table.rows == (("a", "0.5**"), ("", "(0.1)"))


def test_what_is_no_model_and_terms_that_no_model_has_are_told():
    run = tw.fit_linear(_firms(), formula="y ~ x")
    with pytest.raises(tw.SettingError, match="fitted result"):
        tw.regression_table([run, 3])
    with pytest.raises(tw.SettingError, match="No model has a term"):
        tw.regression_table([run], keep=["zz"])
    with pytest.raises(tw.SettingError, match="statistics"):
        tw.regression_table([run], statistics=["r3"])


def test_a_result_of_another_package_is_printed_kept_and_loaded(tmp_path):
    run = tw.run_of_result(smf.quantreg("y ~ x", _firms()).fit(), table="firms")
    run.save(tmp_path / "run")
    again = tw.load(tmp_path / "run")
    assert again.text() == run.text()
    assert "nothing of its optimum was checked" in again.sentence
    assert "How exact the optimum is" not in (tmp_path / "run" / "report.html").read_text()
