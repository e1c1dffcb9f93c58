"""Bootstrap samples of whole clusters for an estimator that was fitted to rows taken as independent."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.base.arrays import IntArray
from thalweg.base.errors import SettingError, row, setting
from thalweg.estimators.ensemble.inputs import base_seed
from thalweg.estimators.ensemble.linear_group import LinearGroup, fit_linear_views
from thalweg.estimators.ensemble.model_population import ModelPopulation
from thalweg.estimators.setting_checks import check_settings, read_seeds
from thalweg.select.learning.observations import InputError, Observations, check_groups, group_codes


def clustered_population(model: Any, clusters: Sequence[Any]) -> ModelPopulation:
    """Return the population of a fitted estimator with bootstrap samples of whole clusters.

    If the fit drew these clusters it is the fit's own. Otherwise the models of the samples are trained anew, as many as
    the fit had; rows watched for patience are then of whole clusters too.

    Parameters
    ----------
    model
        A fitted estimator of this package with bootstrap samples.
    clusters
        Label of every row that was given to ``fit`` [N].

    Returns
    -------
    ModelPopulation
        The models of all rows are the fit's.

    Raises
    ------
    InputError
        If there is not one label per row, or equal rows, which are one observation, lie in several clusters.
    SettingError
        If groups of the fit lie in several clusters, or its networks were trained by ``partial_fit``.

    Examples
    --------
    >>> from thalweg.estimators import LinearRegressor
    >>> x = np.arange(12.0)[:, None]
    >>> model = LinearRegressor(bootstrap=5).fit(x, x[:, 0] % 5)
    >>> population = clustered_population(model, ["a", "b", "c"] * 4)
    >>> codes = population.rows.groups
    >>> all(len(set(counts[codes == code])) == 1 for counts in population.bags for code in range(3))
    True
    """
    population: ModelPopulation = model.population_
    codes = _codes(population.rows, clusters)
    if population.rows.groups is not None:
        pairs = len(np.unique(np.column_stack([population.rows.groups, codes]), axis=0))
        groups = int(population.rows.groups.max()) + 1
        if pairs > groups:
            raise SettingError(
                "Groups of this fit, which no sample cuts, lie in several clusters.",
                f"Fit with {setting('groups')} that are the clusters, or lie inside them.",
            )
        if pairs == codes.max() + 1:
            return population
    if getattr(model, "_ongoing", None) is not None:
        raise SettingError(
            "These networks were trained by partial_fit, whose samples are of rows.", "Use fit for clustered errors."
        )
    rows = replace(population.rows, groups=codes)
    drawn = _drawn(model, rows)
    return replace(population, rows=rows, bootstrap=drawn.bootstrap, bags=drawn.bags, out_of_bag=drawn.out_of_bag)


def cluster_counts(bags: NDArray[np.integer], codes: IntArray) -> NDArray[np.integer]:
    """Return how often each sample holds each cluster [B G], given counts of rows [B N] and the rows' clusters [N]."""
    first = np.unique(codes, return_index=True)[1]
    found: NDArray[np.integer] = bags[:, first]
    return found


def _codes(rows: Observations, clusters: Sequence[Any]) -> IntArray:
    """Return the cluster of every observation [N], 0 … G − 1."""
    places = np.argsort(rows.origin) if rows.places is None else rows.places
    labels = check_groups(clusters, len(places), name="clusters")
    assert labels is not None
    given = group_codes(labels, np.flatnonzero(places >= 0), name="clusters")
    codes = given[rows.origin]
    apart = np.flatnonzero((places >= 0) & (given != np.where(places >= 0, codes[places], -1)))
    if len(apart):
        one, other = int(rows.origin[places[apart[0]]]), int(apart[0])
        raise InputError(
            f"Rows {row(one)} and {row(other)} are equal, one observation of this fit, and lie in two clusters.",
            f"Fit with {setting('groups')} that are the clusters.",
        )
    return codes


def _drawn(model: Any, rows: Observations) -> ModelPopulation:
    """Train the models of the samples on whole clusters."""
    settings, seed = check_settings(model.get_params(deep=False)), base_seed(model.random_state)
    final = model.population_.final
    if isinstance(final, LinearGroup):
        return fit_linear_views(
            rows, final.task, ridge=settings["ridge"], folds=None, bootstrap=settings["bootstrap"], seed=seed
        )
    from thalweg.estimators.ensemble.networks import fit_networks  # noqa: PLC0415 - loads torch

    one = settings | {"folds": None, "seeds": read_seeds("seeds", settings["seeds"])[:1]}
    return fit_networks(rows, final.task, one, seed=seed).population
