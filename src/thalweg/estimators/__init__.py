"""scikit-learn's contract over one population: estimators that also say how sure they are.

Importing this package costs next to nothing; scikit-learn is loaded with the first estimator, torch with the first fit
of a network.
"""

from typing import TYPE_CHECKING

from thalweg.base.lazy import lazy_names as _lazy_names

if TYPE_CHECKING:
    from thalweg.estimators.classifier import NetClassifier as NetClassifier
    from thalweg.estimators.keeping.estimator_file import load_estimator as load_estimator
    from thalweg.estimators.keeping.estimator_file import save_estimator as save_estimator
    from thalweg.estimators.keeping.portable import prediction_module as prediction_module
    from thalweg.estimators.keeping.portable import save_onnx as save_onnx
    from thalweg.estimators.keeping.trackers import log_to_mlflow as log_to_mlflow
    from thalweg.estimators.keeping.trackers import log_to_tensorboard as log_to_tensorboard
    from thalweg.estimators.linear import LinearRegressor as LinearRegressor
    from thalweg.estimators.linear import LogisticClassifier as LogisticClassifier
    from thalweg.estimators.regressor import NetRegressor as NetRegressor
    from thalweg.estimators.search.nested import NestedScores as NestedScores
    from thalweg.estimators.search.nested import nested_scores as nested_scores
    from thalweg.estimators.search.net_search import NetSearch as NetSearch
    from thalweg.estimators.uncertainty.average_effects import MarginalEffects as MarginalEffects
    from thalweg.estimators.uncertainty.average_effects import marginal_effects as marginal_effects
    from thalweg.estimators.uncertainty.predictive import PredictiveDistribution as PredictiveDistribution
    from thalweg.estimators.uncertainty.score_bootstrap import ScoreInterval as ScoreInterval
    from thalweg.estimators.uncertainty.score_bootstrap import score_interval as score_interval
    from thalweg.estimators.uncertainty.seed_count import SeedCurve as SeedCurve
    from thalweg.estimators.uncertainty.seed_count import seed_curve as seed_curve

_HOMES = {
    "LinearRegressor": "linear",
    "LogisticClassifier": "linear",
    "MarginalEffects": "uncertainty.average_effects",
    "NestedScores": "search.nested",
    "NetClassifier": "classifier",
    "NetRegressor": "regressor",
    "NetSearch": "search.net_search",
    "PredictiveDistribution": "uncertainty.predictive",
    "ScoreInterval": "uncertainty.score_bootstrap",
    "SeedCurve": "uncertainty.seed_count",
    "load_estimator": "keeping.estimator_file",
    "log_to_mlflow": "keeping.trackers",
    "log_to_tensorboard": "keeping.trackers",
    "marginal_effects": "uncertainty.average_effects",
    "nested_scores": "search.nested",
    "prediction_module": "keeping.portable",
    "save_estimator": "keeping.estimator_file",
    "save_onnx": "keeping.portable",
    "score_interval": "uncertainty.score_bootstrap",
    "seed_curve": "uncertainty.seed_count",
}

__all__ = sorted(_HOMES)  # noqa: PLE0605 - a list of names all the same

__getattr__, __dir__ = _lazy_names(__name__, _HOMES)
