"""How often the interval of a paired difference covers, against other rules, on models that train at once.

Truth is the expectation of the cross-validated difference, that is the expected difference of the two
procedures trained on tables of the training size, estimated by the mean over all repetitions of a scenario.

    python studies/interval_coverage.py [repetitions] > studies/interval_coverage.txt
    python studies/interval_coverage.py [repetitions] designs > studies/interval_coverage_designs.txt

The second command studies groups that no fold cuts (rows of a group share features and an effect) and rows with unequal
weights that all models and scores use; "independent rows" is our rule without its knowledge of the groups.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm, t

from thalweg.base.arrays import FloatArray
from thalweg.select.scoring.difference import compare
from thalweg.select.scoring.metrics import METRICS

RNG = np.random.default_rng()
Fit = Callable[[FloatArray, FloatArray, FloatArray], FloatArray]


def ridge(penalty: float) -> Fit:
    def fit(X: FloatArray, y: FloatArray, Z: FloatArray) -> FloatArray:
        centre, mean = X.mean(0), y.mean()
        A = X - centre
        return mean + (Z - centre) @ np.linalg.solve(A.T @ A + penalty * np.eye(X.shape[1]), A.T @ (y - mean))

    return fit


def mean(_: FloatArray, y: FloatArray, Z: FloatArray) -> FloatArray:
    return np.full(len(Z), y.mean())


def best_feature(X: FloatArray, y: FloatArray, Z: FloatArray) -> FloatArray:
    best = np.abs(np.corrcoef(X.T, y)[-1, :-1]).argmax()
    return ridge(1e-9)(X[:, [best]], y, Z[:, [best]])


def neighbours(X: FloatArray, y: FloatArray, Z: FloatArray) -> FloatArray:
    distance = (Z**2).sum(1)[:, None] - 2 * Z @ X.T + (X**2).sum(1)
    return y[np.argpartition(distance, 10, axis=1)[:, :10]].mean(1)


def shrunk_neighbours(X: FloatArray, y: FloatArray, Z: FloatArray) -> FloatArray:
    return 0.1 + 0.8 * neighbours(X, y, Z)


def random_network(seeds: int) -> Fit:
    """Return networks of 20 random ReLU units with a fitted last layer, ``seeds`` side by side [N R]."""

    def fit(X: FloatArray, y: FloatArray, Z: FloatArray) -> FloatArray:
        out = []
        for _ in range(seeds):
            W, b = RNG.standard_normal((X.shape[1], 20)), RNG.standard_normal(20)
            out.append(ridge(1.0)(np.maximum(X @ W + b, 0), y, np.maximum(Z @ W + b, 0)))
        return np.stack(out, 1)

    return fit


def lucky_network(X: FloatArray, y: FloatArray, Z: FloatArray) -> FloatArray:
    """One fit in three is stuck far from the optimum: its predictions are shrunk to half."""
    good = random_network(1)(X, y, Z)[:, 0]
    return y.mean() + (good - y.mean()) * (0.5 if RNG.random() < 1 / 3 else 1.0)


def logistic(penalty: float) -> Fit:
    def fit(X: FloatArray, y: FloatArray, Z: FloatArray) -> FloatArray:
        A, b = np.c_[np.ones(len(X)), X], np.zeros(X.shape[1] + 1)
        P = np.diag([1e-6] + [penalty] * X.shape[1])
        for _ in range(20):
            p = 1 / (1 + np.exp(-A @ b))
            step = np.linalg.solve((A.T * (p * (1 - p) + 1e-9)) @ A + P, A.T @ (y - p) - P @ b)
            b = b + step
            if np.abs(step).max() < 1e-7:
                break
        return 1 / (1 + np.exp(-np.c_[np.ones(len(Z)), Z] @ b))

    return fit


def table(kind: str, n: int) -> tuple[FloatArray, FloatArray]:
    X = RNG.standard_normal((n, 20 if kind == "wide" else 5))
    noise = RNG.standard_normal(n)
    chance = RNG.random(n)
    slope = X[:, 0] - 0.5 * X[:, 1]
    made = {
        "null": noise,
        "linear": 0.5 * X[:, 0] + 0.3 * X[:, 1] + noise,
        "wide": 0.5 * X[:, 0] + 0.3 * X[:, 1] + noise,
        "weak": 0.15 * X[:, 0] + noise,
        "curved": np.sin(2 * X[:, 0]) + 0.5 * X[:, 1] + noise,
        "heteroscedastic": 0.5 * X[:, 0] + np.exp(0.8 * X[:, 1]) * noise,
        "heavy tails": 0.5 * X[:, 0] + RNG.standard_t(3, n),
        "classes": (chance < 1 / (1 + np.exp(-slope))).astype(float),
        "classes, null": (chance < 0.5).astype(float),
        "classes, rare": (chance < 1 / (1 + np.exp(2.2 - slope))).astype(float),
    }
    return X, made[kind]


@dataclass(frozen=True, slots=True)
class Scenario:
    kind: str
    model: str
    first: Fit
    reference: str
    second: Fit
    metric: str

    @property
    def task(self) -> str:
        return "binary" if self.kind.startswith("classes") else "regression"


OLS, LOGIT = ridge(1e-9), logistic(1e-3)
SCENARIOS = (
    Scenario("linear", "ridge 5", ridge(5.0), "OLS", OLS, "rmse"),
    Scenario("wide", "ridge 50", ridge(50.0), "OLS", OLS, "rmse"),
    Scenario("null", "mean", mean, "OLS", OLS, "rmse"),
    Scenario("weak", "mean", mean, "OLS", OLS, "rmse"),
    Scenario("linear", "mean", mean, "OLS", OLS, "rmse"),
    Scenario("linear", "10 neighbours", neighbours, "OLS", OLS, "rmse"),
    Scenario("curved", "10 neighbours", neighbours, "OLS", OLS, "rmse"),
    Scenario("curved", "10 neighbours", neighbours, "OLS", OLS, "mae"),
    Scenario("curved", "10 neighbours", neighbours, "OLS", OLS, "r2"),
    Scenario("curved", "network, 1 seed", random_network(1), "OLS", OLS, "rmse"),
    Scenario("curved", "network, 5 seeds", random_network(5), "OLS", OLS, "rmse"),
    Scenario("curved", "network, often stuck", lucky_network, "OLS", OLS, "rmse"),
    Scenario("linear", "network, 5 seeds", random_network(5), "OLS", OLS, "rmse"),
    Scenario("heteroscedastic", "10 neighbours", neighbours, "OLS", OLS, "rmse"),
    Scenario("heteroscedastic", "mean", mean, "OLS", OLS, "rmse"),
    Scenario("heavy tails", "10 neighbours", neighbours, "OLS", OLS, "rmse"),
    Scenario("weak", "best feature", best_feature, "OLS", OLS, "rmse"),
    Scenario("null", "best feature", best_feature, "mean", mean, "rmse"),
    Scenario("classes", "class shares", mean, "logistic", LOGIT, "log_loss"),
    Scenario("classes", "logistic, penalty 20", logistic(20.0), "logistic", LOGIT, "log_loss"),
    Scenario(
        "classes",
        "10 neighbours",
        lambda X, y, Z: 0.1 + 0.8 * neighbours(X, y, Z),
        "logistic",
        LOGIT,
        "log_loss",
    ),
    Scenario("classes", "10 neighbours", neighbours, "logistic", LOGIT, "accuracy"),
    Scenario("classes", "10 neighbours", neighbours, "logistic", LOGIT, "auc"),
    Scenario("classes, null", "class shares", mean, "logistic", LOGIT, "log_loss"),
    Scenario("classes, rare", "class shares", mean, "logistic", LOGIT, "log_loss"),
)


def row_values(scenario: Scenario, n: int, folds: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    X, y = table(scenario.kind, n)
    fold = RNG.permutation(np.arange(n) % folds)
    metric = METRICS[scenario.task][scenario.metric]
    values = np.full((2, n), np.nan)
    for number in range(folds):
        test = fold == number
        if scenario.task == "binary" and len(np.unique(y[test])) < 2 and scenario.metric == "auc":
            continue
        for i, fit in enumerate((scenario.first, scenario.second)):
            predicted = fit(X[~test], y[~test], X[test]).reshape(test.sum(), -1).T[:, :, None]
            if scenario.task == "binary":
                predicted = np.concatenate([1 - predicted, predicted], 2)
            values[i, test] = metric.rows(predicted, y[test], np.ones(test.sum())).mean(0)
    return values[0], values[1], fold


def half_widths(difference: FloatArray, fold: FloatArray) -> dict[str, float]:
    seen = np.isfinite(difference)
    difference, fold = difference[seen], fold[seen]
    means = np.array([difference[fold == number].mean() for number in np.unique(fold)])
    k, n = len(means), len(difference)
    by_folds, by_rows = means.std(ddof=1) / k**0.5, difference.std(ddof=1) / n**0.5
    student, normal = t.ppf(0.975, k - 1), norm.ppf(0.975)
    corrected = (1 + k / (k - 1)) ** 0.5
    return {
        "folds t": student * by_folds,
        "Nadeau-Bengio t": student * corrected * by_folds,
        "rows z": normal * by_rows,
        "larger, uncorrected": max(student * by_folds, normal * by_rows),
        "rows z, corrected": normal * corrected * by_rows,
        "rows corr. or folds t": max(normal * corrected * by_rows, student * by_folds),
    }


def measure(scenario: Scenario, n: int, folds: int, repetitions: int) -> dict[str, tuple[float, float]]:
    """Return coverage in percent and mean half-width over the ideal one, by rule."""
    estimates, widths = [], []
    for _ in range(repetitions):
        first, second, fold = row_values(scenario, n, folds)
        ours = compare(first, second, fold)
        estimates.append(ours.estimate)
        widths.append({"ours": (ours.high - ours.low) / 2, **half_widths(first - second, fold)})
    errors = np.abs(np.array(estimates) - np.mean(estimates))
    ideal = norm.ppf(0.975) * np.std(estimates)
    columns = {rule: np.array([width[rule] for width in widths]) for rule in widths[0]}
    return {rule: (100 * (errors <= w).mean(), w.mean() / ideal) for rule, w in columns.items()}


def main(repetitions: int) -> None:
    print(f"Coverage in % (mean half-width / ideal half-width), nominal 95 %, {repetitions} tables per line.")
    print("Ideal: 1.96 times the true standard deviation of the estimate.\n")
    found = []
    sizes = ((100, 5), (100, 10), (300, 2), (300, 5), (1000, 5), (1000, 10), (5000, 5))
    for n, folds in sizes:
        for number, scenario in enumerate(SCENARIOS):
            if n > 1000 and not scenario.model.startswith("network"):
                continue
            RNG.bit_generator.state = np.random.default_rng([n, folds, number]).bit_generator.state
            measured = measure(scenario, n, folds, repetitions)
            if not found:
                head = f"{'n':>5} {'K':>3}  {'table':16} {'difference':42} {'metric':9}"
                print(head + "".join(f"{rule:>23}" for rule in measured))
            found.append(measured)
            cells = "".join(f"{f'{share:.1f} ({width:.2f})':>23}" for share, width in measured.values())
            names = f"{scenario.model} - {scenario.reference}"
            print(f"{n:>5} {folds:>3}  {scenario.kind:16} {names:42} {scenario.metric:9}{cells}", flush=True)
    print()
    for label, q in (("lowest", 0), ("median", 50), ("highest", 100)):
        shares = (np.percentile([line[rule][0] for line in found], q) for rule in found[0])
        print(f"{label + ' coverage':>78}" + "".join(f"{f'{share:.1f}       ':>23}" for share in shares))
    widths = (np.median([line[rule][1] for line in found]) for rule in found[0])
    print(f"{'median half-width':>78}" + "".join(f"{f'({width:.2f})':>23}" for width in widths))


GROUP_SIZE = 10
WEIGHTS = (0.25, 1.0, 4.0)


def weighted_ridge(penalty: float) -> Callable[[FloatArray, FloatArray, FloatArray, FloatArray], FloatArray]:
    def fit(X: FloatArray, y: FloatArray, Z: FloatArray, w: FloatArray) -> FloatArray:
        centre, mean = w @ X / w.sum(), w @ y / w.sum()
        A = X - centre
        return mean + (Z - centre) @ np.linalg.solve(
            (A.T * w) @ A + penalty * np.eye(X.shape[1]), A.T @ (w * (y - mean))
        )

    return fit


def weighted_mean(_: FloatArray, y: FloatArray, Z: FloatArray, w: FloatArray) -> FloatArray:
    return np.full(len(Z), w @ y / w.sum())


def weighted_neighbours(X: FloatArray, y: FloatArray, Z: FloatArray, w: FloatArray) -> FloatArray:
    distance = (Z**2).sum(1)[:, None] - 2 * Z @ X.T + (X**2).sum(1)
    near = np.argpartition(distance, 10, axis=1)[:, :10]
    return (w[near] * y[near]).sum(1) / w[near].sum(1)


def weighted_network(X: FloatArray, y: FloatArray, Z: FloatArray, w: FloatArray) -> FloatArray:
    W, b = RNG.standard_normal((X.shape[1], 20)), RNG.standard_normal(20)
    return weighted_ridge(1.0)(np.maximum(X @ W + b, 0), y, np.maximum(Z @ W + b, 0), w)


RIVALS = {
    "mean": weighted_mean,
    "ridge 50": weighted_ridge(50.0),
    "10 neighbours": weighted_neighbours,
    "network, 1 seed": weighted_network,
}
DESIGNS = ("groups", "groups, unequal", "weights", "weights tell the noise")


def design_table(design: str, n: int) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return features, outcomes, weights and groups."""
    if not design.startswith("groups"):
        X, y = table("curved", n)
        w = RNG.choice(WEIGHTS, n)
        return X, (y / w**0.5 if design.endswith("noise") else y), w, np.arange(n)
    groups = np.arange(n) // GROUP_SIZE
    if design.endswith("unequal"):
        groups = np.repeat(np.arange(n), RNG.geometric(1 / GROUP_SIZE, n))[:n]
    shared = RNG.standard_normal((n, 5))[groups]
    X = 0.8 * shared + 0.6 * RNG.standard_normal((n, 5))
    y = np.sin(2 * X[:, 0]) + 0.5 * X[:, 1] + RNG.standard_normal(n)[groups] + RNG.standard_normal(n)
    return X, y, np.ones(n), groups


