"""Linear models against scikit-learn and statsmodels: pairs in one run, one thread, medians after a warm-up.

    python benchmarks/linear.py [name ...] [--date YYYY-MM-DD]

Writes results/linear.json and results/linear.md beside this file when all jobs run. Peers that would take
minutes do a stated part of the job and their time is scaled in proportion.
"""

import argparse
import json
import os
import platform
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import version
from pathlib import Path

import numpy as np
import statsmodels.api as sm
from sklearn.decomposition import PCA
from sklearn.feature_selection import SequentialFeatureSelector
from sklearn.linear_model import (
    ElasticNetCV,
    LassoCV,
    LinearRegression,
    LogisticRegression,
    LogisticRegressionCV,
    PoissonRegressor,
    Ridge,
)
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline
from threadpoolctl import threadpool_limits

from thalweg import linear
from thalweg.linear.crowds.bootstrap import bootstrap_counts

RESULTS = Path(__file__).with_name("results")


@dataclass(frozen=True)
class Job:
    """One comparison: what we do, what the peers do, how the answers compare, and the ratio to reach."""

    title: str
    ours: Callable[[], object]
    peers: dict[str, tuple[Callable[[], object], float]]  # with the factor that scales a part to the whole
    agreement: Callable[[object, dict[str, object]], str]
    wanted: dict[str, float] = field(default_factory=dict)


def table(n, p, active, correlation=0.5, seed=0):
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, p))
    for j in range(1, p):
        X[:, j] = correlation * X[:, j - 1] + np.sqrt(1 - correlation**2) * X[:, j]
    beta = np.zeros(p)
    beta[random.choice(p, active, replace=False)] = random.normal(size=active)
    signal = X @ beta
    return X, 2 + signal + random.normal(size=n) * signal.std()


def folds_of(n, count=10):
    splits = list(KFold(count, shuffle=True, random_state=0).split(np.zeros(n)))
    labels = np.empty(n, dtype=int)
    for k, (_, test) in enumerate(splits):
        labels[test] = k
    return splits, labels


def largest(a, b):
    return f"{np.max(np.abs(np.asarray(a) - np.asarray(b))):.0e}"


def relative(a, b):
    return f"{np.max(np.abs(np.asarray(a) / np.asarray(b) - 1)):.0e}"


def least_squares():
    X, y = table(100_000, 100, 20)
    return Job(
        "Least squares, 100,000 x 100",
        lambda: linear.fit_least_squares(X, y),
        {
            "scikit-learn LinearRegression": (lambda: LinearRegression().fit(X, y), 1),
            "statsmodels OLS": (lambda: sm.OLS(y, sm.add_constant(X)).fit(), 1),
        },
        lambda o, p: f"coefficients differ by {largest(o.coefficients, p['statsmodels OLS'].params[1:])}",
        {"scikit-learn LinearRegression": 8, "statsmodels OLS": 20},
    )


def inference():
    X, y = table(100_000, 100, 20)

    def peer():
        fit = sm.OLS(y, sm.add_constant(X)).fit(cov_type="HC1")
        return fit.bse, fit.pvalues

    return Job(
        "The same with HC1 errors, p-values and certificate",
        lambda: linear.regress(X, y, covariance="HC1").frame(),
        {"statsmodels OLS, HC1, p-values": (peer, 1)},
        lambda o, p: f"errors differ by {relative(o['std_error'], p['statsmodels OLS, HC1, p-values'][0])} (relative)",
    )


def lasso():
    X, y = table(10_000, 1000, 50)
    splits, labels = folds_of(len(y))
    name = "scikit-learn LassoCV"
    return Job(
        "Lasso, 10,000 x 1,000, 100 penalties x 10 folds",
        lambda: linear.fit_lasso(X, y, folds=labels, standardise=False),
        {name: (lambda: LassoCV(alphas=100, cv=splits).fit(X, y), 1)},
        lambda o, p: f"CV errors differ by {relative(o.errors[0], p[name].mse_path_)} (relative)",
        {name: 2},
    )


def elastic_net():
    X, y = table(50_000, 200, 30)
    splits, labels = folds_of(len(y))
    ratios = np.linspace(0.1, 1, 10)
    name = "scikit-learn ElasticNetCV"
    return Job(
        "Elastic net, 50,000 x 200, 10 mixings x 100 penalties x 10 folds",
        lambda: linear.fit_elastic_net(X, y, mixing=ratios, folds=labels, standardise=False),
        {name: (lambda: ElasticNetCV(l1_ratio=ratios, alphas=100, cv=splits).fit(X, y), 1)},
        lambda o, p: f"CV errors differ by {relative(o.errors, p[name].mse_path_)} (relative)",
        {name: 8},
    )


