"""Average marginal effects: what a unit more of a feature goes with, averaged over the rows, with standard errors."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import t as student

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.errors import SettingError
from thalweg.data.dependence.clusters import FEW_CLUSTERS, effective_clusters
from thalweg.estimators.ensemble.faces import fitted_face
from thalweg.estimators.ensemble.model_population import ModelGroup, ModelPopulation
from thalweg.estimators.uncertainty.cluster_samples import cluster_counts, clustered_population
from thalweg.estimators.uncertainty.conformal import check_level

FEWEST = 4.0  # degrees of freedom: fewer would be noise of the estimate of them
STEP = 0.01  # of a feature's standard deviation, on either side


@dataclass(frozen=True, slots=True, eq=False)
class MarginalEffects:
    """Average marginal effects in the words of statsmodels; tables of maketables and pyfixest read it as a model.

    Parameters
    ----------
    params
        Effects by feature: per unit of the feature, or from the lower to the upper value of a feature with two values.
    draws
        The same in every bootstrap sample [B D].
    seed_sd
        Standard deviation of the effects over seeds, by feature: the luck of one training.
    nobs
        Rows that count, or the sum of frequency weights.
    outcome
        What the effects are on.
    degrees
        Degrees of freedom of each standard error: on how many rows or clusters it rests in effect, and on how many
        samples.
    clusters
        How many clusters were drawn in place of rows; None where rows are taken as independent.
    remarks
        What to tell a reader of the errors.
    """

    params: pd.Series
    draws: pd.DataFrame
    seed_sd: pd.Series
    degrees: pd.Series
    nobs: int
    outcome: str
    clusters: int | None = None
    remarks: tuple[str, ...] = ()

    @property
    def bse(self) -> pd.Series:
        """Bootstrap standard errors: the standard deviation over samples, each with networks and rows of its own.

        Of G clusters it is √(G/(G − 1)) times that.
        """
        return self.draws.std(ddof=1) * np.sqrt(self._enlarged)

    def cov_params(self) -> pd.DataFrame:
        """Return the covariance of the effects over samples."""
        return self.draws.cov() * self._enlarged

    @property
    def _enlarged(self) -> float:
        """What the variance of a mean of G draws with replacement from G clusters lacks."""
        return 1.0 if self.clusters is None else self.clusters / (self.clusters - 1.0)

    @property
    def error_kind(self) -> str:
        """What the standard errors take as independent."""
        return "rows as independent" if self.clusters is None else f"by {self.clusters} clusters"

    @property
    def tvalues(self) -> pd.Series:
        """Effects divided by their standard errors."""
        return self.params / self.bse

    @property
    def pvalues(self) -> pd.Series:
        """Two-sided p-values of Student's t with :attr:`degrees` of freedom."""
        return pd.Series(2.0 * student.sf(np.abs(self.tvalues), self.degrees), self.params.index)

    def conf_int(self, alpha: float = 0.05) -> pd.DataFrame:
        """Return effect ± t · standard error, columns 0 and 1, with Student's t for :attr:`degrees` of freedom."""
        reach = student.ppf(1.0 - check_level(alpha) / 2.0, self.degrees) * self.bse
        return pd.DataFrame({0: self.params - reach, 1: self.params + reach})

    def tidy(self) -> pd.DataFrame:
        """Return one row per feature, columns named as in a regression table."""
        bounds = self.conf_int()
        columns = (self.params, self.bse, self.tvalues, self.pvalues, bounds[0], bounds[1], self.seed_sd)
        names = ("Estimate", "Std. Error", "t value", "Pr(>|t|)", "2.5%", "97.5%", "Seed SD")
        return pd.DataFrame(dict(zip(names, columns, strict=True)))

    def summary(self) -> str:
        """Return the table as text."""
        drawn = "rows that are taken as independent" if self.clusters is None else f"{self.clusters} whole clusters"
        samples = f"{len(self.draws)} bootstrap samples of {drawn}"
        head = f"Average marginal effects on {self.outcome}, {self.nobs} rows, {samples}"
        table = self.tidy().to_string(float_format=lambda number: f"{number:.4g}")
        return "\n".join([head, table, *self.remarks])

    @property
    def __maketables_coef_table__(self) -> pd.DataFrame:
        bounds = self.conf_int()
        columns = {"b": self.params, "se": self.bse, "t": self.tvalues, "p": self.pvalues}
        return pd.DataFrame(columns | {"ci95l": bounds[0], "ci95u": bounds[1]})

    def __maketables_stat__(self, key: str) -> int | str | None:
        found: dict[str, int | str] = {"N": self.nobs, "samples": len(self.draws), "se_type": self.error_kind}
        return found.get(key)

    @property
    def __maketables_depvar__(self) -> str:
        return self.outcome

    @property
    def __maketables_vcov_info__(self) -> dict[str, Any]:
        return {"vcov_type": f"bootstrap, {self.error_kind}", "clustervar": None}

    @property
    def __maketables_stat_labels__(self) -> dict[str, str]:
        return {"samples": "Bootstrap samples"}

    @property
    def __maketables_default_stat_keys__(self) -> list[str]:
        return ["N", "samples", "se_type"]