def design_rows(design: str, rival: str, n: int, folds: int) -> tuple[FloatArray, ...]:
    X, y, w, groups = design_table(design, n)
    fold = RNG.permutation(np.arange(groups.max() + 1) % folds)[groups]
    metric = METRICS["regression"]["rmse"]
    values = np.empty((2, n))
    for number in range(folds):
        test = fold == number
        for i, fit in enumerate((RIVALS[rival], weighted_ridge(1e-9))):
            predicted = fit(X[~test], y[~test], X[test], w[~test])[None, :, None]
            values[i, test] = metric.rows(predicted, y[test], w[test])[0]
    return *values, fold, w, groups


def measure_design(design: str, rival: str, n: int, folds: int, repetitions: int) -> dict[str, tuple[float, float]]:
    """Return coverage in percent and mean half-width over the ideal one, by rule."""
    estimates, halves = [], []
    for _ in range(repetitions):
        first, second, fold, w, groups = design_rows(design, rival, n, folds)
        rules = (compare(first, second, fold, w, groups=groups), compare(first, second, fold, w))
        estimates.append(rules[0].estimate)
        halves.append([(rule.high - rule.low) / 2 for rule in rules])
    errors = np.abs(np.array(estimates) - np.mean(estimates))[:, None]
    covered, width = 100 * (errors <= halves).mean(0), np.mean(halves, axis=0) / (norm.ppf(0.975) * np.std(estimates))
    return dict(zip(("ours", "independent rows"), zip(covered, width, strict=True), strict=True))


def designs(repetitions: int) -> None:
    print(f"Coverage in % (mean half-width / ideal half-width), nominal 95 %, {repetitions} tables per line.")
    print(f"RMSE of a model minus that of least squares. Groups of {GROUP_SIZE} rows; weights {WEIGHTS}.\n")
    print(f"{'n':>5} {'K':>3}  {'design':24} {'model':18}{'ours':>18}{'independent rows':>20}")
    lowest = 100.0
    for n, folds in ((200, 5), (1000, 5), (1000, 10)):
        for design in DESIGNS:
            for number, rival in enumerate(RIVALS):
                seed = [n, folds, DESIGNS.index(design), number]
                RNG.bit_generator.state = np.random.default_rng(seed).bit_generator.state
                found = measure_design(design, rival, n, folds, repetitions)
                lowest = min(lowest, found["ours"][0])
                cells = [f"{share:.1f} ({width:.2f})" for share, width in found.values()]
                print(f"{n:>5} {folds:>3}  {design:24} {rival:18}{cells[0]:>18}{cells[1]:>20}", flush=True)
    print(f"\nlowest coverage of ours: {lowest:.1f}")


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    (designs if "designs" in sys.argv else main)(count)
