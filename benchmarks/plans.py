"""Forecasts beside what happened: ``python benchmarks/plans.py``.

Some forty comparisons on tables of several sizes, on none of which anything was calibrated, are each planned and then
fitted in one process. The forecast is that of the whole comparison, and so is the time.
"""

import argparse
import math
import os
import platform
import statistics
import time
import warnings
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import thalweg as tw

RESULT = Path(__file__).parent / "results" / "plans.md"
Case = tuple[str, Any, dict[str, Any]]


def made(rows: int, columns: int) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return a table of numbers whose outcome is a bent and noisy function of three of them."""
    draw = np.random.default_rng(rows + columns)
    frame = pd.DataFrame(draw.standard_normal((rows, columns)), columns=[f"x{number}" for number in range(columns)])
    frame["y"] = np.sin(frame.x0) + frame.x1 * frame.x2 + draw.standard_normal(rows)
    return frame, {"target": "y"}


def cases() -> Iterator[Case]:
    """Yield tables and settings."""
    settings: list[dict[str, Any]] = [
        {"seeds": 2},
        {"folds": 3, "seeds": 2, "hidden": [(16,)], "epochs": 400, "patience": 40},
        {"folds": 3, "seeds": 2, "hidden": [(128,)], "dropout": [0.2], "epochs": 100},
        {"folds": 3, "seeds": 4, "hidden": [(32, 32)], "batch": 256, "learning_rate": [0.001, 0.01]},
        {
            "folds": 4,
            "seeds": 3,
            "hidden": [(64, 64, 64)],
            "optimizer": ["sgd"],
            "learning_rate": [0.01],
            "epochs": 150,
        },
        {"folds": 3, "seeds": 2, "hidden": [(8,), (256,)], "epochs": 60, "patience": 1000},
    ]
    for name in ("wine", "iris", "diabetes", "breast_cancer", "digits"):
        for number, some in enumerate(settings):
            if name != "digits" or number:  # the grid takes minutes there
                yield name, f"example:{name}", some
    for rows, columns in ((500, 10), (2_000, 20), (8_000, 10), (2_000, 60)):
        frame, roles = made(rows, columns)
        for some in (settings[1], settings[3], settings[5]):
            yield f"made, {rows:,} x {columns}", frame, some | roles


def line(name: str, source: Any, settings: dict[str, Any]) -> tuple[str, float, bool]:
    """Return a row of the table, actual over forecast, and whether it is inside the range."""
    began = time.perf_counter()
    found = tw.plan(source, **settings).rows[0].whole
    planning = time.perf_counter() - began
    actual = tw.fit(source, watch=False, **settings).to_dict()["about"]["cost"]["actual seconds in all"]
    told = " ".join(f"{key}={value}" for key, value in settings.items() if key != "target")
    inside = found.low <= actual <= found.high
    cells = (
        name,
        told,
        f"{found.middle:.2f} ({found.low:.2f} to {found.high:.2f})",
        f"{actual:.2f}",
        f"{actual / found.middle:.2f}",
        "yes" if inside else "no",
        f"{planning:.1f}",
    )
    return "| " + " | ".join(cells) + " |", actual / found.middle, inside


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="every so many cases (1)")
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    rows = []
    for case in list(cases())[:: chosen.every]:
        rows.append(line(*case))
        print(rows[-1][0], flush=True)
    ratios = [ratio for _, ratio, _ in rows]
    near = sum(0.7 <= 1 / ratio <= 1.4 for ratio in ratios) / len(rows)
    half = sum(abs(math.log(ratio)) <= math.log(1.5) for ratio in ratios) / len(rows)
    heading = "| table | settings | forecast, s | whole comparison took, s | ratio | inside | planning took, s |"
    middle, inside = statistics.median(ratios), sum(inside for *_, inside in rows) / len(rows)
    summary = (
        f"Of {len(rows)} comparisons, took over forecast: median {middle:.2f}, {min(ratios):.2f} to {max(ratios):.2f}; "
        f"forecast over took within 0.7 and 1.4 in {near:.0%}, within a factor of 1.5 in {half:.0%}; "
        f"inside the 80 % range {inside:.0%}."
    )
    body = "\n".join([heading, "|" + "---|" * 7, *(text for text, *_ in rows)])
    versions = f"thalweg {tw.__version__}, Python {platform.python_version()}, {platform.machine()}"
    facts = f"{date.today()}, {versions}, {os.cpu_count()} cores."
    RESULT.write_text(f"# Forecasts beside what happened\n\n{summary}\n\n{body}\n\n{facts}\n", encoding="utf-8")
    print(summary)


if __name__ == "__main__":
    main()
