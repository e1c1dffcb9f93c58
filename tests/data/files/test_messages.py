"""Every error about a file is raised where its words are true, and not for a file like it where they are not."""

import errno
import gzip
import importlib.util
import io
import re
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from messages import answered, places_of_errors, places_with, shown
from thalweg.base.keeping.windows_names import device_on_windows
from thalweg.base.machine import free_memory
from thalweg.data.files import delimited, files, location
from thalweg.data.files.files import read_files, run_query
from thalweg.data.files.frames import from_frame
from thalweg.data.files.scans import opened_scan
from thalweg.data.files.structure import FileStructure
from workbooks import workbook

TABLE = "x,y\n1,2\n3,4\n"
FRAME = pd.DataFrame({"x": [1, 2], "y": [3, 4]})
CAFE = "k,x\ncafè,1\nthé,2\n"


def packed(write):
    """What a writer of pandas writes."""
    out = io.BytesIO()
    write(out)
    return out.getvalue()


PARQUET = packed(FRAME.to_parquet)
STATA = packed(lambda out: FRAME.to_stata(out, write_index=False))


def read(given):
    """Read what is written into files; their names may say how."""
    named = given if isinstance(given, dict) else {"t.csv": given}
    with tempfile.TemporaryDirectory() as folder:
        for name, content in named.items():
            path = Path(folder, name.partition("#")[0])
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_files([f"{folder}/{name}" for name in named])


def batched(given, query=None):
    """Give what is written into files as rows in batches."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in given.items():
            path = Path(folder, name.partition("#")[0])
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        with opened_scan([f"{folder}/{name}" for name in given], query):
            pass


def batched_query(query):
    batched({"t.csv": TABLE}, query)


def named(name):
    """Read what lies under a name, beside a file t.csv."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "t.csv").write_text(TABLE)
        read_files([f"{folder}/{name}"])


def on_windows(name):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(location, "device_in", device_on_windows)
        named(name)


