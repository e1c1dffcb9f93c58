"""Linear models, solved exactly, with numpy and scipy alone: importing them does not import torch."""

from thalweg.linear.certificate import Certificate
from thalweg.linear.choice import multinomial_regression
from thalweg.linear.estimates import Estimates
from thalweg.linear.least_squares import LeastSquaresFit, fit_least_squares
from thalweg.linear.likelihood import certify_likelihood, logistic_regression, poisson_regression
from thalweg.linear.logistic import LogisticFit, fit_logistic
from thalweg.linear.multinomial import MultinomialFit, fit_multinomial
from thalweg.linear.regression import certify_least_squares, regress
from thalweg.linear.ridge import RidgeFit, fit_ridge

__all__ = [
    "Certificate",
    "Estimates",
    "LeastSquaresFit",
    "LogisticFit",
    "MultinomialFit",
    "RidgeFit",
    "certify_least_squares",
    "certify_likelihood",
    "fit_least_squares",
    "fit_logistic",
    "fit_multinomial",
    "fit_ridge",
    "logistic_regression",
    "multinomial_regression",
    "poisson_regression",
    "regress",
]
