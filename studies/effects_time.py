"""How often intervals of effects cover where shocks last from week to week, with folds in order of time and without.

    python studies/effects_time.py [repetitions] > studies/effects_time.txt

Two treatments whose effects add up, one covariate; noise and a shock of every week, autoregressive of coefficient 0.9.
"units": every unit is assigned alone; "weeks": all units of a week are treated alike; "months": those of four weeks, in
the last line with months named as clusters. "ratio" is the mean standard error by the deviation of the
estimates.
"""

import platform
import sys
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from scipy.signal import lfilter

from thalweg.effects.dedl import DeDL

EFFECTS = {"01": 0.5, "10": 1.0, "11": 1.5}
WEEKS = 160
DESIGNS: dict[str, tuple[int, dict[str, Any], dict[str, Any]]] = {  # weeks treated alike, columns named, settings
    "units": (0, {}, {}),
    "units, in time": (0, {"time": "week"}, {"gap": 2}),
    "weeks": (1, {}, {}),
    "weeks, in time": (1, {"time": "week"}, {"gap": 2}),
    "months, in time": (4, {"time": "week"}, {"gap": 2}),
    "months, clusters": (4, {"time": "week", "clusters": "month"}, {"gap": 4}),
}


def table(seed: int, alike: int, size: int) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    week = np.repeat(np.arange(WEEKS), size)
    shock = lfilter([1.0], [1.0, -0.9], draw.normal(size=WEEKS + 50) * np.sqrt(1 - 0.81))[50:][week]
    periods = week // max(alike, 1)
    treated = draw.integers(0, 2, (len(week), 2))
    if alike:
        cells = draw.permutation(np.arange(WEEKS // alike) % 4)
        treated = np.column_stack([cells // 2, cells % 2])[periods]
    frame = pd.DataFrame(treated, columns=["a", "b"]).assign(week=week, x=draw.normal(size=len(week)))
    frame["month"] = week // 4
    outcome = frame["a"] + 0.5 * frame["b"] + np.sin(frame["x"]) + shock + draw.normal(size=len(week))
    return frame.assign(y=outcome)


def main() -> None:
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    print(
        f"{date.today()}, {platform.processor() or platform.machine()}, Python {platform.python_version()}, numpy "
        f"{np.__version__}; {repetitions} repetitions, {WEEKS} weeks, 5 folds, 1 split, nominal 95 %\n"
    )
    print(f"{'design':<20}{'a week':>7}{'covered':>9}{'error':>8}{'ratio':>7}")
    for name, (alike, columns, settings) in DESIGNS.items():
        for size in (5, 20):
            found = []
            dedl = DeDL(link="linear", epochs=20, repeats=1, hidden=(8,), ridge=1e-3, workers=1, **settings)
            for seed in range(repetitions):
                ignored = [name for name in ("week", "month") if name not in columns.values()]
                frame = table(seed, alike, size).drop(columns=ignored)
                answer = dedl.fit(frame, target="y", treatments=["a", "b"], features=["x"], **columns)
                found.append([(e.estimate - EFFECTS[e.combination], e.error, e.low, e.high) for e in answer.effects()])
            numbers = np.array(found)
            off = numbers[..., 0]
            truth = np.array([EFFECTS[name] for name in sorted(EFFECTS)])
            covered = (numbers[..., 2] <= truth) & (truth <= numbers[..., 3])
            ratio = numbers[..., 1].mean(0) / off.std(0)
            print(
                f"{name:<20}{size:>7}{covered.mean():>9.3f}{numbers[..., 1].mean():>8.3f}{ratio.mean():>7.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
