from datetime import date, datetime, time, timedelta

import pandas as pd
import pytest

from thalweg.base.errors import DataError, MissingExtraError, SettingError
from thalweg.base.machine import free_memory
from thalweg.data.files import packages
from thalweg.data.files.files import read_files
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


def test_a_damaged_file_is_answered_in_words(tmp_path):
    pytest.importorskip("pyreadstat")
    (tmp_path / "t.dta").write_bytes(b"nothing of Stata")
    with pytest.raises(DataError, match="cannot be read as Stata"):
        pose(tmp_path / "t.dta", target="y")
