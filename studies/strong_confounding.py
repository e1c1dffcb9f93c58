"""Whether learned means and chances, or the draw of the units, decide coverage where confounding is strong.

    python studies/strong_confounding.py [replications] > studies/strong_confounding.txt

The design "strong" of one_treatment.py: the average over all units, from true and learned outcomes and chances in every
combination, five folds, with weights as they are and divided by their mean (Hájek).
"""

import sys

import numpy as np
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import SplineTransformer, StandardScaler

from one_treatment import draw

PENALTIES = {"C.3": 0.3, "C3": 3.0, "C300": 300.0}


def learned(x, t, y, seed):
    """Return outcomes under both levels [N 2] and chances [N] by learner, out of fold."""
    means = {name: np.zeros((len(y), 2)) for name in ("lin", "spline")}
    chances = {name: np.zeros(len(y)) for name in PENALTIES}
    for train, test in StratifiedKFold(5, shuffle=True, random_state=seed).split(x, t):
        scaler = StandardScaler().fit(x[train])
        known, asked = scaler.transform(x[train]), scaler.transform(x[test])
        for name, inverse in PENALTIES.items():
            model = LogisticRegression(C=inverse).fit(known, t[train])
            chances[name][test] = model.predict_proba(asked)[:, 1]
        for level in (0, 1):
            rows = t[train] == level
            means["lin"][test, level] = RidgeCV(np.logspace(-2, 3, 8)).fit(known[rows], y[train][rows]).predict(asked)
        splines = SplineTransformer(6, extrapolation="linear").fit(known)
        one = t[train][:, None]
        design = np.hstack([splines.transform(known), one, one * known])
        ridge = RidgeCV(np.logspace(-3, 3, 10)).fit(design, y[train])
        for level in (0, 1):
            means["spline"][test, level] = ridge.predict(
                np.hstack([splines.transform(asked), np.full((len(asked), 1), level), level * asked])
            )
    return means, chances


def scores(m, e, t, y, *, hajek):
    e = np.clip(e, 0.01, 0.99)
    treated, others = t / e, (1 - t) / (1 - e)
    if hajek:
        treated, others = treated / treated.mean(), others / others.mean()
    return m[:, 1] - m[:, 0] + treated * (y - m[:, 1]) - others * (y - m[:, 0])


def main():
    count, found = int(sys.argv[1]) if len(sys.argv) > 1 else 300, {}
    for number in range(count):
        x, t, y, effect, chance, base = draw("strong", np.random.default_rng([number, 21]))
        means, chances = learned(x, t, y, number)
        for outcome, m in (means | {"true": np.column_stack([base, base + effect])}).items():
            for assignment, e in (chances | {"true": chance}).items():
                for hajek in (False, True):
                    phi = scores(m, e, t, y, hajek=hajek)
                    name = f"{outcome:7s} {assignment:5s}{' hajek' if hajek else ''}"
                    found.setdefault(name, []).append((phi.mean() - 1.0, phi.std(ddof=1) / np.sqrt(len(phi))))
    print(f"{count} replications, outcome by, chances by")
    for name, values in found.items():
        away, error = np.array(values).T
        covered = (np.abs(away) <= 1.96 * error).mean()
        ratio = np.sqrt((error**2).mean() / (away**2).mean())
        print(f"{name:22s} cover {covered:.3f} bias {away.mean():+.3f} sd {away.std():.3f} se/rmse {ratio:.2f}")


if __name__ == "__main__":
    main()
