"""New rows for a fitted model: read, checked against what the encoder needs, and encoded."""

from collections.abc import Sequence

import pandas as pd

from thalweg.base.arrays import FloatArray
from thalweg.base.errors import DataError
from thalweg.base.wording import listed
from thalweg.data.design import design_columns
from thalweg.data.encode import Encoder
from thalweg.data.notes import Note, counted
from thalweg.data.reading.encodings import CategoryEncoding, ColumnEncoding, DateEncoding, NumericEncoding
from thalweg.data.reading.table import read_table


def encode_new_rows(
    encoder: Encoder, source: object = None, *, query: str | None = None
) -> tuple[FloatArray, tuple[Note, ...], pd.Index]:
    """Read new rows and encode them as the training rows were.

    Missing values and unseen categories are encoded as told in :mod:`thalweg.data.reading.encodings`; notes say where.
    With a formula, a missing value is an error and an unseen level counts as the reference level.

    Parameters
    ----------
    encoder
        The model's encoder, which carries the formula if there was one.
    source, query
        The rows, as for :func:`thalweg.data.reading.table.read_table`. The target is not needed; further
        columns are left aside.

    Returns
    -------
    tuple
        float64 [N D] in the order of the rows; notes; and the index of the rows, that of a pandas frame that was given.

    Raises
    ------
    DataError
        If columns are absent, all named at once, or a value cannot be read in its column's kind.

    Examples
    --------
    >>> from thalweg.data.encode import fit_encoder
    >>> import numpy as np
    >>> encoder = fit_encoder(pd.DataFrame({"x": [1.0, 3.0]}), np.array([0, 1]))
    >>> encode_new_rows(encoder, {"x": [2.0, 5.0]})[0]
    array([[0.],
           [3.]])
    """
    features, notes, index = read_new_rows(encoder, source, query=query)
    if encoder.formula is not None:
        features = design_columns(encoder.formula, features)
    return encoder.transform(features), notes, index


def read_new_rows(
    encoder: Encoder, source: object = None, *, query: str | None = None
) -> tuple[pd.DataFrame, tuple[Note, ...], pd.Index]:
    """Read new rows in the kinds of training, as :func:`encode_new_rows` does before it encodes them.

    Parameters
    ----------
    encoder, source, query
        As there.

    Returns
    -------
    tuple
        The columns ``encoder.inputs``; notes; and the index of the rows.

    Raises
    ------
    DataError
        As there.

    Examples
    --------
    >>> from thalweg.data.encode import fit_encoder
    >>> import numpy as np
    >>> encoder = fit_encoder(pd.DataFrame({"x": [1.0, 3.0]}), np.array([0, 1]))
    >>> read_new_rows(encoder, {"x": ["2"], "y": [1]})[0]
         x
    0  2.0
    """
    named = {name for name, kind in encoder.kinds.items() if kind == "categorical"}
    table = read_table(source, query=query, texts=named)
    absent = [name for name in encoder.inputs if name not in table.frame]
    if absent:
        raise DataError(
            f"The new rows lack {counted(len(absent), 'column')} the model was trained on: {listed(absent, 20)}.",
            f"They have {listed([str(name) for name in table.frame.columns], 20)}; rename or add columns.",
        )
    extra = [str(name) for name in table.frame.columns if name not in encoder.inputs]
    notes = list(table.notes)
    notes += [Note("extra_columns", f"Not used: {listed(extra)}.", tuple(extra))] if extra else []
    features = encoder.read(table.frame)
    if encoder.formula is not None:
        for name, levels in encoder.formula.levels.items():
            notes += _unseen(features[name], levels, "count as the reference level")
    else:
        notes += [note for column in encoder.columns for note in _surprises(column, features[column.name])]
    index = pd.RangeIndex(len(features)) if table.index is None else table.index
    return features, tuple(notes), index


def _surprises(encoding: ColumnEncoding, column: pd.Series) -> list[Note]:
    """Tell of levels and gaps that no training row had."""
    if isinstance(encoding, CategoryEncoding):
        levels = [level for level, seen in zip(encoding.levels, encoding.seen, strict=False) if seen]
        fate = "count as '(other)'" if encoding.other else "are encoded as all zeros"
        notes = _unseen(column, levels, fate)
        slot = encoding.feature_names.index(f"{encoding.name}=(missing)") if encoding.missing else -1
        prepared = encoding.missing and encoding.seen[slot]
        fate = "encoded as all zeros"
    else:
        notes = []
        part = encoding.parts[0] if isinstance(encoding, DateEncoding) else encoding
        prepared = isinstance(part, NumericEncoding) and part.missing_seen
        fate = "counted as the training median"
    gaps = int(column.isna().sum())
    if gaps and not prepared:
        text = f"Column {encoding.name!r} is missing in {counted(gaps, 'row')} and was complete in training: {fate}."
        notes.append(Note("unseen_missing", text, (encoding.name,)))
    return notes


def _unseen(column: pd.Series, levels: Sequence[str], fate: str) -> list[Note]:
    present = column.dropna().astype(object)
    new = present[~present.isin(list(levels))]
    if new.empty:
        return []
    names = [str(level) for level in new.unique()]
    text = f"Column {column.name!r} has levels that no training row has: {listed(names)}; they {fate}"
    return [Note("unseen_levels", f"{text} ({counted(len(new), 'row')}).", (str(column.name),))]