def marginal_effects(model: Any, *, outcome: Any = None, clusters: Any = None) -> MarginalEffects:
    """Return the average marginal effect of every feature, (1/N) Σ_i ∂f(x_i)/∂x_j, over the rows learned from.

    Derivatives are slopes over ± 0.01 standard deviations; a feature with two values gets f(upper) − f(lower).

    Parameters
    ----------
    model
        A fitted estimator of this package, with ``bootstrap=50`` or more.
    outcome
        For classes, the label whose probability is meant; None for the last of two. For several numeric outcomes, the
        number of the column.
    clusters
        Label of every row given to ``fit`` [N], whose rows hang together: samples draw whole clusters, degrees of
        freedom are G − 1 at most. Unless the fit drew them (``groups``) the models of the samples are trained anew,
        which takes as long as it did then. None for the groups of the fit, or for independent rows.

    Returns
    -------
    MarginalEffects
        Of the mean over seeds; standard errors hold the draw of the rows and one network's luck, and so are somewhat
        too large for the mean over several seeds.

    Raises
    ------
    SettingError
        If there are no bootstrap samples, the outcome is unclear, or clusters cut groups of the fit.
    InputError
        If there is not one cluster per row.

    References
    ----------
    Cameron & Trivedi (2005), Microeconometrics, section 5.9.4, for the effect; chapter 11 for the bootstrap.

    Examples
    --------
    >>> from thalweg.estimators.linear import LinearRegressor
    >>> x = np.random.default_rng(0).standard_normal((100, 2))
    >>> effects = marginal_effects(LinearRegressor(bootstrap=50).fit(x, x @ [2.0, 0.0]))
    >>> effects.params.round(6).tolist()
    [2.0, 0.0]
    """
    model = fitted_face(model)
    population: ModelPopulation = model.population_
    if population.bootstrap is None:
        raise SettingError("Standard errors need bootstrap samples, this fit has none.", "Fit with bootstrap=50.")
    column, words = _outcome(model, population, outcome)
    if clusters is not None:
        population = clustered_population(model, clusters)
    assert population.bootstrap is not None
    weights = np.ones(len(population.rows)) if population.rows.weights is None else population.rows.weights
    by_seed = _effects(population.final, population.rows.x, column, np.tile(weights, (len(population.final), 1)))
    draws = _effects(population.bootstrap, population.rows.x, column, population.bags * weights)
    codes = population.rows.groups
    units = population.bags if codes is None else cluster_counts(population.bags, codes)
    degrees = degrees_of_freedom(draws, units)
    if codes is not None:
        degrees = np.minimum(degrees, units.shape[1] - 1.0)
    own = model.encoder_.feature_names if model.encoder_ is not None else getattr(model, "feature_names_in_", None)
    names = [f"x{j}" for j in range(by_seed.shape[1])] if own is None else list(own)
    spread = by_seed.std(axis=0, ddof=1) if len(by_seed) > 1 else np.full(len(names), np.nan)
    return MarginalEffects(
        params=pd.Series(by_seed.mean(axis=0), names),
        draws=pd.DataFrame(draws, columns=names),
        seed_sd=pd.Series(spread, names),
        degrees=pd.Series(degrees, names),
        nobs=int(population.rows.count),
        outcome=words,
        clusters=None if codes is None else units.shape[1],
        remarks=tuple(note.text for note in getattr(model, "notes_", ()) if codes is None) or _few_clusters(codes),
    )


