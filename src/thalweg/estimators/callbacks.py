"""scikit-learn's callbacks (SLEP 23), where the installed version has them."""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar, cast

Method = TypeVar("Method", bound=Callable[..., Any])

try:
    from sklearn.callback import CallbackSupportMixin, with_callbacks
except ImportError:  # scikit-learn before 1.9
    with_callbacks = None

    class CallbackSupportMixin:  # type: ignore[no-redef] # stands in for the class that is missing
        """Nothing to support."""


CallbackSupport: Any = CallbackSupportMixin


def watched(method: Method) -> Method:
    """Let a method take down its callbacks when it ends, however it ends."""
    return method if with_callbacks is None else cast("Method", with_callbacks(method))


class Share(Protocol):
    """Progress of a population."""

    @property
    def share(self) -> float:
        """Share of the work that is done."""
        ...


class EpochTasks:
    """Tells callbacks of every epoch, averaged over the members of the population.

    Parameters
    ----------
    estimator
        Whose fit it is.
    epochs
        Most epochs a member can take.

    Examples
    --------
    >>> from thalweg.estimators import NetRegressor
    >>> tasks = EpochTasks(NetRegressor(), epochs=10)
    >>> tasks.end()
    """

    def __init__(self, estimator: Any, epochs: int) -> None:
        self._estimator, self._epochs, self._told = estimator, epochs, 0
        start = getattr(estimator, "_init_callback_context", None)
        self._context = None if start is None else start(max_subtasks=epochs)
        if self._context is not None:
            self._context.call_on_fit_task_begin(estimator=estimator)

    def advance(self, progress: Share) -> None:
        """Tell of the epochs done since the last call."""
        if self._context is None:
            return
        while self._told < int(progress.share * self._epochs):
            epoch = self._context.subcontext(task_name="epoch")
            epoch.call_on_fit_task_begin(estimator=self._estimator)
            epoch.call_on_fit_task_end(estimator=self._estimator)
            self._told += 1

    def end(self) -> None:
        """Tell that the fit is done."""
        if self._context is not None:
            self._context.call_on_fit_task_end(estimator=self._estimator)
