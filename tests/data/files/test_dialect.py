import pytest

from thalweg.base.errors import DataError
from thalweg.data.files.dialect import find_dialect
from thalweg.data.files.files import read_files
from thalweg.data.files.location import Location


def found(tmp_path, text, **asked):
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode())
    return find_dialect(Location(path, asked), path)


def test_a_decimal_comma_is_no_separator(tmp_path):
    dialect = found(tmp_path, "dose;x;y\n2,5;0,13;1,44\n0,5;-0,13;0,48\n")
    assert (dialect.delimiter, dialect.names) == (";", ("dose", "x", "y"))


def test_two_separators_that_fit_are_a_question(tmp_path):
    text = "a,b;c\n1,2;3\n4,5;6\n"
    with pytest.raises(DataError, match=r"by ',' .* and by ';'.*#delimiter=,"):
        found(tmp_path, text)
    assert found(tmp_path, text, delimiter=";").names == ("a,b", "c")


def test_quotes_of_both_kinds_and_backslashes(tmp_path):
    assert found(tmp_path, "'a','b'\n'x,1','y'\n").quote == "'"
    assert found(tmp_path, "# made on Monday\n'a','b'\n'x,1','y'\n").quote == "'"
    assert found(tmp_path, 'a,b\n"say \\"hi, you\\"",2\n').backslash
    assert not found(tmp_path, 'a,b\n"say ""hi, you""",2\n').backslash


@pytest.mark.parametrize("header", ["south,0.13", "south,3", "2.5,x", "south,12"])
def test_a_first_row_is_no_header(tmp_path, header):
    rows = "".join(f"{region},{n}\n" for n, region in enumerate(["south", "north"] * 5))
    with pytest.raises(DataError, match=r"Line 1 of .* holds values .*#header=no"):
        found(tmp_path, f"{header}\n{rows}")


@pytest.mark.parametrize("header", ["country,1990,1991,1992", "id,1,2,3", "name,2020,x,y", "#id,a,b,c"])
def test_years_and_numbered_columns_are_names(tmp_path, header):
    assert found(tmp_path, f"{header}\nA,5,6,7\nB,8,9,9\n").names == tuple(header.split(","))


def test_a_header_may_be_said_to_be_none(tmp_path):
    dialect = found(tmp_path, "south,0.13\nnorth,2\n", header="no")
    assert dialect.names == ("column1", "column2")
    assert dialect.first == 0


@pytest.mark.parametrize("text", ["x   z   y\n1   2   3\n4   5   6\n"])
def test_what_no_separator_cuts_is_answered_in_words(tmp_path, text):
    with pytest.raises(DataError, match=r"could not be cut|values in line"):
        found(tmp_path, text)


def test_a_remark_below_a_table_is_no_header_with_titles_above(tmp_path):
    rows = "".join(f"a,{n},{n * n}\n" for n in range(40))
    for remark in ("Source: Bureau, 2024\n", "\n40 rows selected.\n"):
        (tmp_path / "t.csv").write_text("k,x,y\n" + rows + remark)
        with pytest.raises(DataError, match=r"in line 4[23] where its header has 3"):
            read_files([str(tmp_path / "t.csv")])


def test_titles_may_be_more_than_the_rows_of_a_small_table(tmp_path):
    assert found(tmp_path, "one\ntwo\nthree\nx,y\n1,2\n3,4\n").skip == 3


def test_the_line_in_which_spreadsheets_say_the_separator_is_heard(tmp_path):
    (tmp_path / "t.csv").write_text("sep=;\nx;y\n1,5;2\n0,5;3\n")
    found = read_files([str(tmp_path / "t.csv")])
    assert found.frame.columns.tolist() == ["x", "y"]
    assert "1 line above the header" in found.notes[0].text


def test_empty_lines_above_the_header_are_no_rows(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("\n\nx,y\n1,2\n3,4\n")
    assert read_files([str(path)]).frame.to_dict("list") == {"x": [1, 3], "y": [2, 4]}


def test_boxes_that_were_ticked_hold_their_own_name(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("Car,Bike\nCar,\n,Bike\nCar,Bike\n,\n")
    assert read_files([str(path)]).frame["Car"].dropna().tolist() == ["Car", "Car"]
