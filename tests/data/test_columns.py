import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from thalweg.base.errors import DataError
from thalweg.data.columns import canonical_column, column_of_kind
from thalweg.data.encode import fit_encoder
from thalweg.data.kinds import MISSING_MARKERS, kind_of
from thalweg.data.new_rows import encode_new_rows
from thalweg.data.problem import pose


def read(values: list, **options: object) -> pd.Series:
    return canonical_column(pd.Series(values, name="x", **options))[0]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2], "numeric"),
        ([Decimal("1.5"), None], "numeric"),
        (["1", " 2.5", "1e3"], "numeric"),
        ([None, None], "numeric"),
        (["?", "NA"], "numeric"),
        ([True, None], "boolean"),
        (["TRUE", "false", ""], "boolean"),
        (["2024-01-01", "2024-01-01T10:00:00Z"], "date"),
        ([dt.date(2024, 1, 1), None], "date"),
        (["a", "b"], "categorical"),
        (["yes", "no"], "categorical"),
        (["1", "2", "3+"], "categorical"),
        ([1, "a", 2.0], "categorical"),
        (["31/01/2024", "02/02/2024"], "date"),
        (["007", "12"], "categorical"),
        ([2**53 + 1, 2**53], "categorical"),
        (["9007199254740993", "1"], "categorical"),
        (pd.to_timedelta([1, None], unit="D"), "numeric"),
    ],
)
def test_kinds(values, kind):
    assert kind_of(read(values, dtype=object)) == kind


@pytest.mark.parametrize("marker", sorted(MISSING_MARKERS))
def test_every_marker_is_missing_and_counted(marker):
    values, found = canonical_column(pd.Series(["1", marker, "3"], name="x"))
    assert values.isna().tolist() == [False, True, False]
    assert kind_of(values) == "numeric"
    assert dict(found.markers) == ({marker: 1} if marker else {})


def test_markers_are_no_levels_but_none_is():
    values = read(["none", "NA", "heavy", "none"])
    assert values.cat.categories.tolist() == ["heavy", "none"]
    assert values.isna().sum() == 1


def test_declared_categories_keep_their_levels_and_sort_by_value():
    values = read(["10", "9"], dtype="category")
    assert kind_of(values) == "categorical"
    assert values.cat.categories.tolist() == ["9", "10"]
    assert read(["+", "-", "NA"], dtype="category").isna().sum() == 0


def test_a_declared_order_is_kept_also_when_read_again():
    order = ["poor", "good", "excellent"]
    values = read(["good", "poor", "excellent"], dtype=pd.CategoricalDtype(order, ordered=True))
    assert values.cat.categories.tolist() == canonical_column(values)[0].cat.categories.tolist() == order
    assert read([3.0, 1.0], dtype="category").cat.categories.tolist() == ["1", "3"]


def test_unused_levels_are_dropped():
    values = read(["a"], dtype=pd.CategoricalDtype(["a", "b"]))
    assert values.cat.categories.tolist() == ["a"]


def test_time_zones_become_utc():
    values = read(pd.to_datetime(["2024-01-01T00:30"]).tz_localize("Europe/Zurich"))
    assert str(values.iloc[0]) == "2023-12-31 23:30:00"


def test_few_codes_with_a_text_are_a_category_many_numbers_an_error():
    codes = [str(row % 15) for row in range(200)]
    assert kind_of(read([*codes, "15+"])) == "categorical"
    numbers = [str(row) for row in range(200)]
    with pytest.raises(DataError, match=r"'15\+' in row 201"):
        read([*numbers, "15+"])
    assert kind_of(read([*numbers, *["other text"] * 101])) == "categorical"


def test_rows_are_counted_as_in_the_table():
    column = pd.Series([1.0, np.inf], index=[10, 41], name="x")
    with pytest.raises(DataError, match="in row 42"):
        canonical_column(column)


@pytest.mark.parametrize(
    ("values", "kind", "result"),
    [
        ([1, 2], "categorical", ["1", "2"]),
        ([True, False], "numeric", [1.0, 0.0]),
        ([0, 1], "boolean", [False, True]),
        (["x", "y"], "categorical", ["x", "y"]),
        ([True, False], "categorical", ["true", "false"]),
    ],
)
def test_new_rows_take_the_kind_of_training(values, kind, result):
    found = column_of_kind(pd.Series(values), kind)
    assert kind_of(found) == kind
    assert found.tolist() == result


@pytest.mark.parametrize("kind", ["numeric", "categorical", "boolean", "date"])
def test_a_column_without_values_takes_any_kind(kind):
    found = column_of_kind(pd.Series([None, None], name="x"), kind)
    assert kind_of(found) == kind
    assert found.isna().all()


@pytest.mark.parametrize(
    ("values", "kind", "says"),
    [
        (["1", "a", "b"], "numeric", "must be numeric, but row 2 holds 'a'"),
        ([0, 2], "boolean", "must be boolean and is numeric"),
        (["a", "b"], "boolean", "must be boolean, but row"),
        ([1.0, 2.0], "date", "must be date and is numeric here: row 1 holds '1'"),
        (["2024-01-01"], "numeric", "must be numeric, but row 1 holds '2024-01-01'"),
    ],
)
def test_new_rows_of_another_kind_are_refused(values, kind, says):
    with pytest.raises(DataError, match=says):
        column_of_kind(pd.Series(values, name="x"), kind)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_durations_are_seconds_whatever_their_unit_and_whoever_holds_them(unit, tmp_path):
    hours = pd.Series(np.arange(40).astype("timedelta64[h]").astype(f"timedelta64[{unit}]")).where(np.arange(40) != 3)
    arrow = pa.table({"v": pa.array(hours, type=pa.duration(unit)), "y": np.sin(np.arange(40))})
    pq.write_table(arrow, tmp_path / "t.parquet")
    meant = np.where(np.arange(40) == 3, np.nan, 3600.0 * np.arange(40))
    frame = pd.DataFrame({"v": hours, "y": np.sin(np.arange(40))})
    objects = frame.assign(v=[value if value is pd.NaT else value.to_pytimedelta() for value in hours])
    for source in (frame, objects, arrow, str(tmp_path / "t.parquet"), arrow.to_pandas(types_mapper=pd.ArrowDtype)):
        problem = pose(source, target="y")
        np.testing.assert_array_equal(problem.features["v"], meant)
        assert "Column 'v' holds durations, which were read as seconds." in {note.text for note in problem.notes}
    encoder = fit_encoder(pose(arrow, target="y"), np.arange(40))
    for source in (frame, str(tmp_path / "t.parquet"), frame.astype({"v": "timedelta64[ns]"})):
        np.testing.assert_array_equal(encode_new_rows(encoder, source)[0], encode_new_rows(encoder, arrow)[0])
