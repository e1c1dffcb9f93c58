"""A run ready for one row after another: what a prediction needs is laid out once."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.answers.comparison import Run, predicted_columns
from thalweg.data.notes import Note
from thalweg.data.record_rows import record_rows
from thalweg.select.record import to_plain


class ReadyRun:
    """Predicts records as :meth:`~thalweg.answers.comparison.Run.predict_with_notes` does, to the same numbers.

    Rows of plain values that the model was trained for are encoded without a data frame; others take the way of every
    table, which says what is unusual in them. One caller at a time: a thread of its own keeps networks planned.

    Parameters
    ----------
    run
        A finished comparison with models.

    Examples
    --------
    >>> import thalweg as tw
    >>> ready = ReadyRun(tw.fit("example:longley", folds=4, networks=[], trees=0, watch=False))
    >>> records, notes = ready.predict(tw.read_table("example:longley").frame.head(2).to_dict("records"), level=0.9)
    >>> sorted(records[0]), notes[0].code
    (['high', 'low', 'prediction'], 'extra_columns')
    """

    def __init__(self, run: Run):
        assert run.predictor is not None
        self._run, self._predictor = run, run.predictor
        self._plain = record_rows(run.predictor.encoder)
        self._reaches: dict[tuple[str | None, float], float] = {}

    def predict(
        self, rows: Sequence[Mapping[str, Any]], *, model: str | None = None, level: float | None = None
    ) -> tuple[list[dict[str, Any]], tuple[Note, ...]]:
        """Return one record per row, and what was unusual.

        Raises
        ------
        DataError, SettingError
            As for :meth:`~thalweg.answers.comparison.Run.predict_with_notes`.
        """
        x = None if self._plain is None else self._plain.encode(rows)
        if x is None:
            names = dict.fromkeys(name for row in rows for name in row)
            columns = {name: [row.get(name) for row in rows] for name in names}
            frame, notes = self._run.predict_with_notes(columns, model=model, level=level)
            return _records({str(name): values.to_numpy() for name, values in frame.items()}), notes
        return _records(predicted_columns(self._predictor, x, model, self._reach(model, level))), ()

    def _reach(self, model: str | None, level: float | None) -> float | None:
        if not isinstance(level, (int, float)):
            return None if level is None else self._predictor.reach(level, model)  # which says what a level is
        if (model, level) not in self._reaches:
            reach = self._predictor.reach(level, model)
            self._reaches = {**dict(list(self._reaches.items())[-63:]), (model, level): reach}
        return self._reaches[model, level]


def _records(columns: Mapping[str, NDArray[Any]]) -> list[dict[str, Any]]:
    rows = zip(*(np.asarray(values).tolist() for values in columns.values()), strict=True)
    return [to_plain(dict(zip(columns, row, strict=True))) for row in rows]
