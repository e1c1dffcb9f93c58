"""What an experiment could see before it is run, from numbers or from a table of the outcome as it was."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from thalweg.base.checks import check_number
from thalweg.base.errors import SettingError, setting
from thalweg.base.naming import name_of, names_of
from thalweg.data.reading.table import RawTable, read_table
from thalweg.effects.experiment.before import Before, outcome_before
from thalweg.effects.experiment.power import ArmPower, Clusters, experiment_power
from thalweg.jobs.columns import check_columns, unnamed


@dataclass(frozen=True, slots=True)
class PowerAnswer:
    """What every arm could see, and what that follows from.

    Parameters
    ----------
    arms
        In order, without the baseline.
    before
        The outcome without treatment.
    units, level, power, effect
        As asked.

    Examples
    --------
    >>> power_before(units=1000, mean=0.1).arms[0].units
    500.0
    """

    arms: tuple[ArmPower, ...]
    before: Before
    units: int
    level: float
    power: float
    effect: float | None = field(default=None)


def power_before(
    source: object = None,
    *,
    units: int,
    query: str | None = None,
    target: str | None = None,
    features: Sequence[str] | None = None,
    ignore: Sequence[str] = (),
    clusters: str | None = None,
    mean: float | None = None,
    deviation: float | None = None,
    shares: Sequence[float] = (0.5, 0.5),
    cluster_rows: float = 1.0,
    cluster_share: float = 0.0,
    effect: float | None = None,
    level: float = 0.95,
    power: float = 0.8,
) -> PowerAnswer:
    """Return what an experiment could see, from a table of the outcome before it, or from mean and deviation.

    Parameters
    ----------
    source, query, target, features, ignore, clusters
        A table of units like those to come, and its columns, as for :func:`thalweg.fit_effects`; or none.
    units
        Of the experiment, all arms together.
    mean, deviation
        Of the outcome, without a table; a mean between 0 and 1 alone is a share of units.
    shares
        Of the arms, the baseline first.
    cluster_rows, cluster_share
        Without a table: units of a cluster that is assigned whole, and the share of the variance they have in common.
    effect
        One to ask about.
    level, power
        Of the test, and the chance with which an effect is to be found.

    Raises
    ------
    DataError, SettingError
        If table or numbers make no sense.

    Examples
    --------
    >>> round(power_before(units=20_000, mean=0.1).arms[0].detectable, 4)
    0.0119
    """
    if source is None and query is None:
        before = _told(mean, deviation, cluster_rows, cluster_share)
    elif mean is not None or deviation is not None:
        raise SettingError(f"{setting('mean')} and {setting('deviation')} come from the table.", "Leave them out.")
    else:
        before = _seen(read_table(source, query=query), target, features, ignore, clusters)
    arms = experiment_power(
        units,
        deviation=before.deviation,
        shares=shares,
        explained=before.explained,
        clusters=before.clusters,
        effect=effect,
        level=level,
        power=power,
    )
    return PowerAnswer(arms, before, units, level, power, effect)


def _seen(
    table: RawTable,
    target: str | None,
    features: Sequence[str] | None,
    ignore: Sequence[str],
    clusters: str | None,
) -> Before:
    """Return the outcome as a table tells it."""
    name, cluster = name_of("target", target), name_of("clusters", clusters)
    if not name:
        raise SettingError(f"{setting('target')} names no column.", "Give the name of one.")
    asked = None if features is None else names_of(features)
    for part, names in (("target", [name]), ("features", asked or []), ("clusters", names_of(cluster))):
        check_columns(table, part, names)
    left = unnamed(table, names_of(ignore), taken=(name, cluster, *(asked or ())))
    return outcome_before(table.frame, name, features=left if asked is None else asked, clusters=cluster)


def _told(mean: float | None, deviation: float | None, cluster_rows: float, cluster_share: float) -> Before:
    """Return the outcome as numbers tell it."""
    if mean is None and deviation is None:
        raise SettingError(
            "Nothing is known about the outcome.",
            f"Give a table, the {setting('deviation')} of the outcome, or the {setting('mean')} of one of 0 and 1.",
        )
    if deviation is None:
        share = check_number("mean", float(mean or 0.0), low=0.0, high=1.0, open_low=True, open_high=True)
        deviation = (share * (1.0 - share)) ** 0.5
    check_number("deviation", deviation, low=0.0, open_low=True)
    size = check_number("cluster_rows", cluster_rows, low=1.0)
    clusters = Clusters(size, 0.0, check_number("cluster_share", cluster_share, low=0.0, high=1.0))
    return Before(
        float("nan") if mean is None else check_number("mean", mean), deviation, 0.0, clusters if size > 1.0 else None
    )
