import dataclasses
import warnings

import numpy as np
import pandas as pd
import pytest

from thalweg.data.files.files import read_files
from thalweg.data.problem import pose

rdata = pytest.importorskip("rdata")
to_r = pytest.importorskip("rdata.conversion.to_r")


def attributes(about):
    """Attributes as R keeps them; every list of them names its symbols anew."""
    return to_r.ConverterFromPythonToR().convert_to_r_attributes(about)


def with_attributes(value, about, **info):
    more = dataclasses.replace(value.info, attributes=True, **info)
    return dataclasses.replace(value, attributes=about, info=more)


def with_class(column, about):
    about = dict(about)
    labels = about.pop("labels", None)
    found = attributes(about)
    if labels is not None:
        codes = to_r.ConverterFromPythonToR().convert_to_r_object(np.array(list(labels.values())))
        named = with_attributes(codes, attributes({"names": np.array(list(labels))}))
        symbol = attributes({"labels": np.array(["x"])}).tag
        found = to_r.build_r_object(to_r.RObjectType.LIST, value=(named, found), tag=symbol)
    return with_attributes(column, found, object=True)


def saved(path, columns, **classes):
    """Save a data frame whose columns have classes and attributes, as R gives them."""
    found = to_r.convert_python_to_r_data(pd.DataFrame(columns))
    for place, name in enumerate(columns):
        if name in classes:
            found.object.value[place] = with_class(found.object.value[place], classes[name])
    rdata.unparser.unparse_file(str(path), found, file_type="rds", file_format="xdr", compression="gzip")


@pytest.fixture
def read(tmp_path):
    def reading(columns, **classes):
        saved(tmp_path / "t.rds", columns, **classes)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return read_files([str(tmp_path / "t.rds")])

    return reading


def test_dates_times_and_durations_are_what_r_calls_them(read):
    found = read(
        {"day": [15856.0, -43829.0, np.nan], "at": [1370089800.5, -14182940.0, 0.0], "took": [1.5, 2.0, np.nan]},
        day={"class": np.array(["Date"])},
        at={"class": np.array(["POSIXct", "POSIXt"]), "tzone": np.array(["Europe/Zurich"])},
        took={"class": np.array(["difftime"]), "units": np.array(["mins"])},
    ).frame
    assert found["day"].dropna().tolist() == [pd.Timestamp("2013-05-31"), pd.Timestamp("1850-01-01")]
    assert found["at"].tolist()[:2] == [pd.Timestamp("2013-06-01 12:30:00.5"), pd.Timestamp("1969-07-20 20:17:40")]
    assert found["took"].dropna().tolist() == [pd.Timedelta(seconds=90), pd.Timedelta(seconds=120)]


def test_integers_of_64_bits_keep_their_digits(read):
    whole = np.array([2**60 + 1, 7, np.iinfo(np.int64).min])
    found = read({"id": whole.view(np.float64)}, id={"class": np.array(["integer64"])}).frame["id"]
    assert found.dropna().tolist() == [2**60 + 1, 7]


def test_labelled_values_are_read_by_their_labels(read):
    labels = {"poor": 1.0, "good": 2.0}
    classes = np.array(["haven_labelled", "vctrs_vctr", "double"])
    found = read({"health": [2.0, 1.0, 2.0]}, health={"class": classes, "labels": labels}).frame["health"]
    assert found.tolist() == ["good", "poor", "good"]
    assert found.cat.ordered
    some = read({"age": [31.0, 99.0, 40.0]}, age={"class": classes, "labels": {"refused": 99.0}})
    assert some.frame["age"].tolist() == [31.0, 99.0, 40.0]
    assert "99 is 'refused' (1)" in some.notes[0].text


def test_classes_that_are_not_known_are_told_of(read):
    found = read({"area": [1.0, 2.0], "y": [3.0, 4.0]}, area={"class": np.array(["units"])})
    assert found.frame["area"].tolist() == [1.0, 2.0]
    assert "R class 'units'" in found.notes[0].text
    assert not read({"area": [1.0, 2.0]}).notes


def test_a_date_of_r_becomes_year_month_and_weekday(read, tmp_path):
    days = np.arange(40.0) + 15856
    read({"day": days, "y": np.sin(days)}, day={"class": np.array(["Date"])})
    assert str(pose(tmp_path / "t.rds", target="y").features["day"].dtype) == "datetime64[us]"
