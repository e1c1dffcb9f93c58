import numpy as np
import pandas as pd

import thalweg as tw
from thalweg.data.problem import pose
from thalweg.linear.postestimation.formula_rows import kept_recipe, rows_of_recipe


def _table():
    random = np.random.default_rng(2)
    frame = pd.DataFrame({"x": random.uniform(1, 5, 80), "g": random.choice(["a", "b", "c"], 80)})
    return frame.assign(y=np.log(frame["x"]) + (frame["g"] == "b") + 0.1 * random.normal(size=80))


def test_rows_of_the_fit_become_its_design_again():
    problem = pose(_table(), formula="y ~ poly(x, 3) * C(g, Treatment('b'))", encoded=False)
    rows, notes, _ = rows_of_recipe(kept_recipe(problem.formula, problem.styles), _table())
    np.testing.assert_allclose(rows.design(rows.frame), problem.features, rtol=1e-11, atol=1e-13)
    assert "Not used" in notes[0].text


def test_fitted_values_are_predictions_of_the_rows_of_the_fit_and_new_levels_are_told():
    run = tw.fit_linear(_table(), formula="y ~ bs(x, df=4) + g")
    np.testing.assert_allclose(run.predict(_table())["prediction"], run.fitted()["fitted"], rtol=1e-12)
    frame, notes = run.predict_with_notes({"x": [2.0], "g": ["z"]})
    assert len(frame) == 1
    assert "'z'" in notes[0].text
