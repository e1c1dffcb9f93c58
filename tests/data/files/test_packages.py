from datetime import date, datetime, time, timedelta
from pathlib import Path

import pandas as pd
import pytest

from thalweg.base.errors import DataError, MissingExtraError, SettingError
from thalweg.base.machine import free_memory
from thalweg.data.columns import canonical_column
from thalweg.data.files import packages
from thalweg.data.files.files import read_files
from thalweg.data.files.location import Location
from thalweg.data.problem import pose
from workbooks import spreadsheet, workbook

FRAME = pd.DataFrame({"age": [31, 40, 22, 57], "vote": ["yes", "no", "yes", "no"], "score": [0.5, 1.25, -3.0, 8.0]})


def test_a_package_that_is_absent_is_named_with_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setattr(packages.importlib.util, "find_spec", lambda _: None)
    for name, package in (("t.sav", "pyreadstat"), ("t.xlsx", "python-calamine"), ("t.rds", "rdata")):
        (tmp_path / name).write_bytes(b"x")
        with pytest.raises(MissingExtraError, match=rf"package {package}.*pip install 'thalweg\[formats\]'"):
            read_files([str(tmp_path / name)])


@pytest.mark.parametrize("ending", [".dta", ".sav", ".xpt"])
def test_labels_are_the_names_people_see(tmp_path, ending):
    pyreadstat = pytest.importorskip("pyreadstat")
    path = str(tmp_path / f"t{ending}")
    frame = pd.DataFrame({"age": [31.0, 40.0, 22.0, 57.0], "health": [3, 1, 2, 3], "name": ["Ada", "", "Bo", "Cy"]})
    if ending == ".xpt":
        pyreadstat.write_xport(frame, path, column_labels=["Age in years", "Health", "Name"])
    else:
        write = pyreadstat.write_dta if ending == ".dta" else pyreadstat.write_sav
        labels = {"health": {1: "poor", 2: "good", 3: "excellent"}}
        write(frame, path, column_labels=["Age in years", "Health", "Name"], variable_value_labels=labels)
    found = read_files([path])
    assert found.labels["age"] == "Age in years"
    assert found.frame["age"].tolist() == [31, 40, 22, 57]
    if ending != ".xpt":
        assert found.frame["health"].cat.categories.tolist() == ["poor", "good", "excellent"]
        assert found.frame["health"].tolist() == ["excellent", "poor", "good", "excellent"]


@pytest.mark.parametrize("name", ["t.por", "misnamed.sav"])
def test_portable_files_of_spss_are_read(tmp_path, name):
    pyreadstat = pytest.importorskip("pyreadstat")
    pyreadstat.write_por(pd.DataFrame({"AGE": [31, 44, 7], "VOTE": ["yes", "no", "yes"]}), str(tmp_path / "t.por"))
    begin = b"ASCII SPSS PORT FILE".ljust(40) if name != "t.por" else b""  # as SPSS itself writes it
    (tmp_path / name).write_bytes(begin + (tmp_path / "t.por").read_bytes()[len(begin) :])
    found = read_files([str(tmp_path / name)])
    assert found.frame.to_dict("list") == {"AGE": [31, 44, 7], "VOTE": ["yes", "no", "yes"]}
    with pytest.raises(SettingError, match="says nothing about a portable file"):
        read_files([f"{tmp_path / name}#encoding=cp1252"])


def test_durations_of_a_workbook_are_durations_also_where_it_shows_them_as_times():
    cells = [time(20), time(23, 30), None, date(1900, 1, 1), datetime(1900, 1, 1, 1, 30)]
    spans = packages._cells(cells)
    assert (spans / timedelta(hours=1)).fillna(0).tolist() == [20, 23.5, 0, 24, 25.5]
    assert packages._cells([time(20), time(23, 30)]).tolist() == [time(20), time(23, 30)]  # nothing says durations
    assert packages._cells([date(1900, 1, 1), date(1900, 1, 5)]).tolist()[0] == date(1900, 1, 1)  # dates


