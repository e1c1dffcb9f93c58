"""From a table to an experiment: who received what, what came of it, and what speaks against the data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.errors import DataError, SettingError, rows_at, setting
from thalweg.base.naming import name_of, names_of
from thalweg.base.weighing import FREQUENCY, weights_kind_with
from thalweg.data.dependence.look import DEPENDENCE
from thalweg.data.encode import fit_encoder
from thalweg.data.reading.table import read_table
from thalweg.effects.experiment.conduct import (
    Imbalance,
    SampleRatio,
    balance,
    conduct_notes,
    sample_ratio,
)
from thalweg.effects.experiment.experiment import Experiment, combination_label, named_combination
from thalweg.effects.experiment.named_columns import (
    check_clusters,
    check_parts,
    check_varies,
    outcome_numbers,
    pose_features,
    read_treatment,
)
from thalweg.effects.experiment.overlap import check_overlap
from thalweg.effects.experiment.unit_rows import (
    codes_of_clusters,
    content_order,
    distinct_columns,
    joined_codes,
    repeated_rows,
    units_of,
)


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """An experiment with its names and what was noticed.

    Parameters
    ----------
    experiment
        The numbers, rows in an order that depends on their content alone.
    treatments, features
        Names; features (covariates) as encoded.
    target
        Name of the outcome.
    order
        Table row, counted from 0, of every unit [N].
    baseline
        Combination that effects are measured against [m].
    ratio
        Test of the planned shares; None if none were given.
    balance
        Covariates by how much their means differ between cells.
    notes
        Warnings and remarks in words.
    rows
        Number of rows of the table; those of weight 0 are no units, frequency weights make several of one.

    Examples
    --------
    >>> columns = {"y": [0, 1, 2, 3, 0, 2, 2, 3] * 10, "a": [0, 1, 0, 1] * 20, "b": [0, 0, 1, 1] * 20, "x": range(80)}
    >>> reading = read_experiment(columns, target="y", treatments=["a", "b"])
    >>> reading.features, reading.notes
    (('x',), ('Cells with fewer than 30 units: 00, 01, 10, 11.',))
    """

    experiment: Experiment
    treatments: tuple[str, ...]
    features: tuple[str, ...]
    target: str
    order: IntArray
    baseline: IntArray
    ratio: SampleRatio | None
    balance: tuple[Imbalance, ...]
    notes: tuple[str, ...]
    rows: int


def read_experiment(
    source: object,
    *,
    target: str,
    treatments: Sequence[str],
    features: Sequence[str] | None = None,
    clusters: str | Sequence[str] | None = None,
    groups: str | None = None,
    time: str | None = None,
    weights: str | None = None,
    query: str | None = None,
    assignment: str | Mapping[str, float] = "empirical",
    baseline: str | None = None,
    binary: bool = False,
    allow_mismatch: bool = False,
    weights_kind: str | None = None,
) -> Reading:
    """Read an experiment from a table.

    Parameters
    ----------
    source, query
        The table, as for :func:`thalweg.data.reading.table.read_table`.
    target
        Column of the outcome.
    treatments
        Columns of 0 and 1, one per treatment.
    features
        Columns from before the treatment; None for all others.
    clusters, weights
        Columns of clusters (one, or two that cross; the groups if None) and of row weights.
    groups
        Column of units that no fold may cut, nor the clusters that share units with them.
    time
        Column of numbers or dates: folds are blocks of it. Where all units of one time received the same, as in a
        switchback, times are the clusters too if None are named.
    assignment
        ``empirical`` (shares as they are), ``model`` (shares given the covariates, by cross-fitted multinomial
        logistic regression), or planned shares by combination, such as ``{"00": 0.5, "10": 0.25, "01": 0.25}``.
    baseline
        Combination to measure against; None for no treatment at all.
    binary
        Whether the outcome must be 0 or 1.
    allow_mismatch
        Go on although the counts contradict the planned shares.
    weights_kind
        ``frequency``: the row stands for that many units, which are written out. ``analytic`` (if None) and
        ``probability``: only ratios matter.

    Returns
    -------
    Reading
        The experiment and what was noticed.

    Raises
    ------
    DataError
        If the table holds no experiment of this kind; the message names column and rows.
    SettingError
        If a name or a share does not fit the table.

    Examples
    --------
    >>> columns = {"y": [0, 1, 2, 3, 0, 2, 2, 3] * 10, "a": [0, 1, 0, 1] * 20, "b": [0, 0, 1, 1] * 20, "x": range(80)}
    >>> reading = read_experiment(columns, target="y", treatments=["a", "b"])
    >>> reading.experiment.cells.tolist(), reading.experiment.counts.tolist()
    ([[0, 0], [0, 1], [1, 0], [1, 1]], [20, 20, 20, 20])
    """
    frame = read_table(source, query=query).frame
    names, ways = tuple(names_of(treatments)), tuple(names_of(clusters))
    target, weights = name_of("target", target) or "", name_of("weights", weights)
    uncut, when = name_of("groups", groups), name_of("time", time)
    check_parts(frame, target, names, ways, weights, uncut, when)
    ways = ways or tuple(names_of(uncut))
    kind, rows = weights_kind_with(weights, weights_kind), len(frame)
    repeated = repeated_rows(frame) if not ways else []
    switching = [] if when is None or ways else _switchback(frame, names, when)
    ways = (str(when),) if switching else ways
    frame, units, told = units_of(frame, weights, kind, weights_kind)
    weights = None if kind == FREQUENCY else weights
    with rows_at(units):
        found = _read(
            frame,
            target=target,
            names=names,
            ways=ways,
            uncut=uncut,
            when=when,
            weights=weights,
            features=features,
            assignment=assignment,
            baseline=baseline,
            binary=binary,
            allow_mismatch=allow_mismatch,
        )
    return replace(found, order=units[found.order], notes=(*told, *switching, *found.notes, *repeated), rows=rows)


def _read(
    frame: pd.DataFrame,
    *,
    target: str,
    names: tuple[str, ...],
    ways: tuple[str, ...],
    uncut: str | None,
    when: str | None,
    weights: str | None,
    features: Sequence[str] | None,
    assignment: str | Mapping[str, float],
    baseline: str | None,
    binary: bool,
    allow_mismatch: bool,
) -> Reading:
    """Read an experiment from a table with a row for every unit."""
    coded = [read_treatment(frame[name], name) for name in names]
    treated = np.column_stack([codes for codes, _ in coded])
    check_varies(treated, names)
    y, binary_notes = outcome_numbers(frame[target], target, binary)
    beside = tuple(dict.fromkeys([*ways, *names_of(uncut)]))
    check_clusters(frame, beside)
    problem = pose_features(
        frame, target, names, None if features is None else names_of(features), beside, weights, when
    )
    order = content_order(frame, weights)
    chosen_columns = problem.features.iloc[order].reset_index(drop=True)
    with rows_at(order):
        encoder = fit_encoder(chosen_columns, np.arange(len(chosen_columns)))
        encoded = encoder.transform(chosen_columns)
    x, feature_names, dropped = distinct_columns(encoded, encoder.feature_names)
    cells, received = np.unique(treated[order], axis=0, return_inverse=True)
    chosen = _baseline(baseline, cells, names)
    codes = codes_of_clusters(frame, ways, order)
    shares, planned = _shares(assignment, cells, names, received.ravel(), x)
    row_weights = None if problem.weights is None else problem.weights[order]
    together = None if uncut in {None, *ways} else joined_codes(frame, [str(uncut), *ways], order)
    given = received.ravel().astype(np.int64)
    times = None if problem.time is None else problem.time[order]
    experiment = Experiment(x, y[order], cells, given, shares, codes, row_weights, together, times)
    if isinstance(assignment, str) and assignment == "model":
        check_overlap(experiment)
    ratio = None if planned is None else sample_ratio(experiment, planned)
    _check_ratio(ratio, allow_mismatch)
    compared = balance(experiment, feature_names)
    codes_told = {"constant_column", "empty_column", "missing", *DEPENDENCE}
    notes = [note.text for note in problem.notes if note.code in codes_told]
    notes += [
        *(note for _, some in coded for note in some),
        *binary_notes,
        *dropped,
        *conduct_notes(experiment, feature_names, compared, ratio),
    ]
    told = tuple(notes)
    return Reading(
        experiment, names, feature_names, target, order, chosen, ratio, tuple(compared), told, rows=len(frame)
    )


def _switchback(frame: pd.DataFrame, treatments: Sequence[str], time: str) -> list[str]:
    """Say so if all rows of one time received the same, and times have several rows."""
    times = frame[time].nunique()
    if times == len(frame) or len(frame[[time, *treatments]].drop_duplicates()) > times:
        return []
    return [f"All units of one {time!r} received the same: errors count times in place of units."]


def _baseline(baseline: str | None, cells: IntArray, names: Sequence[str]) -> IntArray:
    labels = [combination_label(cell) for cell in cells]
    wanted = named_combination(baseline, names, "baseline") if baseline is not None else (0,) * len(names)
    if combination_label(wanted) not in labels:
        raise DataError(
            f"No unit received the baseline {combination_label(wanted)}; the cells are {', '.join(labels)}.",
            f"Measure against one of them: name {labels[0]} as {setting('baseline')}.",
        )
    return np.array(wanted, dtype=np.int64)


def _shares(
    assignment: str | Mapping[str, float], cells: IntArray, names: Sequence[str], received: IntArray, x: FloatArray
) -> tuple[FloatArray, FloatArray | None]:
    """Return the probabilities of the cells [J] or [N J], and the planned ones if they were given."""
    empirical = np.bincount(received, minlength=len(cells)) / len(received)
    if isinstance(assignment, str) and assignment == "empirical":
        return empirical, None
    if isinstance(assignment, str) and assignment == "model":
        model = LogisticRegression(C=1.0, max_iter=1000)
        given: NDArray[np.float64] = cross_val_predict(model, x, received, cv=5, method="predict_proba")
        return given, None
    if not isinstance(assignment, Mapping):
        raise SettingError(
            f"{setting('assignment')} must be 'empirical', 'model' or shares by combination, got {assignment!r}.",
            "Give every cell its planned share, 0.5 for example.",
        )
    labels = [combination_label(cell) for cell in cells]
    planned = {
        combination_label(named_combination(k, names, "assignment")): _planned_share(k, v)
        for k, v in assignment.items()
    }
    unknown = [label for label in labels if not planned.get(label, 0.0) > 0.0]
    if unknown:
        raise SettingError(
            f"The planned shares give cell {unknown[0]} no share, but units received it.",
            f"Give it a positive share in {setting('assignment')}.",
        )
    absent = [label for label, share in planned.items() if label not in labels and share > 0.0]
    if absent:
        raise DataError(
            f"Cell {absent[0]} was planned with share {planned[absent[0]]:g}, but no unit received it.",
            "Find out why, or leave it out of the plan.",
        )
    shares = np.array([planned[label] for label in labels])
    return shares / shares.sum(), shares / shares.sum()


def _planned_share(cell: str, share: object) -> float:
    try:
        found = float(share)  # type: ignore[arg-type]  # whatever is no number is refused below
    except (TypeError, ValueError):
        found = np.nan
    if not 0.0 <= found < np.inf:
        raise SettingError(
            f"{setting('assignment')} must plan a share of at least 0 for every cell, got {share!r} for {cell}.",
            "Give 0.25 for a quarter of the units, for example.",
        )
    return found


def _check_ratio(ratio: SampleRatio | None, allowed: bool) -> None:
    if ratio is not None and ratio.mismatch and not allowed:
        worst = max(ratio.observed, key=lambda k: abs(ratio.observed[k] - ratio.expected[k]))
        raise DataError(
            f"Sample ratio mismatch (p = {ratio.p_value:.1g}): cell {worst} has {ratio.observed[worst]:,} units, "
            f"{ratio.expected[worst]:,.0f} were planned.",
            f"Find out which units were lost or assigned otherwise; {setting('allow_mismatch')} goes on regardless.",
        )
