"""Data frames of R: factors, dates, times, durations, 64-bit integers and labelled values as what they mean."""

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.base.errors import DataError
from thalweg.base.wording import listed
from thalweg.data.files.frames import from_frame, labelled
from thalweg.data.files.location import Location
from thalweg.data.notes import Note, counted

_SECONDS: Final = {"secs": 1.0, "mins": 60.0, "hours": 3600.0, "days": 86400.0, "weeks": 604800.0}
_UNKNOWN: Final = re.compile('Missing constructor for R class "([^"]+)". The underlying')
_HARMLESS: Final = {"vctrs_vctr", "integer", "double", "character", "AsIs", "pdata.frame"}
_NO_INTEGER: Final = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True, eq=False)
class _Codes:
    """A column whose values have labels."""

    values: Any
    names: Mapping[Any, str]


def read_r(rdata: Any, location: Location, path: Path) -> tuple[pd.DataFrame, list[Note], dict[str, str]]:
    """Read the one data frame of a file that saveRDS or save wrote.

    Parameters
    ----------
    rdata
        The package that reads such files.
    location, path
        What it is called, and where it lies.

    Returns
    -------
    tuple
        The rows; notes on classes of R that are not known, and on values with labels; no labels of columns.

    Raises
    ------
    DataError
        If it holds no data frame, or several.
    """
    read = rdata.read_rds if path.suffix.lower() == ".rds" else rdata.read_rda
    notes: list[Note] = []
    constructors = {**rdata.conversion.DEFAULT_CLASS_MAP, **_CLASSES, "data.frame": _frame_by(rdata, notes)}
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        found = read(str(path), constructor_dict=constructors, default_encoding="utf_8")
    tables = {"": found} if isinstance(found, pd.DataFrame) else found if isinstance(found, dict) else {}
    frames = [frame for frame in tables.values() if isinstance(frame, pd.DataFrame)]
    if len(frames) != 1:
        raise DataError(
            f"File {location.name} holds {counted(len(frames), 'data frame')} ({listed([str(n) for n in tables])}).",
            "Save one data frame by saveRDS.",
        )
    classes = dict.fromkeys(match[1] for one in said if (match := _UNKNOWN.match(str(one.message))))
    unknown = [name for name in classes if name not in _HARMLESS]
    if unknown:
        text = f"Values of the R class {listed(unknown)} in {location.name} were read as R stores them; check them."
        notes.append(Note("file", text))
    return from_frame(frames[0]), notes, {}


def _frame_by(rdata: Any, notes: list[Note]) -> Any:
    """Return what makes a data frame of columns, and notes what is said of labelled ones."""

    def construct(columns: Any, about: Mapping[str, Any]) -> pd.DataFrame:
        if isinstance(columns, Mapping):
            plain = {}
            for name, column in columns.items():
                if isinstance(column, _Codes):
                    plain[name], told = labelled(pd.Series(column.values, name=name), column.names)
                    notes.extend(told)
                    plain[name] = plain[name].array
                else:
                    plain[name] = column
            columns = plain
        frame: pd.DataFrame = rdata.conversion.dataframe_constructor(columns, about)
        return frame

    return construct


def _floats(values: Any) -> NDArray[np.float64]:
    return np.ma.filled(np.ma.asarray(values, dtype=np.float64), np.nan)


def _microseconds(seconds: NDArray[np.float64]) -> NDArray[np.int64]:
    known = np.isfinite(seconds)
    counts = np.full(len(seconds), _NO_INTEGER)  # numpy's own mark of no time
    counts[known] = np.round(seconds[known] * 1e6).astype(np.int64)
    return counts


def _dates(values: Any, _: Mapping[str, Any]) -> Any:
    return values if np.ndim(values) != 1 else pd.array(_microseconds(_floats(values) * 86400).view("datetime64[us]"))


def _moments(values: Any, _: Mapping[str, Any]) -> Any:
    return values if np.ndim(values) != 1 else pd.array(_microseconds(_floats(values)).view("datetime64[us]"))


def _durations(values: Any, about: Mapping[str, Any]) -> Any:
    unit = str(np.ravel(about.get("units", "secs"))[0])
    return pd.array(_microseconds(_floats(values) * _SECONDS[unit]).view("timedelta64[us]"))


def _long_integers(values: Any, _: Mapping[str, Any]) -> Any:
    whole = np.ascontiguousarray(values, dtype=np.float64).view(np.int64)
    return pd.arrays.IntegerArray(whole.copy(), whole == _NO_INTEGER)


def _labelled_codes(values: Any, about: Mapping[str, Any]) -> Any:
    labels = about.get("labels")
    if labels is None:
        return values
    texts = [str(text) for text in np.ravel(labels.coords["dim_0"])]
    codes = [code.item() if isinstance(code, np.generic) else code for code in np.ravel(labels.values)]
    is_text = np.asarray(values).dtype.kind in "OUS"
    names = {str(code) if is_text else float(code): text for code, text in zip(codes, texts, strict=True)}
    return _Codes(np.asarray(values, dtype=object) if is_text else _floats(values), names)


_CLASSES: Final = {
    "Date": _dates,
    "POSIXct": _moments,
    "difftime": _durations,
    "integer64": _long_integers,
    "haven_labelled": _labelled_codes,
    "labelled": _labelled_codes,
}
