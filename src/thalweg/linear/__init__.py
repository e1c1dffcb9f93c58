"""Linear models, solved exactly, with numpy and scipy alone: importing them does not import torch."""

from thalweg.linear.least_squares import LeastSquaresFit, fit_least_squares
from thalweg.linear.logistic import LogisticFit, fit_logistic
from thalweg.linear.multinomial import MultinomialFit, fit_multinomial
from thalweg.linear.ridge import RidgeFit, fit_ridge

__all__ = [
    "LeastSquaresFit",
    "LogisticFit",
    "MultinomialFit",
    "RidgeFit",
    "fit_least_squares",
    "fit_logistic",
    "fit_multinomial",
    "fit_ridge",
]