def ridge():
    X, y = table(100_000, 100, 20)
    splits, labels = folds_of(len(y))
    grid = np.logspace(6, -2, 100)
    name = "scikit-learn GridSearchCV(Ridge), 4 of 100 penalties"
    search = GridSearchCV(Ridge(), {"alpha": grid[:4]}, cv=splits, scoring="neg_mean_squared_error", refit=False)
    return Job(
        "Ridge, 100,000 x 100, 100 penalties x 10 folds",
        lambda: linear.fit_ridge_path(X, y, penalties=grid, folds=labels, standardise=False),
        {name: (lambda: search.fit(X, y), 25)},
        lambda o, p: f"CV errors differ by {relative(o.mean_error[:4], -p[name].cv_results_['mean_test_score'])}",
        {name: 200},
    )


def components():
    X, y = table(20_000, 60, 20, 0.7)
    splits, labels = folds_of(len(y))
    name = "scikit-learn GridSearchCV(PCA, LinearRegression), 3 of 60"
    search = GridSearchCV(
        make_pipeline(PCA(svd_solver="full"), LinearRegression()),
        {"pca__n_components": [20, 40, 60]},
        cv=splits,
        scoring="neg_mean_squared_error",
        refit=False,
    )
    return Job(
        "Principal-components regression, 20,000 x 60, 60 sizes x 10 folds",
        lambda: linear.fit_components(X, y, folds=labels, standardise=False),
        {name: (lambda: search.fit(X, y), 20)},
        lambda o, p: (
            f"CV errors differ by {relative(o.mean_error[[20, 40, 60]], -p[name].cv_results_['mean_test_score'])}"
        ),
    )


def stepwise():
    X, y = table(2000, 200, 20)
    splits, labels = folds_of(len(y), 5)

    def definition():
        chosen = []
        A = np.ones((len(y), 1))
        while len(chosen) < 5:
            rest = [j for j in range(X.shape[1]) if j not in chosen]
            rss = [np.linalg.lstsq(np.column_stack([A, X[:, j]]), y, rcond=None)[1][0] for j in rest]
            chosen.append(rest[int(np.argmin(rss))])
            A = np.column_stack([A, X[:, chosen[-1]]])
        return tuple(chosen)

    sfs = SequentialFeatureSelector(
        LinearRegression(), n_features_to_select=5, cv=splits, scoring="neg_mean_squared_error"
    )
    selector = "scikit-learn SequentialFeatureSelector (greedy in the CV error, another criterion)"
    literal = "Algorithm 6.2 by its definition, no folds"
    return Job(
        "Forward stepwise, 2,000 x 200, 5 steps, 5 folds",
        lambda: linear.select(X, y, folds=labels, most=5),
        {selector: (lambda: sfs.fit(X, y), 1), literal: (definition, 1)},
        lambda o, p: f"columns equal the definition's: {o.models[5] == p[literal]}",
        {selector: 100},
    )


def stepwise_whole():
    X, y = table(2000, 200, 20)
    splits, labels = folds_of(len(y), 5)
    sfs = SequentialFeatureSelector(
        LinearRegression(), n_features_to_select=5, cv=splits, scoring="neg_mean_squared_error"
    )
    return Job(
        "Forward stepwise, 2,000 x 200: ours all 200 steps, the peer its first 5",
        lambda: linear.select(X, y, folds=labels),
        {"scikit-learn SequentialFeatureSelector, 5 steps": (lambda: sfs.fit(X, y), 1)},
        lambda o, _: f"{len(o.models) - 1} steps in each of {o.errors.shape[1]} folds",
    )


def binary(n, p):
    X, _ = table(n, p, 5)
    random = np.random.default_rng(1)
    return X, (X[:, :5].sum(axis=1) * 0.3 - 1 + random.logistic(size=n) > 0).astype(int)


def logistic():
    X, y = binary(100_000, 50)
    exact = sm.Logit(y, sm.add_constant(X)).fit(disp=0, tol=1e-14)
    name = "scikit-learn LogisticRegression (lbfgs)"
    return Job(
        "Logistic, one fit, 100,000 x 50, with errors and certificate",
        lambda: linear.logistic_regression(X, y),
        {
            name: (lambda: LogisticRegression(C=np.inf, max_iter=1000).fit(X, y), 1),
            "statsmodels Logit": (lambda: sm.Logit(y, sm.add_constant(X)).fit(disp=0), 1),
        },
        lambda o, p: (
            f"distance to the maximum: ours {largest(o.estimate, exact.params)}, "
            f"lbfgs {largest(p[name].coef_[0], exact.params[1:])}"
        ),
    )