def queried(name):
    """Name a file in a query, in which brackets and stars are patterns."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, name).write_text(TABLE)
        run_query(f"select * from '{folder}/{name}'", None)  # noqa: S608 - a test's own


def query(text):
    run_query(text, FRAME)


def without(package):
    def door(given):
        with pytest.MonkeyPatch.context() as patch:
            found = importlib.util.find_spec
            patch.setattr(importlib.util, "find_spec", lambda name: None if name == package else found(name))
            read(given)

    return door


def with_free(memory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(free_memory, "free_bytes", lambda: memory)
        read(TABLE)


def failing(number):
    """Read a file while the system refuses with an error of a number, or none."""

    def refused(*_):
        raise OSError(number, "No luck")

    with pytest.MonkeyPatch.context() as patch:
        if number:
            patch.setattr(files, "format_at", refused)
        read(TABLE)


def piped(content):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(content)))
        read_files(["-"])


def miscounted(rows):
    """Read a file of two rows beside a count of so many."""
    with pytest.MonkeyPatch.context() as patch:
        counted = FileStructure(records=rows, empty=0, regular=True, verbatim=frozenset())
        patch.setattr(delimited, "count_structure", lambda *_: counted)
        read(TABLE)


def book(sheets):
    with tempfile.TemporaryDirectory() as folder:
        workbook(f"{folder}/t.xlsx", **sheets)
        read_files([f"{folder}/t.xlsx"])


def sheet(name):
    with tempfile.TemporaryDirectory() as folder:
        workbook(f"{folder}/t.xlsx", first=[["x", "y"], [1, 2]], other=[["x", "y"], [3, 4]])
        read_files([f"{folder}/t.xlsx#sheet={name}"])


def saved_by_r(value):
    rdata = pytest.importorskip("rdata")
    with tempfile.TemporaryDirectory() as folder:
        rdata.write_rds(f"{folder}/t.rds", value)
        read_files([f"{folder}/t.rds"])


def portable(words):
    pyreadstat = pytest.importorskip("pyreadstat")
    with tempfile.TemporaryDirectory() as folder:
        pyreadstat.write_por(FRAME.rename(columns=str.upper), f"{folder}/t.por")
        read_files([f"{folder}/t.por{words}"])


RECORDS = '[{"x": 1}, {"x": 2}]'
MESSAGES = [  # words; how they are asked for; where they are true; where they are not
    ("damaged: it ends too early", read, {"t.csv.gz": gzip.compress(TABLE.encode())[:-9]}, TABLE),
    ("need the package zstandard", without("zstandard"), {"t.csv.zst": b"\x28\xb5\x2f\xfd"}, TABLE),
    (
        "is compressed twice",
        read,
        {"t.csv.gz": gzip.compress(gzip.compress(TABLE.encode()))},
        {"t.csv.gz": gzip.compress(TABLE.encode())},
    ),
    ("not compressed by gzip", read, {"t.csv.gz": TABLE}, {"t.csv.gz": gzip.compress(TABLE.encode())}),
    ("has no rows below its header. Give a file", read, "x,y\n", TABLE),
    ("has 3 rows below its header, and 2 were read", miscounted, 3, 2),
    ("by ',' .* and by ';'", read, "a,b;c,d\n1,2;3,4\n5,6;7,8\n", "a,b;c,d\n1,2;3\n5,6;7\n"),
    ("1 value in line 3 where its header has 2", read, "x,y\n1,2\n3\n4,5\n", "x,y\n1,2\n\n4,5\n"),
    ("holds no rows", read, "\n \n\n", "\n\nx,y\n1,2\n"),
    ("Line 1 of .* holds values", read, "1,2\n3,4\n5,6\n", "x1,2a\n3,4\n5,6\n"),
    ("Line 1 of .* holds values", read, "x,y\na,b\nx,z\nc,y\n", "x,y\na,1\nx,2\nc,3\n"),
    ("its header reads 'a   b   c'", read, "a   b   c\n1   2   3\n", "a b c\n1 2 3\n"),
    ("columns by ','. Close every quote", read, 'x,y\n"a"b,1\n"c"d,2\n', 'x,y\n"a""b",1\n"c""d",2\n'),
    ("2 names in its header and 3 values in every row", read, "x,y\n1,2,3\n4,5,6\n", ",x,y\n1,2,3\n4,5,6\n"),
    ("Row 2 of .* repeats the header", read, "x,y\na,b\nx,y\nc,d\n", "x,y\na,b\nX,Y\nc,d\n"),
    (
        "second lacks 'y' and has 'z' besides",
        read,
        {"a.csv": TABLE, "b.csv": "x,z\n1,2\n"},
        {"a.csv": TABLE, "b.csv": "y,x\n1,2\n"},
    ),
    ("cannot be read: .*magic bytes", read, {"t.parquet": "nonsense of a table"}, {"t.parquet": PARQUET}),
    ("'sheet' says nothing about a Parquet file", read, {"t.parquet#sheet=1": PARQUET}, {"t.parquet": PARQUET}),
    ("is a compressed Excel file", read, {"t.xlsx.gz": b"x"}, {"t.csv.gz": gzip.compress(TABLE.encode())}),
    (r"type that cannot be read \(.doc\)", read, {"t.doc": TABLE}, {"t.tsv": TABLE}),
    ("cannot be read: no luck", failing, errno.EACCES, 0),
    ("There is no space in", failing, errno.ENOSPC, 0),
    ("Standard input is empty", piped, b"", TABLE.encode()),
    ("must be one SELECT statement", query, "copy data to 'x.csv'", "select x from data"),
    ("query could not be run: .*nope", query, "select nope from data", "select x as nope from data"),
    ("takes its brackets and stars for a pattern", queried, "t[1].csv", "t(1).csv"),
    ("does not fit into memory", with_free, 100, 10**6),
    ("got set", from_frame, {3}, FRAME),
    ("holds no table. Write", read, {"t.json": "3"}, {"t.json": RECORDS}),
    ("record 1 is a int", read, {"t.json": "[1, 2]"}, {"t.json": RECORDS}),
    (
        "3 values in row 2 and 2 columns",
        read,
        {"t.json": '{"columns": ["x", "y"], "data": [[1, 2], [3, 4, 5]]}'},
        {"t.json": '{"columns": ["x", "y"], "data": [[1, 2], [3, 4]]}'},
    ),
    (
        "whether 'a' or 'x' is a column",
        read,
        {"t.json": '{"a": {"x": 1, "z": 2}, "b": {"x": 3, "z": 4}}'},
        {"t.json": '{"a": {"0": 1, "1": 2}, "b": {"0": 3, "1": 4}}'},
    ),
    ("nested too deeply for a table", read, {"t.json": "[" * 100_000}, {"t.json": RECORDS}),
    ("columns of different lengths", read, {"t.json": '{"a": [1, 2], "b": [3]}'}, {"t.json": '{"a": [1], "b": [3]}'}),
    ("as JSON: line 1, column 2", read, {"t.json": "{nonsense"}, {"t.json": '{"x": 1}\n{"x": 2}\n'}),
    ("cannot be the name of a file here", named, "a" * 300, "t.csv"),
    ("does not exist", named, "u.csv", "t.csv"),
    ("Windows takes 'con.csv' for a device", on_windows, "con.csv", "t.csv"),
    ("is a folder", named, ".", "t.csv"),
    ("'.*t.csv' is empty", read, "", TABLE),
    ("a delimiter is one sign", read, {"t.csv#delimiter=,;": TABLE}, {"t.csv#delimiter=,": TABLE}),
    ("says 'delimeter' about how", read, {"t.csv#delimeter=,": TABLE}, {"t.csv#delimiter=,": TABLE}),
    ("says 'decimal=;'. Use decimal=. or", read, {"t.csv#decimal=;": TABLE}, {"t.csv#decimal=.": TABLE}),
    ("is binary, no text", read, bytes(range(8)) * 2 + bytes(99), TABLE.encode("utf-16-le")),
    (r"not UTF-8 \(line 2, byte 4\)", read, CAFE.encode("cp1252"), CAFE),
    ("is a web page or XML", read, "<!DOCTYPE html><p>x,y</p>\n", "<,>\n1,2\n"),
    ("not written in utf-8", read, {"t.csv#encoding=utf-8": CAFE.encode("cp1252")}, {"t.csv#encoding=utf-8": CAFE}),
    ("no encoding 'utf-9'", read, {"t.csv#encoding=utf-9": TABLE}, {"t.csv#encoding=utf-8": TABLE}),
    ("need the package pyreadstat", without("pyreadstat"), {"t.dta": STATA}, {"t.parquet": PARQUET}),
    ("has no sheet 'third'", sheet, "third", "other"),
    ("holds no cells", book, {"a": []}, {"a": [["x", "y"], [1, 2]]}),
    (
        "several sheets: 'a', 'b'",
        book,
        {key: [["x", "y"], [1, 2]] for key in "ab"},
        {"a": [["x", "y"], [1, 2]], "b": []},
    ),
    ("has no rows below its header. Give a sheet", book, {"a": [["x", "y"]]}, {"a": [["x", "y"], [1, 2]]}),
    ("Line 1 of .* holds values .*Add a header line.$", book, {"a": [[1, 2], [3, 4]]}, {"a": [["x", 2], [3, 4]]}),
    ("is Stata, which is read whole", batched, {"t.dta": STATA}, {"t.parquet": PARQUET}),
    ("only decimal points are read in batches", batched, {"t.csv#decimal=,": TABLE}, {"t.csv#decimal=.": TABLE}),
    ("has no rows below its header", batched, {"t.csv": "x,y\n"}, {"t.csv": "x,y\n1,2\n"}),
    (
        "have different columns",
        batched,
        {"a.csv": "x,y\n1,2\n", "b.csv": "x,z\n1,2\n"},
        {"a.csv": TABLE, "b.csv": TABLE},
    ),
    ("rows could not be read", batched_query, "select nothing from data", "select * from data"),
    ("must be one SELECT statement", batched_query, "drop table data", "select 1 as v"),
    ("holds 2 data frames", saved_by_r, {"a": FRAME, "b": FRAME}, FRAME),
    ("cannot be read as Stata", read, {"t.dta": b"nonsense"}, {"t.dta": STATA}),
    ("nothing about a portable file", portable, "#encoding=cp1252", ""),
]


@pytest.mark.parametrize(("words", "door", "true", "untrue"), MESSAGES, ids=[words for words, *_ in MESSAGES])
def test_an_error_is_raised_where_it_is_true_and_nowhere_else(words, door, true, untrue):
    error, _ = answered(door, true)
    assert error is not None
    assert re.search(words, str(error))
    assert answered(door, untrue)[0] is None


def test_every_error_of_the_room_is_tried():
    tried = set().union(*(places_with(words, answered(door, true)[1]) for words, door, true, _ in MESSAGES))
    assert len(places_of_errors("files")) > 50
    assert shown(places_of_errors("files") - tried) == set()
