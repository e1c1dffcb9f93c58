"""Figures for benchmarks/results/estimators.md: scikit-learn's checks, import time, coverage of intervals.

Run: python -P benchmarks/estimators.py [checks] [imports] [coverage] [effects]
"""

import subprocess
import sys
import time
import warnings
from collections import Counter
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]


def checks() -> None:
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.utils.estimator_checks import check_estimator

    from thalweg.estimators import LinearRegressor, LogisticClassifier, NetClassifier, NetRegressor, NetSearch

    space = {"learning_rate": [1e-2]}
    print("| estimator | passed | failed | skipped | seconds |\n|---|---|---|---|---|")
    for estimator in (
        NetRegressor(),
        NetClassifier(),
        LinearRegressor(),
        LogisticClassifier(),
        NetSearch(NetRegressor(seeds=1), space, cv=2),
        NetSearch(NetClassifier(seeds=1), space, cv=2),
        MLPRegressor(),
        MLPClassifier(),
    ):
        started = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = Counter(r["status"] for r in check_estimator(estimator, on_fail=None, on_skip=None))
        inner = f"({type(estimator.estimator).__name__})" if hasattr(estimator, "estimator") else ""
        seconds = time.perf_counter() - started
        name = type(estimator).__name__ + inner
        print(f"| {name} | {found['passed']} | {found['failed']} | {found['skipped']} | {seconds:.1f} |")


def imports() -> None:
    print("| import | seconds of CPU, least of 5 | torch loaded |\n|---|---|---|")
    for line in (
        "import thalweg.estimators",
        "from thalweg.estimators import NetRegressor; NetRegressor()",
        "from sklearn.neural_network import MLPRegressor",
        "import torch",
    ):
        code = (
            f"import time, sys; t = time.process_time(); {line}; print(time.process_time() - t, 'torch' in sys.modules)"
        )
        found = [
            subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(5)
        ]
        seconds = min(float(f.stdout.split()[0]) for f in found)
        print(f"| `{line}` | {seconds:.2f} | {found[0].stdout.split()[1]} |")


def coverage() -> None:
    sys.path.insert(0, str(ROOT / "tests" / "statistics"))
    import test_intervals_prediction as simulation

    print("| design | rows | method | coverage at 90 % | simulation error |\n|---|---|---|---|---|")
    for rows, settings, methods in (
        (95, {"folds": 5}, ("split", "cv+")),
        (95, {"folds": 5, "loss": "quantile", "epochs": 60}, ("cqr",)),
        (60, {"bootstrap": 20}, ("jackknife+ab",)),
    ):
        for design in (simulation.non_linear, simulation.heteroscedastic, simulation.skewed):
            for method, share in simulation.coverage(design, rows, settings, methods).items():
                error = np.sqrt(share * (1 - share) / simulation.REPLICATIONS)
                print(f"| {design.__name__} | {rows} | {method} | {share:.3f} | < {error:.3f} |", flush=True)


def effects(replications: int = 500) -> None:
    """Coverage of the average marginal effects of networks: y = x1 + x1²/2 + e, true effects 1 and 0."""
    from thalweg.estimators.average_effects import marginal_effects
    from thalweg.estimators.networks import plan_networks
    from thalweg.estimators.regressor import NetRegressor
    from thalweg.estimators.rows import canonical_rows
    from thalweg.estimators.training import train_lessons

    net = NetRegressor(hidden=(6,), activation="tanh", learning_rate=0.05, batch=None, epochs=80, seeds=3, bootstrap=40)
    rng = np.random.default_rng(5)
    hits, params, errors = np.zeros(2), [], []
    for _ in range(10):
        plans = []
        for k in range(replications // 10):
            x = rng.standard_normal((120, 2))
            y = x[:, 0] + x[:, 0] ** 2 / 2 + (0.3 + 0.4 * np.abs(x[:, 0])) * rng.standard_normal(120)
            plans.append(plan_networks(canonical_rows(x, y[:, None]), "regression", net.get_params(), seed=k))
        trained = iter(train_lessons([lesson for plan in plans for lesson in plan.lessons]))
        for plan in plans:
            net.population_ = plan.collect([next(trained) for _ in plan.lessons]).population
            found = marginal_effects(net)
            bounds = found.conf_int(0.1)
            hits += ((bounds[0] <= [1.0, 0.0]) & (bounds[1] >= [1.0, 0.0])).to_numpy()
            params.append(found.params.to_numpy())
            errors.append(found.bse.to_numpy())
    print("| effect | true | mean estimate | sd of estimates | mean standard error | coverage at 90 % |")
    print("|---|---|---|---|---|---|")
    for j, (name, truth) in enumerate((("x1", 1), ("x2", 0))):
        column = np.array(params)[:, j]
        mean_error = np.mean(errors, axis=0)[j]
        share = hits[j] / replications
        print(f"| {name} | {truth} | {column.mean():.3f} | {column.std():.3f} | {mean_error:.3f} | {share:.3f} |")


if __name__ == "__main__":
    wanted = sys.argv[1:] or ["checks", "imports", "coverage", "effects"]
    for part in wanted:
        print(f"\n### {part}\n", flush=True)
        globals()[part]()