def logistic_bootstrap():
    X, y = binary(20_000, 50)
    counts = bootstrap_counts(len(y), 100, 0)

    def loop(**settings):
        fits = [LogisticRegression(C=np.inf, **settings).fit(X, y, sample_weight=w) for w in counts[:10]]
        return np.array([np.r_[f.intercept_, f.coef_[0]] for f in fits])

    exact = loop(solver="newton-cholesky", tol=1e-12)
    peers = {
        "scikit-learn lbfgs, 10 of 100": (lambda: loop(max_iter=1000), 10),
        "scikit-learn newton-cholesky, 10 of 100": (lambda: loop(solver="newton-cholesky"), 10),
    }
    return Job(
        "Logistic bootstrap, 20,000 x 50, 100 replicates",
        lambda: linear.likelihood_population("logistic", X, y, counts),
        peers,
        lambda o, p: (
            f"distance to the maximum: ours {largest(o.table[:10], exact)}, "
            + ", ".join(f"{k.split(',')[0]} {largest(v, exact)}" for k, v in p.items())
        ),
        {"scikit-learn lbfgs, 10 of 100": 4, "scikit-learn newton-cholesky, 10 of 100": 4},
    )


def multinomial_bootstrap():
    random = np.random.default_rng(2)
    X, _ = table(20_000, 20, 5)
    eta = X @ random.normal(size=(20, 4)) * 0.3
    y = (eta + random.gumbel(size=eta.shape)).argmax(axis=1)
    counts = bootstrap_counts(len(y), 100, 0)

    def loop(part, **settings):
        fits = [LogisticRegression(C=np.inf, **settings).fit(X, y, sample_weight=w) for w in counts[:part]]
        tables = [np.column_stack([f.intercept_, f.coef_]) for f in fits]
        return np.array([(t - t[:1])[1:].ravel() for t in tables])

    def statsmodels_loop():
        A = sm.add_constant(X)
        drawn = [np.repeat(np.arange(len(y)), w.astype(int)) for w in counts[:2]]
        return np.array([sm.MNLogit(y[rows], A[rows]).fit(disp=0).params.T.ravel() for rows in drawn])

    exact = loop(5, solver="newton-cholesky", tol=1e-12)
    peers = {
        "scikit-learn lbfgs, 5 of 100": (lambda: loop(5, max_iter=1000), 20),
        "scikit-learn newton-cholesky, 5 of 100": (lambda: loop(5, solver="newton-cholesky"), 20),
        "statsmodels MNLogit, 2 of 100": (statsmodels_loop, 50),
    }
    return Job(
        "Multinomial bootstrap, 20,000 x 20, 4 classes, 100 replicates",
        lambda: linear.multinomial_population(X, y, counts),
        peers,
        lambda o, p: (
            f"distance to the maximum: ours {largest(o.table[:5], exact)}, "
            + ", ".join(f"{k.split(',')[0]} {largest(v, exact[: len(v)])}" for k, v in p.items())
        ),
    )


def poisson_bootstrap():
    X, _ = table(20_000, 50, 5)
    y = np.random.default_rng(3).poisson(np.exp(0.2 + 0.15 * X[:, :5].sum(axis=1)))
    counts = bootstrap_counts(len(y), 100, 0)

    def loop(part, **settings):
        fits = [PoissonRegressor(alpha=0, **settings).fit(X, y, sample_weight=w) for w in counts[:part]]
        return np.array([np.r_[f.intercept_, f.coef_] for f in fits])

    def statsmodels_loop():
        A = sm.add_constant(X)
        fits = [sm.GLM(y, A, family=sm.families.Poisson(), freq_weights=w).fit() for w in counts[:3]]
        return np.array([f.params for f in fits])

    exact = loop(5, solver="newton-cholesky", tol=1e-12)
    peers = {
        "scikit-learn PoissonRegressor lbfgs, 5 of 100": (lambda: loop(5, max_iter=1000), 20),
        "scikit-learn PoissonRegressor newton-cholesky, 5 of 100": (lambda: loop(5, solver="newton-cholesky"), 20),
        "statsmodels GLM, 3 of 100": (statsmodels_loop, 100 / 3),
    }
    return Job(
        "Poisson bootstrap, 20,000 x 50, 100 replicates",
        lambda: linear.likelihood_population("poisson", X, y, counts),
        peers,
        lambda o, p: (
            f"distance to the maximum: ours {largest(o.table[:5], exact)}, "
            + ", ".join(f"{k.split(',')[0]} {largest(v, exact[: len(v)])}" for k, v in p.items())
        ),
    )


