"""The linear models there are: what each is called, what it explains, and what can be computed for it.

Loading this table loads nothing else; functions are named by their public names in :mod:`thalweg.linear`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

from thalweg.base.errors import SettingError, setting
from thalweg.base.wording import listed

PATHS: Final = {
    "ridge": "ridge",
    "lasso": "lasso",
    "elastic-net": "elastic net",
    "components": "principal components",
}
"""Paths of shrunken models, and how they are printed."""

SEARCHES: Final = {"forward": "forward", "backward": "backward", "best-subset": "best subset"}
"""Searches for the best columns of each number, and how they are printed."""

DESCENTS: Final = {
    "gradient": "gradient descent",
    "line-search": "gradient descent with exact line search",
    "heavy-ball": "heavy ball",
    "nesterov": "Nesterov",
    "adam": "Adam",
}
"""Gradient methods, and how they are printed."""


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One row of the table of models.

    Parameters
    ----------
    key
        What settings and the command line call it.
    name
        What tables and sentences call it.
    task
        "regression", "binary" or "multiclass": the outcomes it explains.
    estimator, objective
        Public names in :mod:`thalweg.linear` of its regression and of its cost for descents.
    scale
        What its coefficients move: "log odds", "log mean"; "" for the outcome itself.
    cost, error
        What its ridge path minimises beside the penalty, and what the path is judged by.
    searches
        Of :data:`SEARCHES`.
    paths
        Of :data:`PATHS`.
    geometry
        Whether ridge and lasso can be drawn for two columns.
    caution
        What a reader of classical standard errors must not miss; "" if nothing.
    """

    key: str
    name: str
    task: str
    estimator: str
    objective: str
    scale: str
    cost: str
    error: str
    searches: tuple[str, ...]
    paths: tuple[str, ...]
    geometry: bool
    caution: str = ""

    def public(self, field: str) -> Any:
        """Return what a field names in :mod:`thalweg.linear`, loaded when it is asked for."""
        return getattr(import_module("thalweg.linear"), getattr(self, field))

    def check(
        self,
        *,
        path: str | None = None,
        search: str | None = None,
        axes: object = None,
        descents: bool = False,
        weighted: bool = False,
    ) -> None:
        """Refuse what is not defined for the model.

        Parameters
        ----------
        path, search, axes, descents
            What is asked for, as in :func:`thalweg.fit_linear`.
        weighted
            Whether rows have weights.

        Raises
        ------
        SettingError
            Naming the setting and what the model has instead.

        Examples
        --------
        >>> MODELS["poisson"].check(path="lasso")
        Traceback (most recent call last):
        thalweg.base.errors.SettingError: Model 'poisson' has no path 'lasso'. Choose from 'ridge', or leave path out.
        """
        for name, value, known in (("path", path, self.paths), ("search", search, self.searches)):
            if value is not None and value not in known:
                raise SettingError(
                    f"Model {self.key!r} has no {setting(name)} {value!r}.",
                    f"Choose from {listed(known)}, or leave {setting(name)} out.",
                )
        if axes is not None and not self.geometry:
            raise SettingError(
                f"{setting('axes')} is not available for model {self.key!r}.",
                f"Leave {setting('axes')} out, or choose another {setting('model')}.",
            )
        blind = [name for name, wanted in (("descents", descents), ("axes", axes is not None)) if wanted]
        if blind and weighted:
            raise SettingError(
                f"{setting(blind[0])} knows no row weights.",
                f"Leave out {setting('weights')} or {setting(blind[0])}.",
            )


_STEPWISE: Final = ("forward", "backward")

MODELS: Final[Mapping[str, ModelEntry]] = {
    model.key: model
    for model in (
        ModelEntry(
            key="ols",
            name="least squares",
            task="regression",
            estimator="regress",
            objective="least_squares_objective",
            scale="",
            cost="RSS",
            error="mean squared error",
            searches=tuple(SEARCHES),
            paths=tuple(PATHS),
            geometry=True,
        ),
        ModelEntry(
            key="logistic",
            name="logistic",
            task="binary",
            estimator="logistic_regression",
            objective="logistic_objective",
            scale="log odds",
            cost="cross entropy",
            error="log loss",
            searches=_STEPWISE,
            paths=("ridge",),
            geometry=True,
        ),
        ModelEntry(
            key="poisson",
            name="Poisson",
            task="regression",
            estimator="poisson_regression",
            objective="poisson_objective",
            scale="log mean",
            cost="Σ (exp η - y η)",
            error="negative log-likelihood (without log y!)",
            searches=_STEPWISE,
            paths=("ridge",),
            geometry=True,
            caution="Classical standard errors of a Poisson model need the variance to equal the mean; HC1 does not.",
        ),
        ModelEntry(
            key="softmax",
            name="multinomial logistic",
            task="multiclass",
            estimator="multinomial_regression",
            objective="softmax_objective",
            scale="log odds",
            cost="cross entropy",
            error="log loss",
            searches=_STEPWISE,
            paths=("ridge",),
            geometry=False,
        ),
    )
}
"""By key; the first of a task is its default."""


def default_model(task: str) -> ModelEntry:
    """Return the model that explains outcomes of a task if nothing else is said.

    Examples
    --------
    >>> default_model("regression").key
    'ols'
    """
    return next(model for model in MODELS.values() if model.task == task)


def model_named(name: str) -> ModelEntry:
    """Return the model that is printed so, whatever follows a comma.

    Examples
    --------
    >>> model_named("Poisson, ridge 1").key
    'poisson'
    """
    return next(model for model in MODELS.values() if model.name == name.split(",", maxsplit=1)[0])
