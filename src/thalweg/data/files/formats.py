"""The files that can be read: what each format is called, how its files end and begin; loads nothing."""

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
    begins
        With which bytes its files begin, if with any; they count more than the ending.
    package
        The package that reads it, of the extra ``formats``; none if a dependency does.
    is_text
        Whether it is text, whose characters may be of any encoding and may be compressed
        (:mod:`thalweg.data.files.opening`).

    Examples
    --------
    >>> FileFormat("JSON", (".json",), is_text=True).name
    'JSON'
    """

    name: str
    endings: tuple[str, ...]
    begins: tuple[bytes, ...] = ()
    package: str = ""
    is_text: bool = False


SAS_TRANSPORT: Final = b"HEADER RECORD***"
SPSS_PORTABLE: Final = b"ASCII SPSS PORT"

CSV: Final = FileFormat("CSV", (".csv", ".tsv", ".txt"), is_text=True)
PARQUET: Final = FileFormat("Parquet", (".parquet", ".pq"), (b"PAR1",))
JSON: Final = FileFormat("JSON", (".json", ".jsonl", ".ndjson"), is_text=True)
WORKBOOK: Final = FileFormat(
    "Excel", (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"), (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"), "python_calamine"
)
STATA: Final = FileFormat("Stata", (".dta",), (b"<stata_dta>",), "pyreadstat")
SPSS: Final = FileFormat("SPSS", (".sav", ".zsav", ".por"), (b"$FL2", b"$FL3", SPSS_PORTABLE), "pyreadstat")
SAS: Final = FileFormat("SAS", (".sas7bdat", ".xpt"), (b"\x00" * 12 + b"\xc2\xea\x81\x60", SAS_TRANSPORT), "pyreadstat")
ARROW: Final = FileFormat("Arrow", (".feather", ".arrow", ".ipc"), (b"ARROW1", b"FEA1"), "pyarrow")
R: Final = FileFormat("R", (".rds", ".rdata", ".rda"), (), "rdata")
FORMATS: Final = (CSV, PARQUET, JSON, WORKBOOK, STATA, SPSS, SAS, ARROW, R)
COMPRESSED: Final = (".gz", ".bz2", ".xz", ".zst")


def format_of(name: str, begin: bytes = b"") -> FileFormat | None:
    """Return the format of a file by its first bytes and its name, whatever its capitals; None for other files.

    Parameters
    ----------
    name
        Of the file.
    begin
        Its first bytes, if they are known.

    Examples
    --------
    >>> format_of("sales.CSV.gz").name, format_of("sales.csv", b"PAR1").name, format_of("sales.doc")
    ('CSV', 'Parquet', None)
    """
    marked = next((found for found in FORMATS if begin.startswith(found.begins or (b"\x00\x01\x02",))), None)
    if marked is not None:
        return marked
    lower = name.lower()
    bare = next((lower.removesuffix(ending) for ending in COMPRESSED if lower.endswith(ending)), lower)
    return next((f for f in FORMATS if bare.endswith(f.endings) and (f.is_text or bare == lower)), None)


def file_names(last: str = "or") -> str:
    """Return the names of all formats, for help texts.

    Examples
    --------
    >>> file_names()
    'CSV, Parquet, JSON, Excel, Stata, SPSS, SAS, Arrow or R'
    """
    *first, final = (found.name for found in FORMATS)
    return f"{', '.join(first)} {last} {final}"


def file_endings() -> str:
    """Return all endings, for remedies.

    Examples
    --------
    >>> file_endings()[:27]
    '.csv, .tsv, .txt, .parquet,'
    """
    return ", ".join(ending for found in FORMATS for ending in found.endings)
