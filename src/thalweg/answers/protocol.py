"""What every job returns, whatever it was asked."""

from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import pandas as pd


@runtime_checkable
class JobAnswer(Protocol):
    """The answer of a job: a sentence, a table, a text, plain values, a page, and the folder it is kept in.

    :class:`~thalweg.answers.comparison.Run`, :class:`~thalweg.answers.linear.LinearRun`,
    :class:`~thalweg.answers.effects.EffectsRun`, :class:`~thalweg.answers.observed.ObservedRun` and
    :class:`~thalweg.answers.study.StudyRun` are answers; :func:`~thalweg.answers.loading.load` opens any of them.

    Examples
    --------
    >>> import thalweg as tw
    >>> isinstance(tw.fit_linear("example:diabetes"), JobAnswer)
    True
    """

    @property
    def folder(self) -> Path | None:
        """Where the run is kept; None if it lives in memory alone."""

    @property
    def sentence(self) -> str:
        """The answer in one sentence."""

    def frame(self) -> pd.DataFrame:
        """Return the main table as a data frame."""

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values that JSON can hold."""

    def text(self, width: int | None = None) -> str:
        """Return what a terminal shows, in lines of so many letters; None asks the terminal."""

    def report(self, path: str | Path | None = None) -> Path:
        """Write the report, one self-contained HTML file, and return where."""

    def save(self, folder: str | Path) -> Path:
        """Write the run into a new folder, which may be moved, and return where."""

    def _repr_html_(self) -> str:
        """Return what a notebook shows."""
