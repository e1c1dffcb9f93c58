"""Networks of thalweg inside DoubleML and EconML: any scikit-learn regressor or classifier may learn their nuisances.

Run it with ``python examples/nuisances.py`` after ``pip install doubleml econml``. The treatment is confounded: whoever
has a large x1 is treated more often and has another outcome anyway. Its true effect is 1 + x3 / 2, on average 1.
"""

import doubleml
import numpy as np
from econml.dml import LinearDML

from thalweg import NetClassifier, NetRegressor
from thalweg.effects.one_treatment.average import average_effects

ROWS = 2000
NETWORK = {"hidden": (32,), "learning_rate": 0.01, "epochs": 100, "patience": 10, "seeds": 3, "workers": 1}


def confounded_trial() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Covariates, treatment and outcome."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(ROWS, 5))
    treated = rng.binomial(1, 1 / (1 + np.exp(-np.sin(2 * x[:, 0]) - 0.5 * x[:, 1])))
    y = (1 + 0.5 * x[:, 2]) * treated + np.cos(2 * x[:, 0]) + x[:, 0] + 0.5 * x[:, 1] ** 2 + rng.normal(size=ROWS)
    return x, treated, y


def main() -> None:
    x, treated, y = confounded_trial()
    naive = y[treated == 1].mean() - y[treated == 0].mean()
    error = np.hypot(*(y[treated == t].std() / np.sqrt((treated == t).sum()) for t in (0, 1)))
    print(f"difference of means:       {naive:.3f} (std. error {error:.3f}); the truth is 1")

    np.random.seed(0)  # noqa: NPY002 - DoubleML cuts its folds with numpy's global generator
    data = doubleml.DoubleMLData.from_arrays(x, y, treated)
    model = doubleml.DoubleMLIRM(data, NetRegressor(**NETWORK), NetClassifier(**NETWORK), n_folds=5).fit()
    print(f"DoubleML, our networks:    {model.coef[0]:.3f} (std. error {model.se[0]:.3f})")

    varying = LinearDML(
        model_y=NetRegressor(**NETWORK), model_t=NetClassifier(**NETWORK), discrete_treatment=True, cv=5, random_state=0
    ).fit(y, treated, X=x)
    found = varying.ate_inference(x)
    print(f"EconML, our networks:      {found.mean_point:.3f} (std. error {found.stderr_mean:.3f})")
    slopes = ", ".join(f"{slope:.2f}" for slope in varying.coef_)
    print(f"  its effect by covariate: {slopes}; the truth is 0, 0, 0.5, 0, 0")

    [effect] = average_effects(x, y, treated).main
    print(f"thalweg alone (AIPW):      {effect.estimate:.3f} (std. error {effect.error:.3f})")


if __name__ == "__main__":  # worker processes may import this file
    main()
