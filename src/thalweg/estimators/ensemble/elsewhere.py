"""An estimator whose networks an executor trains: the executor stays where it is when the estimator is copied."""

from copy import copy
from typing import Any, Self

from sklearn.base import BaseEstimator


class TrainedElsewhere:
    """What a parameter ``executor`` asks of an estimator: executors can be neither copied nor pickled.

    A clone has the same executor. A pickle, and so a copy in another process, has none and trains where it is.
    """

    executor: Any

    def __sklearn_clone__(self) -> Self:
        found: Self = BaseEstimator.__sklearn_clone__(copy(self))
        found.executor = self.executor
        return found

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = super().__getstate__()  # type: ignore[assignment] # scikit-learn's, a dictionary
        return state | {"executor": None}
