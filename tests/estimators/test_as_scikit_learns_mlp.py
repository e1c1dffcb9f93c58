"""Behaviours that scikit-learn's tests ask of its multilayer perceptron, asked of ours."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.datasets import load_digits, make_multilabel_classification, make_regression

from thalweg.estimators import NetClassifier, NetRegressor

X, DIGITS = (part[:200] for part in load_digits(n_class=3, return_X_y=True))
NET = {"hidden": (16,), "seeds": 1, "learning_rate": 0.02, "workers": 1}


def test_two_and_three_classes_are_learned():
    for y in (DIGITS, DIGITS == 1):
        model = NetClassifier(**NET, epochs=30).fit(X, y)
        assert model.score(X, y) > 0.95
        assert np.allclose(model.predict_proba(X).sum(axis=1), 1.0)


def test_logarithms_of_probabilities_are_those():
    model = NetClassifier(**NET, epochs=5).fit(X, DIGITS)
    assert np.allclose(model.predict_log_proba(X), np.log(model.predict_proba(X)))


def test_sets_of_labels_are_learned():
    x, y = make_multilabel_classification(150, random_state=0)
    model = NetClassifier(**NET, epochs=200, patience=None).fit(x, y)
    assert model.predict(x).shape == y.shape
    assert (model.predict(x) == y).mean() > 0.85


def test_sets_of_labels_may_be_sparse():
    x, y = make_multilabel_classification(60, random_state=0)
    dense, sparse = (NetClassifier(**NET, epochs=3).fit(x, labels).predict_proba(x) for labels in (y, csr_matrix(y)))
    assert np.array_equal(dense, sparse)


def test_labels_may_be_truth_values_or_texts():
    truth = DIGITS == 1
    words = np.where(truth, "one", "other")
    a, b = (NetClassifier(**NET, epochs=5).fit(X, y) for y in (truth, words))
    assert np.array_equal(a.predict_proba(X)[:, 1], b.predict_proba(X)[:, 0]) or np.array_equal(
        a.predict(X), b.predict(X) == "one"
    )


def test_several_outcomes_have_their_shape():
    x, y = make_regression(100, 5, n_targets=3, random_state=0)
    assert NetRegressor(**NET, epochs=5).fit(x, y).predict(x).shape == (100, 3)


def test_the_first_call_needs_to_know_all_classes():
    model = NetClassifier(**NET).partial_fit(X[:20], DIGITS[:20], classes=[0, 1, 2])
    with pytest.raises(ValueError, match="unknown class"):
        model.partial_fit(X[:1], [7])


def test_passes_one_by_one_learn():
    model = NetClassifier(**NET)
    for _ in range(30):
        model.partial_fit(X, DIGITS, classes=[0, 1, 2])
    assert model.score(X, DIGITS) > 0.95
    assert model.n_iter_ == 30


def test_a_warm_start_lowers_the_loss_further():
    model = NetClassifier(**NET | {"learning_rate": 0.002}, epochs=3, patience=None, warm_start=True)
    first = model.fit(X, DIGITS).loss_curve_[-1]
    assert model.fit(X, DIGITS).loss_curve_[-1] < first
    assert model.n_iter_ == 3


def test_early_stopping_ends_before_the_last_epoch():
    model = NetClassifier(**NET, epochs=500, patience=3, tol=0.001).fit(X, DIGITS)
    assert model.n_iter_ < 500
    assert len(model.validation_curve_) == model.n_iter_


def test_equal_random_states_are_equal_fits():
    a, b, c = (NetRegressor(**NET, epochs=2, random_state=state).fit(X, DIGITS).predict(X) for state in (1, 1, 2))
    assert np.array_equal(a, b)
    assert not np.array_equal(a, c)