def logistic_folds():
    X, y = binary(20_000, 50)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    splits, labels = folds_of(len(y))
    ridges = np.logspace(4, -4, 20)
    name = "scikit-learn LogisticRegressionCV (lbfgs)"
    peer = LogisticRegressionCV(
        Cs=1 / ridges,
        cv=splits,
        scoring="neg_log_loss",
        l1_ratios=(0.0,),
        max_iter=1000,
        use_legacy_attributes=False,
    )
    return Job(
        "Logistic, 20,000 x 50, 20 ridges x 10 folds",
        lambda: linear.fit_logistic_path(X, y, ridges=ridges, folds=labels),
        {name: (lambda: peer.fit(X, y), 1)},
        lambda o, p: f"CV losses differ by {relative(o.errors, -np.asarray(p[name].scores_).reshape(10, 20).T)}",
    )


def least_squares_bootstrap():
    X, y = table(20_000, 50, 20)
    counts = bootstrap_counts(len(y), 500, 0)

    def sklearn_loop():
        fits = [LinearRegression().fit(X, y, sample_weight=w) for w in counts[:25]]
        return np.array([np.r_[f.intercept_, f.coef_] for f in fits])

    def statsmodels_loop():
        A = sm.add_constant(X)
        return np.array([sm.WLS(y, A, weights=w).fit().params for w in counts[:25]])

    return Job(
        "Least-squares bootstrap, 20,000 x 50, 500 replicates",
        lambda: linear.least_squares_population(X, y, counts),
        {
            "scikit-learn loop, 25 of 500": (sklearn_loop, 20),
            "statsmodels WLS loop, 25 of 500": (statsmodels_loop, 20),
        },
        lambda o, p: f"coefficients differ by {largest(o.table[:25], p['statsmodels WLS loop, 25 of 500'])}",
        {"scikit-learn loop, 25 of 500": 15},
    )


JOBS = {
    f.__name__: f
    for f in (
        least_squares,
        inference,
        least_squares_bootstrap,
        ridge,
        components,
        lasso,
        elastic_net,
        stepwise,
        stepwise_whole,
        logistic,
        logistic_bootstrap,
        multinomial_bootstrap,
        poisson_bootstrap,
        logistic_folds,
    )
}


def seconds(call):
    start = time.perf_counter()
    answer = call()
    return time.perf_counter() - start, answer


def measure(name):
    """Warm up, then take turns, so that a busy machine slows all alike; medians over up to five rounds."""
    job = JOBS[name]()
    calls = {"ours": job.ours} | {peer: call for peer, (call, _) in job.peers.items()}
    first = {who: seconds(call)[0] for who, call in calls.items()}
    rounds = max(1, min(5, int(15 / sum(first.values()))))
    runs, answers = {who: [] for who in calls}, {}
    for _ in range(rounds):
        for who, call in calls.items():
            took, answers[who] = seconds(call)
            runs[who].append(took)
    ours = float(np.median(runs["ours"]))
    peers = {}
    for peer, (_, factor) in job.peers.items():
        took = float(np.median(runs[peer])) * factor
        peers[peer] = {"seconds": took, "ratio": took / ours, "wanted": job.wanted.get(peer)}
    row = {"title": job.title, "seconds": ours, "rounds": rounds, "peers": peers}
    return row | {"agreement": job.agreement(answers.pop("ours"), answers)}


def markdown(record):
    lines = [
        "# Linear models: measured",
        "",
        f"{record['date']}, {record['machine']}, one thread each, load average {record['load']}; "
        + ", ".join(f"{k} {v}" for k, v in record["versions"].items())
        + ".",
        "Medians over rounds in which ours and the peers take turns, after a warm-up; quote the ratios.",
        "",
        "| job | ours, s | peer | peer, s | rounds | ratio | to reach | answers |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in record["jobs"].values():
        for peer, found in row["peers"].items():
            wanted = "" if found["wanted"] is None else f"{found['wanted']}x"
            lines.append(
                f"| {row['title']} | {row['seconds']:.3f} | {peer} | {found['seconds']:.2f} | "
                f"{row['rounds']} | {found['ratio']:.1f}x | {wanted} | {row['agreement']} |"
            )
    return "\n".join([*lines, ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", choices=[*JOBS, []], help="jobs to run; all if none")
    parser.add_argument("--date", default=str(date.today()))
    parser.add_argument("--machine", default=f"{os.cpu_count()} cores {platform.processor() or platform.machine()}")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    jobs = {}
    with threadpool_limits(1):
        for name in options.names or JOBS:
            jobs[name] = measure(name)
            print(json.dumps(jobs[name], ensure_ascii=False))
    packages = ("numpy", "scipy", "scikit-learn", "statsmodels")
    record = {
        "date": options.date,
        "machine": options.machine,
        "load": round(os.getloadavg()[0], 1),
        "versions": {"python": platform.python_version()} | {name: version(name) for name in packages},
        "jobs": jobs,
    }
    if not options.names:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "linear.json").write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n")
        (RESULTS / "linear.md").write_text(markdown(record))


if __name__ == "__main__":
    main()
