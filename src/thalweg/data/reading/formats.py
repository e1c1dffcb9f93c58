"""The files that can be read: what each format is called, how its files end, and what reads it; loads nothing."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class FileFormat:
    """One format of table files.

    Parameters
    ----------
    name
        What people call it.
    endings
        How its files end, in lower case.
    statement
        DuckDB's statement that reads ``$path``; None for delimited text, whose dialect is found first
        (:mod:`thalweg.data.reading.delimited`).
    compressed
        Whether a file may end in ``.gz`` on top.

    Examples
    --------
    >>> FileFormat("JSON", (".json",), "select * from read_json($path)", compressed=True).name
    'JSON'
    """

    name: str
    endings: tuple[str, ...]
    statement: str | None = None
    compressed: bool = False


FORMATS: Final = (
    FileFormat("CSV", (".csv", ".tsv", ".txt"), compressed=True),
    FileFormat("Parquet", (".parquet", ".pq"), "select * from read_parquet($path)"),
    FileFormat("JSON", (".json", ".jsonl", ".ndjson"), "select * from read_json($path)", compressed=True),
)
COMPRESSED: Final = ".gz"


def format_of(path: str) -> FileFormat | None:
    """Return the format of a file by its name, whatever its capitals; None for other files.

    Examples
    --------
    >>> format_of("sales.CSV.gz").name, format_of("sales.xlsx")
    ('CSV', None)
    """
    name = path.lower()
    squeezed = name.endswith(COMPRESSED)
    bare = name.removesuffix(COMPRESSED)
    return next((f for f in FORMATS if bare.endswith(f.endings) and (f.compressed or not squeezed)), None)


def file_names(last: str = "or") -> str:
    """Return the names of all formats, for help texts.

    Examples
    --------
    >>> file_names()
    'CSV, Parquet or JSON'
    """
    *first, final = (found.name for found in FORMATS)
    return f"{', '.join(first)} {last} {final}"


def file_endings() -> str:
    """Return all endings, for remedies.

    Examples
    --------
    >>> file_endings()
    '.csv, .tsv, .txt, .parquet, .pq, .json, .jsonl, .ndjson'
    """
    return ", ".join(ending for found in FORMATS for ending in found.endings)
