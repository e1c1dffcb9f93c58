"""From a table of units that chose their treatment to average effects: read, estimate, ask for whom they differ."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from thalweg.base.arrays import FloatArray
from thalweg.base.errors import DataError, SettingError, rows_at, setting
from thalweg.base.naming import names_of
from thalweg.base.weighing import FREQUENCY, weights_kind_with
from thalweg.data.dependence.look import DEPENDENCE
from thalweg.data.encode import fit_encoder
from thalweg.effects.experiment.experiment import Experiment
from thalweg.effects.experiment.named_columns import check_clusters, check_parts, outcome_numbers, pose_features
from thalweg.effects.experiment.unit_rows import (
    codes_of_clusters,
    content_order,
    distinct_columns,
    joined_codes,
    repeated_rows,
    units_of,
)
from thalweg.effects.inference.sorted_units import Heterogeneity
from thalweg.effects.one_treatment.average import QUIET, AverageEffects, estimate_effects
from thalweg.effects.one_treatment.effort import Effort
from thalweg.effects.one_treatment.heterogeneity import heterogeneity
from thalweg.effects.one_treatment.levels import read_levels
from thalweg.effects.training import Training

_SAID = {"constant_column", "empty_column", "missing", *DEPENDENCE}


@dataclass(frozen=True, slots=True, eq=False)
class ObservedEffects:
    """Average effects of one treatment in a table, and for whom they differ.

    Parameters
    ----------
    table, target, treatment
        Names: of the table, and of the columns of outcome and treatment.
    features
        Covariates as encoded.
    effects
        The estimates, with what speaks for and against them.
    differing
        For whom the effect differs; None where that cannot be asked.
    why_not
        Why it cannot; empty if it can.
    rows
        Rows of the table, and how many of them are units.
    repeat
        What is needed to compute it again, by name.

    Examples
    --------
    >>> draw = np.random.default_rng(0)
    >>> frame = pd.DataFrame({"t": np.arange(300) % 2, "x": draw.normal(size=300)})
    >>> frame["y"] = frame["t"] + frame["x"] + 0.1 * draw.normal(size=300)
    >>> quick = Training(epochs=5, folds=2, repeats=1, workers=1)
    >>> found = observe(frame, target="y", treatment="t", training=quick)
    >>> found.effects.levels, found.features, found.rows
    (('0', '1'), ('x',), (300, 300))
    """

    table: str
    target: str
    treatment: str
    features: tuple[str, ...]
    effects: AverageEffects
    differing: Heterogeneity | None
    why_not: str
    rows: tuple[int, int]
    repeat: dict[str, str] = field(default_factory=dict)


def observe(
    frame: pd.DataFrame,
    *,
    target: str,
    treatment: str,
    features: Sequence[str] | None = None,
    clusters: str | Sequence[str] | None = None,
    groups: str | None = None,
    weights: str | None = None,
    weights_kind: str | None = None,
    baseline: object = None,
    training: Training = QUIET,
    level: float = 0.95,
    seed: int = 0,
    table: str = "the table",
    effort: Effort | None = None,
) -> ObservedEffects:
    """Return the average effects of a treatment that units of a table chose, chances learned from their covariates.

    Parameters
    ----------
    frame
        The table.
    target, treatment
        Columns of the outcome and of the treatment, of two levels or more.
    features
        Columns from before the treatment that may move both; None for all others.
    clusters, groups
        Columns of clusters (one, or two that cross; the groups if None) and of groups that no fold cuts.
    weights, weights_kind
        Column of row weights, and what they mean.
    baseline
        Level to measure against; None for one that reads as no treatment, else the first in order.
    training, level, seed
        As for :func:`~thalweg.effects.one_treatment.average.average_effects`.
    table
        What the table is called.
    effort
        With what nuisances are learned.

    Raises
    ------
    DataError, SettingError
        If columns or values make no sense; the message names column and row.

    Examples
    --------
    >>> frame = pd.DataFrame({"y": [1.0, 2.0], "t": [0, 1], "x": [1, 2]})
    >>> observe(frame, target="y", treatment="dose")
    Traceback (most recent call last):
    thalweg.base.errors.SettingError: The table has no column 'dose', named by treatments. ...
    """
    ways = tuple(names_of(clusters))
    check_parts(frame, target, (treatment,), ways, weights, groups)
    ways = ways or tuple(names_of(groups))
    parts = {target, treatment, *ways, *names_of(groups), *names_of(weights)}
    if features is None and not set(map(str, frame.columns)) - parts:
        raise SettingError(
            "There is no column to compare units by.",
            f"Name those from before the treatment as {setting('features')}; where it was randomised, use effects fit.",
        )
    kind, read = weights_kind_with(weights, weights_kind), len(frame)
    notes = repeated_rows(frame) if not ways else []
    frame, units, told = units_of(frame, weights, kind, weights_kind)
    with rows_at(units):
        trial, levels, names, sources, more = _read(
            frame,
            target=target,
            treatment=treatment,
            features=features,
            ways=ways,
            uncut=groups,
            weights=None if kind == FREQUENCY else weights,
            baseline=baseline,
        )
    found = estimate_effects(
        trial,
        levels,
        sources,
        learned=True,
        training=training,
        level=level,
        seed=seed,
        notes=(*told, *more, *notes),
        effort=effort,
    )
    try:
        differing, why_not = heterogeneity(found, names), ""
    except DataError as error:
        differing, why_not = None, error.problem
    return ObservedEffects(table, target, treatment, names, found, differing, why_not, (read, len(set(units.tolist()))))


def _read(
    frame: pd.DataFrame,
    *,
    target: str,
    treatment: str,
    features: Sequence[str] | None,
    ways: tuple[str, ...],
    uncut: str | None,
    weights: str | None,
    baseline: object,
) -> tuple[Experiment, tuple[str, ...], tuple[str, ...], tuple[str, ...], list[str]]:
    """Return units, names of levels and encoded covariates, the column each of these comes from, and remarks."""
    levels, received, notes = read_levels(frame[treatment], baseline)
    y, _ = outcome_numbers(frame[target], target, binary=False)
    beside = tuple(dict.fromkeys([*ways, *names_of(uncut)]))
    check_clusters(frame, beside)
    problem = pose_features(frame, target, (treatment,), features, beside, weights)
    order = content_order(frame, weights)
    chosen = problem.features.iloc[order].reset_index(drop=True)
    with rows_at(order):
        encoder = fit_encoder(chosen, np.arange(len(chosen)))
        encoded: FloatArray = encoder.transform(chosen)
    origin = {name: column.name for column in encoder.columns for name in column.feature_names}
    x, names, dropped = distinct_columns(encoded, encoder.feature_names)
    shares = np.bincount(received) / len(received)
    together = None if uncut in {None, *ways} else joined_codes(frame, [str(uncut), *ways], order)
    trial = Experiment(
        x,
        y[order],
        np.arange(len(levels))[:, None],
        received[order],
        shares,
        codes_of_clusters(frame, ways, order),
        None if problem.weights is None else problem.weights[order],
        together,
    )
    said = [note.text for note in problem.notes if note.code in _SAID]
    return trial, levels, names, tuple(origin[name] for name in names), [*notes, *said, *dropped]
