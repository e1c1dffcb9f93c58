"""JSON files: records, lines, a mapping of columns, and every orientation that pandas writes."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from thalweg.base.errors import DataError
from thalweg.data.files.foreseen import refuse_large_json
from thalweg.data.files.location import Location
from thalweg.data.notes import Note

_SPLIT: Final = {"columns", "index", "data"}
_REMEDY: Final = "Write a list of records, as pandas does with orient='records', or one record per line."


def read_json_table(location: Location, path: Path) -> tuple[pd.DataFrame, list[Note]]:
    r"""Read a JSON file.

    Parameters
    ----------
    location
        What it is called.
    path
        Where its text lies as UTF-8.

    Returns
    -------
    tuple
        Texts stay texts, whole numbers keep all their digits; and how the file was laid out, unless by records.

    Raises
    ------
    DataError
        If it is no JSON, or nothing says which of its keys are columns.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "t.json"
    >>> _ = path.write_text('{"x": {"0": 1, "1": 2}, "y": {"0": "a", "1": "b"}}')
    >>> read_json_table(Location(path), path)[0].to_dict("records")
    [{'x': 1, 'y': 'a'}, {'x': 2, 'y': 'b'}]
    """
    refuse_large_json(location, path.stat().st_size)
    text = path.read_text(encoding="utf-8-sig")
    try:
        return _of_value(location, json.loads(text))
    except json.JSONDecodeError as error:
        whole = error
    except RecursionError:
        raise DataError(f"File {location.name} is nested too deeply for a table.", _REMEDY) from None
    return _of_records(location, _lines(location, text, whole)), []


def _lines(location: Location, text: str, whole: json.JSONDecodeError) -> list[Any]:
    records = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                records.append(json.loads(line))
            except (json.JSONDecodeError, RecursionError) as error:
                lines = bool(records) and isinstance(records[0], dict)
                place = f"line {number:,}" if lines else f"line {whole.lineno:,}, column {whole.colno:,}"
                reason = getattr(error, "msg", "it is nested too deeply") if lines else whole.msg
                raise DataError(
                    f"File {location.name} cannot be read as JSON: {place}: {reason}.",
                    "Mend it there, or export it again.",
                ) from None
    return records


def _of_value(location: Location, value: Any) -> tuple[pd.DataFrame, list[Note]]:
    if isinstance(value, list):
        return _of_records(location, value), []
    if not isinstance(value, dict) or not value:
        raise DataError(f"File {location.name} holds no table.", _REMEDY)
    if set(value) <= _SPLIT and {"columns", "data"} <= set(value):
        return _of_split(location, value), []
    if set(value) == {"schema", "data"} and isinstance(value["data"], list):
        return _of_schema(location, value), []
    parts = list(value.values())
    if all(isinstance(part, dict) for part in parts):
        return _of_nested(location, value)
    if all(isinstance(part, list) for part in parts) and (len(parts) > 1 or not _are_records(parts[0])):
        lengths = {name: len(part) for name, part in value.items()}
        if len(set(lengths.values())) > 1:
            raise DataError(f"File {location.name} has columns of different lengths: {lengths}.", _REMEDY)
        return _frame(value), []
    held = [name for name, part in value.items() if isinstance(part, list) and _are_records(part)]
    if len(held) == 1:
        note = Note(
            "file", f"The rows of {location.name} are the records under {held[0]!r}; its other keys are not read."
        )
        return _of_records(location, value[held[0]]), [note]
    return _of_records(location, [value]), []


def _are_records(part: Sequence[Any]) -> bool:
    return bool(part) and all(isinstance(record, dict) for record in part)


def _of_records(location: Location, records: Sequence[Any]) -> pd.DataFrame:
    wrong = next((number for number, record in enumerate(records, start=1) if not isinstance(record, dict)), None)
    if wrong is not None or not records:
        what = f"record {wrong} is a {type(records[wrong - 1]).__name__}" if wrong else "it has no records"
        raise DataError(f"File {location.name} holds no table: {what}, and names of columns are needed.", _REMEDY)
    names = dict.fromkeys(str(name) for record in records for name in record)
    return _frame({name: [record.get(name) for record in records] for name in names})


def _of_split(location: Location, value: Mapping[str, Any]) -> pd.DataFrame:
    names, rows = value["columns"], value["data"]
    wrong = next((number for number, row in enumerate(rows, start=1) if len(row) != len(names)), None)
    if wrong is not None:
        raise DataError(
            f"File {location.name} has {len(rows[wrong - 1])} values in row {wrong} and {len(names)} columns.", _REMEDY
        )
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    return _frame_of(names, columns)


def _of_schema(location: Location, value: Mapping[str, Any]) -> pd.DataFrame:
    """Read pandas' orientation ``table``, without the index it adds."""
    frame = _of_records(location, value["data"])
    keys = value["schema"].get("primaryKey", []) if isinstance(value["schema"], dict) else []
    return frame.drop(columns=[key for key in keys if key == "index" and key in frame])


def _of_nested(location: Location, value: Mapping[str, Mapping[str, Any]]) -> tuple[pd.DataFrame, list[Note]]:
    """Read pandas' orientations ``columns`` and ``index``: the keys that count are those of rows."""
    inner = list(dict.fromkeys(key for part in value.values() for key in part))
    outer_counts, inner_counts = _count_up(value), _count_up(inner)
    if outer_counts == inner_counts:
        raise DataError(
            f"File {location.name} is a mapping of mappings, and nothing says whether {next(iter(value))!r} or "
            f"{inner[0] if inner else ''!r} is a column.",
            _REMEDY,
        )
    if inner_counts:
        return _frame({name: [part.get(key) for key in inner] for name, part in value.items()}), []
    return _of_records(location, list(value.values())), []


def _count_up(keys: Iterable[str]) -> bool:
    return sorted(keys) == sorted(str(number) for number in range(len(list(keys))))


def _frame(columns: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    return _frame_of(list(columns), list(columns.values()))


def _frame_of(names: Sequence[Any], columns: Sequence[Sequence[Any]]) -> pd.DataFrame:
    series = [pd.Series(list(values), dtype=object).infer_objects() for values in columns]
    frame = pd.concat(series, axis=1) if series else pd.DataFrame()
    return frame.set_axis([str(name) for name in names], axis=1)
