"""thalweg: supervised deep learning whose answer is a distribution, not a lucky run.

The public names load what they need when they are first used, so that importing the package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from thalweg.base.version import __version__ as __version__

if TYPE_CHECKING:
    from thalweg.base.errors import DataError as DataError
    from thalweg.base.errors import RunFolderError as RunFolderError
    from thalweg.base.errors import SettingError as SettingError
    from thalweg.base.errors import ThalwegError as ThalwegError
    from thalweg.base.errors import TrainingError as TrainingError
    from thalweg.comparison import fit as fit
    from thalweg.data.problem import Problem as Problem
    from thalweg.data.problem import pose as pose
    from thalweg.data.table import read_table as read_table
    from thalweg.effects.dedl import DeDL as DeDL
    from thalweg.effects_run import fit_effects as fit_effects
    from thalweg.effects_run import load_effects as load_effects
    from thalweg.estimators import LinearRegressor as LinearRegressor
    from thalweg.estimators import LogisticClassifier as LogisticClassifier
    from thalweg.estimators import NetClassifier as NetClassifier
    from thalweg.estimators import NetRegressor as NetRegressor
    from thalweg.estimators import NetSearch as NetSearch
    from thalweg.linear_run import fit_linear as fit_linear
    from thalweg.repeat import replay as replay
    from thalweg.run import Run as Run
    from thalweg.run import load_run as load_run

_HOMES = {
    "DeDL": "effects.dedl",
    "LinearRegressor": "estimators",
    "LogisticClassifier": "estimators",
    "NetClassifier": "estimators",
    "NetRegressor": "estimators",
    "NetSearch": "estimators",
    "DataError": "base.errors",
    "Problem": "data.problem",
    "Run": "run",
    "RunFolderError": "base.errors",
    "SettingError": "base.errors",
    "ThalwegError": "base.errors",
    "TrainingError": "base.errors",
    "fit": "comparison",
    "fit_effects": "effects_run",
    "fit_linear": "linear_run",
    "load_effects": "effects_run",
    "load_run": "run",
    "pose": "data.problem",
    "replay": "repeat",
    "read_table": "data.table",
}

__all__ = sorted(_HOMES)  # noqa: PLE0605 - a list of names all the same


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        found = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        globals()[name] = found  # a module of the same name must not hide it
        return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *_HOMES]
