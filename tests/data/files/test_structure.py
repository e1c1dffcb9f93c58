import csv
import io

import pytest

from thalweg.data.files import structure
from thalweg.data.files.dialect import Dialect
from thalweg.data.files.structure import count_structure

TEXTS = [
    "zip,name\n1,a\n2,b\n",
    "zip,name\n1,a\n\n2,b\n\n\n",
    'zip,name\n1,"two\nlines, and a comma"\n2,"say ""hi"""\n',
    'zip,name\r\n1,5" pipe\r\n\r\n2,"x"\r\n',
    'zip,name\n1,5" by 3" pipe\n2,x',
    "zip,name\n1,a,\n2,b\n",
    "zip,name\n007,a\n2,b_c\n",
    'zip,name\n1," 05"\n-03,b\n',
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("block", [7, 1 << 24])
def test_counts_are_those_of_a_careful_reader(tmp_path, monkeypatch, text, block):
    monkeypatch.setattr(structure, "_BLOCK", block)
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode())
    found = count_structure(path, Dialect(",", '"', False, 0, 0, ("zip", "name")))
    records = [record for record in csv.reader(io.StringIO(text, newline="")) if record][1:]
    assert found.records == len(records)
    assert found.regular == all(len(record) == 2 for record in records)
    if found.regular:
        changed = {
            place
            for record in records
            for place, cell in enumerate(record)
            if "_" in cell or cell.strip().lstrip("-").startswith(("00", "05", "03"))
        }
        assert found.verbatim == changed


def test_empty_lines_between_rows_are_counted_and_those_at_the_end_are_not(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n\n1,2\n\n\n3,4\n\n")
    assert count_structure(path, Dialect(",", '"', False, 0, 0, ("a", "b"))).empty == 3
