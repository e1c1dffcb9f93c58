"""Records of how exactly the models of a comparison were fitted."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LinearCertificate:
    """What is known about all fits of one linear model.

    Parameters
    ----------
    model
        Its name.
    sentence
        The certificate in plain words.
    verdict
        "exact", "negligible", "visible" or "not converged", of the worst fit.
    fits
        One per fold and one to all rows.
    decrement
        Newton decrement of the worst fit: no coefficient is farther from its optimum, in its standard errors.
    worst, worst_name
        Largest ``|Newton step| / standard error`` of a coefficient in any fit, and whose it is.
    rank, columns, condition
        Of the fit to all rows: coefficients that the rows can tell apart, coefficients asked for, condition number of
        the centred, scaled columns.
    separation
        "none", or what separates the classes in the fit to all rows, or in how many folds.
    ridge
        Penalty of the fit to all rows; 0 for none.

    Examples
    --------
    >>> LinearCertificate("least squares", "Exact.", "exact", 6, 1e-15, 1e-15, "age", 4, 4, 2.0, "none", 0.0).fits
    6
    """

    model: str
    sentence: str
    verdict: str
    fits: int
    decrement: float
    worst: float
    worst_name: str
    rank: int
    columns: int
    condition: float
    separation: str
    ridge: float


@dataclass(frozen=True, slots=True)
class NetworkCertificate:
    """What stands in a certificate's place for networks, whose loss is not convex.

    Parameters
    ----------
    model
        Its name.
    sentence
        In plain words.
    fits
        Networks learned from all rows, one per seed.
    gradient, gradient_at_start
        Length of the gradient of the mean training loss (with the ridge, without dropout), mean over seeds, at the kept
        parameters and at the random start.
    seed_sd
        Standard deviation of a fit's score between seeds; NaN with one seed.
    metric
        Of that score.

    Examples
    --------
    >>> NetworkCertificate("network", "No global certificate.", 5, 0.01, 1.0, 0.2, "rmse").metric
    'rmse'
    """

    model: str
    sentence: str
    fits: int
    gradient: float
    gradient_at_start: float
    seed_sd: float
    metric: str
