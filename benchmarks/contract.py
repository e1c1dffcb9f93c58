"""scikit-learn's ``check_estimator`` at every setting that takes another path through the code.

    python benchmarks/contract.py > benchmarks/results/contract.md

Checks that are skipped are skipped by scikit-learn, mostly because array API checks were not asked for. With
``warm_start=True`` the second fit goes on from the first, so that ``check_supervised_y_2d``, which fits twice and wants
equal answers, cannot hold.
"""

import collections
import datetime as dt
import platform
import warnings

import sklearn
import torch
from sklearn.utils.estimator_checks import check_estimator

from thalweg.estimators import LinearRegressor, LogisticClassifier, NetClassifier, NetRegressor, NetSearch

SMALL = {"hidden": (32,), "seeds": 1, "epochs": 100, "workers": 1}
SETTINGS = [
    NetRegressor(**SMALL),
    NetRegressor(**SMALL, folds=3),
    NetRegressor(**SMALL, bootstrap=3),
    NetRegressor(**SMALL, warm_start=True),
    NetRegressor(**SMALL, weights_kind="probability"),
    NetClassifier(**SMALL),
    NetClassifier(**SMALL, folds=5, calibrate=True),
    NetClassifier(**SMALL, bootstrap=3, label_smoothing=0.05),
    LinearRegressor(),
    LinearRegressor(ridge=None, folds=3),
    LinearRegressor(bootstrap=3),
    LogisticClassifier(),
    LogisticClassifier(folds=5, calibrate=True),
    LogisticClassifier(bootstrap=3),
    NetSearch(NetRegressor(**SMALL), {"learning_rate": [0.01]}, cv=2),
    NetSearch(NetClassifier(**SMALL), {"learning_rate": [0.01]}, cv=2),
]


def main():
    warnings.simplefilter("ignore")
    print("# scikit-learn's contract\n")
    print(f"{dt.date.today()}, {platform.machine()}; scikit-learn {sklearn.__version__}, torch {torch.__version__}.\n")
    print("| estimator | passed | failed | skipped |\n|---|---:|---:|---:|")
    for estimator in SETTINGS:
        found = check_estimator(estimator, on_fail=None, on_skip=None)
        counts = collections.Counter(one["status"] for one in found)
        failed = [one["check_name"] for one in found if one["status"] == "failed"]
        words = " ".join(repr(estimator).split())
        print(f"| `{words}` | {counts['passed']} | {len(failed)} | {counts['skipped']} |", flush=True)
        for name in failed:
            print(f"<!-- failed: {name} -->", flush=True)


if __name__ == "__main__":
    main()