def test_codes_labelled_alone_are_pointed_at(tmp_path):
    pyreadstat = pytest.importorskip("pyreadstat")
    path = str(tmp_path / "t.sav")
    frame = pd.DataFrame({"age": [31.0, 99.0, 22.0, 57.0]})
    pyreadstat.write_sav(frame, path, variable_value_labels={"age": {99: "refused"}})
    found = read_files([path])
    assert "99 is 'refused' (1)" in found.notes[0].text


def test_a_workbook_is_read_by_its_sheet(tmp_path):
    pytest.importorskip("python_calamine")
    lines = [["Sales 2024"], [], ["shop", "sold", "part"], ["a", 3, 0.5], [], ["b", 4, 1.5]]
    path = tmp_path / "t.xlsx"
    workbook(path, first=lines)
    found = read_files([str(path)])
    assert found.frame.to_dict("list") == {"shop": ["a", "b"], "sold": [3, 4], "part": [0.5, 1.5]}
    assert "2 lines above the header and 1 empty line" in found.notes[0].text
    workbook(path, first=lines, other=[["x", "y"], [1, 2]])
    with pytest.raises(DataError, match=r"several sheets.*#sheet=first"):
        read_files([str(path)])
    assert read_files([f"{path}#sheet=other"]).frame.to_dict("records") == [{"x": 1, "y": 2}]
    (tmp_path / "misnamed.csv").write_bytes(path.read_bytes())
    assert len(read_files([f"{tmp_path / 'misnamed.csv'}#sheet=other"]).frame) == 1


@pytest.mark.parametrize("ending", [".xlsx", ".ods"])
def test_a_workbook_that_does_not_fit_into_memory_is_refused_unread(tmp_path, monkeypatch, ending):
    pytest.importorskip("python_calamine")
    path, lines = tmp_path / f"t{ending}", [["x", "y"], *([0.125, 0.25],) * 500]
    if ending == ".ods":
        spreadsheet(path, lines)
    else:
        workbook(path, first=lines)
    monkeypatch.setattr(free_memory, "free_bytes", lambda: 30_000)
    with pytest.raises(DataError, match=r"does not fit into memory\. .* letters of its sheets take .* Save a part"):
        read_files([str(path)])


def test_a_spreadsheet_of_libreoffice_is_read_like_a_workbook(tmp_path):
    pytest.importorskip("python_calamine")
    spreadsheet(tmp_path / "t.ods", [["Sales 2024"], [], ["shop", "sold", "part"], ["a", 3, 0.5], [], ["b", 4, 1.5]])
    found = read_files([str(tmp_path / "t.ods")])
    assert found.frame.to_dict("list") == {"shop": ["a", "b"], "sold": [3, 4], "part": [0.5, 1.5]}
    assert "2 lines above the header and 1 empty line" in found.notes[0].text


def test_arrow_files_are_read(tmp_path):
    feather = pytest.importorskip("pyarrow.feather")
    feather.write_feather(FRAME, tmp_path / "t.feather")
    assert read_files([str(tmp_path / "t.feather")]).frame["vote"].tolist() == FRAME["vote"].tolist()


def test_files_of_r_are_read(tmp_path):
    rdata = pytest.importorskip("rdata")
    rdata.write_rds(str(tmp_path / "t.rds"), FRAME.astype({"vote": "category"}))
    assert read_files([str(tmp_path / "t.rds")]).frame["score"].tolist() == FRAME["score"].tolist()
    rdata.write_rds(str(tmp_path / "list.rds"), {"a": [1, 2]})
    with pytest.raises(DataError, match="0 data frames"):
        read_files([str(tmp_path / "list.rds")])