def degrees_of_freedom(draws: FloatArray, bags: NDArray[np.integer]) -> FloatArray:
    """Return the degrees of freedom of bootstrap standard errors, by Satterthwaite's rule.

    A variance that is a sum of squared influences u_i of N rows has 2 (Σu²)² / (Σu⁴ − (Σu²)²/N) degrees of freedom: few
    where few rows with large leverage are also the noisiest. Influences are covariances of draws and counts over
    samples, freed of the noise that B samples leave in their squares; those of the variance itself, B − 1, limit it.

    Parameters
    ----------
    draws
        Estimates in every sample [B D].
    bags
        How often each sample holds each row [B N].

    Returns
    -------
    numpy.ndarray
        [D], at least 4.

    References
    ----------
    Satterthwaite (1946), doi:10.2307/3002019; influences from counts: Efron (2014), doi:10.1080/01621459.2013.823775,
    equation 3.14.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> bags = rng.multinomial(50, np.ones(50) / 50, size=400).astype(np.int32)
    >>> y = np.r_[np.zeros(45), rng.standard_normal(5)]  # five rows decide
    >>> degrees_of_freedom(bags @ y[:, None] / 50, bags).round().tolist()
    [7.0]
    """
    B, N = bags.shape
    sd = draws.std(axis=0, ddof=1)
    u = (bags - 1.0).T @ ((draws - draws.mean(axis=0)) / np.where(sd > 0, sd, 1.0)) / (B - 1)  # Σu² is 1 but for noise
    spread = np.maximum((u**4).sum(axis=0) - 6.0 / B - 3.0 * N / B**2 - 1.0 / N, 0.0)
    found: FloatArray = np.maximum(1.0 / (spread / 2.0 + 1.0 / (B - 1)), min(FEWEST, B - 1))
    return found


def _few_clusters(codes: IntArray | None) -> tuple[str, ...]:
    """Return what a reader should know of the clusters [N] that errors rest on."""
    if codes is None:
        return ()
    count, worth = int(codes.max()) + 1, effective_clusters(codes)
    if worth >= FEW_CLUSTERS:
        return ()
    unequal = f", worth {worth:.0f} of equal size" if worth < 0.75 * count else ""
    return (f"Only {count} clusters{unequal}: see docs/how-to/estimators.md for what such intervals covered.",)


def _outcome(model: Any, population: ModelPopulation, outcome: Any) -> tuple[int, str]:
    """Return the column of the predictions that is meant, and its name."""
    labels = getattr(model, "classes_", None)
    if labels is None:
        columns = population.rows.y.shape[1]
        if outcome is None and columns > 1:
            raise SettingError(f"The fit has {columns} outcomes.", "Give outcome=0 for the first.")
        return int(outcome or 0), "the outcome" if columns == 1 else f"outcome {int(outcome)}"
    if outcome is None and len(labels) != 2:
        raise SettingError(f"The fit has {len(labels)} classes.", f"Give outcome={labels[0]!r}, for example.")
    label = labels[-1] if outcome is None else outcome
    found = np.flatnonzero(labels == label)
    if not len(found):
        raise SettingError(f"There is no class {label!r}.", f"The classes are {', '.join(map(repr, labels.tolist()))}.")
    return int(found[0]), f"the probability of {label}"


def _effects(group: ModelGroup, x: FloatArray, column: int, weights: NDArray[Any]) -> FloatArray:
    """Return the weighted mean effect of every feature by every model [P D], weights [P N]."""
    shares = weights / weights.sum(axis=1, keepdims=True)
    found = np.empty((len(group), x.shape[1]))
    for j, values in enumerate(x.T):
        low, high, unit = _contrast(values)
        below, above = x.copy(), x.copy()
        below[:, j], above[:, j] = low, high
        both = group.predict(np.concatenate([below, above]))[:, :, column]
        rise = both[:, len(x) :] - both[:, : len(x)]
        found[:, j] = (shares * rise).sum(axis=1) / unit
    return found


def _contrast(values: FloatArray) -> tuple[FloatArray, FloatArray, float]:
    """Return what each value is lowered and raised to, and by how much to divide; a constant feature has no effect."""
    distinct = np.unique(values[~np.isnan(values)])
    if len(distinct) == 2:
        return np.full(len(values), distinct[0]), np.full(len(values), distinct[1]), 1.0
    step = STEP * float(np.nanstd(values))
    return values - step, values + step, 2.0 * step or 1.0
