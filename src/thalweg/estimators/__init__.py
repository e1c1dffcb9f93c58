"""scikit-learn's contract over one population: estimators that also say how sure they are.

Importing this package costs next to nothing; scikit-learn is loaded with the first estimator, torch with the first fit
of a network.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from thalweg.estimators.adapters import log_to_mlflow as log_to_mlflow
    from thalweg.estimators.adapters import log_to_tensorboard as log_to_tensorboard
    from thalweg.estimators.average_effects import MarginalEffects as MarginalEffects
    from thalweg.estimators.average_effects import marginal_effects as marginal_effects
    from thalweg.estimators.classifier import NetClassifier as NetClassifier
    from thalweg.estimators.files import load_estimator as load_estimator
    from thalweg.estimators.files import save_estimator as save_estimator
    from thalweg.estimators.linear import LinearRegressor as LinearRegressor
    from thalweg.estimators.linear import LogisticClassifier as LogisticClassifier
    from thalweg.estimators.nested import NestedScores as NestedScores
    from thalweg.estimators.nested import nested_scores as nested_scores
    from thalweg.estimators.portable import prediction_module as prediction_module
    from thalweg.estimators.portable import save_onnx as save_onnx
    from thalweg.estimators.predictive import PredictiveDistribution as PredictiveDistribution
    from thalweg.estimators.regressor import NetRegressor as NetRegressor
    from thalweg.estimators.score_bootstrap import ScoreInterval as ScoreInterval
    from thalweg.estimators.score_bootstrap import score_interval as score_interval
    from thalweg.estimators.search import NetSearch as NetSearch
    from thalweg.estimators.seed_count import SeedCurve as SeedCurve
    from thalweg.estimators.seed_count import seed_curve as seed_curve

_HOMES = {
    "LinearRegressor": "linear",
    "LogisticClassifier": "linear",
    "MarginalEffects": "average_effects",
    "NestedScores": "nested",
    "NetClassifier": "classifier",
    "NetRegressor": "regressor",
    "NetSearch": "search",
    "PredictiveDistribution": "predictive",
    "ScoreInterval": "score_bootstrap",
    "SeedCurve": "seed_count",
    "load_estimator": "files",
    "log_to_mlflow": "adapters",
    "log_to_tensorboard": "adapters",
    "marginal_effects": "average_effects",
    "nested_scores": "nested",
    "prediction_module": "portable",
    "save_estimator": "files",
    "save_onnx": "portable",
    "score_interval": "score_bootstrap",
    "seed_curve": "seed_count",
}

__all__ = sorted(_HOMES)  # noqa: PLE0605 - a list of names all the same


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *_HOMES]
