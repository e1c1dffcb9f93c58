"""Rows of three kinds of outcome, and the same models by statsmodels."""

import numpy as np
import pandas as pd
import statsmodels.api as sm

RANDOM = np.random.default_rng(0)
X = pd.DataFrame(RANDOM.normal(size=(200, 3)), columns=["a", "b c", "d"])
X["d"] += X["a"]
DESIGN = sm.add_constant(X)
ETA = 0.3 + X.to_numpy() @ [0.5, -0.3, 0.2]
NUMBER = ETA + RANDOM.normal(size=200)
BINARY = (RANDOM.random(200) < 1 / (1 + np.exp(-ETA))).astype(float)
COUNT = RANDOM.poisson(np.exp(ETA)).astype(float)
CLASS = RANDOM.integers(0, 3, 200)
