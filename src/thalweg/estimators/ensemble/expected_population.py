"""The populations an estimator would train, before it trains them."""

from typing import Any

from sklearn.base import clone

from thalweg.estimators.ensemble.inputs import base_seed
from thalweg.estimators.ensemble.network_group import by_width
from thalweg.estimators.ensemble.networks import plan_networks
from thalweg.estimators.setting_checks import check_settings
from thalweg.select.learning.lessons import population_of
from thalweg.train.population import Member, TrainingTable


def populations_of(model: Any, X: Any, y: Any) -> list[tuple[TrainingTable, list[Member]]]:
    """Return the tables and members that fitting an estimator to rows would train, one of each width of features.

    Parameters
    ----------
    model
        A network estimator; it stays as it is.
    X, y
        Rows to learn from.

    Raises
    ------
    SettingError
        If a setting or the rows make no sense.

    Examples
    --------
    >>> import numpy as np
    >>> from thalweg.estimators import NetRegressor
    >>> x = np.linspace(-1.0, 1.0, 40)[:, None]
    >>> ((table, members),) = populations_of(NetRegressor(hidden=(4,), seeds=3, folds=2), x, x[:, 0])
    >>> table.inputs >= 1, len(members)
    (True, 9)
    """
    settings, reader = check_settings(model.get_params(deep=False)), clone(model)
    rows, task = reader._read(X, y, None)  # noqa: SLF001 - the estimators' own tool
    lessons = plan_networks(rows, task, settings, seed=base_seed(model.random_state)).lessons
    parts = by_width([lesson.sample.scaling.width for lesson in lessons])
    return [population_of([lessons[number] for number in numbers]) for numbers in parts]
