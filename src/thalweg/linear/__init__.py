"""Linear models, solved exactly, with numpy and scipy alone: importing them does not import torch."""

from thalweg.linear.bootstrap import BootstrapFit, bootstrap
from thalweg.linear.certificate import Certificate
from thalweg.linear.choice import multinomial_regression
from thalweg.linear.debiased import DebiasedLasso, debiased_lasso
from thalweg.linear.descent import Descent, descend
from thalweg.linear.estimates import Estimates
from thalweg.linear.geometry import ShrinkageGeometry, shrinkage_geometry
from thalweg.linear.least_squares import LeastSquaresFit, fit_least_squares
from thalweg.linear.likelihood import certify_likelihood, logistic_regression, poisson_regression
from thalweg.linear.likelihood_geometry import likelihood_geometry
from thalweg.linear.likelihood_path import (
    LikelihoodPath,
    fit_logistic_path,
    fit_multinomial_path,
    fit_poisson_path,
)
from thalweg.linear.likelihood_selection import select_likelihood
from thalweg.linear.logistic import LogisticFit, fit_logistic
from thalweg.linear.multinomial import MultinomialFit, fit_multinomial
from thalweg.linear.multinomial_population import MultinomialPopulation, multinomial_population
from thalweg.linear.objectives import Objective, least_squares_objective, logistic_objective
from thalweg.linear.paths import CoordinateDescent, Fista
from thalweg.linear.penalised import certify_ridge
from thalweg.linear.poisson_objective import poisson_objective
from thalweg.linear.population import Population, least_squares_population, likelihood_population
from thalweg.linear.regression import certify_least_squares, regress
from thalweg.linear.ridge import RidgeFit, fit_ridge
from thalweg.linear.selection import SelectionPath, honest_regress, select
from thalweg.linear.separated import separated_estimates
from thalweg.linear.shrinkage import ElasticNetFit, fit_elastic_net, fit_lasso, rss_penalties
from thalweg.linear.softmax_objective import softmax_objective
from thalweg.linear.spectral import SpectralPath, fit_components, fit_ridge_path
from thalweg.linear.stability import LassoStability, lasso_stability

__all__ = [
    "BootstrapFit",
    "Certificate",
    "CoordinateDescent",
    "DebiasedLasso",
    "Descent",
    "ElasticNetFit",
    "Estimates",
    "Fista",
    "LassoStability",
    "LeastSquaresFit",
    "LikelihoodPath",
    "LogisticFit",
    "MultinomialFit",
    "MultinomialPopulation",
    "Objective",
    "Population",
    "RidgeFit",
    "SelectionPath",
    "ShrinkageGeometry",
    "SpectralPath",
    "bootstrap",
    "certify_least_squares",
    "certify_likelihood",
    "certify_ridge",
    "debiased_lasso",
    "descend",
    "fit_components",
    "fit_elastic_net",
    "fit_lasso",
    "fit_least_squares",
    "fit_logistic",
    "fit_logistic_path",
    "fit_multinomial",
    "fit_multinomial_path",
    "fit_poisson_path",
    "fit_ridge",
    "fit_ridge_path",
    "honest_regress",
    "lasso_stability",
    "least_squares_objective",
    "least_squares_population",
    "likelihood_geometry",
    "likelihood_population",
    "logistic_objective",
    "logistic_regression",
    "multinomial_population",
    "multinomial_regression",
    "poisson_objective",
    "poisson_regression",
    "regress",
    "rss_penalties",
    "select",
    "select_likelihood",
    "separated_estimates",
    "shrinkage_geometry",
    "softmax_objective",
]
