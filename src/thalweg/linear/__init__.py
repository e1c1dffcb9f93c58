"""Linear models, solved exactly: regressions with standard errors and certificates, paths, selection, descents.

They are computed with numpy and scipy; a lasso path takes scikit-learn's coordinate descent, and pandas makes frames.
Importing this package loads none of these: a public name loads what it needs when it is first used. torch is loaded by
descents of the engine's optimizers and by :class:`Fista` alone.
"""

from typing import TYPE_CHECKING

from thalweg.base.lazy import lazy_names as _lazy_names

if TYPE_CHECKING:
    from thalweg.linear.certificate import Certificate as Certificate
    from thalweg.linear.crowds.bootstrap import BootstrapFit as BootstrapFit
    from thalweg.linear.crowds.bootstrap import bootstrap as bootstrap
    from thalweg.linear.crowds.multinomial_weightings import MultinomialPopulation as MultinomialPopulation
    from thalweg.linear.crowds.multinomial_weightings import multinomial_population as multinomial_population
    from thalweg.linear.crowds.separated import separated_estimates as separated_estimates
    from thalweg.linear.crowds.weightings import RegressionPopulation as RegressionPopulation
    from thalweg.linear.crowds.weightings import least_squares_population as least_squares_population
    from thalweg.linear.crowds.weightings import likelihood_population as likelihood_population
    from thalweg.linear.crowds.wild import WildTest as WildTest
    from thalweg.linear.crowds.wild import wild_cluster_test as wild_cluster_test
    from thalweg.linear.descent.descend import Descent as Descent
    from thalweg.linear.descent.descend import descend as descend
    from thalweg.linear.descent.geometry import ShrinkageGeometry as ShrinkageGeometry
    from thalweg.linear.descent.geometry import likelihood_geometry as likelihood_geometry
    from thalweg.linear.descent.geometry import shrinkage_geometry as shrinkage_geometry
    from thalweg.linear.descent.objectives import Objective as Objective
    from thalweg.linear.descent.objectives import least_squares_objective as least_squares_objective
    from thalweg.linear.descent.objectives import logistic_objective as logistic_objective
    from thalweg.linear.descent.objectives import poisson_objective as poisson_objective
    from thalweg.linear.descent.objectives import softmax_objective as softmax_objective
    from thalweg.linear.estimates import Estimates as Estimates
    from thalweg.linear.least_squares import LeastSquaresFit as LeastSquaresFit
    from thalweg.linear.least_squares import fit_least_squares as fit_least_squares
    from thalweg.linear.likelihood_regression import certify_likelihood as certify_likelihood
    from thalweg.linear.likelihood_regression import logistic_regression as logistic_regression
    from thalweg.linear.likelihood_regression import poisson_regression as poisson_regression
    from thalweg.linear.multinomial import multinomial_regression as multinomial_regression
    from thalweg.linear.paths.debiased import DebiasedLasso as DebiasedLasso
    from thalweg.linear.paths.debiased import debiased_lasso as debiased_lasso
    from thalweg.linear.paths.elastic_net import CoordinateDescent as CoordinateDescent
    from thalweg.linear.paths.elastic_net import Fista as Fista
    from thalweg.linear.paths.elastic_net_path import ElasticNetFit as ElasticNetFit
    from thalweg.linear.paths.elastic_net_path import fit_elastic_net as fit_elastic_net
    from thalweg.linear.paths.elastic_net_path import fit_lasso as fit_lasso
    from thalweg.linear.paths.elastic_net_path import rss_penalties as rss_penalties
    from thalweg.linear.paths.likelihood_path import LikelihoodPath as LikelihoodPath
    from thalweg.linear.paths.likelihood_path import fit_logistic_path as fit_logistic_path
    from thalweg.linear.paths.likelihood_path import fit_multinomial_path as fit_multinomial_path
    from thalweg.linear.paths.likelihood_path import fit_poisson_path as fit_poisson_path
    from thalweg.linear.paths.ridge_components import SpectralPath as SpectralPath
    from thalweg.linear.paths.ridge_components import fit_components as fit_components
    from thalweg.linear.paths.ridge_components import fit_ridge_path as fit_ridge_path
    from thalweg.linear.paths.stability import LassoStability as LassoStability
    from thalweg.linear.paths.stability import lasso_stability as lasso_stability
    from thalweg.linear.postestimation.hypotheses import WaldTest as WaldTest
    from thalweg.linear.postestimation.hypotheses import compare_nested as compare_nested
    from thalweg.linear.postestimation.hypotheses import linear_combination as linear_combination
    from thalweg.linear.postestimation.hypotheses import wald_test as wald_test
    from thalweg.linear.postestimation.margins import Margins as Margins
    from thalweg.linear.postestimation.margins import margins as margins
    from thalweg.linear.postestimation.predict_rows import predict_rows as predict_rows
    from thalweg.linear.postestimation.row_influence import RowInfluence as RowInfluence
    from thalweg.linear.postestimation.row_influence import row_influence as row_influence
    from thalweg.linear.postestimation.row_influence import variance_inflation as variance_inflation
    from thalweg.linear.regression import certify_least_squares as certify_least_squares
    from thalweg.linear.regression import regress as regress
    from thalweg.linear.ridge import RidgeFit as RidgeFit
    from thalweg.linear.ridge import fit_ridge as fit_ridge
    from thalweg.linear.ridge_certificate import certify_ridge as certify_ridge
    from thalweg.linear.ridge_classification import LogisticFit as LogisticFit
    from thalweg.linear.ridge_classification import MultinomialFit as MultinomialFit
    from thalweg.linear.ridge_classification import fit_logistic as fit_logistic
    from thalweg.linear.ridge_classification import fit_multinomial as fit_multinomial
    from thalweg.linear.subsets.likelihood_selection import select_likelihood as select_likelihood
    from thalweg.linear.subsets.selection import SelectionPath as SelectionPath
    from thalweg.linear.subsets.selection import honest_regress as honest_regress
    from thalweg.linear.subsets.selection import select as select

