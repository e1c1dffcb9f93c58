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
    from thalweg.base.errors import DataError as DataError
    from thalweg.base.errors import RunFolderError as RunFolderError
    from thalweg.base.errors import SettingError as SettingError
    from thalweg.base.errors import ThalwegError as ThalwegError
    from thalweg.base.errors import TrainingError as TrainingError
    from thalweg.data.problem import Problem as Problem
    from thalweg.data.problem import pose as pose
    from thalweg.data.reading.table import read_table as read_table
    from thalweg.effects.dedl import DeDL as DeDL
    from thalweg.estimators import LinearRegressor as LinearRegressor
    from thalweg.estimators import LogisticClassifier as LogisticClassifier
    from thalweg.estimators import NetClassifier as NetClassifier
    from thalweg.estimators import NetRegressor as NetRegressor
    from thalweg.estimators import NetSearch as NetSearch
    from thalweg.jobs.compare import fit as fit
    from thalweg.jobs.effects import fit_effects as fit_effects
    from thalweg.jobs.linear import fit_linear as fit_linear
    from thalweg.jobs.replay import replay as replay

_HOMES = {
    "DeDL": "effects.dedl",
    "LinearRegressor": "estimators",
    "LogisticClassifier": "estimators",
    "NetClassifier": "estimators",
    "NetRegressor": "estimators",
    "NetSearch": "estimators",
    "EffectsRun": "answers.effects",
    "LinearRun": "answers.linear",
    "DataError": "base.errors",
    "Problem": "data.problem",
    "Run": "answers.comparison",
    "RunFolderError": "base.errors",
    "SettingError": "base.errors",
    "ThalwegError": "base.errors",
    "TrainingError": "base.errors",
    "fit": "jobs.compare",
    "fit_effects": "jobs.effects",
    "fit_linear": "jobs.linear",
    "load": "answers.loading",
    "pose": "data.problem",
    "replay": "jobs.replay",
    "read_table": "data.reading.table",
}

__all__ = sorted(_HOMES)  # noqa: PLE0605 - a list of names all the same

__getattr__, __dir__ = _lazy_names(__name__, _HOMES)
