"""The grid of networks as callers name it: one value of a setting, or several to try."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

from thalweg.base.checks import plain_value
from thalweg.base.errors import SettingError, setting
from thalweg.jobs.option import read_widths
from thalweg.jobs.options import refuse_unknown
from thalweg.select.settings import NetworkSetting, Settings, grid_of

GRID: Final = tuple(field.name for field in fields(NetworkSetting))


def with_networks(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings of a comparison whose grid is spelled out.

    Parameters
    ----------
    settings
        Fields of :class:`~thalweg.select.settings.Settings`, and of :class:`~thalweg.select.settings.NetworkSetting`
        with one value or a list of several.

    Raises
    ------
    SettingError
        If a setting is unknown, makes no sense, or stands beside ``networks``.

    Examples
    --------
    >>> found = with_networks({"folds": 3, "hidden": ["8", (4, 4)], "dropout": 0.0, "learning_rate": 0.01})
    >>> [network.name for network in found["networks"]]
    ['network 8, rate 0.01', 'network 4-4, rate 0.01']
    """
    settings = plain_value(dict(settings))
    refuse_unknown("fit", settings, [*(field.name for field in fields(Settings)), *GRID])
    grid = {name: _several(name, value) for name, value in settings.items() if name in GRID}
    plain = {name: value for name, value in settings.items() if name not in GRID}
    if not grid:
        return plain
    if "networks" in plain:
        raise SettingError(
            f"{setting('networks')} and {setting(next(iter(grid)))} both say which networks to train.",
            "Give one of them.",
        )
    return plain | {"networks": grid_of(**grid)}


def _several(name: str, value: Any) -> list[Any]:
    """Return the values of a setting to try; a list of whole numbers is one network's widths."""
    if name != "hidden":
        return list(value) if isinstance(value, (list, tuple)) else [value]
    one = not isinstance(value, (list, tuple)) or all(isinstance(entry, int) for entry in value)
    return [read_widths(value)] if one else [read_widths(entry) for entry in value]