_HOMES = {
    "BootstrapFit": "crowds.bootstrap",
    "Certificate": "certificate",
    "CoordinateDescent": "paths.elastic_net",
    "DebiasedLasso": "paths.debiased",
    "Descent": "descent.descend",
    "ElasticNetFit": "paths.elastic_net_path",
    "Estimates": "estimates",
    "Fista": "paths.elastic_net",
    "LassoStability": "paths.stability",
    "LeastSquaresFit": "least_squares",
    "LikelihoodPath": "paths.likelihood_path",
    "LogisticFit": "ridge_classification",
    "Margins": "postestimation.margins",
    "MultinomialFit": "ridge_classification",
    "MultinomialPopulation": "crowds.multinomial_weightings",
    "Objective": "descent.objectives",
    "RegressionPopulation": "crowds.weightings",
    "RidgeFit": "ridge",
    "RowInfluence": "postestimation.row_influence",
    "SelectionPath": "subsets.selection",
    "ShrinkageGeometry": "descent.geometry",
    "SpectralPath": "paths.ridge_components",
    "WaldTest": "postestimation.hypotheses",
    "WildTest": "crowds.wild",
    "bootstrap": "crowds.bootstrap",
    "certify_least_squares": "regression",
    "certify_likelihood": "likelihood_regression",
    "certify_ridge": "ridge_certificate",
    "compare_nested": "postestimation.hypotheses",
    "debiased_lasso": "paths.debiased",
    "descend": "descent.descend",
    "fit_components": "paths.ridge_components",
    "fit_elastic_net": "paths.elastic_net_path",
    "fit_lasso": "paths.elastic_net_path",
    "fit_least_squares": "least_squares",
    "fit_logistic": "ridge_classification",
    "fit_logistic_path": "paths.likelihood_path",
    "fit_multinomial": "ridge_classification",
    "fit_multinomial_path": "paths.likelihood_path",
    "fit_poisson_path": "paths.likelihood_path",
    "fit_ridge": "ridge",
    "fit_ridge_path": "paths.ridge_components",
    "honest_regress": "subsets.selection",
    "lasso_stability": "paths.stability",
    "least_squares_objective": "descent.objectives",
    "least_squares_population": "crowds.weightings",
    "likelihood_geometry": "descent.geometry",
    "likelihood_population": "crowds.weightings",
    "linear_combination": "postestimation.hypotheses",
    "logistic_objective": "descent.objectives",
    "logistic_regression": "likelihood_regression",
    "margins": "postestimation.margins",
    "multinomial_population": "crowds.multinomial_weightings",
    "multinomial_regression": "multinomial",
    "poisson_objective": "descent.objectives",
    "poisson_regression": "likelihood_regression",
    "predict_rows": "postestimation.predict_rows",
    "regress": "regression",
    "row_influence": "postestimation.row_influence",
    "rss_penalties": "paths.elastic_net_path",
    "select": "subsets.selection",
    "select_likelihood": "subsets.likelihood_selection",
    "separated_estimates": "crowds.separated",
    "shrinkage_geometry": "descent.geometry",
    "softmax_objective": "descent.objectives",
    "variance_inflation": "postestimation.row_influence",
    "wald_test": "postestimation.hypotheses",
    "wild_cluster_test": "crowds.wild",
}

__all__ = sorted(_HOMES)  # noqa: PLE0605 - a list of names all the same

__getattr__, __dir__ = _lazy_names(__name__, _HOMES)
