"""Linear models, solved exactly, with numpy and scipy alone: importing them does not import torch."""

from thalweg.linear.certificate import Certificate
from thalweg.linear.crowds.bootstrap import BootstrapFit, bootstrap
from thalweg.linear.crowds.multinomial_population import MultinomialPopulation, multinomial_population
from thalweg.linear.crowds.population import Population, least_squares_population, likelihood_population
from thalweg.linear.crowds.separated import separated_estimates
from thalweg.linear.descent.descend import Descent, descend
from thalweg.linear.descent.geometry import ShrinkageGeometry, shrinkage_geometry
from thalweg.linear.descent.likelihood_geometry import likelihood_geometry
from thalweg.linear.descent.objectives import Objective, least_squares_objective, logistic_objective
from thalweg.linear.descent.poisson_objective import poisson_objective
from thalweg.linear.descent.softmax_objective import softmax_objective
from thalweg.linear.estimates import Estimates
from thalweg.linear.least_squares import LeastSquaresFit, fit_least_squares
from thalweg.linear.likelihood_regression import certify_likelihood, logistic_regression, poisson_regression
from thalweg.linear.logistic_solver import LogisticFit, fit_logistic
from thalweg.linear.multinomial_regression import multinomial_regression
from thalweg.linear.paths.debiased import DebiasedLasso, debiased_lasso
from thalweg.linear.paths.elastic_net import CoordinateDescent, Fista
from thalweg.linear.paths.likelihood_path import (
    LikelihoodPath,
    fit_logistic_path,
    fit_multinomial_path,
    fit_poisson_path,
)
from thalweg.linear.paths.shrinkage import ElasticNetFit, fit_elastic_net, fit_lasso, rss_penalties
from thalweg.linear.paths.spectral import SpectralPath, fit_components, fit_ridge_path
from thalweg.linear.paths.stability import LassoStability, lasso_stability
from thalweg.linear.penalised import certify_ridge
from thalweg.linear.regression import certify_least_squares, regress
from thalweg.linear.ridge import RidgeFit, fit_ridge
from thalweg.linear.softmax_solver import MultinomialFit, fit_multinomial
from thalweg.linear.subsets.likelihood_selection import select_likelihood
from thalweg.linear.subsets.selection import SelectionPath, honest_regress, select

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
