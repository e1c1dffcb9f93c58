"""From a table to an experiment: who received what, what came of it, and what speaks against the data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.errors import DataError, SettingError, setting
from thalweg.base.wording import closest, listed
from thalweg.data.encode import fit_encoder
from thalweg.data.notes import counted
from thalweg.data.problem import Problem, pose
from thalweg.data.reading.table import read_table
from thalweg.effects.experiment.conduct import (
    Imbalance,
    SampleRatio,
    balance,
    imbalanced,
    sample_ratio,
    telling_covariates,
)
from thalweg.effects.experiment.experiment import MOST_TREATMENTS, Experiment, combination_label, read_combination

FEW_ROWS: Final = 30
FEW_CLUSTERS: Final = 20


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


def read_experiment(
    source: object,
    *,
    target: str,
    treatments: Sequence[str],
    features: Sequence[str] | None = None,
    clusters: str | Sequence[str] | None = None,
    weights: str | None = None,
    query: str | None = None,
    assignment: str | Mapping[str, float] = "empirical",
    baseline: str | None = None,
    binary: bool = False,
    allow_mismatch: bool = False,
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
        Columns of clusters (one, or two that cross) and of row weights.
    assignment
        ``empirical`` (shares as they are), ``model`` (shares given the covariates, by cross-fitted multinomial
        logistic regression), or planned shares by combination, such as ``{"00": 0.5, "10": 0.25, "01": 0.25}``.
    baseline
        Combination to measure against; None for no treatment at all.
    binary
        Whether the outcome must be 0 or 1.
    allow_mismatch
        Go on although the counts contradict the planned shares.

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
    names = tuple(treatments)
    _check_columns(frame, target, names)
    treated = np.column_stack([_treatment(frame[name], name) for name in names])
    _check_varies(treated, names)
    y, binary_notes = _outcome(frame[target], target, binary)
    ways = _ways(clusters, frame)
    problem = _pose(frame, target, names, features, ways, weights)
    order = _content_order(frame)
    chosen_columns = problem.features.iloc[order].reset_index(drop=True)
    encoder = fit_encoder(chosen_columns, np.arange(len(chosen_columns)))
    x, feature_names, dropped = _distinct(encoder.transform(chosen_columns), encoder.feature_names)
    cells, received = np.unique(treated[order], axis=0, return_inverse=True)
    chosen = _baseline(baseline, cells, names)
    codes = _clusters(frame, ways, order)
    shares, planned = _shares(assignment, cells, received.ravel(), x)
    row_weights = None if problem.weights is None else problem.weights[order]
    experiment = Experiment(x, y[order], cells, received.ravel().astype(np.int64), shares, codes, row_weights)
    ratio = None if planned is None else sample_ratio(experiment, planned)
    _check_ratio(ratio, allow_mismatch)
    compared = balance(experiment, feature_names)
    notes = [note.text for note in problem.notes if note.code in {"constant_column", "empty_column", "missing"}]
    notes += [*binary_notes, *dropped, *_conduct_notes(experiment, feature_names, compared, ratio)]
    return Reading(experiment, names, feature_names, target, order, chosen, ratio, tuple(compared), tuple(notes))


def _check_columns(frame: pd.DataFrame, target: str, treatments: Sequence[str]) -> None:
    columns = [str(name) for name in frame.columns]
    for name in (target, *treatments):
        if name not in columns:
            hint = closest(name, columns)
            raise SettingError(f"The table has no column {name!r}.", hint or f"It has {listed(columns)}.")
    if not treatments:
        raise SettingError("No treatment is named.", f"Name their columns as {setting('treatments')}.")
    if len(set(treatments)) != len(treatments) or target in treatments:
        raise SettingError(
            f"Outcome and treatments must be different columns, got {target!r} and {list(treatments)}.",
            "Name every column once.",
        )
    if len(treatments) > MOST_TREATMENTS:
        raise SettingError(
            f"At most {MOST_TREATMENTS} treatments can be combined, got {len(treatments)}.", "Name fewer treatments."
        )


def _treatment(column: pd.Series, name: str) -> IntArray:
    """Return a treatment as 0 and 1."""
    numbers = pd.to_numeric(column, errors="coerce")
    wrong = np.flatnonzero(~numbers.isin([0, 1]).to_numpy())
    if len(wrong):
        shown = ", ".join(f"{column.iloc[i]!r} in row {i + 1}" for i in wrong[:3])
        raise DataError(
            f"Treatment {name!r} must be 0 or 1 in every row; {counted(len(wrong), 'row')} differ: {shown}.",
            "Recode it to 0 and 1 (a treatment of several doses becomes several columns), or drop these rows.",
        )
    return np.asarray(numbers, dtype=np.int64)


def _check_varies(treated: IntArray, names: Sequence[str]) -> None:
    for k, name in enumerate(names):
        if len(np.unique(treated[:, k])) == 1:
            raise DataError(
                f"Treatment {name!r} is {treated[0, k]} in every row: its effect cannot be seen.", "Leave it out."
            )
        for j in range(k):
            if (treated[:, j] == treated[:, k]).all() or (treated[:, j] != treated[:, k]).all():
                raise DataError(
                    f"Treatments {names[j]!r} and {name!r} always move together: their effects cannot be told apart.",
                    "Leave one of them out.",
                )


def _outcome(column: pd.Series, name: str, binary: bool) -> tuple[FloatArray, list[str]]:
    """Return the outcome as numbers, and a remark if it is binary and was not said to be."""
    y = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64)
    wrong = np.flatnonzero(~np.isfinite(y))
    if len(wrong):
        raise DataError(
            f"Outcome {name!r} must be a finite number in every row; {counted(len(wrong), 'row')} differ, "
            f"first {column.iloc[wrong[0]]!r} in row {wrong[0] + 1}.",
            "Find out why it is missing: units lost after the treatment bias every estimate. Then drop these rows.",
        )
    values = np.unique(y)
    if len(values) == 1:
        raise DataError(f"Outcome {name!r} is {values[0]:g} in every row.", "Choose an outcome that varies.")
    two = np.array_equal(values, [0.0, 1.0])
    if binary and not two:
        raise DataError(
            f"{setting('loss')} 'logistic' needs a target of 0 and 1, {name!r} has {len(values)} values.",
            "Use 'squared'.",
        )
    return y, [f'Outcome {name!r} is 0 or 1: loss="logistic" with link="sigmoid" may fit better.'] * (
        two and not binary
    )


def _pose(
    frame: pd.DataFrame,
    target: str,
    treatments: tuple[str, ...],
    features: Sequence[str] | None,
    ways: Sequence[str],
    weights: str | None,
) -> Problem:
    """Let the data stage read covariates, clusters and weights."""
    overlap = set(features or ()) & {target, *treatments}
    if overlap:
        raise SettingError(
            f"{sorted(overlap)[0]!r} is outcome or treatment and cannot be a covariate.", "Leave it out of features."
        )
    return pose(
        frame,
        target=target,
        features=features,
        groups=ways[0] if ways else None,
        weights=weights,
        ignore=(*treatments, *ways[1:]) if features is None else (),
        task="regression",
    )


def _ways(clusters: str | Sequence[str] | None, frame: pd.DataFrame) -> tuple[str, ...]:
    """Return the columns of clusters: none, one, or two that cross."""
    ways = () if clusters is None else (clusters,) if isinstance(clusters, str) else tuple(clusters)
    if len(ways) > 2 or len(set(ways)) < len(ways):
        raise SettingError(
            f"Errors can be clustered by one column or by two different ones, got {listed(ways)}.", "Name two columns."
        )
    for name in ways[1:]:
        if name not in frame.columns:
            hint = closest(name, [str(column) for column in frame.columns])
            raise SettingError(f"The table has no column {name!r}.", hint or "Name a column of clusters.")
        missing = np.flatnonzero(frame[name].isna())
        if len(missing):
            raise DataError(
                f"Cluster {name!r} is missing in {counted(len(missing), 'row')}, first in row {missing[0] + 1}.",
                "Fill it in, or drop these rows.",
            )
    return ways


def _clusters(frame: pd.DataFrame, ways: Sequence[str], order: IntArray) -> IntArray | None:
    """Return codes of clusters [N] or [N 2]."""
    if not ways:
        return None
    codes = [pd.factorize(frame[name])[0][order].astype(np.int64) for name in ways]
    return codes[0] if len(codes) == 1 else np.column_stack(codes)


def _content_order(frame: pd.DataFrame) -> IntArray:
    """Order rows by a hash of their content, so that a permuted table gives the same answer."""
    keys = pd.util.hash_pandas_object(frame.astype("string"), index=False).to_numpy()
    return np.argsort(keys, kind="stable").astype(np.int64)


def _distinct(x: FloatArray, names: Sequence[str]) -> tuple[FloatArray, tuple[str, ...], list[str]]:
    """Drop columns that repeat an earlier one."""
    _, first = np.unique(x, axis=1, return_index=True)
    kept = np.sort(first)
    repeated = [name for k, name in enumerate(names) if k not in set(kept.tolist())]
    notes = [f"Covariates that repeat another were left out: {listed(repeated)}."] if repeated else []
    return x[:, kept], tuple(names[k] for k in kept), notes


def _baseline(baseline: str | None, cells: IntArray, names: Sequence[str]) -> IntArray:
    labels = [combination_label(cell) for cell in cells]
    wanted = read_combination(baseline, len(names)) if baseline is not None else (0,) * len(names)
    if combination_label(wanted) not in labels:
        raise DataError(
            f"No unit received the baseline {combination_label(wanted)}; the cells are {', '.join(labels)}.",
            f"Measure against one of them: name {labels[0]} as {setting('baseline')}.",
        )
    return np.array(wanted, dtype=np.int64)


def _shares(
    assignment: str | Mapping[str, float], cells: IntArray, received: IntArray, x: FloatArray
) -> tuple[FloatArray, FloatArray | None]:
    """Return the probabilities of the cells [J] or [N J], and the planned ones if they were given."""
    empirical = np.bincount(received, minlength=len(cells)) / len(received)
    if isinstance(assignment, str):
        if assignment == "empirical":
            return empirical, None
        if assignment == "model":
            model = LogisticRegression(C=1.0, max_iter=1000)
            given: NDArray[np.float64] = cross_val_predict(model, x, received, cv=5, method="predict_proba")
            return given, None
        raise SettingError(
            f"{setting('assignment')} must be 'empirical', 'model' or shares by combination, got {assignment!r}.",
            "Give a share to every combination that was planned.",
        )
    labels = [combination_label(cell) for cell in cells]
    planned = {combination_label(read_combination(k, cells.shape[1])): float(v) for k, v in assignment.items()}
    unknown = [label for label in labels if not planned.get(label, 0.0) > 0.0]
    if unknown:
        raise SettingError(
            f"The planned shares give cell {unknown[0]} no share, but units received it.", "Give it a positive share."
        )
    absent = [label for label, share in planned.items() if label not in labels and share > 0.0]
    if absent:
        raise DataError(
            f"Cell {absent[0]} was planned with share {planned[absent[0]]:g}, but no unit received it.",
            "Find out why, or leave it out of the plan.",
        )
    shares = np.array([planned[label] for label in labels])
    return shares / shares.sum(), shares / shares.sum()


def _check_ratio(ratio: SampleRatio | None, allowed: bool) -> None:
    if ratio is not None and ratio.mismatch and not allowed:
        worst = max(ratio.observed, key=lambda k: abs(ratio.observed[k] - ratio.expected[k]))
        raise DataError(
            f"Sample ratio mismatch (p = {ratio.p_value:.1g}): cell {worst} has {ratio.observed[worst]:,} units, "
            f"{ratio.expected[worst]:,.0f} were planned.",
            f"Find out which units were lost or assigned otherwise; {setting('allow_mismatch')} goes on regardless.",
        )


def _conduct_notes(
    experiment: Experiment, names: Sequence[str], compared: Sequence[Imbalance], ratio: SampleRatio | None
) -> list[str]:
    """Return warnings about small cells, few clusters, imbalance, columns made afterwards, and a mismatch allowed."""
    notes = []
    if ratio is not None and ratio.mismatch:
        notes.append(f"The counts contradict the planned shares (p = {ratio.p_value:.1g}).")
    small = [combination_label(c) for c, n in zip(experiment.cells, experiment.counts, strict=True) if n < FEW_ROWS]
    if small:
        notes.append(f"Cells with fewer than {FEW_ROWS} units: {', '.join(small)}.")
    if experiment.clusters is not None:
        ways = experiment.clusters.reshape(len(experiment), -1).T
        if (count := min(len(np.unique(way)) for way in ways)) < FEW_CLUSTERS:
            notes.append(f"Only {count} clusters: clustered standard errors are too small on average.")
    notes += [
        f"Covariate {found.covariate!r} is out of balance: cell {found.cell} is off by {found.largest:+.2f} standard "
        f"deviations (p = {found.p_value:.1g})."
        for found in imbalanced(compared)[:3]
    ]
    notes += [
        f"Covariate {name!r} tells who was treated (AUC {area:.2f}): it was perhaps measured after the treatment."
        for name, area in telling_covariates(experiment, names).items()
    ]
    return notes
