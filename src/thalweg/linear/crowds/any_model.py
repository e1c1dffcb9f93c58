"""Any model of the table fitted to many weightings of the same rows."""

from numpy.typing import ArrayLike

from thalweg.base.arrays import FloatArray
from thalweg.linear.crowds.multinomial_weightings import MultinomialPopulation, multinomial_population
from thalweg.linear.crowds.weightings import RegressionPopulation, least_squares_population, likelihood_population
from thalweg.linear.likelihoods.families import FAMILIES, GAUSSIAN, MULTINOMIAL
from thalweg.linear.rows import DesignRows


def fit_members(
    model: str, rows: DesignRows, weights: FloatArray, *, ridge: float | ArrayLike = 0.0
) -> RegressionPopulation | MultinomialPopulation:
    """Fit a model to every weighting of the rows.

    Parameters
    ----------
    model
        A key of :data:`thalweg.linear.models.MODELS`.
    rows
        Design and answers; their own weights stand for how columns are standardised and curvature is shared.
    weights
        Shape [P N]: how often each member sees each row.
    ridge
        As :func:`~thalweg.linear.crowds.weightings.likelihood_population`; least squares knows none here.

    Examples
    --------
    >>> from thalweg.linear.rows import check_rows
    >>> rows = check_rows([[0.0], [1.0], [2.0], [3.0]], [0, 1, 0, 1])
    >>> fit_members("logistic", rows, rows.weight_vector()[None]).table.round(3)
    array([[-1.362,  0.908]])
    """
    if FAMILIES[model] is GAUSSIAN:
        return least_squares_population(rows.X, rows.y, weights)
    if FAMILIES[model] is MULTINOMIAL:
        return multinomial_population(rows.X, rows.y, weights, ridge=ridge, base=rows.weights)
    return likelihood_population(model, rows.X, rows.y, weights, ridge=ridge, base=rows.weights)
