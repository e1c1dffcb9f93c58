import itertools

import numpy as np
import pytest

from thalweg.base.errors import DataError
from thalweg.linear.subsets.best_subset import best_subsets


def _cross_products(kind, width, seed):
    random = np.random.default_rng(seed)
    X = random.normal(size=(60, width))
    if kind == "correlated":
        X = X + 3 * random.normal(size=(60, 1))
    if kind == "powers":
        X = np.vander(random.uniform(size=60), width + 1)[:, :-1]
    y = X[:, :3] @ np.array([1.0, -1.0, 0.5]) * (kind != "noise") + random.normal(size=60)
    X = X - X.mean(axis=0)
    X, y = X / np.linalg.norm(X, axis=0), y - y.mean()
    return X.T @ X, X.T @ y, float(y @ y)


@pytest.mark.parametrize(("kind", "width"), [("noise", 9), ("signal", 9), ("correlated", 9), ("powers", 4)])
@pytest.mark.parametrize("seed", range(3))
def test_no_subset_is_better(kind, width, seed):
    gram, cross, square = _cross_products(kind, width, seed)

    def rss(model):
        here = list(model)
        return square - (cross[here] @ np.linalg.solve(gram[np.ix_(here, here)], cross[here]) if here else 0)

    start = [tuple(range(size)) for size in range(width + 1)]
    for size, found in enumerate(best_subsets(gram, cross, square, width, start)):
        assert len(found) == size
        least = min(rss(model) for model in itertools.combinations(range(width), size))
        assert rss(found) <= least * (1 + 1e-9) + 1e-9 * square


def test_what_is_searched_does_not_depend_on_where_it_starts():
    gram, cross, square = _cross_products("signal", 12, 0)
    whole = best_subsets(gram, cross, square, 12, [()])
    assert [set(m) for m in best_subsets(gram, cross, square, 5, whole)] == [set(m) for m in whole[:6]]


def test_collinear_columns_are_told():
    with pytest.raises(DataError, match="collinear"):
        best_subsets(np.ones((2, 2)), np.ones(2), 2.0, 2, [()])
