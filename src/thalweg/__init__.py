"""thalweg: supervised deep learning whose answer is a distribution, not a lucky run.

The public names load what they need when they are first used, so that importing the package costs nothing.
"""

from typing import TYPE_CHECKING

from thalweg.base.lazy import lazy_names as _lazy_names
from thalweg.base.version import __version__ as __version__

if TYPE_CHECKING:
    from thalweg.answers.comparison import Run as Run
    from thalweg.answers.effects import EffectsRun as EffectsRun
    from thalweg.answers.linear import LinearRun as LinearRun
    from thalweg.answers.loading import load as load
    from thalweg.answers.observed import ObservedRun as ObservedRun
    from thalweg.answers.plan import WorkPlan as WorkPlan
    from thalweg.answers.study import StudyRun as StudyRun
    from thalweg.base.errors import DataError as DataError
    from thalweg.base.errors import RunFolderError as RunFolderError
    from thalweg.base.errors import SettingError as SettingError
    from thalweg.base.errors import ThalwegError as ThalwegError
    from thalweg.base.errors import TrainingError as TrainingError
    from thalweg.data.problem import Problem as Problem
    from thalweg.data.problem import pose as pose
    from thalweg.data.reading.table import read_table as read_table
    from thalweg.effects import average_effects as average_effects
    from thalweg.effects.dedl import DeDL as DeDL
    from thalweg.energy import DBN as DBN
    from thalweg.energy import RBM as RBM
    from thalweg.energy import BoltzmannMachine as BoltzmannMachine
    from thalweg.energy import Hopfield as Hopfield
    from thalweg.estimators import LinearRegressor as LinearRegressor
    from thalweg.estimators import LogisticClassifier as LogisticClassifier
    from thalweg.estimators import NetClassifier as NetClassifier
    from thalweg.estimators import NetRegressor as NetRegressor
    from thalweg.estimators import NetSearch as NetSearch
    from thalweg.estimators import load_estimator as load_estimator
    from thalweg.estimators import marginal_effects as marginal_effects
    from thalweg.estimators import save_estimator as save_estimator
    from thalweg.estimators import save_onnx as save_onnx
    from thalweg.jobs.compare import fit as fit
    from thalweg.jobs.effects.experiment import fit_effects as fit_effects
    from thalweg.jobs.effects.observed import fit_observed as fit_observed
    from thalweg.jobs.linear import fit_linear as fit_linear
    from thalweg.jobs.plan import plan as plan
    from thalweg.jobs.regression_table import RegressionTable as RegressionTable
    from thalweg.jobs.regression_table import regression_table as regression_table
    from thalweg.jobs.regression_table import run_of_result as run_of_result
    from thalweg.jobs.replay import replay as replay
    from thalweg.jobs.result_of_run import result_of_run as result_of_run
    from thalweg.jobs.study import guide as guide
    from thalweg.jobs.study import run_study as run_study
    from thalweg.train.fit import fit_population as fit_population

_HOMES = {
    "BoltzmannMachine": "energy",
    "DBN": "energy",
    "DataError": "base.errors",
    "DeDL": "effects.dedl",
    "EffectsRun": "answers.effects",
    "Hopfield": "energy",
    "LinearRegressor": "estimators",
    "LinearRun": "answers.linear",
    "LogisticClassifier": "estimators",
    "NetClassifier": "estimators",
    "NetRegressor": "estimators",
    "NetSearch": "estimators",
    "ObservedRun": "answers.observed",
    "Problem": "data.problem",
    "RBM": "energy",
    "RegressionTable": "jobs.regression_table",
    "Run": "answers.comparison",
    "RunFolderError": "base.errors",
    "SettingError": "base.errors",
    "StudyRun": "answers.study",
    "ThalwegError": "base.errors",
    "TrainingError": "base.errors",
    "WorkPlan": "answers.plan",
    "average_effects": "effects",
    "fit": "jobs.compare",
    "fit_effects": "jobs.effects.experiment",
    "fit_linear": "jobs.linear",
    "fit_observed": "jobs.effects.observed",
    "fit_population": "train.fit",
    "guide": "jobs.study",
    "load": "answers.loading",
    "load_estimator": "estimators",
    "marginal_effects": "estimators",
    "plan": "jobs.plan",
    "pose": "data.problem",
    "read_table": "data.reading.table",
    "regression_table": "jobs.regression_table",
    "replay": "jobs.replay",
    "result_of_run": "jobs.result_of_run",
    "run_of_result": "jobs.regression_table",
    "run_study": "jobs.study",
    "save_estimator": "estimators",
    "save_onnx": "estimators",
}

__all__ = sorted(_HOMES)  # noqa: PLE0605 - a list of names all the same

__getattr__, __dir__ = _lazy_names(__name__, _HOMES)
