"""Figures for benchmarks/results/estimators.md: scikit-learn's checks, import time.

Run: python -P benchmarks/estimators.py [checks] [imports]
"""

import subprocess
import sys
import time
import warnings
from collections import Counter


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


if __name__ == "__main__":
    wanted = sys.argv[1:] or ["checks", "imports"]
    for part in wanted:
        print(f"\n### {part}\n", flush=True)
        globals()[part]()
