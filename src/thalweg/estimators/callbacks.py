"""scikit-learn's callbacks (SLEP 23), where the installed version has them."""

import sys
from collections.abc import Callable
from typing import Any, Protocol, TypeVar, cast

PAUSE = 1.0  # seconds between lines
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


class ProgressLines:
    """Lines about a fit for ``verbose``, on standard error: parameters, epochs, losses.

    Parameters
    ----------
    epochs
        Most epochs a network can take.
    shown
        Whether anything is written.

    Examples
    --------
    >>> ProgressLines(10, shown=False).begin(5, 1000)
    """

    def __init__(self, epochs: int, *, shown: bool) -> None:
        self._epochs, self._shown, self._next = epochs, shown, PAUSE

    def begin(self, networks: int, parameters: int) -> None:
        """Tell what is about to be trained."""
        self._write(f"{networks} networks of {parameters:,} parameters each, at most {self._epochs} epochs")

    def advance(self, progress: Any) -> None:
        """Tell how far it has come, once in a while."""
        if progress.seconds >= self._next:
            self._next = progress.seconds + PAUSE
            self._write(f"epoch {int(progress.share * self._epochs)} of {self._epochs}, {progress.seconds:.0f} s")

    def end(self, curves: tuple[Any, Any]) -> None:
        """Tell the losses at the end."""
        training, validation = curves
        watched = "" if validation is None else f", of validation rows {validation[-1]:.5g}"
        self._write(f"after {len(training)} epochs: loss {training[-1]:.5g}{watched}")

    def _write(self, line: str) -> None:
        if self._shown:
            sys.stderr.write(line + "\n")
            sys.stderr.flush()