SAMPLES = Path(__file__).parent / "samples"
SALES = {
    "shop": ["Zürich", "日本", "a & <b>"],
    "2013": [12, 7, -3],
    "opened": [datetime(2013, 5, 31), datetime(1987, 1, 2), None],
    "seen": [datetime(2013, 6, 1, 12, 30), datetime(2013, 6, 2), datetime(2013, 6, 3, 23, 59, 59)],
    "open": [True, False, True],
    "share": [0.25, None, 1e-9],
    "until": [99_000.0, 18_000.0, 60.0],
}


def canonical(frame):
    """What columns are after all rules, with gaps as None."""
    read = {name: canonical_column(frame[name])[0].astype(object) for name in frame}
    return {name: [None if pd.isna(value) else value for value in column] for name, column in read.items()}


@pytest.mark.parametrize("name", ["xlwt.xls", "odfpy.ods"])
def test_workbooks_by_other_writers_hold_what_was_written(name):
    pytest.importorskip("python_calamine")
    found = read_files([str(SAMPLES / name)])
    assert canonical(found.frame) == SALES
    assert "2 lines above the header and 1 empty line" in found.notes[0].text


def test_a_binary_workbook_of_excel_holds_what_was_written():
    pytest.importorskip("python_calamine")
    found = read_files([f"{SAMPLES / 'calamine.xlsb'}#sheet=spc_chrs"]).frame
    assert found.to_dict("list") == {"&": ["<", ">", "aaa ' aaa", '"', "☺", "֍", "àâéêèçöïî«»"]}


@pytest.mark.parametrize("name", ["pyreadr.rds", "pyreadr.RData"])
def test_files_of_r_by_another_writer_hold_what_was_written(name):
    pytest.importorskip("rdata")
    assert canonical(read_files([str(SAMPLES / name)]).frame) == {
        "day": [datetime(2013, 5, 31), datetime(1850, 1, 2), None],
        "at": [datetime(2013, 6, 1, 12, 30), datetime(1969, 7, 20, 20, 17, 40), None],
        "n": [1.0, 2.0, 3.0],
        "x": [0.5, None, -2.0],
        "k": ["ä", "b", None],
        "ok": [True, False, True],
    }


@pytest.mark.parametrize("header", [[1.0, 2.0], [date(2021, 1, 1), 15], ["3", datetime(2020, 1, 1)]])
def test_a_first_line_of_values_is_no_header_and_told_by_its_line_in_the_sheet(header):
    with pytest.raises(DataError, match=r"Line 4 of .* holds values"):
        packages._of_cells(Location(Path("t.xlsx")), [header, [date(2021, 1, 2), 16]], above=3)


def test_a_whole_number_names_a_column_without_a_decimal_point():
    frame, _ = packages._of_cells(Location(Path("t.xlsx")), [["shop", 2013.0], ["a", 5.0]])
    assert frame.columns.tolist() == ["shop", "2013"]


def test_the_date_of_the_number_0_is_no_date_and_pointed_at():
    column = packages._cells([datetime(2014, 12, 25), date(2014, 12, 26), time(0), None])
    assert column.tolist()[2] == date(1899, 12, 30)
    dates = packages._cells([*pd.date_range("2014-01-01", periods=30), time(0)])
    told = {note.code: note.text for note in pose({"d": dates, "y": range(31)}, target="y").notes}
    assert "1899-12-30 in 1 row, far from all others" in told["sentinel"]


def test_durations_of_opendocument_are_durations():
    assert packages._cells(["PT27H17M54S", time(11, 12, 12)]).dt.total_seconds().tolist() == [98_274, 40_332]
    assert packages._cells(["PT27H", "x"]).tolist() == ["PT27H", "x"]


def test_a_damaged_file_is_answered_in_words(tmp_path):
    pytest.importorskip("pyreadstat")
    (tmp_path / "t.dta").write_bytes(b"nothing of Stata")
    with pytest.raises(DataError, match="cannot be read as Stata"):
        pose(tmp_path / "t.dta", target="y")
