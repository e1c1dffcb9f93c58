"""``thalweg effects simulate``: a table of an experiment whose truth is known."""

import argparse
import shlex
import tempfile
from pathlib import Path
from typing import Any, Final

import duckdb
import pandas as pd

from thalweg.answers.storing import csv_of
from thalweg.base.checks import check_number
from thalweg.base.errors import SettingError, setting
from thalweg.base.files import writable_place, write_whole
from thalweg.cli.printed import Printed
from thalweg.effects.experiment.experiment import all_combinations, combination_label
from thalweg.effects.experiment.simulate import simulate, standard_cells
from thalweg.report.drawing.blocks import Blocks
from thalweg.report.drawing.text import to_text
from thalweg.report.progress import Watch

SIMULATED: Final = (
    ("rows", 1, 10**8),
    ("treatments", 2, 16),  # the truth of all combinations is written
    ("features", 1, 10**4),
    ("cluster_rows", 1, 10**8),
    ("cluster_share", 0, 1),
    ("scale_slope", 0, 1),
    ("misfit", 0, 100),
)


def simulate_table(options: argparse.Namespace, command: str, width: int, watch: Watch | None) -> Printed:  # noqa: ARG001 - all actions are called alike
    """Write a table of a simulated experiment, and its true effects beside it.

    Parameters
    ----------
    options
        As :mod:`thalweg.cli.effects` reads them.
    width
        Of the terminal.
    command, watch
        Not needed: all actions are called alike.

    Raises
    ------
    SettingError
        If a setting makes no sense.

    Examples
    --------
    See ``tests/cli/test_effects.py``.
    """
    place = writable_place("out", options.out)
    if place.suffix not in {".csv", ".parquet"}:
        raise SettingError(f"{setting('out')} must end in .csv or .parquet, got {options.out!r}.", "Write trial.csv.")
    for name, low, high in SIMULATED:
        check_number(name, getattr(options, name), low=low, high=high)
    names = ("rows", "treatments", "features", "shape", "noise", "scale_slope", "misfit")
    cells = standard_cells(options.treatments, extra=options.all_on)
    experiment, truth = simulate(
        options.seed,
        cells=cells,
        **{name: getattr(options, name) for name in names},
        cluster_rows=options.cluster_rows,
        cluster_share=options.cluster_share,
    )
    received = experiment.cells[experiment.received]
    columns: dict[str, Any] = {"y": experiment.y}
    columns |= {f"t{k + 1}": received[:, k] for k in range(experiment.treatments)}
    columns |= {f"x{k + 1}": experiment.x[:, k] for k in range(experiment.x.shape[1])}
    columns |= {} if experiment.clusters is None else {"cluster": experiment.clusters}
    every = all_combinations(options.treatments)
    labels = [combination_label(cell) for cell in every]
    seen = {combination_label(cell) for cell in cells}
    true = pd.DataFrame(
        {"combination": labels, "effect": truth.effects(every), "observed": [label in seen for label in labels]}
    )
    beside = place.with_name(f"{place.stem}-truth.csv")
    write_whole(place, _file_of(pd.DataFrame(columns), place.suffix))
    write_whole(beside, csv_of(true))
    treatments = " ".join(f"t{k + 1}" for k in range(options.treatments))
    more = " --clusters cluster" if experiment.clusters is not None else ""
    question = f"{shlex.quote(options.out)} --target y --treatments {treatments}{more}"
    brief = f"Table: {place}, {options.rows:,} units in {len(cells)} of {len(every)} cells. Truth: {beside}"
    told = to_text(Blocks((brief,)), width)
    text = f"{told}\n\nTry: thalweg effects check {question}\n     thalweg effects fit {question} --out runs/trial"
    plain = {
        "table": str(place),
        "truth": str(beside),
        "effects": dict(zip(labels, true["effect"].tolist(), strict=True)),
    }
    return Printed(plain, text, brief)


def _file_of(frame: pd.DataFrame, suffix: str) -> bytes:
    if suffix == ".csv":
        return csv_of(frame)
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        path = Path(folder) / "table.parquet"
        connection.from_df(frame).write_parquet(str(path))
        return path.read_bytes()
