"""The estimator that is meant by what a user hands over: itself, the best of a search, or what to do instead."""

from typing import Any

from sklearn.utils.validation import check_is_fitted

from thalweg.base.errors import SettingError


def fitted_face(model: Any) -> Any:
    """Return the fitted estimator of this package behind a model.

    Parameters
    ----------
    model
        An estimator of this package, or a search of this package or of scikit-learn that refitted one.

    Raises
    ------
    SettingError
        If it is a pipeline, or something else; the message says what to do instead.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from thalweg.estimators import LinearRegressor
    >>> fitted_face(make_pipeline(LinearRegressor().fit([[0.0], [1.0]], [0.0, 1.0])))
    Traceback (most recent call last):
    thalweg.base.errors.SettingError: A Pipeline holds steps that are none of this package. Give its last step, ...
    """
    name = type(model).__name__
    if hasattr(model, "steps"):
        raise SettingError(
            f"A {name} holds steps that are none of this package.",
            "Give its last step, pipeline[-1], with features after pipeline[:-1].transform(X); or fit the estimator "
            "to the table itself, for it scales and encodes columns on its own.",
        )
    if hasattr(model, "estimator") and not hasattr(model, "population_"):
        check_is_fitted(model)
        if not hasattr(model, "best_estimator_"):
            raise SettingError(f"This {name} kept no best estimator.", "Fit it with refit=True.")
        return fitted_face(model.best_estimator_)
    if not isinstance(model, type) and hasattr(model, "fit") and hasattr(model, "random_state"):
        check_is_fitted(model)
    if not hasattr(model, "population_"):
        raise SettingError(f"{name} is no estimator of this package.", "Give a fitted NetRegressor, for example.")
    return model


def check_fitted(face: Any) -> None:
    """Raise scikit-learn's error if an estimator is not fitted; its own check costs as much as a small network.

    Raises
    ------
    NotFittedError
        If there is no population.

    Examples
    --------
    >>> from thalweg.estimators import LinearRegressor
    >>> check_fitted(LinearRegressor().fit([[0.0], [1.0]], [0.0, 1.0]))
    """
    if "population_" not in vars(face):
        check_is_fitted(face)
