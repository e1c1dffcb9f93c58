"""Tables of a run for other programs: out-of-fold predictions as Parquet, members as CSV."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.select.compare_models import Trained, held_out_rows
from thalweg.select.crossval import CrossValidation
from thalweg.select.scoring.predictions import HeldOutRows, ModelPredictions
from thalweg.train.result import MemberFit


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
    >>> from thalweg.data.problem import pose
    >>> from thalweg.select.compare_models import compare_models
    >>> from thalweg.select.crossval import cross_validation
    >>> from thalweg.select.settings import Settings
    >>> plan = cross_validation(pose("example:wine"), Settings(folds=3, networks=()))
    >>> predictions_table(plan, compare_models(plan, Trained([], []), None))[:4]
    b'PAR1'
    """
    return held_out_table(held_out_rows(plan), plan.problem.row_numbers[plan.judged], models)


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


def members_table(places: Sequence[Mapping[str, object]], fits: Sequence[MemberFit]) -> bytes:
    """Return one line per network as CSV: where it stood, how it ended, how well it validated.

    Parameters
    ----------
    places
        Of every network, such as its fold and its seed; all with the same keys.
    fits
        What became of it.

    Returns
    -------
    bytes
        UTF-8 text; histories by epoch are in the shards under ``members/``.

    Examples
    --------
    >>> fit = MemberFit(0, "finished", "trained 2 epochs", np.zeros(3), np.ones(2), np.array([0.5, 0.25]), 2)
    >>> print(members_table([{"seed": 7}], [fit]).decode())
    member,seed,status,reason,epochs,best_epoch,validation_loss
    0,7,finished,trained 2 epochs,2,2,0.25
    <BLANKLINE>
    """
    lines = [
        {
            "member": fit.number,
            **place,
            "status": fit.status,
            "reason": fit.reason,
            "epochs": fit.epochs,
            "best_epoch": fit.best_epoch,
            "validation_loss": fit.validation_loss.min() if fit.usable and len(fit.validation_loss) else np.nan,
        }
        for place, fit in zip(places, fits, strict=True)
    ]
    return str(pd.DataFrame(lines).to_csv(index=False)).encode()


def search_places(plan: CrossValidation, search: Trained) -> list[dict[str, object]]:
    """Return where every network of the grid stands, for :func:`members_table`."""
    labels = [search.members[fit.number].label for fit in search.fits]
    networks = plan.settings.networks
    return [
        {"fold": int(str(of["fold"])) + 1, "seed": of["seed"], "network": networks[int(str(of["setting"]))].name}
        for of in labels
    ]
