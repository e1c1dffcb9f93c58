import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes

from thalweg.base.errors import SettingError
from thalweg.linear import fit_components, fit_elastic_net, fit_logistic_path, fit_ridge_path
from thalweg.linear.paths.penalty_path import MIXINGS, PATHS, penalty_path

X, Y = load_diabetes(return_X_y=True)
NAMES = tuple(load_diabetes().feature_names)
FOLDS = np.arange(len(Y)) % 5


def path_of(kind, **settings):
    return penalty_path(kind, X, Y, names=NAMES, folds=FOLDS, **settings)


@pytest.mark.parametrize(("kind", "fit"), [("ridge", fit_ridge_path), ("components", fit_components)])
def test_spectral_paths_keep_their_numbers(kind, fit):
    path, own = path_of(kind), fit(X, Y, folds=FOLDS)
    np.testing.assert_array_equal(path.coefficients, own.coefficients)
    np.testing.assert_array_equal(path.mean_error, own.mean_error)
    assert (path.best, path.one_se, path.logarithmic) == (own.best, own.one_se, kind == "ridge")


def test_of_the_elastic_nets_the_best_mixing_is_kept():
    path = path_of("elastic-net")
    own = fit_elastic_net(X, Y, mixing=MIXINGS, folds=FOLDS, tolerance=1e-8)
    q = own.best[0]
    np.testing.assert_array_equal(path.coefficients, own.coefficients[q])
    assert path.model == f"elastic net, r = {MIXINGS[q]:g}"
    assert path.mean_error.min() == own.mean_error.min()


def test_the_objective_at_its_best_is_that_of_the_residual_sum_of_squares():
    path = path_of("lasso")
    l1 = float(path.objective.split("RSS + ")[1].split()[0])
    assert l1 == pytest.approx(2 * len(Y) * path.settings[path.best], rel=1e-3)
    assert "at most" in path.certificate


def test_weights_count_rows():
    weights = np.random.default_rng(0).integers(1, 3, len(Y))
    twice = np.repeat(np.arange(len(Y)), weights)
    path = penalty_path("ridge", X[twice], Y[twice], names=NAMES, folds=FOLDS[twice])
    np.testing.assert_allclose(path_of("ridge", weights=weights).coefficients, path.coefficients, rtol=1e-8)


def test_classes_take_the_logistic_ridge_alone():
    cancer = load_breast_cancer()
    design, folds = cancer.data[:, :3], np.arange(len(cancer.target)) % 5
    names = tuple(cancer.feature_names[:3])
    path = penalty_path("ridge", design, cancer.target, names=names, folds=folds, model="logistic")
    own = fit_logistic_path(design, cancer.target, folds=folds)
    np.testing.assert_array_equal(path.coefficients, own.coefficients)
    assert path.error == "log loss"
    assert path.certificate.startswith("120 of 120")
    for kind in set(PATHS) - {"ridge"}:
        with pytest.raises(SettingError, match="logistic"):
            penalty_path(kind, design, cancer.target, names=names, folds=folds, model="logistic")


def test_a_path_is_plain_values_by_rule():
    told = path_of("lasso").to_dict()
    assert told["chosen"]["1se"]["nonzero"] < told["chosen"]["min"]["nonzero"]
    assert set(told["chosen"]["min"]["coefficients"]) == set(NAMES)
