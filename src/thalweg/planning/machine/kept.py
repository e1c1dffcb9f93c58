"""A machine's calibration and what runs taught about it, kept in a file of the user's cache."""

import hashlib
import json
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import torch

from thalweg.base.errors import RunFolderError
from thalweg.base.files import write_whole
from thalweg.base.keeping.json_files import read_json, readable
from thalweg.base.machine.processor import processor_name
from thalweg.planning.machine.calibration import MachineCalibration
from thalweg.select.record import from_plain, to_plain
from thalweg.train.native.library import ARITHMETIC, levels_here, native_library

_AGAIN: Final = "Calibrate again (thalweg calibrate); it is written anew."
_PRIOR: Final = 10.0
"""So many runs without any bias are supposed to stand beside those that were seen."""
_SPREAD: Final = 0.36
"""Standard deviation of a run's logarithm that is supposed before runs were seen: early stopping is most of it."""


@dataclass(frozen=True, slots=True)
class KnownMachine:
    r"""What is known of a machine.

    Parameters
    ----------
    facts
        Processor, cores and steps that it holds for.
    calibration
        Its constants.
    measured
        When, in seconds since 1970.
    ratios
        By run, the logarithm of what training took over what the calibration alone forecast.

    Examples
    --------
    >>> from thalweg.planning.machine.step_costs import StepCosts
    >>> known = KnownMachine({}, MachineCalibration(StepCosts(), 0.1, False, 2.0), 0.0, {"a": 0.3, "b": 0.3})
    >>> round(known.bias, 3), round(known.spread, 3)
    (0.05, 0.344)
    """

    facts: Mapping[str, str]
    calibration: MachineCalibration
    measured: float
    ratios: Mapping[str, float] = field(default_factory=dict)

    @property
    def bias(self) -> float:
        r"""Mean of the ratios, drawn towards 0: :math:`\sum r / (10 + n)`."""
        return sum(self.ratios.values()) / (_PRIOR + len(self.ratios))

    @property
    def spread(self) -> float:
        """Standard deviation of the ratios around the bias, drawn towards what is supposed without any."""
        squares = sum((ratio - self.bias) ** 2 for ratio in self.ratios.values())
        return float(((_PRIOR * _SPREAD**2 + squares) / (_PRIOR + len(self.ratios))) ** 0.5)

    def with_ratios(self, found: Mapping[str, float]) -> "KnownMachine":
        """Return it with further runs, of which a known one is not counted twice."""
        return replace(self, ratios={**self.ratios, **found})


def newly_known(calibration: MachineCalibration) -> KnownMachine:
    """Return this machine as just calibrated; what runs taught about former constants is gone."""
    return KnownMachine(machine_facts(), calibration, time.time())


def machine_facts() -> dict[str, str]:
    """Return what a calibration made now holds for.

    Examples
    --------
    >>> list(machine_facts())
    ['processor', 'cores', 'steps']
    """
    native = native_library(torch.float32) is not None
    steps = f"native {levels_here()[0]}, arithmetic {ARITHMETIC}" if native else f"torch {torch.__version__}"
    return {"processor": processor_name(), "cores": str(os.cpu_count() or 1), "steps": steps}


def machine_file() -> Path:
    """Return where this machine's calibration is kept: one file per processor, number of cores and kind of steps.

    Examples
    --------
    >>> machine_file().suffix
    '.json'
    """
    digest = hashlib.sha256(json.dumps(machine_facts()).encode()).hexdigest()
    return _cache() / "thalweg" / f"machine-{digest[:12]}.json"


def _cache() -> Path:
    if "XDG_CACHE_HOME" in os.environ:
        return Path(os.environ["XDG_CACHE_HOME"])
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home()))
    return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")


def known_machine() -> KnownMachine | None:
    """Return what is known of this machine; None if it was never calibrated.

    Raises
    ------
    RunFolderError
        If its file is damaged.

    Examples
    --------
    >>> found = known_machine()
    >>> found is None or found.spread > 0
    True
    """
    try:
        place = machine_file()
    except RuntimeError:  # a user without a home
        return None
    if not place.exists():
        return None
    plain = read_json(place, _AGAIN)
    with readable(place, _AGAIN):
        return from_plain(KnownMachine, plain)


def keep_machine(known: KnownMachine) -> Path:
    """Keep what is known of this machine, and return where.

    Raises
    ------
    RunFolderError
        If the place cannot be written.
    """
    place = machine_file()
    if not place.parent.is_dir():
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RunFolderError(
                f"{place.parent} cannot be made: {error.strerror or error}.", "Name a folder in XDG_CACHE_HOME."
            ) from error
    write_whole(place, (json.dumps(to_plain(known), indent=1) + "\n").encode())
    return place
