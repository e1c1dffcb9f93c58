"""How often intervals for one treatment that units chose hold the truth, and how often an average is withheld.

    python studies/one_treatment.py [replications] [design ...] > studies/one_treatment.txt

Averages over treated units, the overlap and trimmed units are compared with those of the drawn sample, whose own
conditional effects are known; nuisances are those of the default learners, networks with 20 epochs. Beside them stands
what no learner can beat: the same average from the true means and chances, on the same draws.
"""

import os
import platform
import sys
import time
from collections import Counter
from dataclasses import replace

import numpy as np
import sklearn

from thalweg.effects.one_treatment.average import QUIET, average_effects
from thalweg.effects.one_treatment.estimands import ATE, ATO, ATT, TRIM

TRAINING = replace(QUIET, repeats=1, workers=1, epochs=20, hidden=(16,), ridge=(1e-2,))
ROWS = 500


def logistic(u):
    return 1 / (1 + np.exp(-u))


def draw(name, generator):
    """Return covariates, treatment, outcome, every unit's effect and chance, and its mean outcome untreated."""
    x = generator.standard_normal((ROWS, 4))
    chance = {
        "randomised, skewed noise": np.full(ROWS, 0.4),
        "mild": logistic(0.7 * x[:, 0] - 0.5 * x[:, 1]),
        "strong": logistic(1.5 * x[:, 0]),
        "one in eleven treated": logistic(0.5 * x[:, 0] - 2.4),
        "steps": np.where(np.sin(2 * x[:, 0]) > 0, 0.75, 0.25),
        "rare outcome": logistic(0.7 * x[:, 0]),
        "heavy tails": logistic(0.7 * x[:, 0]),
        "almost no overlap": logistic(4.0 * x[:, 0]),
        "no overlap": (x[:, 0] > 0).astype(float),
    }[name]
    t = (generator.random(ROWS) < chance).astype(int)
    effect = 1 + 0.5 * x[:, 0 if "overlap" in name else 2]
    base = x[:, 0] + 0.5 * np.sin(3 * x[:, 0]) + 0.5 * x[:, 1] ** 2
    noise = generator.standard_normal(ROWS)
    if name == "randomised, skewed noise":
        x, base, effect, noise = np.exp(x), 0.0, np.ones(ROWS), generator.standard_t(3, ROWS)
    if name == "heavy tails":
        noise = generator.standard_t(3, ROWS)
    if name == "rare outcome":
        risk = 0.1 + 0.05 * np.tanh(x[:, 0])
        return x, t, (generator.random(ROWS) < risk + 0.05 * t).astype(float), np.full(ROWS, 0.05), chance, risk
    return x, t, base + effect * t + noise, effect, chance, np.broadcast_to(base, ROWS)


NAMES = (
    "randomised, skewed noise",
    "mild",
    "strong",
    "one in eleven treated",
    "rare outcome",
    "no overlap",
    "almost no overlap",
    "heavy tails",
    "steps",
)


def main():
    count, asked = int(sys.argv[1]) if len(sys.argv) > 1 else 100, sys.argv[2:] or NAMES
    print(
        f"python {platform.python_version()}, numpy {np.__version__}, scikit-learn {sklearn.__version__}, {ROWS} units"
    )
    for name in asked:
        covered, errors, chosen = {}, {}, Counter()
        start, naive, oracle = sum(os.times()[:4]), [], []
        for number in range(count):
            x, t, y, effect, chance, base = draw(name, np.random.default_rng([number, 21]))
            found = average_effects(x, y, t, training=TRAINING, seed=number)
            kept, spread = (chance >= 0.1) & (chance <= 0.9), chance * (1 - chance)
            everybody = 0.05 if name == "rare outcome" else 1.0
            truth = {
                ATE: everybody,
                ATT: effect[t == 1].mean(),
                ATO: (spread * effect).sum() / max(spread.sum(), 1e-9),
                TRIM: effect[kept].mean() if kept.any() else np.nan,
            }
            if chance.min() > 0.0 and chance.max() < 1.0:
                known = effect + (t / chance - (1 - t) / (1 - chance)) * (y - base - effect * t)
                away = (known.mean() - everybody) / (known.std(ddof=1) / np.sqrt(ROWS))
                oracle.append((abs(away) <= 1.96, known.mean() - everybody))
            chosen.update(choice.chosen for choice in found.choices)
            plain = next(e for e in found.beside if e.target == "difference of means")
            naive.append(plain.low <= everybody <= plain.high)
            for one in found.effects:
                if one.target in truth:
                    inside = None if one.estimate is None else one.low <= truth[one.target] <= one.high
                    covered.setdefault(one.target, []).append(inside)
                    if one.estimate is not None:
                        errors.setdefault(one.target, []).append((one.estimate - truth[one.target], one.error))
        seconds = (sum(os.times()[:4]) - start) / count
        print(f"\n{name}: {count} replications, {seconds:.1f} s each; difference of means covers {np.mean(naive):.3f}")
        if oracle:
            inside, away = np.mean(oracle, axis=0)
            print(f"  all units, true means and chances: covers {inside:.3f}, bias {away:+.3f}")
        for target, inside in covered.items():
            shown = [one for one in inside if one is not None]
            if not shown:
                print(f"  {target}: always withheld")
                continue
            rate, (away, error) = np.mean(shown), np.array(errors[target]).T
            doubt = np.sqrt(rate * (1 - rate) / len(shown))
            ratio = np.sqrt((error**2).mean() / (away**2).mean())
            print(
                f"  {target}: covers {rate:.3f} ± {doubt:.3f}, withheld {1 - len(shown) / count:.2f}, "
                f"bias {away.mean():+.3f}, std. error / root mean squared error {ratio:.2f}"
            )
        print(f"  chosen: {', '.join(f'{who} {times}' for who, times in chosen.most_common())}", flush=True)


if __name__ == "__main__":
    start = time.perf_counter()
    main()
    print(f"\n{time.perf_counter() - start:.0f} s", file=sys.stderr)
