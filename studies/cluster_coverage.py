"""What 95 % intervals of clustered standard errors cover: equal, unequal and few clusters, few of them treated.

``python studies/cluster_coverage.py`` writes cluster_coverage.txt beside it; about three minutes of one processor. The
column is the same within a cluster, and so is half of the error's variance: the hardest case that is common.
"""

import platform
import time
from datetime import date
from pathlib import Path

import numpy as np

import thalweg
from thalweg.linear import logistic_regression, poisson_regression, regress, wild_cluster_test

REPLICATES = 250
DRAWS = 199


def sizes_equal(count: int, random: np.random.Generator) -> np.ndarray:  # noqa: ARG001 - as the other
    """Twenty rows each."""
    return np.full(count, 20)


def sizes_pareto(count: int, random: np.random.Generator) -> np.ndarray:
    """A few clusters hold most rows."""
    return 2 + np.floor(6 * random.pareto(1.0, count)).clip(0, 1500).astype(int)


def column_normal(count: int, random: np.random.Generator) -> np.ndarray:
    """A number per cluster."""
    return random.normal(size=count)


def column_treated(treated: int):
    """A few clusters are treated."""
    return lambda count, random: (random.permutation(count) < treated).astype(float)


DESIGNS = {
    "50 equal": (50, sizes_equal, column_normal, False),
    "20 equal": (20, sizes_equal, column_normal, False),
    "8 equal": (8, sizes_equal, column_normal, False),
    "5 equal": (5, sizes_equal, column_normal, False),
    "30 Pareto-sized": (30, sizes_pareto, column_normal, False),
    "50, 5 treated": (50, sizes_equal, column_treated(5), False),
    "50, 2 treated": (50, sizes_equal, column_treated(2), False),
    "30 Pareto-sized, 8 treated": (30, sizes_pareto, column_treated(8), False),
    "20 equal, heteroscedastic": (20, sizes_equal, column_normal, True),
}


def draw(design: str, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of one replicate: column, outcome with slope 0, clusters."""
    count, sizes, column, heteroscedastic = DESIGNS[design]
    random = np.random.default_rng([seed, sorted(DESIGNS).index(design)])
    codes = np.repeat(np.arange(count), sizes(count, random))
    x = column(count, random)
    scale = np.exp(0.7 * x) if heteroscedastic else np.ones(count)
    error = (random.normal(size=count) * scale)[codes] + random.normal(size=len(codes)) * scale[codes]
    return x[codes][:, None], error, codes


def covered(design: str) -> dict[str, list[float]]:
    """Whether each interval holds the slope of 0, replicate by replicate; NaN where it is undefined."""
    found: dict[str, list[float]] = {}
    for seed in range(REPLICATES):
        X, y, codes = draw(design, seed)
        for kind in ("HC1", "cluster", "CR2", "CR3"):
            groups = None if kind == "HC1" else codes
            low, high = regress(X, y, covariance=kind, clusters=groups).conf_int().to_numpy()[1]
            found.setdefault(kind, []).append(np.nan if np.isnan(low) else float(low <= 0 <= high))
        rejected = wild_cluster_test(X, y, codes, "x1", draws=DRAWS, seed=seed).p_value <= 0.05
        found.setdefault("wild", []).append(float(not rejected))
        positive = (y > 0).astype(float)
        counts = np.random.default_rng(seed).poisson(np.exp(0.5 * y)).astype(float)
        for name, fit in (("logistic CR3", logistic_regression), ("Poisson CR3", poisson_regression)):
            try:
                low, high = (
                    fit(X, positive if "log" in name else counts, covariance="CR3", clusters=codes)
                    .conf_int()
                    .to_numpy()[1]
                )
            except thalweg.DataError:  # separated
                low = high = np.nan
            heteroscedastic = DESIGNS[design][3]  # the mean of counts then depends on x
            known = not np.isnan(low) and not (heteroscedastic and "Poisson" in name)
            found.setdefault(name, []).append(float(low <= 0 <= high) if known else np.nan)
    return found


def main() -> None:
    """Run every design and write the table."""
    started = time.perf_counter()
    kinds = ("HC1", "cluster", "CR2", "CR3", "wild", "logistic CR3", "Poisson CR3")
    lines = [
        f"Coverage of 95 % intervals, {REPLICATES} replicates (wild bootstrap: tests at 5 % with {DRAWS} draws).",
        f"{date.today()}, thalweg {thalweg.__version__}, numpy {np.__version__}, {platform.machine()}.",
        "Standard error of an entry near 0.95: 0.014. In brackets: share of replicates without an interval.",
        "",
        f"{'clusters':30s}" + "".join(f"{kind:>15s}" for kind in kinds),
    ]
    for design in DESIGNS:
        found = covered(design)
        cells = []
        for kind in kinds:
            values = np.array(found[kind])
            gone = float(np.isnan(values).mean())
            share = "–" if gone == 1 else f"{np.nanmean(values):.3f}"
            cells.append(f"{share}{f' ({gone:.2f})' if gone else '':s}")
        lines.append(f"{design:30s}" + "".join(f"{cell:>15s}" for cell in cells))
        print(lines[-1], flush=True)
    lines.append("")
    lines.append(f"{time.perf_counter() - started:.0f} seconds.")
    Path(__file__).with_suffix(".txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
