"""Forecasts of comparisons beside what they took: ``python benchmarks/plans.py``.

Each table is planned, then fitted, in one process; the forecast is that of the search, and so is the time.
"""

import platform
import time
import warnings
from datetime import date
from pathlib import Path

import thalweg as tw

RESULT = Path(__file__).parent / "results" / "plans.md"
QUICK = {"folds": 3, "seeds": 2}
CASES = [
    ("example:wine", {}),
    ("example:iris", {}),
    ("example:diabetes", {}),
    ("example:breast_cancer", {}),
    ("example:diabetes", {"hidden": [(16,)], "epochs": 400, "patience": 40}),
    ("example:diabetes", {"hidden": [(256, 256)], "epochs": 60, **QUICK}),
    ("example:breast_cancer", {"hidden": [(128,)], "dropout": [0.2], "epochs": 100, **QUICK}),
    ("example:digits", {"hidden": [(64,)], "epochs": 40, **QUICK}),
    ("example:digits", {"hidden": [(32, 32)], "epochs": 100, "batch": 256, **QUICK}),
    ("example:digits", {"hidden": [(256,)], "epochs": 20, **QUICK}),
    ("example:wine", {"hidden": [(64, 64, 64)], "optimizer": ["sgd"], "learning_rate": [0.01], "epochs": 300}),
    ("example:iris", {"hidden": [(8,)], "epochs": 1000, "patience": 1000, **QUICK}),
]


def line(source, settings):
    """Return a row of the table, and actual over forecast."""
    began = time.perf_counter()
    planned = tw.plan(source, **settings).rows[0]
    planning = time.perf_counter() - began
    cost = tw.fit(source, watch=False, **settings).to_dict()["about"]["cost"]
    actual = cost["actual seconds of the search"]
    told = " ".join(f"{name}={value}" for name, value in settings.items()) or "defaults"
    found = planned.seconds
    cells = (
        source.removeprefix("example:"),
        told,
        f"{found.middle:.2f} ({found.low:.2f} to {found.high:.2f})",
        f"{actual:.2f}",
        f"{actual / found.middle:.2f}",
        "yes" if found.low <= actual <= found.high else "no",
        f"{planning:.1f}",
    )
    return "| " + " | ".join(cells) + " |", actual / found.middle


def main():
    warnings.simplefilter("ignore")
    lines, ratios = [], []
    for source, settings in CASES:
        text, ratio = line(source, settings)
        print(text, flush=True)
        lines.append(text)
        ratios.append(ratio)
    ratios.sort()
    middle = ratios[len(ratios) // 2]
    heading = "| table | settings | forecast, s | search took, s | ratio | inside | planning took, s |"
    versions = f"thalweg {tw.__version__}, Python {platform.python_version()}, {platform.machine()}"
    facts = f"{date.today()}, {versions}, two cores."
    summary = f"Took over forecast: median {middle:.2f}, from {ratios[0]:.2f} to {ratios[-1]:.2f}."
    body = "\n".join([heading, "|" + "---|" * 7, *lines])
    RESULT.write_text(f"# Forecasts beside what happened\n\n{body}\n\n{summary}\n\n{facts}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
