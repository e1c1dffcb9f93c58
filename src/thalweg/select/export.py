"""Tables of a run for other programs: out-of-fold predictions as Parquet, members as CSV."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.select.compare_models import Trained, held_out_rows
from thalweg.select.crossval import CrossValidation
from thalweg.select.scoring.predictions import HeldOutRows, ModelPredictions


def predictions_table(plan: CrossValidation, models: Sequence[ModelPredictions]) -> bytes:
    """Return all out-of-fold predictions as a Parquet file.

    Parameters
    ----------
    plan, models
        The folds and what every model predicted.

    Returns
    -------
    bytes
        One line per model, seed and row: ``model, seed, row, fold, outcome`` and ``prediction``, or one column
        ``probability CLASS`` per class. ``row`` counts the rows of the table from 1.

    Examples
    --------
    See ``tests/jobs/test_compare.py``.
    """
    return held_out_table(held_out_rows(plan), plan.problem.row_numbers, models)


def held_out_table(held_out: HeldOutRows, row_numbers: NDArray[np.int64], models: Sequence[ModelPredictions]) -> bytes:
    """Return the same for rows that were held out by any design; ``row_numbers`` count the user's rows from 1."""
    names = [f"probability {name}" for name in held_out.classes] or ["prediction"]
    outcome = np.array(held_out.classes)[held_out.outcome.astype(np.int64)] if held_out.classes else held_out.outcome
    parts = []
    for model in models:
        for seed, values in enumerate(model.values):
            part = pd.DataFrame(values, columns=names)
            part.insert(0, "outcome", outcome)
            part.insert(0, "fold", held_out.fold + 1)
            part.insert(0, "row", row_numbers)
            part.insert(0, "seed", seed)
            part.insert(0, "model", model.name)
            parts.append(part)
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        path = Path(folder) / "predictions.parquet"
        connection.from_df(pd.concat(parts, ignore_index=True)).write_parquet(str(path))
        return path.read_bytes()


def members_table(plan: CrossValidation, search: Trained) -> bytes:
    """Return one line per network of the comparison as CSV: where it stood, how it ended, how well it validated.

    Parameters
    ----------
    plan, search
        The folds and the trained grid.

    Returns
    -------
    bytes
        UTF-8 text; histories by epoch are in the shards under ``members/``.

    Examples
    --------
    See ``tests/jobs/test_compare.py``.
    """
    rows = []
    for found in search.fits:
        member = search.members[found.number]
        number = member.label["setting"]
        assert isinstance(number, int)
        rows.append(
            {
                "member": found.number,
                "fold": int(str(member.label["fold"])) + 1,
                "seed": member.label["seed"],
                "network": plan.settings.networks[number].name,
                "status": found.status,
                "reason": found.reason,
                "epochs": found.epochs,
                "best_epoch": found.best_epoch,
                "validation_loss": found.validation_loss.min() if found.usable else np.nan,
            }
        )
    return str(pd.DataFrame(rows).to_csv(index=False)).encode()
